//! How the bytes of an answer are read: its framing is told by its head or its first byte.

use super::event_stream::EventStream;
use super::events::Events;
use super::facts::Facts;
use super::held::Held;
use super::ndjson::Lines;
use super::picker::{Picker, State};
use super::slot::Node;
use super::{Operation, trees};
use bytes::Bytes;
use std::collections::VecDeque;

/// The reader of one answer.
#[derive(Debug)]
pub(super) struct Scan {
    operation: Operation,
    frames: Frames,
    held: Held,
    pub(super) facts: Facts,
}

/// The framing of an answer.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one for each answer, and behind a box already")]
enum Frames {
    /// Not known before its first byte.
    Unknown,
    /// One document, or a list of them.
    Json(Picker),
    /// Server-sent events.
    Events(Events),
    /// Documents on lines, or one after the other.
    Lines(Lines),
    /// The event stream of AWS.
    EventStream(EventStream),
}

impl Scan {
    /// For an answer with this content type; `hides` says that the usage of a stream shall be hidden.
    pub(super) fn new(operation: Operation, content_type: &str, hides: bool, facts: Facts) -> Self {
        let kind = content_type.split(';').next().unwrap_or("").trim();
        let is = |name: &str| kind.eq_ignore_ascii_case(name);
        let picker = || Picker::new(tree(operation), operation == Operation::StreamGenerateContent);
        let frames = if is("text/event-stream") {
            Frames::Events(Events::new(picker()))
        } else if is("application/x-ndjson") || is("application/jsonl") {
            Frames::Lines(Lines::new(picker(), true))
        } else if is("application/vnd.amazon.eventstream") {
            Frames::EventStream(EventStream::new(picker(), operation == Operation::InvokeModelStream))
        } else {
            Frames::Unknown
        };
        let hides = hides && matches!(operation, Operation::ChatCompletions | Operation::Completions);
        Self { operation, frames, held: Held::new(hides), facts }
    }

    /// Reads bytes and hands them on.
    pub(super) fn push(&mut self, chunk: Bytes, out: &mut VecDeque<Bytes>) {
        self.scan(&chunk);
        self.held.pass(chunk, out);
    }

    /// Reads bytes.
    pub(super) fn scan(&mut self, chunk: &[u8]) {
        let mut from = 0;
        if let Frames::Unknown = self.frames {
            // A byte order mark may stand before any text.
            let blank = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, 0xEF | 0xBB | 0xBF);
            let Some(place) = chunk.iter().position(|byte| !blank(byte)) else { return };
            self.frames = self.sniffed(chunk.get(place).copied());
            self.held.begin(place);
            from = place;
        }
        let rest = chunk.get(from..).unwrap_or_default();
        let facts = &mut self.facts;
        match &mut self.frames {
            Frames::Events(events) => events.push(chunk, from, facts, &mut self.held),
            Frames::Lines(lines) => {
                self.held.keep();
                lines.push(rest, facts);
            }
            Frames::EventStream(frames) => {
                self.held.keep();
                frames.push(rest, facts);
            }
            Frames::Json(picker) => {
                self.held.keep();
                picker.push(rest, facts);
                if picker.state() == State::Done {
                    facts.whole();
                }
            }
            Frames::Unknown => {}
        }
    }

    fn sniffed(&self, first: Option<u8>) -> Frames {
        let picker = Picker::new(tree(self.operation), self.operation == Operation::StreamGenerateContent);
        match (first, self.operation) {
            (Some(b'{'), Operation::OllamaChat | Operation::OllamaGenerate) => Frames::Lines(Lines::new(picker, false)),
            (Some(b'{' | b'['), _) => Frames::Json(picker),
            _ => Frames::Events(Events::new(picker)),
        }
    }

    /// The answer has ended.
    pub(super) fn end(&mut self, out: &mut VecDeque<Bytes>) {
        if let Frames::Events(events) = &mut self.frames {
            events.end(&mut self.facts, &mut self.held);
        }
        self.held.end(out);
        self.facts.end();
    }
}

fn tree(operation: Operation) -> &'static [Node] {
    match operation {
        Operation::ChatCompletions | Operation::Completions => trees::CHAT,
        Operation::Responses => trees::RESPONSES,
        Operation::Embeddings => trees::EMBEDDINGS,
        Operation::Messages => trees::MESSAGES,
        Operation::GenerateContent | Operation::StreamGenerateContent | Operation::EmbedContent => trees::GEMINI,
        Operation::Converse | Operation::ConverseStream => trees::CONVERSE,
        Operation::InvokeModel | Operation::InvokeModelStream => trees::INVOKE,
        Operation::OllamaChat | Operation::OllamaGenerate | Operation::OllamaEmbed => trees::OLLAMA,
        Operation::Unknown => trees::UNKNOWN,
        Operation::NoModel => trees::NOTHING,
    }
}
