//! What an answer says, gathered from the scanner document by document.

use super::meter::Usage;
use super::picker::Sink;
use super::slot::Slot;
use super::tally::{Convention, Modalities, Tally, count};
use super::text::TextMeter;
use super::{Dialect, Operation};

/// Longest time that is believed, milliseconds (eleven days).
const LONGEST_MS: i64 = 1_000_000_000;
/// Longest type of an error.
const LONGEST_ERROR: usize = 64;

/// What the document at hand is, by its `type`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Other,
    /// Nothing comes after it.
    Last,
    /// An error.
    Error,
    /// Sound as text: not text.
    Sound,
}

/// What is known of one document only.
#[derive(Debug, Default)]
pub(super) struct Doc {
    kind: Kind,
    pending: Tally,
    usage_closed: bool,
    /// It holds an answer or a piece of one.
    pub(super) choice: bool,
    /// It says something: a text, who speaks, or that the answer is over.
    pub(super) says: bool,
    finished: bool,
    error: bool,
    error_kind: String,
    error_code: String,
    part: (Part, Option<i64>),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Other,
    Audio,
    Image,
}

/// The gathered facts.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) usage: Usage,
    pub(super) doc: Doc,
    operation: Operation,
    convention: Convention,
    /// Later statements complete earlier ones, field by field.
    merges: bool,
    /// The answer comes in pieces.
    pub(super) pieces: bool,
    /// Documents are taken only when their frame has proved whole.
    pub(super) defers: bool,
    tally: Tally,
    usage_beside_choice: bool,
    finish: bool,
    pub(super) answered: bool,
    visible: TextMeter,
    reason: TextMeter,
    twin: TextMeter,
}

impl Facts {
    /// Before the first byte of an answer.
    pub(super) fn new(operation: Operation) -> Self {
        let convention = match operation.dialect() {
            Dialect::Openai | Dialect::Ollama => Convention::Parts,
            Dialect::Anthropic | Dialect::Bedrock => Convention::CacheBeside,
            Dialect::Gemini => Convention::ThoughtsBeside,
        };
        Self {
            usage: Usage::default(),
            doc: Doc::default(),
            operation,
            convention,
            merges: convention != Convention::Parts,
            pieces: false,
            defers: false,
            tally: Tally::default(),
            usage_beside_choice: false,
            finish: false,
            answered: false,
            visible: TextMeter::default(),
            reason: TextMeter::default(),
            twin: TextMeter::default(),
        }
    }

    /// Takes counts from the head of the answer.
    pub(super) fn stated(&mut self, counts: impl Iterator<Item = (Slot, Option<i64>)>) {
        for (slot, value) in counts {
            if let Some(value) = value {
                self.tally.set(slot, count(value.to_string().as_bytes()));
            }
        }
        if !self.tally.is_empty() {
            self.settle();
        }
    }

    /// A frame says that the answer is whole.
    pub(super) fn whole(&mut self) {
        self.answered = true;
        self.usage.partial = false;
    }

    /// A frame says that the answer failed.
    pub(super) fn failed(&mut self, kind: &str) {
        self.usage.error = name_of_error(kind, "");
    }

    /// The answer ended; a usage that had closed within a document cut short is taken.
    pub(super) fn end(&mut self) {
        if self.doc.usage_closed && !self.defers {
            self.take_usage();
        }
    }

    /// The document at hand is over; nothing more of it is taken.
    pub(super) fn forget_document(&mut self) {
        self.doc = Doc::default();
    }

    /// Whether the document at hand says usage and nothing else.
    pub(super) fn only_usage(&self) -> bool {
        self.doc.usage_closed && !self.doc.says && !self.doc.error
    }

    fn take_usage(&mut self) {
        if self.doc.pending.is_empty() {
            return;
        }
        if self.merges {
            self.tally.merge(&self.doc.pending);
        } else {
            self.tally = self.doc.pending;
        }
        self.usage_beside_choice = self.doc.choice;
        self.settle();
    }

    fn settle(&mut self) {
        let (mut counts, doubt) = self.tally.normal(self.convention);
        if matches!(self.operation, Operation::Embeddings | Operation::EmbedContent | Operation::OllamaEmbed) {
            counts.output_tokens = Some(0);
        }
        self.usage.doubt.clear();
        self.usage.doubt.push_str(doubt);
        self.usage.counted = (counts.input_all() != 0 || counts != lca::Counts::default()).then_some(counts);
    }

    /// Takes what the document at hand says, which has ended.
    pub(super) fn settle_document(&mut self) {
        let ollama = matches!(self.operation, Operation::OllamaChat | Operation::OllamaGenerate);
        if !ollama || self.doc.finished {
            self.take_usage();
        }
        if self.doc.error || self.doc.kind == Kind::Error {
            self.usage.error = name_of_error(&self.doc.error_kind, &self.doc.error_code);
        }
        if (self.doc.kind == Kind::Last && self.pieces) || self.doc.finished {
            self.answered = true;
        }
        let unsure = self.merges || self.usage_beside_choice;
        self.usage.partial = self.pieces && unsure && !self.finish && !self.answered && self.usage.counted.is_some();
    }

