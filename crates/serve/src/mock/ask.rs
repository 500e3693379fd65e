//! What a body asks for: model, stream, limit, and the size and digest of the prompt. The prompt itself is not kept.

use super::route::{Dialect, Op, Route};
use super::tokens::{TrueUsage, digest};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A request as far as the mock needs it.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) dialect: Dialect,
    pub(super) op: Op,
    /// The model without fault suffixes.
    pub(super) model: String,
    pub(super) stream: bool,
    /// `stream_options.include_usage`.
    pub(super) include_usage: bool,
    /// Length of the prompt's fields as JSON, in bytes.
    pub(super) prompt_bytes: u64,
    /// Digest of the prompt and the model; words and counts follow from it.
    pub(super) hash: u64,
    /// Most output tokens that the caller wants.
    pub(super) limit: Option<u64>,
    /// Inputs of an embedding request.
    pub(super) items: usize,
    /// Embeddings as base64 instead of numbers.
    pub(super) base64: bool,
    /// Usage that the request itself dictates (`x-mock-usage`).
    pub(super) told: Option<TrueUsage>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Raw<'a> {
    model: Option<String>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    encoding_format: Option<String>,
    max_tokens: Option<u64>,
    max_completion_tokens: Option<u64>,
    max_output_tokens: Option<u64>,
    #[serde(rename = "generationConfig", alias = "generation_config")]
    generation: Option<Limits>,
    #[serde(rename = "inferenceConfig")]
    inference: Option<Limits>,
    options: Option<Limits>,
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    #[serde(borrow)]
    system: Option<&'a RawValue>,
    #[serde(borrow)]
    instructions: Option<&'a RawValue>,
    #[serde(borrow)]
    prompt: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    contents: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    requests: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Limits {
    #[serde(rename = "maxOutputTokens", alias = "maxTokens", alias = "num_predict", alias = "max_output_tokens")]
    max: Option<i64>,
}

impl Ask {
    /// A request that asks for nothing yet.
    pub(super) fn empty(dialect: Dialect, op: Op) -> Self {
        Self {
            dialect,
            op,
            model: String::new(),
            stream: false,
            include_usage: false,
            prompt_bytes: 0,
            hash: 0,
            limit: None,
            items: 1,
            base64: false,
            told: None,
        }
    }

    /// Reads a body.
    ///
    /// # Errors
    /// What is wrong with it, without a word of its content.
    pub(super) fn read(route: &Route, headers: &HeaderMap, body: &[u8]) -> Result<Self, String> {
        let raw: Raw<'_> = serde_json::from_slice(body).map_err(|error| {
            format!("We could not parse the JSON body of your request (line {}, column {}).", error.line(), error.column())
        })?;
        let mut ask = Self::empty(route.dialect, route.op);
        ask.model = match route.model.clone().or(raw.model) {
            Some(model) if !model.is_empty() => model,
            _ => return Err("you must provide a model parameter".to_owned()),
        };
        if ask.dialect == Dialect::Openai && ["mistral", "ministral", "codestral", "magistral"].iter().any(|name| ask.model.contains(name))
        {
            ask.dialect = Dialect::Mistral;
        }
        ask.stream = match route.op {
            Op::StreamGenerateContent | Op::ConverseStream | Op::InvokeModelStream => true,
            Op::OllamaChat | Op::OllamaGenerate => raw.stream.unwrap_or(true),
            Op::ChatCompletions | Op::Completions | Op::Responses | Op::Messages => raw.stream.unwrap_or(false),
            _ => false,
        };
        ask.include_usage = raw.stream_options.is_some_and(|options| options.include_usage);
        ask.base64 = raw.encoding_format.as_deref() == Some("base64");
        let nested = [raw.generation, raw.inference, raw.options].into_iter().flatten().find_map(|limits| limits.max);
        let nested = nested.and_then(|limit| u64::try_from(limit).ok());
        ask.limit = raw.max_completion_tokens.or(raw.max_output_tokens).or(raw.max_tokens).or(nested);
        let inputs = raw.input.or(raw.requests).or(raw.content);
        ask.items = inputs.map_or(1, items);
        let parts = [raw.system, raw.instructions, raw.messages, raw.prompt, raw.input, raw.contents, raw.content, raw.requests];
        for part in parts.into_iter().flatten() {
            ask.prompt_bytes += part.get().len() as u64;
            ask.hash = digest(ask.hash, part.get().as_bytes());
        }
        ask.told = headers.get("x-mock-usage").and_then(|value| value.to_str().ok()).map(told).transpose()?;
        Ok(ask)
    }
}

/// How many texts an embedding request holds: a list of texts or of token lists has several, all else is one.
fn items(raw: &RawValue) -> usize {
    match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
        Ok(list) if list.first().is_some_and(|first| first.get().starts_with(['"', '[', '{'])) => list.len(),
        _ => 1,
    }
}

/// `input=10,cache_read=2,cache_write=1,output=7,reasoning=3`; classes left out are not used.
fn told(text: &str) -> Result<TrueUsage, String> {
    let mut usage = TrueUsage { input_uncached: 1, output_visible: 1, ..TrueUsage::default() };
    for part in text.split(',') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value: u64 = value.trim().parse().map_err(|_| format!("x-mock-usage: `{part}` is not NAME=TOKENS"))?;
        match name.trim() {
            "input" => usage.input_uncached = value,
            "cache_read" => usage.cache_read = value,
            "cache_write" => usage.cache_write = value,
            "output" => usage.output_visible = value,
            "reasoning" => usage.reasoning = value,
            _ => return Err(format!("x-mock-usage: `{name}` is none of input, cache_read, cache_write, output, reasoning")),
        }
    }
    Ok(usage)
}
