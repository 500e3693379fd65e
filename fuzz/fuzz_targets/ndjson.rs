//! Documents on lines, read alike however they are split.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let [operation, step, body @ ..] = data {
        let operation = common::OPERATIONS[12 + usize::from(operation % 3)];
        let kind = if step & 1 == 1 { "application/x-ndjson" } else { "application/json" };
        common::check(operation, &common::head(kind), false, *step, body);
    }
});
