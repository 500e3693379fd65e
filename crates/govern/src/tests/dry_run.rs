//! Dry runs and rules in words.

use super::{NOW_MS, entry, pricer, rules};
use crate::{DryRunRow, check, dry_run};
use books::Entry;

fn run(text: &str, entries: &[Entry]) -> Vec<DryRunRow> {
    dry_run(&rules(text), pricer(), entries.iter().cloned()).unwrap()
}

fn later(entry: &Entry, minutes: i64) -> Entry {
    Entry { time_start_ms: entry.time_start_ms + minutes * 60_000, ..entry.clone() }
}

#[test]
fn a_dry_run_says_what_would_have_happened() {
    let one = entry("openai/gpt-4o", 1_000, 500);
    let entries: Vec<Entry> = (0..6).map(|turn| later(&one, turn)).collect();
    let rows = run(
        "[[rule]]\nname = \"hard: tokens\"\nmetric = \"tokens\"\nsoft = 2000\nhard = 6000\n[[rule]]\nname = \"other\"\naccount = \"x\"\n[[rule]]\nname = \"blue\"\nwhen = \"request.labels.team == 'blue' && request.output_tokens == 500\"\neffect = { tag = \"b\" }\n",
        &entries,
    );
    let hard = &rows[0];
    assert_eq!((hard.matched, hard.warned, hard.denied, hard.buckets), (6, 3, 2, 0));
    // The second request is the first above the soft limit.
    assert_eq!(hard.first_ms, Some(NOW_MS + 60_000));
    assert_eq!((hard.counters.len(), hard.counters[0].spent_micro, hard.counters[0].refused), (1, 6_000_000_000, 2));
    assert_eq!(rows[1], DryRunRow { rule: "other".to_owned(), ..DryRunRow::default() });
    // Refused by another rule, it is matched but not labelled.
    assert_eq!((rows[2].matched, rows[2].tagged), (6, 4));
}

#[test]
fn caps_and_downgrades_change_what_is_spent() {
    let entries: Vec<Entry> = (0..10).map(|turn| later(&entry("openai/gpt-4o", 1_000, 500), turn)).collect();
    let capped = run(
        "[[rule]]\nname = \"c\"\nmetric = \"tokens\"\nhard = 100000\n[[rule]]\nname = \"p\"\neffect = { cap_output_tokens = 100 }\n",
        &entries,
    );
    assert_eq!((capped[0].counters[0].spent_micro, capped[1].capped), (11_000_000_000, 10));
    let eur = "[[rule]]\nname = \"e\"\nmetric = \"EUR\"\nhard = 1000\n";
    let down = run(&format!("{eur}[[rule]]\nname = \"p\"\neffect = {{ downgrade = \"openai/gpt-4o-mini\" }}\n"), &entries);
    let plain = run(eur, &entries);
    assert_eq!(down[1].downgraded, 10);
    assert!(down[0].counters[0].spent_micro * 5 < plain[0].counters[0].spent_micro);
}

#[test]
fn buckets_and_windows() {
    let mut bucket = entry("openai/gpt-4o", 4_000, 1_000);
    bucket.counts.requests = Some(10);
    bucket.counts.fill_context();
    let entries = [bucket.clone(), later(&bucket, 24 * 60), later(&bucket, 24 * 60 + 1)];
    let rows = run(
        "[[rule]]\nname = \"r\"\nmetric = \"requests\"\nwindow = \"day\"\nhard = 15\n[[rule]]\nname = \"t\"\nwhen = \"request.input_tokens == 400\"\neffect = \"warn\"\n",
        &entries,
    );
    assert_eq!((rows[0].matched, rows[0].buckets, rows[0].denied, rows[0].counters.len()), (30, 3, 10, 2));
    assert!(rows[0].counters.iter().all(|state| state.spent_micro == 10_000_000));
    assert_eq!((rows[1].matched, rows[1].warned), (30, 20));
}

#[test]
fn rules_in_words() {
    let text = r#"
[[rule]]
name = "a"
account = "acme/support"
metric = "EUR"
hard = 500
soft = 400
[[rule]]
name = "b"
model = "openai/gpt-4o"
metric = "kWh"
window = "day"
per = "user"
compare = "high"
hard = 0.5
effect = { downgrade = "openai/gpt-4o-mini" }
[[rule]]
name = "c"
when = "request.hour < 6"
effect = { cap_output_tokens = 100 }
[[rule]]
name = "d"
[[rule]]
name = "d"
[[rule]]
name = "e"
model = "elsewhere/no-such-model"
metric = "EUR"
soft = 1
"#;
    let checked = check(&rules(text), &pricer());
    let sentence = |place: usize| checked[place].as_ref().unwrap().sentence.clone();
    assert_eq!(sentence(0), "Month budget of 500 EUR over acme/support and below: refuses above it, warns above 400 EUR");
    assert_eq!(
        sentence(1),
        "Day budget of 0.5 kWh for each user over model openai/gpt-4o, by the high end of the estimate: sends to model openai/gpt-4o-mini above it"
    );
    assert_eq!(sentence(2), "Policy over all requests where request.hour < 6: caps the output at 100 tokens");
    assert_eq!(checked[3].as_ref().unwrap().notes, ["it refuses every request"]);
    assert!(checked[4].as_ref().unwrap_err().to_string().contains("another rule has this name"));
    assert!(checked[5].as_ref().unwrap().notes[0].contains("does not know the model"));
    assert!(checked[0].as_ref().unwrap().notes.iter().any(|note| note.contains("32768 output tokens")));
}
