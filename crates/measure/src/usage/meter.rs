//! The meter: looks at an answer as it passes and finds its usage.

use super::{Asked, Operation};
use bytes::Bytes;
use lca::{Counts, Evidence};
use std::collections::VecDeque;

/// What the head of an answer says.
#[derive(Debug, Clone, Default)]
pub struct AnswerHead {
    /// Status.
    pub status: u16,
    /// `content-type`.
    pub content_type: String,
    /// `content-encoding`; empty for none.
    pub content_encoding: String,
    /// Headers `x-amzn-bedrock-*-token-count`: input, output, cache read, cache write.
    pub bedrock_tokens: [Option<i64>; 4],
}

/// How far the answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// More is to come.
    More,
    /// With these bytes the answer is whole: nothing that counts comes after them.
    Answered,
}

/// What was found, in the normal form: classes are disjoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// Model that answered, as spelt; empty when not stated.
    pub model: String,
    /// Service tier, as spelt; empty when not stated.
    pub tier: String,
    /// Region signals of the answer (`trafficType`, `inference_geo` …); empty when none.
    pub region: String,
    /// Id that the provider gave the answer.
    pub answer_id: String,
    /// Token classes, images, audio as the provider counted them; all `None` when it did not.
    pub counted: Option<Counts>,
    /// An error inside the answer, by its type.
    pub error: String,
    /// What in the usage could not be believed: negative, absurd, or contradicting itself.
    pub doubt: String,
    /// Bytes of text in the output so far, decoded from JSON.
    pub output_text_bytes: u64,
    /// Estimate of the output tokens so far, from the kinds of characters.
    pub output_tokens_estimate: u64,
    /// Whether output has begun.
    pub output_begun: bool,
    /// Time that the provider says it took, milliseconds.
    pub provider_ms: Option<i64>,
}

impl Usage {
    /// The counts for the books: as the provider counted, else by estimate; `requests` and times are left to the caller.
    #[must_use]
    pub fn counts(&self, _asked: &Asked) -> (Counts, Evidence) {
        (Counts::default(), Evidence::Estimated)
    }
}

/// Looks at one answer.
pub struct Meter {
    usage: Usage,
}

impl Meter {
    /// For an answer with this head. `hide_usage` takes the extra usage frame of a stream out again, which the client did not ask for.
    #[must_use]
    pub fn new(_operation: Operation, _head: &AnswerHead, _hide_usage: bool) -> Self {
        Self { usage: Usage::default() }
    }

    /// Takes the next bytes and puts what the client shall get into `out`: the same bytes, but for a hidden frame.
    pub fn push(&mut self, chunk: Bytes, out: &mut VecDeque<Bytes>) -> Progress {
        out.push_back(chunk);
        Progress::More
    }

    /// The answer has ended; what was held back goes into `out`.
    pub fn end(&mut self, _out: &mut VecDeque<Bytes>) {}

    /// What was found so far.
    #[must_use]
    pub fn usage(&self) -> &Usage {
        &self.usage
    }
}
