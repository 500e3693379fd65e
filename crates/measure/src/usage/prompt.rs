//! Gauges the prompt within a body: its texts, and what of it is no text or stands elsewhere.

use super::json_body::{Begins, Reader, Span};
use super::text::TextMeter;
use super::{Asked, AskedError};

/// Tokens that a chat template puts around a message or a tool.
const AROUND_MESSAGE: u64 = 4;
/// Bytes that stand for them in the upper bound.
const AROUND_MESSAGE_BYTES: u64 = 8;
/// A string under the key of a blob that is shorter is taken for text.
const SHORTEST_BLOB: usize = 64;

/// How a value is gauged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// No part of the prompt.
    Silent,
    /// Texts of the prompt.
    Text,
    /// Words of the structure (`role`, `type`): bytes for the upper bound only.
    Frame,
    /// A schema: its keys are text too.
    Schema,
    /// Perhaps a blob in base64.
    Blob,
    /// A reference to something outside of the body.
    Beyond,
}

/// What was gauged so far.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    text: TextMeter,
    text_bytes: u64,
    tokens: u64,
    beyond: bool,
    media: bool,
}

impl Gauge {
    /// A value at the top of the body.
    pub(super) fn top(&mut self, reader: &mut Reader<'_>, key: Span) -> Result<(), AskedError> {
        let part = match reader.of(key) {
            b"tools" | b"functions" | b"toolConfig" | b"tool_config" | b"response_format" | b"text" | b"format" | b"output_config" => {
                Part::Schema
            }
            b"temperature" | b"top_p" | b"reasoning_effort" | b"service_tier" | b"seed" | b"logit_bias" | b"prompt_cache_key"
            | b"keep_alive" | b"encoding_format" | b"anthropic_version" | b"safetySettings" | b"include" | b"modalities"
            | b"truncation" | b"tool_choice" | b"thinking" | b"reasoning" | b"store" | b"verbosity" | b"guardrailConfig" => Part::Silent,
            b"images" => Part::Blob,
            name => beyond(name).unwrap_or(Part::Text),
        };
        if reader.begins()? == Begins::List && matches!(part, Part::Text | Part::Schema) {
            let mut more = reader.open(b']')?;
            while more {
                if reader.begins()? == Begins::Object {
                    self.tokens += AROUND_MESSAGE;
                    self.text_bytes += AROUND_MESSAGE_BYTES;
                }
                self.value(reader, part)?;
                more = reader.more(b']')?;
            }
            return Ok(());
        }
        self.value(reader, part)
    }

    /// A value among the settings: schemas of the answer are text.
    pub(super) fn setting(&mut self, reader: &mut Reader<'_>, key: Span) -> Result<(), AskedError> {
        let schema = matches!(reader.of(key), b"responseSchema" | b"response_schema" | b"responseJsonSchema" | b"response_json_schema");
        self.value(reader, if schema { Part::Schema } else { Part::Silent })
    }

    /// Any value.
    pub(super) fn value(&mut self, reader: &mut Reader<'_>, part: Part) -> Result<(), AskedError> {
        match reader.begins()? {
            Begins::Object => {
                let mut more = reader.open(b'}')?;
                if part == Part::Beyond {
                    self.beyond = true;
                }
                while more {
                    let key = reader.key()?;
                    if part == Part::Schema {
                        self.string(reader, key, Part::Text);
                    }
                    self.value(reader, below(part, reader.of(key)))?;
                    more = reader.more(b'}')?;
                }
            }
            Begins::List => {
                let mut more = reader.open(b']')?;
                while more {
                    self.value(reader, part)?;
                    more = reader.more(b']')?;
                }
            }
            Begins::String => {
                let span = reader.string()?;
                self.string(reader, span, part);
            }
            Begins::Other => {
                let span = reader.literal()?;
                // A number in a prompt is a token as such (`prompt` and `input` take lists of them) or an argument.
                if matches!(part, Part::Text | Part::Schema) {
                    self.tokens += 1;
                    self.text_bytes += (span.end - span.start) as u64;
                }
            }
        }
        Ok(())
    }

