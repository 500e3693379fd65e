//! Faults do what their names say, and the ledger tells what was truly sent.

use super::{CHAT, ask, chat, hear, mock, record, send};
use crate::mock::{FaultMix, Options};
use serde_json::Value;
use std::io::Read as _;

#[test]
fn failures_are_written_in_the_words_of_each_dialect() {
    let mock = mock(Options::default());
    let body = r#"{"model":"m","messages":[],"contents":[]}"#;
    let cases = [
        (CHAT, "/error/type", "rate_limit_error"),
        ("/v1/messages", "/error/type", "rate_limit_error"),
        ("/v1beta/models/m:generateContent", "/error/status", "RESOURCE_EXHAUSTED"),
        ("/model/m/converse", "/message", "This failure was asked for."),
        ("/api/chat", "/error", "This failure was asked for."),
    ];
    for (path, pointer, text) in cases {
        let heard = ask(&mock, path, &[("x-mock-fault", "status=429"), ("x-request-id", path)], body);
        assert_eq!((heard.status(), heard.header("retry-after")), (429, Some("1")), "{path}");
        assert_eq!(heard.json().pointer(pointer), Some(&Value::from(text)), "{path}");
        let record = record(&mock, path);
        assert_eq!((record.status, record.usage, record.complete, record.faults.as_str()), (Some(429), None, true, "status=429"));
    }
    assert_eq!(ask(&mock, CHAT, &[], &chat("m+529", false)).status(), 529);
    assert_eq!(ask(&mock, CHAT, &[], "{\"model\":").status(), 400);
    assert_eq!(ask(&mock, CHAT, &[("x-mock-fault", "nonsense")], &chat("m", false)).status(), 400);
    assert_eq!(ask(&mock, "/v1/unheard-of", &[], "{}").status(), 404);
}

#[test]
fn connections_break_where_they_should() {
    let mock = mock(Options::default());
    for stream in [false, true] {
        let id = format!("reset-{stream}");
        let heard = ask(&mock, CHAT, &[("x-request-id", &id)], &chat("m+reset", stream));
        assert!(heard.status() == 200 && !heard.whole() && !heard.bytes().is_empty());
        let broken = record(&mock, &id);
        assert!(!broken.complete && !broken.client_aborted && !broken.usage_told && broken.usage.is_some());
        assert_eq!(broken.bytes, heard.bytes().len() as u64);

        let id = format!("wrong-{stream}");
        let heard = ask(&mock, CHAT, &[("x-request-id", &id)], &chat("m+wrong-length", stream));
        assert_eq!(heard.length(), Some(heard.raw.len() + 64));
        assert!(!record(&mock, &id).complete);

        let id = format!("before-{stream}");
        let heard = ask(&mock, CHAT, &[("x-request-id", &id)], &chat("m+reset-before", stream));
        assert!(heard.head.is_empty());
        assert_eq!(record(&mock, &id).status, None);
    }
}

#[test]
fn a_caller_that_leaves_is_noticed() {
    let mock = mock(Options::default());
    for stream in [false, true] {
        let id = format!("left-{stream}");
        let mut connection = send(&mock, CHAT, &[("x-request-id", &id), ("x-mock-fault", "stall")], &chat("m", stream));
        let mut some = [0; 64];
        connection.read_exact(&mut some).unwrap();
        drop(connection);
        let left = record(&mock, &id);
        assert!(left.client_aborted && !left.complete);
        assert!(left.tokens_sent < left.usage.unwrap().output_visible);
    }
    assert_eq!((mock.counts().aborted, mock.counts().active), (2, 0));
}

#[test]
fn framing_can_be_awkward_and_says_the_same() {
    let mock = mock(Options::default());
    let plain = ask(&mock, CHAT, &[], &chat("m", false)).json();
    let streamed = ask(&mock, CHAT, &[], &chat("m", true));
    let same = |fault: &str, stream: bool| {
        let heard = ask(&mock, CHAT, &[("x-mock-fault", fault)], &chat("m", stream));
        assert!(heard.whole(), "{fault}");
        heard
    };
    let heard = same("one-byte", false);
    assert!(heard.chunks().0.iter().all(|chunk| chunk.len() == 1) && heard.length().is_none());
    assert_eq!((&heard.json()["usage"], &heard.json()["choices"]), (&plain["usage"], &plain["choices"]));
    assert!(same("one-byte", true).chunks().0.iter().all(|chunk| chunk.len() == 1));
    let heard = same("chunked", false);
    assert_eq!((heard.length(), &heard.json()["choices"]), (None, &plain["choices"]));
    let heard = same("http1.0", true);
    assert!(heard.head.starts_with("HTTP/1.0") && heard.header("transfer-encoding").is_none());
    assert_eq!(heard.events().len(), streamed.events().len());
    let heard = same("crlf", true).text();
    assert_eq!(heard.matches("\r\n").count(), heard.matches('\n').count());
    let heard = same("comments,slow=1", true);
    assert_eq!(heard.text().matches(": keep-alive\n\n").count(), streamed.events().len() + 1);
    assert_eq!(heard.events().len(), streamed.events().len());
    assert_eq!(same("big=100", false).json()["usage"], plain["usage"]);
    assert!(same("big=100", true).raw.len() > 100_000);
    let heard = same("choices-null", true).events();
    assert!(heard[heard.len() - 1]["choices"].is_null() && heard[heard.len() - 1]["usage"].is_object());
    for (coding, name) in [("gzip", "gzip"), ("br", "br"), ("zstd", "zstd")] {
        for stream in [false, true] {
            assert_eq!(same(coding, stream).header("content-encoding"), Some(name));
        }
    }
    let mut text = String::new();
    let zipped = same("gzip", true).bytes();
    flate2::read::MultiGzDecoder::new(&zipped[..]).read_to_string(&mut text).unwrap();
    assert!(text.ends_with("data: [DONE]\n\n"));
}

#[test]
fn usage_can_be_missing_absurd_or_feigned() {
    let mock = mock(Options::default());
    let tell = |fault: &str, stream: bool| {
        let id = format!("{fault}-{stream}");
        let heard = ask(&mock, CHAT, &[("x-mock-fault", fault), ("x-request-id", &id)], &chat("m", stream));
        let record = record(&mock, &id);
        (heard, record)
    };
    for stream in [false, true] {
        let (heard, record) = tell("no-usage", stream);
        assert!(!heard.text().contains("prompt_tokens") && !record.usage_told && record.usage.is_some());
        let (heard, record) = tell("usage-in-text", stream);
        assert!(heard.text().contains("999999") && record.usage_told);
    }
    let (heard, record) = tell("bad-usage", false);
    assert_ne!(heard.json()["usage"]["prompt_tokens"].as_u64(), record.usage.map(|usage| usage.input_uncached));
    let (heard, record) = tell("error-in-stream", true);
    let events = heard.events();
    assert!(heard.whole() && events[events.len() - 1]["error"]["message"].is_string() && !record.usage_told);
}

#[test]
fn chance_hits_some_and_the_same_ones_again() {
    let run = || {
        let mix = FaultMix::parse("429:0.3,reset-before:0.2").unwrap();
        let mock = mock(Options { faults: mix, seed: 9, ..Options::default() });
        (0..60)
            .map(|_| {
                let heard = hear(send(&mock, CHAT, &[], &chat("m", false)));
                if heard.head.is_empty() { 0 } else { heard.status() }
            })
            .collect::<Vec<u16>>()
    };
    let first = run();
    assert!([0, 200, 429].iter().all(|status| first.contains(status)), "{first:?}");
    assert_eq!(first, run());
}
