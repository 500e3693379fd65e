//! Laws of the plan: precedence never adds nor loses a token, identity ignores the user's mapping.

use books::{Day, Entry, Rank, SumKey, SumRow, apply_precedence, identify, validate};
use lca::{Counts, Evidence, Kind, Stats};
use proptest::prelude::*;
use std::sync::Arc;

fn row(rank: Rank, account: &str, input: i128, output: i128, requests: i128) -> SumRow {
    let word = |text: &str| Arc::<str>::from(text);
    SumRow {
        key: SumKey {
            day: Day(20_000),
            account: word(account),
            provider: word("openai"),
            model: word("openai/gpt-4o"),
            region: word(""),
            zone: word(""),
            site: word(""),
            source: word(rank.as_str()),
            rank,
            kind: Kind::Inference,
            stage: None,
            evidence: Evidence::Counted,
            currency: word(""),
        },
        stats: Box::new(Stats {
            entries: 1,
            requests,
            input_tokens: input,
            output_tokens: output,
            context_input: input * 3,
            ..Stats::default()
        }),
    }
}

fn sum(rows: &[SumRow], get: impl Fn(&Stats) -> i128) -> i128 {
    rows.iter().map(|row| get(&row.stats)).sum()
}

proptest! {
    /// Per class the total is the larger of what the two ranks tell, however accounts are spread.
    #[test]
    fn two_ranks_count_as_the_larger_of_both(
        gateway in proptest::collection::vec((0usize..3, 0i64..1000, 0i64..1000, 0i64..50), 1..6),
        bucket in proptest::collection::vec((0usize..3, 0i64..1000, 0i64..1000, 0i64..50), 1..6),
    ) {
        let accounts = ["a", "b", "unassigned"];
        let rows_of = |rank, told: &[(usize, i64, i64, i64)]| told.iter().map(|(account, input, output, requests)| row(rank, accounts[*account], (*input).into(), (*output).into(), (*requests).into())).collect::<Vec<_>>();
        let (better, lower) = (rows_of(Rank::Gateway, &gateway), rows_of(Rank::Bucket, &bucket));
        let sums = apply_precedence(better.iter().chain(&lower).cloned().collect());
        for get in [|stats: &Stats| stats.input_tokens, |stats: &Stats| stats.output_tokens, |stats: &Stats| stats.requests] {
            prop_assert_eq!(sum(&sums.rows, get), sum(&better, get).max(sum(&lower, get)));
        }
        let told = |rows: &[SumRow]| sum(rows, Stats::tokens_all);
        prop_assert_eq!(sums.findings.is_empty(), told(&better) == told(&lower), "a difference is a finding, and only a difference");
        prop_assert!(sums.rows.iter().all(|row| row.stats.as_array().iter().all(|value| *value >= 0)));
    }

    #[test]
    fn one_rank_is_left_as_it_is(told in proptest::collection::vec((0i64..1000, 0i64..1000), 1..9)) {
        let rows: Vec<_> = told.iter().enumerate().map(|(index, (input, output))| row(Rank::Span, &format!("account-{index}"), (*input).into(), (*output).into(), 1)).collect();
        let sums = apply_precedence(rows.clone());
        prop_assert_eq!(sum(&sums.rows, Stats::tokens_all), sum(&rows, Stats::tokens_all));
        prop_assert!(sums.findings.is_empty());
    }
}

#[test]
fn two_sources_of_one_rank_both_count_and_are_named() {
    let (one, mut other) = (row(Rank::Bucket, "a", 10, 1, 1), row(Rank::Bucket, "a", 20, 2, 1));
    other.key.source = Arc::from("openai-export");
    let sums = apply_precedence(vec![one, other]);
    assert_eq!(sum(&sums.rows, Stats::tokens_all), 33);
    assert!(
        sums.findings.iter().any(|finding| finding.code == "sources_overlap" && finding.text.contains("openai-export")),
        "{:?}",
        sums.findings
    );
}

