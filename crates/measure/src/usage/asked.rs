//! What a request asks for, and the few edits its body may suffer.

use super::Operation;
use bytes::Bytes;

/// What the body of a request says; texts are counted, never kept.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Model as spelt in the body or the path; empty when none is named.
    pub model: String,
    /// Whether the answer shall be a stream.
    pub stream: bool,
    /// Whether the client itself asked for the usage of the stream.
    pub usage_asked: bool,
    /// Most output tokens of one choice, when stated.
    pub max_output_tokens: Option<u64>,
    /// Answers asked for (`n`, `candidateCount`); 1 when not stated.
    pub choices: u32,
    /// User that the request names (`user`, `metadata.user_id`, `safety_identifier`); empty when none.
    pub user: String,
    /// Short text entries of `metadata`, sorted by name.
    pub metadata: Vec<(String, String)>,
    /// Bytes of text in the prompt, as JSON spells them; an upper bound of its tokens.
    pub text_bytes: u64,
    /// Estimate of the input tokens, from the kinds of characters.
    pub input_tokens_estimate: u64,
}

/// Why a body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the body is no JSON object that this operation takes: {0}")]
pub struct AskedError(pub String);

/// What shall be different in the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    /// Ask for the usage of the stream.
    pub ask_usage: bool,
    /// Name another model.
    pub model: Option<String>,
    /// Cap the output tokens.
    pub max_output_tokens: Option<u64>,
}

impl Asked {
    /// Reads the body of a request (already decompressed).
    ///
    /// # Errors
    /// When it is no JSON object, or nests deeper than 128.
    pub fn read(_operation: Operation, _path: &str, _body: &[u8]) -> Result<Self, AskedError> {
        Ok(Self { choices: 1, ..Self::default() })
    }

    /// The body with the edits spliced in; every other byte stays. `None` when nothing changes.
    #[must_use]
    pub fn edit(&self, _operation: Operation, _body: &Bytes, _edits: &Edits) -> Option<Bytes> {
        None
    }
}
