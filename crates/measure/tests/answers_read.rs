//! The meter finds the usage of golden answers, whatever the splits, and never changes a byte.

mod answers;

use answers::{Golden, all, texts};
use bytes::Bytes;
use lca::Evidence;
use measure::usage::{AnswerHead, Asked, Meter, Operation, Progress, Usage};
use proptest::prelude::*;
use std::collections::VecDeque;

/// Feeds the pieces and returns what was found, what the client gets, and after how many bytes the answer was whole.
fn feed<'a>(golden: &Golden, hide: bool, pieces: impl Iterator<Item = &'a [u8]>) -> (Usage, Vec<u8>, Option<usize>) {
    let mut meter = Meter::new(golden.operation, &golden.head, hide);
    let mut out = VecDeque::new();
    let (mut fed, mut answered) = (0, None);
    for piece in pieces {
        fed += piece.len();
        if meter.push(Bytes::copy_from_slice(piece), &mut out) == Progress::Answered && answered.is_none() {
            answered = Some(fed);
        }
    }
    meter.end(&mut out);
    (meter.usage().clone(), out.iter().flatten().copied().collect(), answered)
}

fn whole(golden: &Golden, hide: bool) -> (Usage, Vec<u8>, Option<usize>) {
    feed(golden, hide, std::iter::once(golden.body.as_slice()))
}

#[test]
fn the_counts_of_every_dialect_are_found_in_disjoint_classes() {
    for golden in all() {
        let (usage, out, _) = whole(&golden, false);
        let counts = usage.counted.clone().unwrap_or_default();
        let found =
            [counts.input_tokens, counts.cache_read_tokens, counts.cache_write_tokens, counts.output_tokens, counts.reasoning_tokens];
        assert_eq!(found, golden.counts, "{}: {usage:?}", golden.name);
        assert_eq!(out, golden.body, "{}", golden.name);
        assert_eq!((usage.doubt.as_str(), usage.error.as_str(), usage.partial), ("", "", false), "{}", golden.name);
        assert_eq!(usage.counts(&Asked::default()).1, Evidence::Counted, "{}", golden.name);
        let texts = usage.counted.is_some_and(|counts| counts.output_tokens != Some(0));
        assert_eq!((usage.output_text_bytes > 0, usage.output_begun), (texts, texts), "{}", golden.name);
    }
}

#[test]
fn no_split_changes_what_is_found_or_what_the_client_gets() {
    for golden in all() {
        for hide in [false, true] {
            let expected = whole(&golden, hide);
            for place in 0..=golden.body.len() {
                let (head, tail) = golden.body.split_at(place);
                let (usage, out, _) = feed(&golden, hide, [head, tail].into_iter());
                assert_eq!((&usage, &out), (&expected.0, &expected.1), "{} split at {place}, hide {hide}", golden.name);
            }
            let (usage, out, _) = feed(&golden, hide, golden.body.chunks(1));
            assert_eq!((&usage, &out), (&expected.0, &expected.1), "{} byte by byte, hide {hide}", golden.name);
        }
    }
}

#[test]
fn an_answer_is_whole_with_its_last_document_and_not_before() {
    for golden in all() {
        let (_, _, answered) = feed(&golden, false, golden.body.chunks(1));
        let end = golden.body.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |place| place + 1);
        let last_told = !matches!(golden.name, "odd events" | "gemini events");
        assert_eq!(answered.is_some(), last_told, "{}", golden.name);
        if let Some(answered) = answered {
            assert!((end..=end + 1).contains(&answered), "{}: whole after {answered} of {end} bytes", golden.name);
        }
    }
}

#[test]
fn only_the_frame_of_usage_is_hidden() {
    let usage_frame = texts::CHAT_STREAM.split_inclusive("\n\n").find(|frame| frame.contains("\"choices\":[],")).unwrap();
    for ends in ["\n", "\r\n", "\r"] {
        let body = texts::CHAT_STREAM.replace('\n', ends);
        let expected = body.replace(&usage_frame.replace('\n', ends), "");
        let head = AnswerHead { status: 200, content_type: "text/event-stream".to_owned(), ..AnswerHead::default() };
        let golden = Golden { name: "hide", operation: Operation::ChatCompletions, head, body: body.into_bytes(), counts: [None; 5] };
        let (usage, out, _) = feed(&golden, true, golden.body.chunks(1));
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        assert_eq!(usage.counted.and_then(|counts| counts.output_tokens), Some(4));
    }
    // The other dialects and bodies that are no stream stay as they are.
    for golden in all()
        .into_iter()
        .filter(|golden| !golden.name.contains("chat stream") && !golden.name.starts_with("choices") && golden.name != "odd events")
    {
        assert_eq!(whole(&golden, true).1, golden.body, "{}", golden.name);
    }
}

#[test]
fn a_frame_of_usage_with_an_empty_piece_is_hidden_too_and_one_that_ends_the_answer_is_not() {
    let first = r#"data: {"choices":[{"index":0,"delta":{"role":"assistant"}}],"usage":{"prompt_tokens":8,"completion_tokens":0}}"#;
    let text = r#"data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"usage":null}"#;
    let last = r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":8,"completion_tokens":1}}"#;
    let extra = r#"data: {"choices":[{"index":0,"delta":{}}],"usage":{"prompt_tokens":8,"completion_tokens":2}}"#;
    let stream = |frames: &[&str]| frames.iter().map(|frame| format!("{frame}\n\n")).collect::<String>().into_bytes();
    let head = AnswerHead { status: 200, content_type: "text/event-stream".to_owned(), ..AnswerHead::default() };
    let body = stream(&[first, text, last, extra, "data: [DONE]"]);
    let golden = Golden { name: "empty piece", operation: Operation::ChatCompletions, head, body, counts: [None; 5] };
    for (usage, out, _) in [whole(&golden, true), feed(&golden, true, golden.body.chunks(1))] {
        assert_eq!(String::from_utf8(out).unwrap(), String::from_utf8(stream(&[first, text, last, "data: [DONE]"])).unwrap());
        assert_eq!(usage.counted.and_then(|counts| counts.output_tokens), Some(2));
    }
}

#[test]
fn bytes_are_handed_on_without_a_copy() {
    let golden = &all()[1];
    let chunk = Bytes::from(golden.body.clone());
    let (mut meter, mut out) = (Meter::new(golden.operation, &golden.head, false), VecDeque::new());
    let place = chunk.as_ptr();
    meter.push(chunk, &mut out);
    assert_eq!(out[0].as_ptr(), place);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn random_splits_change_nothing(which in 0usize..22, hide: bool, cuts in prop::collection::vec(0.0f64..1.0, 0..12)) {
        let golden = &all()[which];
        let mut places: Vec<usize> = cuts.iter().map(|cut| (cut * golden.body.len() as f64) as usize).collect();
        places.extend([0, golden.body.len()]);
        places.sort_unstable();
        let pieces = places.windows(2).map(|pair| &golden.body[pair[0]..pair[1]]);
        let (usage, out, _) = feed(golden, hide, pieces);
        let expected = whole(golden, hide);
        prop_assert_eq!((usage, out), (expected.0, expected.1));
    }
}