/// What came of requests is no traffic: it is never cut, cuts nothing, and meets no other source.
#[test]
fn outcomes_stand_beside_the_traffic() {
    let mut outcome = row(Rank::Gateway, "a", 0, 0, 0);
    outcome.key.source = Arc::from("judge");
    outcome.stats = Box::new(Stats { entries: 2, outcomes_accepted: 1, outcomes_rejected: 1, value_micro: 5, ..Stats::default() });
    assert!(outcome.stats.only_outcomes());
    for ranks in [vec![Rank::Gateway], vec![Rank::Bucket], vec![Rank::Gateway, Rank::Bucket]] {
        let traffic: Vec<SumRow> = ranks.iter().map(|rank| row(*rank, "a", 100, 20, 3)).collect();
        let sums = apply_precedence(traffic.iter().cloned().chain([outcome.clone()]).collect());
        assert!(sums.findings.is_empty(), "{:?}", sums.findings);
        assert!(sums.rows.contains(&outcome));
        assert_eq!(sum(&sums.rows, |stats| stats.input_tokens), 100);
        assert_eq!(sums.rows, apply_precedence(traffic.into_iter().rev().chain([outcome.clone()]).collect()).rows, "order says nothing");
    }
    assert_eq!(apply_precedence(vec![outcome.clone()]).rows, [outcome]);
}

#[test]
fn a_provider_s_footprint_is_compared_and_never_counted() {
    let sums = apply_precedence(vec![row(Rank::Footprint, "a", 0, 0, 7)]);
    assert!(sums.rows.is_empty());
}

#[test]
fn identity_ignores_what_the_user_s_mapping_adds_and_sees_what_the_source_said() {
    let mut entry = Entry::new(Arc::from("openai-usage"), Rank::Bucket, 1_767_225_600_000);
    entry.counts = Counts { requests: Some(3), input_tokens: Some(10), ..Counts::default() };
    let first = identify(&entry);
    for change in [
        (|entry: &mut Entry| entry.account = Arc::from("other")) as fn(&mut Entry),
        |entry| entry.zone = Arc::from("DEU"),
        |entry| entry.model = Arc::from("openai/other"),
        |entry| entry.counts.generation_low_us = Some(9),
    ] {
        let mut mapped = entry.clone();
        change(&mut mapped);
        assert_eq!(identify(&mapped), first);
    }
    for change in [
        (|entry: &mut Entry| entry.counts.input_tokens = Some(11)) as fn(&mut Entry),
        |entry| entry.counts.cache_read_tokens = Some(0),
        |entry| entry.model_reported = Arc::from("gpt-4o"),
        |entry| entry.labels = Arc::from("{\"project\":\"x\"}"),
        |entry| entry.time_start_ms += 1,
        |entry| entry.source = Arc::from("openai-export"),
    ] {
        let mut other = entry.clone();
        change(&mut other);
        assert_ne!(identify(&other).id, first.id);
    }
    let mut named = entry.clone();
    named.external_id = Some("bucket-1".into());
    let before = identify(&named);
    named.counts.input_tokens = Some(99);
    assert_eq!(identify(&named).id, before.id, "a restatement keeps its id");
    assert_ne!(identify(&named).content, before.content, "and changes its content");
}

#[test]
fn entries_that_cannot_be_are_refused() {
    let now = 1_767_225_600_000;
    let sound = Entry::new(Arc::from("s"), Rank::Span, now);
    validate(&sound, now).unwrap();
    let refused = |change: fn(&mut Entry), word: &str| {
        let mut entry = sound.clone();
        change(&mut entry);
        let error = validate(&entry, now).unwrap_err();
        assert!(error.contains(word), "{error}");
    };
    refused(|entry| entry.counts.output_tokens = Some(-1), "negative");
    refused(|entry| entry.counts.output_tokens = Some(1_000_000_000_000_001), "10^15");
    refused(|entry| entry.time_end_ms += 32 * 86_400_000, "future");
    refused(|entry| (entry.time_start_ms, entry.time_end_ms) = (entry.time_start_ms + 1, entry.time_end_ms + 1), "future");
    refused(|entry| entry.account = Arc::from("a\u{1b}[31mred"), "control characters");
    refused(|entry| entry.counts.requests = Some(i64::MAX), "10^15");
    let mut open = sound.clone();
    open.time_end_ms += 20 * 86_400_000;
    validate(&open, now).unwrap();
    refused(|entry| entry.time_end_ms -= 1, "before the start");
    refused(|entry| (entry.time_start_ms, entry.time_end_ms) = (0, 0), "before 2015");
    refused(|entry| entry.counts.energy_nj = Some(-1), "negative");
}
