//! The closed list of formats.

use books::Rank;
use std::fmt;
use std::str::FromStr;

/// A format that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// The plain table that any spreadsheet can write.
    BilanzUsage,
    /// The usage export of the `OpenAI` dashboard (CSV or TSV).
    OpenaiExport,
    /// Pages of the `OpenAI` usage API (JSON).
    OpenaiUsage,
    /// Pages of the Anthropic usage report (JSON).
    AnthropicUsage,
    /// Spend logs of the LiteLLM gateway (JSON array or JSON lines).
    LitellmSpend,
    /// OpenTelemetry spans with `gen_ai` attributes (OTLP JSON).
    OtlpSpans,
    /// Model invocation logs of Amazon Bedrock (JSON lines or array).
    BedrockInvocation,
    /// Observations of Langfuse (JSON array, JSON lines or CSV).
    Langfuse,
    /// What came of requests: accepted or not, and its value.
    BilanzOutcomes,
    /// The public Azure traces of language-model inference (CSV).
    AzureLlmTrace,
    /// The public Mooncake traces (JSON lines).
    MooncakeTrace,
}

/// A word that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown format `{word}`; one of: {known}")]
pub struct FormatError {
    /// The word as given.
    pub word: String,
    /// The formats that exist.
    pub known: String,
}

impl Format {
    /// Every format, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::BilanzUsage,
        Self::OpenaiExport,
        Self::OpenaiUsage,
        Self::AnthropicUsage,
        Self::LitellmSpend,
        Self::OtlpSpans,
        Self::BedrockInvocation,
        Self::Langfuse,
        Self::BilanzOutcomes,
        Self::AzureLlmTrace,
        Self::MooncakeTrace,
    ];

    /// The word for `--format`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BilanzUsage => "bilanz-usage",
            Self::OpenaiExport => "openai-export",
            Self::OpenaiUsage => "openai-usage",
            Self::AnthropicUsage => "anthropic-usage",
            Self::LitellmSpend => "litellm",
            Self::OtlpSpans => "otlp",
            Self::BedrockInvocation => "bedrock-invocation",
            Self::Langfuse => "langfuse",
            Self::BilanzOutcomes => "bilanz-outcomes",
            Self::AzureLlmTrace => "azure-llm-trace",
            Self::MooncakeTrace => "mooncake-trace",
        }
    }

    /// All words, for messages.
    #[must_use]
    pub fn list() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }

    /// The source name when `--source` says nothing: the word, but for outcomes, which belong to what the gateway tells.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::BilanzOutcomes => "gateway",
            other => other.as_str(),
        }
    }

    /// Rank of the format when the row does not decide it.
    pub(crate) const fn rank(self) -> Rank {
        match self {
            Self::LitellmSpend | Self::BilanzOutcomes => Rank::Gateway,
            Self::OtlpSpans | Self::Langfuse | Self::AzureLlmTrace | Self::MooncakeTrace => Rank::Span,
            // The provider's own log tells all calls of an account, those that the application tells as spans among them:
            // below the spans it fills what they leave out, beside them it would count twice.
            Self::BilanzUsage | Self::OpenaiExport | Self::OpenaiUsage | Self::AnthropicUsage | Self::BedrockInvocation => Rank::Bucket,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = FormatError;
    fn from_str(word: &str) -> Result<Self, FormatError> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == word)
            .ok_or_else(|| FormatError { word: word.to_owned(), known: Self::list() })
    }
}
