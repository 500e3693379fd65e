//! What a method and a path ask of the mock; written on its own, so that it can prove the gateway wrong.

/// Whose form the answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Openai,
    Azure,
    Mistral,
    Anthropic,
    Gemini,
    Bedrock,
    Ollama,
    /// The mock's own pages.
    Mock,
}

impl Dialect {
    /// Its name in the ledger.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Azure => "azure",
            Self::Mistral => "mistral",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Bedrock => "bedrock",
            Self::Ollama => "ollama",
            Self::Mock => "mock",
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    ChatCompletions,
    Completions,
    Responses,
    Embeddings,
    Messages,
    GenerateContent,
    StreamGenerateContent,
    EmbedContent,
    BatchEmbedContents,
    Converse,
    ConverseStream,
    InvokeModel,
    InvokeModelStream,
    OllamaChat,
    OllamaGenerate,
    OllamaEmbed,
    OllamaEmbeddings,
    CountTokens,
    Models,
    Version,
    Ledger,
    Stats,
    Health,
    Unknown,
}

impl Op {
    /// Its name in the ledger.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat_completions",
            Self::Completions => "completions",
            Self::Responses => "responses",
            Self::Embeddings => "embeddings",
            Self::Messages => "messages",
            Self::GenerateContent => "generate_content",
            Self::StreamGenerateContent => "stream_generate_content",
            Self::EmbedContent => "embed_content",
            Self::BatchEmbedContents => "batch_embed_contents",
            Self::Converse => "converse",
            Self::ConverseStream => "converse_stream",
            Self::InvokeModel => "invoke_model",
            Self::InvokeModelStream => "invoke_model_stream",
            Self::OllamaChat => "ollama_chat",
            Self::OllamaGenerate => "ollama_generate",
            Self::OllamaEmbed => "ollama_embed",
            Self::OllamaEmbeddings => "ollama_embeddings",
            Self::CountTokens => "count_tokens",
            Self::Models => "models",
            Self::Version => "version",
            Self::Ledger => "ledger",
            Self::Stats => "stats",
            Self::Health => "health",
            Self::Unknown => "unknown",
        }
    }

    /// Whether a model runs, so that the request has a body and usage.
    pub(super) fn runs_model(self) -> bool {
        !matches!(self, Self::CountTokens | Self::Models | Self::Version | Self::Ledger | Self::Stats | Self::Health | Self::Unknown)
    }

    /// Whether the answer has no output tokens.
    pub(super) fn embeds(self) -> bool {
        matches!(self, Self::Embeddings | Self::EmbedContent | Self::BatchEmbedContents | Self::OllamaEmbed | Self::OllamaEmbeddings)
    }
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) dialect: Dialect,
    pub(super) op: Op,
    /// The model that the path names, percent-decoded.
    pub(super) model: Option<String>,
}

impl Route {
    /// Reads method and path; `anthropic` tells that the request has an `anthropic-version` header.
    pub(super) fn of(method: &str, path: &str, anthropic: bool) -> Self {
        let (dialect, op, model) = if method == "POST" { post(path) } else { get(path, anthropic) };
        Self { dialect, op, model }
    }
}

type Found = (Dialect, Op, Option<String>);