    fn put(place: &mut String, word: &[u8]) {
        if !word.is_empty() && place.as_bytes() != word {
            place.clear();
            place.push_str(&String::from_utf8_lossy(word));
        }
    }

    fn meters(&mut self) {
        let reason = if self.twin.bytes() > self.reason.bytes() { &self.twin } else { &self.reason };
        self.usage.output_text_bytes = self.visible.bytes() + reason.bytes();
        self.usage.output_tokens_estimate = self.visible.tokens() + reason.tokens();
    }

    fn part_ends(&mut self, slot: Slot) {
        let (part, tokens) = std::mem::take(&mut self.doc.part);
        let list = match slot {
            Slot::PromptPart => &mut self.doc.pending.prompt,
            Slot::OutputPart => &mut self.doc.pending.output,
            _ => &mut self.doc.pending.cache,
        };
        list.given = true;
        let Some(tokens) = tokens else { return };
        match part {
            Part::Audio => list.audio = list.audio.saturating_add(tokens),
            Part::Image => list.image = list.image.saturating_add(tokens),
            Part::Other => {}
        }
    }
}

impl Sink for Facts {
    fn open(&mut self, slot: Slot) {
        match slot {
            Slot::Document => self.doc = Doc::default(),
            Slot::Usage => self.doc.pending = Tally::default(),
            Slot::LastUsage => {
                self.doc.pending = Tally::default();
                self.doc.kind = Kind::Last;
            }
            Slot::Choice => self.doc.choice = true,
            Slot::Embedding => self.doc.pending.set(Slot::Output, Some(0)),
            Slot::Error => self.doc.error = true,
            Slot::PromptDetails => self.doc.pending.prompt = Modalities::default(),
            Slot::OutputDetails => self.doc.pending.output = Modalities::default(),
            Slot::CacheDetails => self.doc.pending.cache = Modalities::default(),
            Slot::PromptPart | Slot::OutputPart | Slot::CachePart => self.doc.part = (Part::Other, None),
            _ => {}
        }
    }

    fn close(&mut self, slot: Slot) {
        match slot {
            Slot::Document if !self.defers => self.settle_document(),
            Slot::List => self.whole(),
            Slot::Usage | Slot::LastUsage => self.doc.usage_closed = true,
            Slot::PromptPart | Slot::OutputPart | Slot::CachePart => self.part_ends(slot),
            _ => {}
        }
    }

    fn literal(&mut self, slot: Slot, spelt: &[u8]) {
        match slot {
            Slot::Finished => self.doc.finished = spelt == b"true",
            Slot::ModalityTokens => self.doc.part.1 = count(spelt),
            Slot::ErrorCode => self.word(slot, spelt),
            Slot::Milliseconds | Slot::Nanoseconds => {
                let stated: Option<i64> = std::str::from_utf8(spelt).ok().and_then(|text| text.parse().ok());
                let unit = if slot == Slot::Nanoseconds { 1_000_000 } else { 1 };
                self.usage.provider_ms = stated.map(|time| time / unit).filter(|ms| (0..=LONGEST_MS).contains(ms));
            }
            _ if Tally::holds(slot) => self.doc.pending.set(slot, count(spelt)),
            _ => {}
        }
    }

    fn word(&mut self, slot: Slot, word: &[u8]) {
        match slot {
            Slot::Model => Self::put(&mut self.usage.model, word),
            Slot::Tier => Self::put(&mut self.usage.tier, word),
            Slot::Region => Self::put(&mut self.usage.region, word),
            Slot::AnswerId => Self::put(&mut self.usage.answer_id, word),
            Slot::ErrorKind => Self::put(&mut self.doc.error_kind, word),
            Slot::ErrorCode => Self::put(&mut self.doc.error_code, word),
            Slot::Error => self.doc.error = true,
            Slot::Role => self.doc.says = true,
            Slot::Finish => {
                self.finish = true;
                self.doc.says = true;
            }
            Slot::Kind => {
                self.doc.kind = match word {
                    b"message_stop" | b"response.completed" | b"response.incomplete" | b"response.failed" => Kind::Last,
                    b"error" => Kind::Error,
                    b"response.audio.delta" | b"response.output_audio.delta" => Kind::Sound,
                    _ => Kind::Other,
                }
            }
            Slot::Modality => {
                self.doc.part.0 = match word {
                    b"AUDIO" => Part::Audio,
                    b"IMAGE" | b"VIDEO" => Part::Image,
                    _ => Part::Other,
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, slot: Slot, piece: &[u8]) {
        if slot == Slot::Delta && self.doc.kind == Kind::Sound {
            self.doc.says = true;
            self.usage.output_begun = true;
            return;
        }
        match slot {
            Slot::Reason => self.reason.push(piece),
            Slot::ReasonTwin => self.twin.push(piece),
            _ => self.visible.push(piece),
        }
        self.doc.says = true;
        self.usage.output_begun = true;
        self.meters();
    }
}

/// A type of an error, if it is one: never a text of the answer.
fn name_of_error(kind: &str, code: &str) -> String {
    let name = if kind.is_empty() { code } else { kind };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if name.is_empty() || name.len() > LONGEST_ERROR || !name.bytes().all(plain) { "error".to_owned() } else { name.to_owned() }
}
