//! Budgets under a crowd: the limit is never passed, every refusal names the rule, and nothing is forgotten by a crash.

use super::rig::{Entry, Rig};
use super::wire::{Ask, Heard, chat};
use std::sync::atomic::{AtomicUsize, Ordering};

/// `fx.EUR` of the built-in factors.
const USD_PER_EUR: f64 = 1.0817;
const CROWD: usize = 64;
const CALL: &str = "/priced/v1/chat/completions";

fn budget(metric: &str, hard: &str) -> String {
    format!(
        "[upstream.priced]\nbase_url = \"http://MOCK\"\nprovider = \"openai\"\nretries = 0\n\
         [[rule]]\nname = \"the limit\"\naccount = \"a\"\nmetric = \"{metric}\"\nwindow = \"year\"\nhard = {hard}\n"
    )
}

/// Asks from many threads at once until all are refused; returns what passed and what did not.
fn crowd(rig: &Rig, round: &str) -> (Vec<Heard>, Vec<Heard>) {
    let number = AtomicUsize::new(0);
    let all: Vec<Heard> = std::thread::scope(|scope| {
        let ask = || {
            let mut heard = Vec::new();
            loop {
                let name = format!("{round}-{}", number.fetch_add(1, Ordering::Relaxed));
                let more = if heard.len() % 2 == 0 { "" } else { ",\"stream\":true" };
                let ask = Ask::post(CALL, chat("gpt-4o-mini", &format!(",\"max_tokens\":30{more}"))).named(&name);
                heard.push(rig.ask(ask));
                if heard.last().is_none_or(|last: &Heard| last.status != 200) {
                    return heard;
                }
            }
        };
        let threads: Vec<_> = (0..CROWD).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    all.into_iter().partition(|heard| heard.status == 200)
}

fn refused_by_the_limit(heard: &Heard) {
    heard.refused(429, "over_limit");
    assert_eq!(heard.header("x-bilanz-rule"), Some("the limit"));
    let message = heard.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("the limit"), "{message}");
    assert!(heard.header("retry-after").is_some_and(|seconds| seconds.parse::<u64>().is_ok()), "{:?}", heard.headers);
}

fn tokens(entry: &Entry) -> i64 {
    entry.count("input_tokens")
        + entry.0["cache_read_tokens"].as_i64().unwrap_or(0)
        + entry.count("output_tokens")
        + entry.0["reasoning_tokens"].as_i64().unwrap_or(0)
}

/// Lets a crowd loose on a rig, then kills the gateway, and asks again.
fn race(rig: &mut Rig) -> (Vec<Entry>, usize) {
    let (passed, refused) = crowd(rig, "first");
    assert!(passed.len() > 10 && passed.iter().all(|heard| heard.whole), "{} passed", passed.len());
    assert_eq!(refused.len(), CROWD);
    refused.iter().for_each(refused_by_the_limit);
    rig.server().kill();
    rig.start();
    // What was spent before the crash is spent after it.
    let (again, refused) = crowd(rig, "again");
    refused.iter().for_each(refused_by_the_limit);
    let all = passed.len() + again.len();
    rig.stop();
    let entries = rig.entries();
    assert_eq!(entries.len(), all, "what passed is what the books hold");
    assert_eq!(rig.mock.records().len(), all, "what was refused never reached the provider");
    let records = rig.mock.by_name();
    for entry in &entries {
        entry.equals(&records[&entry.call()]);
    }
    (entries, again.len())
}

#[test]
fn a_crowd_never_passes_a_limit_of_tokens() {
    let mut rig = Rig::new(&budget("tokens", "10000"));
    let (entries, again) = race(&mut rig);
    let spent: i64 = entries.iter().map(tokens).sum();
    assert!(spent <= 10_000, "{spent} tokens");
    // A call reserves every byte of its body as a token and its most output; less than that was left.
    let most = i64::try_from(chat("gpt-4o-mini", ",\"max_tokens\":30,\"stream\":true").len()).unwrap() + 30;
    assert!(spent > 10_000 - CROWD as i64 * most, "{spent} tokens: too much was held back");
    assert!(again <= CROWD, "{again} more after the crash");
}

#[test]
fn a_crowd_gets_exactly_as_many_requests_as_the_limit_says() {
    let mut rig = Rig::new(&budget("requests", "100"));
    let (entries, again) = race(&mut rig);
    assert_eq!((entries.len(), again), (100, 0));
}

#[test]
fn a_crowd_never_passes_a_limit_of_money() {
    let mut rig = Rig::new(&budget("EUR", "0.002"));
    let (entries, _) = race(&mut rig);
    let statement = rig.house.json(&["report", "footprint"]);
    let dollars = find(&statement, "cost").unwrap_or_else(|| panic!("no cost in {statement}"));
    assert_eq!(statement["currency"], "USD");
    let euros = dollars / USD_PER_EUR;
    assert!(euros > 0.0 && euros <= 0.002 * 1.000_001, "{euros} EUR for {} calls", entries.len());
}

/// The median of a figure, wherever the statement tells it.
fn find(value: &serde_json::Value, name: &str) -> Option<f64> {
    match value {
        serde_json::Value::Object(fields) => fields.iter().find_map(|(key, inner)| {
            if key.starts_with(name) && inner["median"].is_number() { inner["median"].as_f64() } else { find(inner, name) }
        }),
        serde_json::Value::Array(items) => items.iter().find_map(|item| find(item, name)),
        _ => None,
    }
}
