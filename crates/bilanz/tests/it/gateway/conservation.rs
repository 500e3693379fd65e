//! Conservation: what the provider used, what the entries hold, and what the reports say are one sum, whatever fails and
//! however often the gateway is closed, killed and sealed.

use super::rig::{CLASSES, Entry, Rig};
use super::wire::{Ask, CHAT, Heard, TOLD, chat};
use serde_json::Value;
use std::collections::BTreeMap;

/// Calls of four kinds, from four clients at once.
fn traffic(rig: &Rig, round: usize) -> Vec<(String, Heard)> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|client| {
                scope.spawn(move || {
                    let mut heard = Vec::new();
                    for number in 0..24 {
                        let name = format!("r{round}-{client}-{number}");
                        let ask = match number % 4 {
                            0 => Ask::post(CHAT, chat("m-cache-reason", "")),
                            1 => Ask::post(CHAT, chat("m-cache-reason", TOLD)),
                            2 => Ask::post("/mock/v1/messages", chat("m-cache", ",\"stream\":true,\"max_tokens\":50")),
                            _ => Ask::post("/mock/v1/embeddings", r#"{"model":"m","input":"one two three"}"#),
                        };
                        heard.push((name.clone(), rig.ask(ask.named(&name))));
                    }
                    heard
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

fn sums(rig: &Rig) -> Vec<Value> {
    let columns: Vec<String> = CLASSES.iter().map(|(column, _)| format!("sum({column}) as {column}")).collect();
    rig.house
        .json(&[
            "query",
            &format!("select evidence, count(*) as entries, {} from entries group by evidence order by evidence", columns.join(", ")),
        ])
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn the_provider_the_entries_and_the_reports_say_one_sum() {
    let mut rig = Rig::with(
        "[gateway]\nrequire_keys = true\nseal_every_s = 1\n",
        &["--faults", "reset:0.05,429:0.05,no-usage:0.05,reset-before:0.03", "--seed", "7"],
    );
    let mut asked = traffic(&rig, 0);
    rig.server().kill();
    rig.start();
    asked.extend(traffic(&rig, 1));
    rig.stop();
    rig.start();
    asked.extend(traffic(&rig, 2));
    rig.stop();
    let named = rig.mock.by_name();
    let records: Vec<Value> = named.values().cloned().collect();
    let entries = rig.entries();
    assert_eq!((records.len(), entries.len()), (asked.len(), asked.len()), "one entry for every call, whatever became of it");
    let by_call: BTreeMap<String, &Entry> = entries.iter().map(|entry| (entry.call(), entry)).collect();
    assert_eq!(by_call.len(), entries.len());
    for (name, heard) in &asked {
        let entry = &by_call[name];
        let record = &named[name];
        assert_eq!(entry.text("external_id"), heard.id());
        let told = record["usage_told"] == true && record["complete"] == true && record["status"] == 200;
        if told {
            entry.equals(record);
        } else {
            assert!(entry.text("evidence") == "estimated" || entry.count("output_tokens") == 0, "{} against {record}", entry.0);
        }
    }
    // The provider's sum over what it told is the sum of what was counted.
    let told = |record: &&Value| record["usage_told"] == true && record["complete"] == true && record["status"] == 200;
    let before = sums(&rig);
    let counted = before.iter().find(|row| row["evidence"] == "counted").unwrap();
    for (column, class) in CLASSES {
        let truth: i64 = records.iter().filter(told).map(|record| record["usage"][class].as_i64().unwrap()).sum();
        assert_eq!(counted[column].as_i64(), Some(truth), "{column}");
    }
    let statement = rig.house.json(&["report", "footprint"]);
    let all: i64 = before.iter().flat_map(|row| CLASSES.map(|(column, _)| row[column].as_i64().unwrap_or(0))).sum();
    assert_eq!(statement["coverage"]["entries"].as_i64(), Some(i64::try_from(asked.len()).unwrap()), "{}", statement["coverage"]);
    assert_eq!(statement["total"]["tokens"].as_i64(), Some(all), "{}", statement["total"]);
    assert_eq!(statement["total"]["requests"].as_i64(), Some(i64::try_from(asked.len()).unwrap()));
    // Opened and sealed once more, nothing moves.
    rig.start();
    rig.stop();
    assert_eq!(sums(&rig), before);
    rig.house.ok(&["verify"]);
}
