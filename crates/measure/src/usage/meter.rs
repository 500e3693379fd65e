//! The meter: looks at an answer as it passes and finds its usage.

use super::decode::Decoder;
use super::facts::Facts;
use super::scan::Scan;
use super::slot::Slot;
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
    /// With these bytes, or before them, the answer is whole: nothing that counts comes after them.
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
    /// Whether the output was counted before the answer was whole.
    pub partial: bool,
    /// Whether the status says that the request failed: then no tokens are assumed.
    pub refused: bool,
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
    ///
    /// Input and output are filled by estimate one by one where the provider did not count them; the whole is then
    /// [`Evidence::Estimated`]. An output that was counted before the answer was whole is at least what its text suggests.
    /// A request that was refused, without any usage, has no counts: unknown, not zero.
    #[must_use]
    pub fn counts(&self, asked: &Asked) -> (Counts, Evidence) {
        let mut counts = self.counted.clone().unwrap_or_default();
        let input_known = counts.input_tokens.is_some();
        let output_known = counts.output_tokens.is_some();
        if self.refused && !input_known && !output_known {
            return (counts, Evidence::Estimated);
        }
        if !input_known {
            counts.input_tokens = Some(whole(asked.input_tokens_estimate));
        }
        let estimate = whole(self.output_tokens_estimate);
        let mut estimated = !input_known || !output_known;
        if !output_known {
            counts.output_tokens = Some(estimate);
        } else if self.partial && estimate > counts.output_all() {
            let rest = counts.output_all() - counts.output_tokens.unwrap_or(0); // zero: it is known here
            counts.output_tokens = Some(estimate - rest);
            estimated = true;
        }
        estimated |= self.partial;
        (counts, if estimated { Evidence::Estimated } else { Evidence::Counted })
    }
}

fn whole(tokens: u64) -> i64 {
    i64::try_from(tokens).unwrap_or(i64::MAX).min(books::MOST_TOKENS_PER_REQUEST)
}

/// Looks at one answer.
#[derive(Debug)]
pub struct Meter {
    decoder: Decoder,
    /// Whether the rest of a compressed answer cannot be read.
    blind: bool,
}

impl Meter {
    /// For an answer with this head. `hide_usage` takes the extra usage frame of a stream out again, which the client did not ask for;
    /// a compressed answer is never changed.
    #[must_use]
    pub fn new(operation: Operation, head: &AnswerHead, hide_usage: bool) -> Self {
        let mut facts = Facts::new(operation);
        facts.usage.refused = head.status >= 400;
        let slots = [Slot::Input, Slot::Output, Slot::CacheRead, Slot::CacheWrite];
        facts.stated(slots.into_iter().zip(head.bedrock_tokens));
        let plain = Decoder::is_plain(&head.content_encoding);
        let scan = Scan::new(operation, &head.content_type, hide_usage && plain, facts);
        Self { decoder: Decoder::new(&head.content_encoding, scan), blind: false }
    }

    /// Takes the next bytes and puts what the client shall get into `out`: the same bytes, but for a hidden frame.
    ///
    /// Bytes are held back only while they may still be the frame to hide, at most 64 KiB of them.
    pub fn push(&mut self, chunk: Bytes, out: &mut VecDeque<Bytes>) -> Progress {
        if let Decoder::Plain(scan) = &mut self.decoder {
            scan.push(chunk, out);
        } else {
            self.blind = self.blind || !self.decoder.read(&chunk);
            out.push_back(chunk);
        }
        if self.decoder.scan().facts.answered { Progress::Answered } else { Progress::More }
    }

    /// The answer has ended; what was held back goes into `out`.
    pub fn end(&mut self, out: &mut VecDeque<Bytes>) {
        self.decoder.scan_mut().end(out);
    }

    /// What was found so far.
    #[must_use]
    pub fn usage(&self) -> &Usage {
        &self.decoder.scan().facts.usage
    }
}
