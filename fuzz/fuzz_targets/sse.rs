//! Server-sent events of every operation, with and without a hidden frame.
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let [operation, step, body @ ..] = data {
        common::check(common::operation(*operation), &common::head("text/event-stream"), step & 1 == 1, *step, body);
    }
});