    fn string(&mut self, reader: &Reader<'_>, span: Span, part: Part) {
        let text = reader.of(span);
        match part {
            Part::Silent => {}
            Part::Beyond => self.beyond |= !text.is_empty(),
            Part::Frame => self.text_bytes += text.len() as u64,
            Part::Text | Part::Schema | Part::Blob => {
                if is_data_url(text) || (part == Part::Blob && is_base64(text)) {
                    self.media = true;
                } else if is_link(text) && part == Part::Blob {
                    self.beyond = true;
                } else {
                    self.text_bytes += text.len() as u64;
                    self.text.start_part();
                    spelt(&mut self.text, text);
                }
            }
        }
    }

    /// Hands over what was gauged.
    pub(super) fn into_asked(self, asked: &mut Asked) {
        asked.text_bytes = self.text_bytes;
        asked.input_tokens_estimate = self.text.tokens() + self.tokens;
        asked.beyond_body = self.beyond;
        asked.media = self.media;
    }
}

/// How the value of a key is gauged within a prompt.
fn below(part: Part, key: &[u8]) -> Part {
    if part == Part::Schema || part == Part::Silent {
        return part;
    }
    match key {
        b"role" | b"type" | b"id" | b"tool_call_id" | b"tool_use_id" | b"toolUseId" | b"call_id" | b"status" | b"media_type"
        | b"mimeType" | b"mime_type" | b"detail" | b"format" | b"filename" | b"cache_control" | b"cachePoint" => Part::Frame,
        b"input_schema" | b"inputSchema" | b"parameters" | b"input" | b"args" | b"response" | b"arguments" => Part::Schema,
        b"data" | b"bytes" | b"file_data" | b"b64_json" | b"images" | b"url" | b"image_url" | b"signature" | b"thoughtSignature"
        | b"thought_signature" => Part::Blob,
        name => beyond(name).unwrap_or(part),
    }
}

/// Keys that point to input elsewhere.
fn beyond(key: &[u8]) -> Option<Part> {
    let known = matches!(
        key,
        b"file_id"
            | b"file_url"
            | b"fileUri"
            | b"file_uri"
            | b"fileData"
            | b"file_data_uri"
            | b"s3Location"
            | b"previous_response_id"
            | b"conversation"
            | b"cachedContent"
            | b"cached_content"
            | b"encrypted_content"
            | b"container"
            | b"vector_store_ids"
            | b"context"
    );
    known.then_some(Part::Beyond)
}

fn is_data_url(text: &[u8]) -> bool {
    text.starts_with(b"data:") && text.get(..256.min(text.len())).is_some_and(|head| memchr::memmem::find(head, b";base64,").is_some())
}

fn is_link(text: &[u8]) -> bool {
    [&b"http://"[..], b"https://", b"gs://", b"s3://"].iter().any(|scheme| text.starts_with(scheme))
}

/// Whether a string looks like base64: judged by its ends, since blobs are long.
fn is_base64(text: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=' | b'\\');
    text.len() >= SHORTEST_BLOB && text.iter().take(256).all(plain) && text.iter().rev().take(64).all(plain)
}

/// Feeds a string as JSON spells it: escapes stand for one character each.
fn spelt(meter: &mut TextMeter, text: &[u8]) {
    let mut rest = text;
    while let Some(place) = memchr::memchr(b'\\', rest) {
        let (plain, escape) = rest.split_at(place);
        meter.push(plain);
        let (decoded, length): (&[u8], usize) = match escape.get(1) {
            Some(b'n' | b'r') => (b"\n", 2),
            Some(b't') => (b"\t", 2),
            Some(b'u') => (unicode(escape), 6),
            Some(b'"') => (b"\"", 2),
            _ => (b"\\", 2),
        };
        meter.push(decoded);
        rest = escape.get(length..).unwrap_or_default();
    }
    meter.push(rest);
}

/// A character of the kind that an escape such as `\u4f60` stands for.
fn unicode(escape: &[u8]) -> &'static [u8] {
    match escape.get(2..6).and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
        Some(0..0x80) => b"u",
        Some(0x80..0x300) => "ä".as_bytes(),
        Some(0x300..0x2000) => "ж".as_bytes(),
        Some(0x3000..0xA000) => "中".as_bytes(),
        Some(0xDC00..0xE000) => b"",
        _ => "한".as_bytes(),
    }
}
