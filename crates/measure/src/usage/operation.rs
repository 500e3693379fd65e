//! Which operation of which dialect a path asks for.

/// The form in which a provider speaks; decides how credentials travel and how an error is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI and all that speak like it.
    Openai,
    /// Anthropic messages.
    Anthropic,
    /// Google Gemini and Vertex AI.
    Gemini,
    /// AWS Bedrock.
    Bedrock,
    /// Ollama's own API.
    Ollama,
}

/// What a request wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `POST …/chat/completions`.
    ChatCompletions,
    /// `POST …/completions`.
    Completions,
    /// `POST …/responses`.
    Responses,
    /// `POST …/embeddings`.
    Embeddings,
    /// `POST …/messages`.
    Messages,
    /// `POST …/models/MODEL:generateContent`.
    GenerateContent,
    /// `POST …/models/MODEL:streamGenerateContent`.
    StreamGenerateContent,
    /// `POST …/models/MODEL:embedContent` and `:batchEmbedContents`.
    EmbedContent,
    /// `POST /model/MODEL/converse`.
    Converse,
    /// `POST /model/MODEL/converse-stream`.
    ConverseStream,
    /// `POST /model/MODEL/invoke`.
    InvokeModel,
    /// `POST /model/MODEL/invoke-with-response-stream`.
    InvokeModelStream,
    /// `POST /api/chat`.
    OllamaChat,
    /// `POST /api/generate`.
    OllamaGenerate,
    /// `POST /api/embed` and `/api/embeddings`.
    OllamaEmbed,
    /// Another `POST`: it may run a model, and what it takes is unknown.
    Unknown,
    /// Lists, counts and the like: no model runs.
    NoModel,
}

/// What stands behind the last slash of paths that run no model: lists, counts, files, moderation and the like.
const NO_MODEL: &[&str] = &["count_tokens", "input_tokens", "moderations", "files", "uploads", "tokenize", "detokenize", "cancel"];
/// Ollama's calls that run no model.
const OLLAMA_NO_MODEL: &[&str] = &["show", "tags", "ps", "version", "pull", "push", "create", "copy", "delete", "blobs"];

