//! What every target checks: the splits change nothing, and the client gets every byte that is not hidden.

// Not every target uses all of it.
#![allow(dead_code)]

use bytes::Bytes;
use measure::usage::{AnswerHead, Asked, Meter, Operation, Progress, Usage};
use std::collections::VecDeque;

pub const OPERATIONS: [Operation; 17] = [
    Operation::ChatCompletions,
    Operation::Completions,
    Operation::Responses,
    Operation::Embeddings,
    Operation::Messages,
    Operation::GenerateContent,
    Operation::StreamGenerateContent,
    Operation::EmbedContent,
    Operation::Converse,
    Operation::ConverseStream,
    Operation::InvokeModel,
    Operation::InvokeModelStream,
    Operation::OllamaChat,
    Operation::OllamaGenerate,
    Operation::OllamaEmbed,
    Operation::Unknown,
    Operation::NoModel,
];

/// The operation that a byte stands for.
pub fn operation(byte: u8) -> Operation {
    OPERATIONS[usize::from(byte) % OPERATIONS.len()]
}

fn feed(operation: Operation, head: &AnswerHead, hide: bool, body: &[u8], step: impl Fn(usize) -> usize) -> (Usage, Vec<u8>, bool) {
    let mut meter = Meter::new(operation, head, hide);
    let (mut out, mut answered) = (VecDeque::new(), false);
    let whole = Bytes::copy_from_slice(body);
    let mut from = 0;
    while from < body.len() {
        let to = (from + step(from).max(1)).min(body.len());
        answered |= meter.push(whole.slice(from..to), &mut out) == Progress::Answered;
        from = to;
    }
    meter.end(&mut out);
    let _ = meter.usage().counts(&Asked::default());
    (meter.usage().clone(), out.iter().flatten().copied().collect(), answered)
}

/// Reads an answer whole, byte by byte and in uneven pieces, and compares.
pub fn check(operation: Operation, head: &AnswerHead, hide: bool, step: u8, body: &[u8]) {
    let whole = feed(operation, head, hide, body, |_| body.len());
    assert_eq!(whole, feed(operation, head, hide, body, |_| 1), "byte by byte");
    let uneven = |from: usize| (from.wrapping_mul(31).wrapping_add(usize::from(step)) % 23) + 1;
    assert_eq!(whole, feed(operation, head, hide, body, uneven), "in uneven pieces");
    if !hide {
        assert_eq!(whole.1, body);
    }
    assert!(whole.1.len() <= body.len());
}

/// A head with this content type.
pub fn head(content_type: &str) -> AnswerHead {
    AnswerHead { status: 200, content_type: content_type.to_owned(), ..AnswerHead::default() }
}
