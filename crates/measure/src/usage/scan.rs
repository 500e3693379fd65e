//! How the bytes of an answer are read: its framing is told by its head or its first byte.

use super::events::Events;
use super::facts::Facts;
use super::held::Held;
use super::picker::{Picker, State};
use super::slot::Node;
use super::{AnswerHead, Operation, trees};
use bytes::Bytes;
use std::collections::VecDeque;

/// The reader of one answer.
#[derive(Debug)]
pub(super) struct Scan {
    frames: Frames,
    held: Held,
}

/// The framing of an answer.
#[derive(Debug)]
enum Frames {
    /// Not known before its first byte.
    Unknown(Picker),
    /// One document, or a list of them.
    Json(Picker),
    /// Server-sent events.
    Events(Events),
}

impl Scan {
    /// For an answer with this head.
    pub(super) fn new(operation: Operation, head: &AnswerHead, hide_usage: bool) -> Self {
        let picker = Picker::new(tree(operation), operation == Operation::StreamGenerateContent);
        let frames =
            if head.content_type.starts_with("text/event-stream") { Frames::Events(Events::new(picker)) } else { Frames::Unknown(picker) };
        let hides = hide_usage && matches!(operation, Operation::ChatCompletions | Operation::Completions);
        let held = Held::new(hides && matches!(frames, Frames::Events(_)));
        Self { frames, held }
    }

    /// Reads the bytes and hands them on.
    pub(super) fn push(&mut self, chunk: Bytes, facts: &mut Facts, out: &mut VecDeque<Bytes>) {
        match &mut self.frames {
            Frames::Events(events) => events.push(&chunk, facts, &mut self.held),
            Frames::Unknown(picker) | Frames::Json(picker) => {
                picker.push(&chunk, facts);
                if picker.state() == State::Done {
                    facts.whole();
                }
            }
        }
        self.held.pass(chunk, out);
    }

    /// The answer has ended.
    pub(super) fn end(&mut self, facts: &mut Facts, out: &mut VecDeque<Bytes>) {
        if let Frames::Events(events) = &mut self.frames {
            events.end(facts, &mut self.held);
        }
        self.held.end(out);
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
