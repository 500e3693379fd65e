//! The demo's year keeps what its note promises.

use super::*;
use lca::Stats;
use std::collections::{BTreeMap, BTreeSet};

fn sums_by(key: impl Fn(&Entry) -> String) -> BTreeMap<String, Stats> {
    let mut sums: BTreeMap<String, Stats> = BTreeMap::new();
    for entry in entries() {
        sums.entry(key(&entry)).or_default().add_counts(&entry.counts);
    }
    sums
}

fn mean(sum: i128, requests: i128) -> f64 {
    sum as f64 / requests as f64
}

fn near(got: f64, want: f64, share: f64) {
    assert!((got / want - 1.0).abs() < share, "{got}, expected about {want}");
}

#[test]
fn the_year_is_as_large_as_promised_and_every_entry_is_valid() {
    let (mut count, mut requests) = (0, 0);
    let year_end = YEAR_START_MS + i64::from(DAYS) * DAY_MS;
    let mut accounts = BTreeSet::new();
    for entry in entries() {
        books::validate(&entry, year_end).unwrap_or_else(|error| panic!("{error}: {entry:?}"));
        assert!(entry.time_start_ms >= YEAR_START_MS);
        count += 1;
        requests += entry.counts.requests.unwrap_or(0);
        accounts.insert(entry.account.clone());
    }
    assert!((80_000..=200_000).contains(&count), "{count} entries");
    assert!((3_000_000..=12_000_000).contains(&requests), "{requests} requests");
    let teams: BTreeSet<_> = accounts.iter().filter_map(|account| account.split('/').nth(1)).collect();
    assert!((4..=6).contains(&teams.len()) && accounts.len() >= 10, "{accounts:?}");
}

#[test]
fn two_runs_are_the_same_and_no_entry_stands_twice() {
    let hashes: Vec<u128> = entries().map(|entry| books::identify(&entry).id).collect();
    assert!(hashes.iter().copied().eq(entries().map(|entry| books::identify(&entry).id)));
    // Equal rows are counted by the books, so a pair would do no harm; here there is none of the requests'.
    let distinct: BTreeSet<_> = hashes.iter().collect();
    assert!(hashes.len() - distinct.len() < 5, "{} of {}", distinct.len(), hashes.len());
}

#[test]
fn lengths_follow_the_published_means() {
    let sums = sums_by(|entry| entry.account.to_string());
    let lengths = |account: &str| {
        let stats = &sums[account];
        let text = stats.input_tokens + stats.cache_read_tokens + stats.cache_write_tokens;
        (mean(text, stats.requests), mean(stats.output_all(), stats.requests))
    };
    for (account, input, output) in [
        ("nordlicht/service/chat-assistant", 1_154.7, 211.1),
        ("nordlicht/it/code-assistant", 2_047.8, 27.9),
        ("nordlicht/office/contract-review", 12_035.1, 342.6),
        ("nordlicht/it/incident-analysis", 1_268.2, 1_527.4),
    ] {
        let (got_in, got_out) = lengths(account);
        near(got_in, input, 0.06);
        near(got_out, output, 0.06);
    }
    let reasoning = &sums["nordlicht/it/incident-analysis"];
    near(mean(reasoning.reasoning_tokens, reasoning.output_all()), 0.70, 0.03);
    let review = &sums["nordlicht/office/contract-review"];
    near(mean(review.cache_read_tokens, review.input_all()), 0.366, 0.03);
}

#[test]
fn the_chat_assistant_moves_to_the_small_model_in_july() {
    let sums = sums_by(|entry| format!("{} {} {}", entry.account, entry.model, books::day_of_ms(entry.time_start_ms).month()));
    let requests =
        |model: &str, month: &str| sums.get(&format!("nordlicht/service/chat-assistant {model} {month}")).map_or(0, |s| s.requests);
    assert!(requests("openai/gpt-4o", "2025-06") > 50_000);
    assert_eq!(requests("openai/gpt-4o-mini", "2025-06"), 0);
    assert_eq!(requests("openai/gpt-4o", "2025-08"), 0);
    assert!(requests("openai/gpt-4o-mini", "2025-08") > 50_000);
}

#[test]
fn the_week_and_the_year_have_their_shape() {
    let sums = sums_by(|entry| format!("{} {}", entry.account, books::day_of_ms(entry.time_start_ms)));
    let requests = |account: &str, day: &str| sums.get(&format!("nordlicht/{account} {day}")).map_or(0, |s| s.requests);
    // A Wednesday against a Sunday, spring against autumn, and the weeks before Christmas.
    assert!(requests("it/code-assistant", "2025-03-12") > 10 * requests("it/code-assistant", "2025-03-16"));
    assert!(requests("it/code-assistant", "2025-10-15") > requests("it/code-assistant", "2025-03-12"));
    assert!(requests("shop/search", "2025-12-03") * 10 > 13 * requests("shop/search", "2025-11-12"));
    for rhythm in [Rhythm::Office, Rhythm::Shop, Rhythm::Night, Rhythm::Always] {
        let whole: f64 = (0..24).map(|hour| hour_share(rhythm, hour, 0)).sum();
        assert!((whole - 1.0).abs() < 1e-12);
    }
}

#[test]
fn own_hardware_is_metered_and_never_counted_twice() {
    for entry in entries() {
        let metered = entry.counts.energy_nj.is_some();
        assert_eq!(metered, entry.kind != Kind::Inference);
        assert!(!metered || entry.counts.requests.is_none());
    }
    let sums = sums_by(|entry| entry.kind.to_string());
    let kwh = |kind: &str| sums[kind].energy_nj as f64 / 3.6e15;
    assert!((700.0..2_000.0).contains(&kwh("electricity")), "{}", kwh("electricity"));
    near(kwh("training"), 3.0 * 121.0, 0.05);
}

#[test]
fn precedence_leaves_every_entry_standing() {
    // One rank per provider and model, or one use case would be cut by another.
    let mut ranks: BTreeMap<Arc<str>, BTreeSet<Rank>> = BTreeMap::new();
    for entry in entries() {
        ranks.entry(entry.model.clone()).or_default().insert(entry.rank);
    }
    assert!(ranks.values().all(|ranks| ranks.len() == 1), "{ranks:?}");
}

#[test]
fn both_notes_say_that_the_data_are_made_up() {
    assert!(NOTE_EN.contains("made up") && NOTE_DE.contains("erfunden"));
}
