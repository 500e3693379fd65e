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

impl Operation {
    /// The operation that a method and a path (behind the upstream's prefix, without query) ask for.
    #[must_use]
    pub fn of(_method: &str, path: &str) -> Self {
        if path.ends_with("/chat/completions") { Self::ChatCompletions } else { Self::Unknown }
    }

    /// The dialect it belongs to.
    #[must_use]
    pub fn dialect(self) -> Dialect {
        Dialect::Openai
    }

    /// The model that the path names, percent-decoded (Gemini, Bedrock, Azure deployments).
    #[must_use]
    pub fn model_in_path(self, _path: &str) -> Option<String> {
        None
    }

    /// The path with another model in it, for dialects that name it there.
    #[must_use]
    pub fn path_with_model(self, _path: &str, _model: &str) -> Option<String> {
        None
    }

    /// Whether a model runs, as far as is known.
    #[must_use]
    pub fn runs_model(self) -> bool {
        self != Self::NoModel
    }
}