impl Operation {
    /// The operation that a method and a path (behind the upstream's prefix, without query) ask for.
    ///
    /// Only `POST` runs models here. Batches of Anthropic (`/v1/messages/batches`) answer at once with a ticket and count
    /// as no model: their usage comes with their results. `/v1/moderations` counts as no model too: it is free, states no
    /// usage, and its classifier is far below any language model. Images, audio and other batches are [`Self::Unknown`].
    #[must_use]
    pub fn of(method: &str, path: &str) -> Self {
        if !method.eq_ignore_ascii_case("POST") {
            return Self::NoModel;
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let last = parts.last().copied().unwrap_or("");
        let before = parts.len().checked_sub(2).and_then(|index| parts.get(index)).copied().unwrap_or("");
        if let Some((_, call)) = last.rsplit_once(':').filter(|_| matches!(before, "models" | "endpoints" | "tunedModels")) {
            return gemini(call);
        }
        if let Some(call) = bedrock_call(&parts) {
            return match call {
                "converse" => Self::Converse,
                "converse-stream" => Self::ConverseStream,
                "invoke" => Self::InvokeModel,
                "invoke-with-response-stream" => Self::InvokeModelStream,
                "count-tokens" => Self::NoModel,
                _ => Self::Unknown,
            };
        }
        match (before, last) {
            ("chat", "completions") => Self::ChatCompletions,
            ("api", "chat") => Self::OllamaChat,
            ("api", "generate") => Self::OllamaGenerate,
            ("api", "embed" | "embeddings") => Self::OllamaEmbed,
            ("api", call) if OLLAMA_NO_MODEL.contains(&call) => Self::NoModel,
            ("blobs", _) if parts.contains(&"api") => Self::NoModel,
            ("messages", "count_tokens" | "batches") => Self::NoModel,
            ("batches", _) if parts.contains(&"messages") => Self::NoModel,
            (_, "cancel") if parts.contains(&"batches") || parts.contains(&"responses") => Self::NoModel,
            (_, "completions") => Self::Completions,
            (_, "responses") => Self::Responses,
            (_, "embeddings") => Self::Embeddings,
            // Threads of the assistants have messages too, which run nothing until a run is made.
            (_, "messages") if !parts.contains(&"threads") => Self::Messages,
            (_, call) if NO_MODEL.contains(&call) => Self::NoModel,
            _ => Self::Unknown,
        }
    }

    /// The dialect it belongs to.
    #[must_use]
    pub fn dialect(self) -> Dialect {
        match self {
            Self::ChatCompletions | Self::Completions | Self::Responses | Self::Embeddings | Self::Unknown | Self::NoModel => {
                Dialect::Openai
            }
            Self::Messages => Dialect::Anthropic,
            Self::GenerateContent | Self::StreamGenerateContent | Self::EmbedContent => Dialect::Gemini,
            Self::Converse | Self::ConverseStream | Self::InvokeModel | Self::InvokeModelStream => Dialect::Bedrock,
            Self::OllamaChat | Self::OllamaGenerate | Self::OllamaEmbed => Dialect::Ollama,
        }
    }

    /// The model that the path names, percent-decoded (Gemini, Bedrock, Azure deployments).
    #[must_use]
    pub fn model_in_path(self, path: &str) -> Option<String> {
        let (start, end) = self.model_place(path)?;
        Some(decoded(path.get(start..end)?))
    }

    /// The path with another model in it, for dialects that name it there.
    #[must_use]
    pub fn path_with_model(self, path: &str, model: &str) -> Option<String> {
        let (start, end) = self.model_place(path)?;
        Some(format!("{}{}{}", path.get(..start)?, encoded(model), path.get(end..)?))
    }

    /// Whether a model runs, as far as is known.
    #[must_use]
    pub fn runs_model(self) -> bool {
        self != Self::NoModel
    }

    /// Where in the path the model stands.
    fn model_place(self, path: &str) -> Option<(usize, usize)> {
        let (start, end) = match self.dialect() {
            Dialect::Gemini => {
                let start =
                    ["/models/", "/endpoints/", "/tunedModels/"].iter().filter_map(|key| Some(path.rfind(key)? + key.len())).max()?;
                (start, path.rfind(':')?)
            }
            Dialect::Bedrock => {
                let start = path.find("/model/")? + "/model/".len();
                (start, path.trim_end_matches('/').rfind('/')?)
            }
            Dialect::Openai => {
                let start = path.find("/deployments/")? + "/deployments/".len();
                (start, start + path.get(start..)?.find('/')?)
            }
            Dialect::Anthropic | Dialect::Ollama => return None,
        };
        (start < end).then_some((start, end))
    }
}

fn gemini(call: &str) -> Operation {
    match call {
        "generateContent" => Operation::GenerateContent,
        "streamGenerateContent" => Operation::StreamGenerateContent,
        "embedContent" | "batchEmbedContents" => Operation::EmbedContent,
        "countTokens" | "computeTokens" => Operation::NoModel,
        _ => Operation::Unknown,
    }
}

/// What is asked of Bedrock, in `/model/ID/CALL`. The ID is percent-encoded, but a slash in it may have been decoded on the way.
fn bedrock_call<'a>(parts: &[&'a str]) -> Option<&'a str> {
    let place = parts.iter().position(|part| *part == "model")?;
    (place == 0 && parts.len() >= 3).then(|| parts.last().copied()).flatten()
}

fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte == b'%'
            && let [high, low, after @ ..] = behind
            && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        {
            bytes.push((high << 4) | low);
            rest = after;
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn encoded(model: &str) -> String {
    let mut out = String::with_capacity(model.len());
    for byte in model.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let hex = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase();
            out.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    out
}