fn post(path: &str) -> Found {
    if let Some((model, verb)) = path.rsplit_once("/models/").and_then(|(_, rest)| rest.rsplit_once(':')) {
        let op = match verb {
            "generateContent" => Op::GenerateContent,
            "streamGenerateContent" => Op::StreamGenerateContent,
            "embedContent" => Op::EmbedContent,
            "batchEmbedContents" => Op::BatchEmbedContents,
            "countTokens" => Op::CountTokens,
            _ => Op::Unknown,
        };
        return (Dialect::Gemini, op, Some(decoded(model)));
    }
    if let Some((model, verb)) = path.rsplit_once("/model/").and_then(|(_, rest)| rest.rsplit_once('/')) {
        let op = match verb {
            "converse" => Op::Converse,
            "converse-stream" => Op::ConverseStream,
            "invoke" => Op::InvokeModel,
            "invoke-with-response-stream" => Op::InvokeModelStream,
            _ => Op::Unknown,
        };
        return (Dialect::Bedrock, op, Some(decoded(model)));
    }
    for (end, op) in [
        ("/api/chat", Op::OllamaChat),
        ("/api/generate", Op::OllamaGenerate),
        ("/api/embed", Op::OllamaEmbed),
        ("/api/embeddings", Op::OllamaEmbeddings),
    ] {
        if path.ends_with(end) {
            return (Dialect::Ollama, op, None);
        }
    }
    if path.ends_with("/messages") {
        return (Dialect::Anthropic, Op::Messages, None);
    }
    if path.ends_with("/messages/count_tokens") {
        return (Dialect::Anthropic, Op::CountTokens, None);
    }
    let deployment = path.split_once("/openai/deployments/").and_then(|(_, rest)| rest.split_once('/')).map(|(name, _)| decoded(name));
    let dialect = if path.contains("/openai/") { Dialect::Azure } else { Dialect::Openai };
    for (end, op) in [
        ("/chat/completions", Op::ChatCompletions),
        ("/completions", Op::Completions),
        ("/responses", Op::Responses),
        ("/embeddings", Op::Embeddings),
    ] {
        if path.ends_with(end) {
            return (dialect, op, deployment);
        }
    }
    (Dialect::Openai, Op::Unknown, None)
}

fn get(path: &str, anthropic: bool) -> Found {
    let (dialect, op) = match path {
        "/mock/ledger" => (Dialect::Mock, Op::Ledger),
        "/mock/stats" => (Dialect::Mock, Op::Stats),
        "/" | "/health" => (Dialect::Mock, Op::Health),
        _ if path.ends_with("/api/tags") => (Dialect::Ollama, Op::Models),
        _ if path.ends_with("/api/version") => (Dialect::Ollama, Op::Version),
        _ if path.contains("/v1beta") && path.ends_with("/models") => (Dialect::Gemini, Op::Models),
        _ if path.ends_with("/models") && anthropic => (Dialect::Anthropic, Op::Models),
        _ if path.ends_with("/models") => (Dialect::Openai, Op::Models),
        _ => (Dialect::Openai, Op::Unknown),
    };
    (dialect, op, None)
}

/// Percent-encoding undone; what is no encoding stays as it is.
pub(super) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while let Some(&byte) = bytes.get(place) {
        let hex = bytes.get(place + 1..place + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match hex.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| byte == b'%') {
            Some(value) => {
                out.push(value);
                place += 3;
            }
            None => {
                out.push(byte);
                place += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Dialect, Op, Route};

    #[test]
    fn paths_of_every_dialect_are_known() {
        let cases = [
            ("POST", "/v1/chat/completions", Dialect::Openai, Op::ChatCompletions, None),
            ("POST", "/openai/deployments/my-gpt/chat/completions", Dialect::Azure, Op::ChatCompletions, Some("my-gpt")),
            ("POST", "/openai/v1/responses", Dialect::Azure, Op::Responses, None),
            ("POST", "/v1/messages", Dialect::Anthropic, Op::Messages, None),
            (
                "POST",
                "/v1beta/models/gemini-2.5-pro:streamGenerateContent",
                Dialect::Gemini,
                Op::StreamGenerateContent,
                Some("gemini-2.5-pro"),
            ),
            (
                "POST",
                "/v1/projects/p/locations/l/publishers/google/models/g:generateContent",
                Dialect::Gemini,
                Op::GenerateContent,
                Some("g"),
            ),
            ("POST", "/model/anthropic.claude-v1%3A0/converse-stream", Dialect::Bedrock, Op::ConverseStream, Some("anthropic.claude-v1:0")),
            ("POST", "/api/embed", Dialect::Ollama, Op::OllamaEmbed, None),
            ("GET", "/api/tags", Dialect::Ollama, Op::Models, None),
            ("GET", "/mock/stats", Dialect::Mock, Op::Stats, None),
            ("POST", "/v1/audio/speech", Dialect::Openai, Op::Unknown, None),
        ];
        for (method, path, dialect, op, model) in cases {
            let route = Route::of(method, path, false);
            assert_eq!((route.dialect, route.op, route.model.as_deref()), (dialect, op, model), "{method} {path}");
        }
    }
}
