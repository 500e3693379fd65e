//! Answers that are cut, lie, attack or come compressed: nothing panics, and what cannot be believed is not counted.
#![allow(clippy::unwrap_used)]

mod answers;

use answers::{all, bedrock, texts};
use bytes::Bytes;
use lca::Evidence;
use measure::usage::{AnswerHead, Asked, Meter, Operation, Progress, Usage};
use std::collections::VecDeque;
use std::io::Write;

fn read(operation: Operation, head: AnswerHead, body: &[u8]) -> Usage {
    let (mut meter, mut out) = (Meter::new(operation, &head, false), VecDeque::new());
    for piece in body.chunks(997) {
        meter.push(Bytes::copy_from_slice(piece), &mut out);
    }
    meter.end(&mut out);
    assert_eq!(out.iter().flatten().copied().collect::<Vec<u8>>(), body);
    meter.usage().clone()
}

fn typed(content_type: &str) -> AnswerHead {
    AnswerHead { status: 200, content_type: content_type.to_owned(), ..AnswerHead::default() }
}

fn chat(body: &str) -> Usage {
    read(Operation::ChatCompletions, typed("application/json"), body.as_bytes())
}

fn asked() -> Asked {
    Asked { input_tokens_estimate: 33, ..Asked::default() }
}

#[test]
fn counts_that_cannot_be_true_are_doubted_and_estimated() {
    for usage in [
        r#"{"prompt_tokens":-1,"completion_tokens":2}"#,
        r#"{"prompt_tokens":1.5,"completion_tokens":2}"#,
        r#"{"prompt_tokens":"12","completion_tokens":2}"#,
        r#"{"prompt_tokens":99999999999999999999999,"completion_tokens":2}"#,
        r#"{"prompt_tokens":10000001,"completion_tokens":2}"#,
        r#"{"prompt_tokens":5,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":6}}"#,
    ] {
        let found = chat(&format!(r#"{{"choices":[{{"message":{{"content":"Hi"}}}}],"usage":{usage}}}"#));
        let (counts, evidence) = found.counts(&asked());
        assert_eq!((counts.input_tokens, counts.output_tokens, evidence), (Some(33), Some(2), Evidence::Estimated), "{usage}");
        assert!(!found.doubt.is_empty(), "{usage}");
        assert_eq!(counts.cache_read_tokens, None);
    }
    let beside = chat(
        r#"{"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":17,"completion_tokens_details":{"reasoning_tokens":10}}}"#,
    );
    let counts = beside.counted.unwrap();
    assert_eq!((counts.output_tokens, counts.reasoning_tokens), (Some(2), Some(10)), "reasoning beside the output, as the total shows");
}

#[test]
fn usage_counts_only_at_its_true_path() {
    for body in [
        r#"{"choices":[{"message":{"content":"{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}"}}]}"#,
        r#"{"x":{"usage":{"prompt_tokens":1,"completion_tokens":1}}}"#,
        r#"{"a":[{"usage":{"prompt_tokens":1}}],"usage":null}"#,
        r#"{"usage":"prompt_tokens"}"#,
        r#"{"usage":[{"prompt_tokens":1}]}"#,
        r#""usage":{"prompt_tokens":1}"#,
        r#"{"usage" {"prompt_tokens":1}}"#,
    ] {
        assert_eq!(chat(body).counted, None, "{body}");
    }
}

#[test]
fn an_answer_that_was_cut_is_estimated_from_its_text() {
    let cut = texts::MESSAGES_STREAM.find("event: message_delta").unwrap();
    let usage = read(Operation::Messages, typed("text/event-stream"), &texts::MESSAGES_STREAM.as_bytes()[..cut]);
    let (counts, evidence) = usage.counts(&asked());
    assert_eq!((counts.input_tokens, counts.cache_read_tokens, evidence), (Some(21), Some(100), Evidence::Estimated));
    assert!(usage.output_tokens_estimate > 1, "the text so far, not the placeholder");
    assert_eq!(counts.output_tokens, i64::try_from(usage.output_tokens_estimate).ok());
    let first = texts::CONTINUOUS.find("\n\n").unwrap() + 2;
    let usage = read(Operation::Completions, typed("text/event-stream"), &texts::CONTINUOUS.as_bytes()[..first]);
    assert!(usage.partial);
    assert_eq!(usage.counts(&asked()).1, Evidence::Estimated);
    let refused = read(
        Operation::ChatCompletions,
        AnswerHead { status: 429, ..typed("application/json") },
        br#"{"error":{"type":"rate_limit","message":"secret"}}"#,
    );
    assert_eq!((refused.error.as_str(), refused.counts(&asked()).0), ("rate_limit", lca::Counts::default()));
}

#[test]
fn errors_within_a_good_status_are_told_by_type_alone() {
    let events = typed("text/event-stream");
    let error = |operation, body: &str| read(operation, events.clone(), body.as_bytes()).error;
    assert_eq!(
        error(Operation::Messages, "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}\n\n"),
        "overloaded_error"
    );
    assert_eq!(error(Operation::ChatCompletions, "data: {\"error\":{\"message\":\"m\",\"code\":\"bad\"}}\n\n"), "bad");
    assert_eq!(error(Operation::ChatCompletions, "data: {\"error\":\"the text of the prompt\"}\n\n"), "error");
    assert_eq!(
        error(Operation::Responses, "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"server_error\"}}}\n\n"),
        "server_error"
    );
    let frame = bedrock::frame(&[(":message-type", "exception"), (":exception-type", "throttlingException")], b"{\"message\":\"m\"}");
    let usage = read(Operation::ConverseStream, typed("application/vnd.amazon.eventstream"), &frame);
    assert_eq!(usage.error, "throttlingException");
}

#[test]
fn hostile_bytes_stay_bounded() {
    let frames = typed("application/vnd.amazon.eventstream");
    let mut wrong = bedrock::converse();
    let last = wrong.len() - 1;
    wrong[last] ^= 1;
    let usage = read(Operation::ConverseStream, frames.clone(), &wrong);
    assert_eq!((usage.counted, usage.error.as_str()), (None, "wrong_checksum"));
    let whole = bedrock::invoke();
    for end in 0..whole.len() {
        assert_eq!(
            read(Operation::InvokeModelStream, frames.clone(), &whole[..end])
                .counted
                .and_then(|counts| counts.output_tokens)
                .filter(|output| *output == 11),
            None
        );
    }
    for total in [u32::MAX, 0, 15, 16, 1 << 24] {
        let mut prelude = [total.to_be_bytes(), u32::MAX.to_be_bytes()].concat();
        let mut crc = flate2::Crc::new();
        crc.update(&prelude);
        prelude.extend_from_slice(&crc.sum().to_be_bytes());
        prelude.extend_from_slice(&[7; 64]);
        read(Operation::ConverseStream, frames.clone(), &prelude);
    }
    let deep = [b"{\"usage\":".as_slice(), &b"[{\"a\":".repeat(200_000)].concat();
    let open = [b"{\"choices\":[{\"message\":{\"content\":\"".as_slice(), &b"\\u00".repeat(50_000)].concat();
    let digits = [b"{\"usage\":{\"prompt_tokens\":".as_slice(), &b"9".repeat(500_000), b"}}"].concat();
    let line = [b"data: {\"model\":\"".as_slice(), &b"m".repeat(1_000_000)].concat();
    let invalid = [b"{\"model\":\"\xFF\xC0\x80\",\"choices\":[{\"message\":{\"content\":\"\xF0\x9F\xFF\"}}]}".as_slice()].concat();
    for body in [deep, open, digits, line, invalid] {
        for operation in [Operation::ChatCompletions, Operation::Messages, Operation::StreamGenerateContent, Operation::OllamaChat] {
            for content_type in ["application/json", "text/event-stream", "application/x-ndjson", "application/vnd.amazon.eventstream", ""]
            {
                assert_eq!(read(operation, typed(content_type), &body).counted, None);
            }
        }
    }
}

#[test]
fn compressed_answers_are_read_from_a_copy() {
    for golden in all() {
        let gzip = {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(&golden.body).unwrap();
            encoder.finish().unwrap()
        };
        let zstd = zstd::encode_all(golden.body.as_slice(), 3).unwrap();
        for (encoding, body) in [("gzip", &gzip), ("GZIP", &gzip), ("zstd", &zstd), ("br", &stored_brotli(&golden.body))] {
            let head = AnswerHead { content_encoding: encoding.to_owned(), ..golden.head.clone() };
            let plain = read(golden.operation, golden.head.clone(), &golden.body);
            let (mut meter, mut out) = (Meter::new(golden.operation, &head, true), VecDeque::new());
            let mut progress = Progress::More;
            for piece in body.chunks(7) {
                progress = meter.push(Bytes::copy_from_slice(piece), &mut out);
            }
            meter.end(&mut out);
            assert_eq!(meter.usage(), &plain, "{} {encoding}", golden.name);
            assert_eq!(plain.counted.as_ref().and_then(|counts| counts.input_tokens), golden.counts[0]);
            assert_eq!(out.iter().flatten().copied().collect::<Vec<u8>>(), *body);
            assert_eq!(progress == Progress::Answered, !matches!(golden.name, "odd events" | "gemini events"));
        }
    }
    // What cannot be read is passed on and estimated.
    let head = AnswerHead { content_encoding: "gzip".to_owned(), ..typed("application/json") };
    assert_eq!(read(Operation::ChatCompletions, head, texts::CHAT.as_bytes()).counted, None);
}

#[test]
fn heads_of_bedrock_count_where_the_body_does_not() {
    let head = AnswerHead { bedrock_tokens: [Some(12), Some(5), None, None], ..typed("application/json") };
    let (counts, evidence) = read(Operation::InvokeModel, head, br#"{"text":"Hi"}"#).counts(&asked());
    assert_eq!((counts.input_tokens, counts.output_tokens, evidence), (Some(12), Some(5), Evidence::Counted));
}

/// A brotli stream that stores its bytes (RFC 7932, 9.2).
fn stored_brotli(body: &[u8]) -> Vec<u8> {
    let head = (u32::try_from(body.len() - 1).unwrap() << 4 | 1 << 20).to_le_bytes();
    [&head[..3], body, &[3]].concat()
}
