//! What a request asks for, and the few edits its body may suffer.

use super::body::{self, Places};
use super::{Operation, edit};
use bytes::Bytes;

/// What the body of a request says; texts are counted, never kept.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Model as spelt in the path or, when that names none, in the body; empty when none is named.
    pub model: String,
    /// Whether the answer shall be a stream.
    pub stream: bool,
    /// Whether the client itself asked for the usage of the stream.
    pub usage_asked: bool,
    /// Most output tokens of one choice, when stated; the largest when stated under several names.
    pub max_output_tokens: Option<u64>,
    /// Answers asked for (`n`, `candidateCount`); 1 when not stated.
    pub choices: u32,
    /// User that the request names (`user`, `metadata.user_id`, `safety_identifier`); empty when none.
    pub user: String,
    /// Short text entries of `metadata`, sorted by name.
    pub metadata: Vec<(String, String)>,
    /// Bytes of text in the prompt as JSON spells them, and 8 for each message or tool: an upper bound of its tokens,
    /// but for what is not in the body as text (see [`Self::beyond_body`] and [`Self::media`]).
    pub text_bytes: u64,
    /// Estimate of the input tokens that the texts of the body make, from the kinds of characters; see the table at
    /// the text meter for its measured error.
    pub input_tokens_estimate: u64,
    /// Whether the body points to input elsewhere: links to images or files, file ids, earlier responses, caches.
    pub beyond_body: bool,
    /// Whether the body holds images, sound or files as base64, which count nothing as text.
    pub media: bool,
    /// Where in the body the values stand that may be edited.
    pub places: Places,
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
    /// What rules depend on may stand only once, in its own spelling: a body that could be read in two ways is refused.
    /// For [`Operation::NoModel`], and for [`Operation::Unknown`] without a JSON object, nothing is known and nothing refused.
    ///
    /// # Errors
    /// When it is no JSON object, nests deeper than 128, repeats a known key, spells one in another case, or gives one a value of
    /// another type.
    pub fn read(operation: Operation, path: &str, body: &[u8]) -> Result<Self, AskedError> {
        let mut asked = Self { choices: 1, ..Self::default() };
        let no_object = body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{');
        match operation {
            Operation::NoModel => return Ok(asked),
            Operation::Unknown if no_object => {
                asked.beyond_body = true;
                return Ok(asked);
            }
            Operation::OllamaChat
            | Operation::OllamaGenerate
            | Operation::StreamGenerateContent
            | Operation::ConverseStream
            | Operation::InvokeModelStream => asked.stream = true,
            _ => {}
        }
        body::read(operation, body, &mut asked)?;
        if let Some(model) = operation.model_in_path(path) {
            asked.model = model;
            asked.places.model_in_path = true;
        }
        Ok(asked)
    }

    /// The body with the edits spliced in; every other byte stays. `None` when nothing changes.
    ///
    /// Usage is asked for only of streams of chat completions and completions, where it is an option. A model is put into a body
    /// that names one, or into one without where the path names none either. A cap on the output only ever lowers; where no
    /// limit is stated it is inserted as `max_completion_tokens` (chat), `max_tokens` (completions, messages),
    /// `max_output_tokens` (responses), `generationConfig.maxOutputTokens`, `inferenceConfig.maxTokens` or
    /// `options.num_predict`; bodies of `InvokeModel` differ by maker, there only a stated limit is lowered.
    #[must_use]
    pub fn edit(&self, operation: Operation, body: &Bytes, edits: &Edits) -> Option<Bytes> {
        edit::edit(self, operation, body, edits)
    }
}
