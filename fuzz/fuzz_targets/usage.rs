//! Every operation over arbitrary bytes, content types and encodings.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;
use measure::usage::AnswerHead;

const TYPES: [&str; 5] = ["application/json", "", "text/event-stream", "application/x-ndjson", "application/vnd.amazon.eventstream"];
const ENCODINGS: [&str; 8] = ["", "", "", "gzip", "br", "zstd", "deflate", "snappy"];

fuzz_target!(|data: &[u8]| {
    if let [operation, kind, step, body @ ..] = data {
        let head = AnswerHead {
            status: if kind & 128 == 0 { 200 } else { 400 },
            content_type: TYPES[usize::from(*kind) % TYPES.len()].to_owned(),
            content_encoding: ENCODINGS[usize::from(kind >> 4) % ENCODINGS.len()].to_owned(),
            bedrock_tokens: [None; 4],
        };
        common::check(common::operation(*operation), &head, step & 1 == 1, *step, body);
    }
});
