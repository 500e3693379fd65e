//! An answer before it is sent: frames, and the words that all dialects share.

use super::ask::Ask;
use super::faults::Faults;
use super::tokens::{TrueUsage, mix, word};
use bytes::Bytes;
use serde_json::Value;

/// How the frames of a body follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// One JSON document.
    Plain,
    /// Server-sent events.
    Sse,
    /// JSON, one document a line.
    Lines,
    /// One JSON list, sent element by element.
    List,
    /// AWS event stream, binary.
    Events,
}

/// A piece of a body and the visible tokens in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) bytes: Bytes,
    pub(super) tokens: u32,
}

impl Piece {
    pub(super) fn new(bytes: impl Into<Bytes>, tokens: u32) -> Self {
        Self { bytes: bytes.into(), tokens }
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) framing: Framing,
    pub(super) pieces: Vec<Piece>,
    /// Headers of this answer alone.
    pub(super) headers: Vec<(&'static str, String)>,
    /// Whether its end tells the usage.
    pub(super) usage_told: bool,
}

impl Answer {
    /// One JSON document with so many visible tokens.
    pub(super) fn plain(body: impl Into<Bytes>, tokens: u64) -> Self {
        Self {
            status: 200,
            content_type: "application/json",
            framing: Framing::Plain,
            pieces: vec![Piece::new(body, u32::try_from(tokens).unwrap_or(u32::MAX))],
            headers: Vec::new(),
            usage_told: true,
        }
    }

    /// A stream.
    pub(super) fn stream(framing: Framing, pieces: Vec<Piece>) -> Self {
        let content_type = match framing {
            Framing::Sse => "text/event-stream; charset=utf-8",
            Framing::Lines => "application/x-ndjson",
            Framing::Plain | Framing::List => "application/json",
            Framing::Events => "application/vnd.amazon.eventstream",
        };
        Self { status: 200, content_type, framing, pieces, headers: Vec::new(), usage_told: true }
    }
}

/// What a dialect needs to write its answer.
#[derive(Debug)]
pub(super) struct Job<'a> {
    pub(super) ask: &'a Ask,
    pub(super) usage: TrueUsage,
    /// Whether the limit ended the answer.
    pub(super) cut: bool,
    pub(super) faults: &'a Faults,
    /// 24 hexadecimal digits, new for each request.
    pub(super) tag: &'a str,
    /// The id in the answer's body.
    pub(super) id: &'a str,
    pub(super) created_s: i64,
}

/// What a careless reader takes for usage.
const DECOY: &str = " \"usage\":{\"prompt_tokens\":999999,\"completion_tokens\":999999,\"input_tokens\":999999,\"output_tokens\":999999} ";

impl Job<'_> {
    /// The visible text, one piece per token; faults can make the first huge and add one that looks like usage.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = (0..self.usage.output_visible)
            .map(|number| {
                let (space, word) = word(self.ask.hash, number);
                format!("{space}{word}")
            })
            .collect();
        if let Some(first) = words.first_mut().filter(|_| self.faults.big_kb > 0) {
            *first = format!("{}{first}", "long ".repeat((self.faults.big_kb * 1024 / 5) as usize));
        }
        if let Some(last) = words.last_mut().filter(|_| self.faults.usage_in_text) {
            last.push_str(DECOY);
        }
        words
    }

    /// The visible text as one.
    pub(super) fn text(&self) -> String {
        if self.faults.big_kb > 0 || self.faults.usage_in_text {
            return self.words().concat();
        }
        let mut text = String::with_capacity(self.usage.output_visible.min(4096) as usize * 8);
        for (space, word) in (0..self.usage.output_visible).map(|number| word(self.ask.hash, number)) {
            text.push_str(space);
            text.push_str(word);
        }
        text
    }

    /// A count as the answer tells it: true, or absurd when that was asked for.
    pub(super) fn count(&self, tokens: u64) -> Value {
        if !self.faults.bad_usage {
            return tokens.into();
        }
        match mix(self.ask.hash ^ tokens) % 5 {
            0 => Value::from(-7),
            1 => Value::from(u64::MAX),
            2 => Value::from(1.5),
            3 => Value::from("many"),
            _ => Value::from(1_000_000_000_000_000_000_u64),
        }
    }

    /// Whether the answer tells its usage.
    pub(super) fn tells_usage(&self) -> bool {
        !self.faults.no_usage
    }
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// An event of a stream: `event: NAME` when there is one, then the data.
pub(super) fn event(name: Option<&str>, data: &str) -> String {
    match name {
        Some(name) => format!("event: {name}\ndata: {data}\n\n"),
        None => format!("data: {data}\n\n"),
    }
}

/// Numbers of a vector, between -1 and 1, derived from the request.
pub(super) fn vector(hash: u64, item: usize, dimensions: usize) -> Vec<f64> {
    let start = mix(hash ^ item as u64);
    (0..dimensions).map(|place| (mix(start ^ place as u64) % 2001) as f64 / 1000.0 - 1.0).collect()
}
