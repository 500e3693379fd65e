//! The ledger of the mock: a line for every request, whatever became of it.

use super::{CHAT, ask, chat, mock, record, send};
use crate::mock::Options;
use serde_json::Value;
use std::io::Read as _;

#[test]
fn the_file_has_a_line_for_every_request_that_began() {
    let folder = std::env::temp_dir().join(format!("bilanz-mock-ledger-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("ledger.jsonl");
    let mock = mock(Options { ledger: Some(path.clone()), threads: 2, remember: 0, ..Options::default() });
    let lines =
        || -> Vec<Value> { std::fs::read_to_string(&path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
    for number in 0..20 {
        let id = format!("id-{number}");
        let heard = ask(&mock, CHAT, &[("x-request-id", &id), ("x-bilanz-attempt", "2")], &chat("m", number % 2 == 0));
        assert!(heard.whole());
        // The line is there before the caller has the end.
        let line = lines().into_iter().find(|line| line["id"] == id.as_str()).unwrap();
        assert_eq!((&line["attempt"], &line["complete"], &line["status"]), (&Value::from("2"), &true.into(), &200.into()));
    }
    let mut hanging = send(&mock, CHAT, &[("x-request-id", "hanging"), ("x-mock-fault", "stall")], &chat("m", true));
    hanging.read_exact(&mut [0; 32]).unwrap();
    let mut waiting = send(&mock, CHAT, &[("x-request-id", "waiting"), ("x-mock-fault", "stall,slow=0")], &chat("m", false));
    waiting.read_exact(&mut [0; 32]).unwrap();
    assert!(mock.records().is_empty());
    mock.stop();
    let lines = lines();
    assert_eq!(lines.len(), 22);
    for id in ["hanging", "waiting"] {
        let cut = lines.iter().find(|line| line["id"] == id).unwrap();
        assert_eq!((&cut["complete"], &cut["client_aborted"]), (&false.into(), &false.into()));
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn the_own_pages_tell_the_last_requests_and_the_counters() {
    let mock = mock(Options { remember: 3, ..Options::default() });
    for number in 0..5 {
        ask(&mock, CHAT, &[("x-request-id", &format!("id-{number}"))], &chat("m", false));
    }
    record(&mock, "id-4");
    let page = ask(&mock, "/mock/ledger", &[], "").json();
    let ids: Vec<&str> = page.as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["id-2", "id-3", "id-4"]);
    let counts = ask(&mock, "/mock/stats", &[], "").json();
    assert_eq!((&counts["complete"], &counts["aborted"], &counts["requests"]), (&5.into(), &0.into(), &7.into()));
}

#[test]
fn the_same_body_gets_the_same_words_and_a_new_id() {
    let mock = mock(Options::default());
    let one = ask(&mock, CHAT, &[], &chat("m", false)).json();
    let two = ask(&mock, CHAT, &[], &chat("m", false)).json();
    assert_eq!((&one["choices"], &one["usage"]), (&two["choices"], &two["usage"]));
    assert_ne!(one["id"], two["id"]);
    let told = [("x-mock-usage", "input=7,cache_read=3,output=2,reasoning=1")];
    let told = ask(&mock, CHAT, &told, &chat("m", false)).json();
    assert_eq!((&told["usage"]["prompt_tokens"], &told["usage"]["completion_tokens"]), (&10.into(), &3.into()));
}

#[test]
fn a_ledger_that_cannot_be_opened_is_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let options = Options { ledger: Some(std::env::temp_dir()), ..Options::default() };
    assert!(crate::mock::Mock::start(listener, options).is_err());
}
