//! Known paths of the answers of each operation.

use super::slot::Slot as S;
use super::slot::{Node, leaf, node, walk};

static OPENAI_IN: &[Node] = &[
    leaf("cached_tokens", S::CacheRead),
    leaf("cache_write_tokens", S::CacheWrite),
    leaf("audio_tokens", S::AudioInput),
    leaf("image_tokens", S::ImageInput),
];
static OPENAI_OUT: &[Node] =
    &[leaf("reasoning_tokens", S::Reasoning), leaf("audio_tokens", S::AudioOutput), leaf("image_tokens", S::ImageOutput)];
static OPENAI_USAGE: &[Node] = &[
    leaf("prompt_tokens", S::Input),
    leaf("completion_tokens", S::Output),
    leaf("total_tokens", S::Total),
    leaf("prompt_cache_hit_tokens", S::CacheRead),
    walk("prompt_tokens_details", OPENAI_IN),
    walk("completion_tokens_details", OPENAI_OUT),
    // Names of the newer interface, which some servers use here too.
    leaf("input_tokens", S::Input),
    leaf("output_tokens", S::Output),
    walk("input_tokens_details", OPENAI_IN),
    walk("output_tokens_details", OPENAI_OUT),
];
static ERROR: &[Node] = &[leaf("type", S::ErrorKind), leaf("code", S::ErrorCode), leaf("status", S::ErrorCode)];

static PARTS: &[Node] =
    &[node("*", S::None, &[leaf("text", S::Text), node("thinking", S::Reason, &[walk("*", &[leaf("text", S::Reason)])])])];
static FUNCTION: &[Node] = &[leaf("name", S::Text), leaf("arguments", S::Arguments)];
static MESSAGE: &[Node] = &[
    leaf("role", S::Role),
    node("content", S::Text, PARTS),
    leaf("refusal", S::Text),
    leaf("reasoning_content", S::Reason),
    leaf("reasoning", S::ReasonTwin),
    walk("tool_calls", &[walk("*", &[walk("function", FUNCTION), walk("custom", &[leaf("name", S::Text), leaf("input", S::Text)])])]),
    walk("function_call", FUNCTION),
    walk("audio", &[leaf("transcript", S::Text)]),
];
static CHOICES: &[Node] = &[node(
    "*",
    S::Choice,
    &[
        walk("delta", MESSAGE),
        walk("message", MESSAGE),
        leaf("text", S::Text),
        leaf("finish_reason", S::Finish),
        node("usage", S::Usage, OPENAI_USAGE),
    ],
)];
/// Chat completions and completions, whole and in pieces.
pub(super) static CHAT: &[Node] = &[
    leaf("id", S::AnswerId),
    leaf("model", S::Model),
    leaf("service_tier", S::Tier),
    walk("choices", CHOICES),
    node("usage", S::Usage, OPENAI_USAGE),
    node("error", S::Error, ERROR),
];
/// Embeddings.
pub(super) static EMBEDDINGS: &[Node] =
    &[leaf("id", S::AnswerId), leaf("model", S::Model), node("usage", S::Usage, OPENAI_USAGE), node("error", S::Error, ERROR)];

static RESPONSE: &[Node] = &[
    leaf("id", S::AnswerId),
    leaf("model", S::Model),
    leaf("service_tier", S::Tier),
    node("usage", S::Usage, OPENAI_USAGE),
    node("error", S::Error, ERROR),
];
static OUTPUT_ITEM: &[Node] = &[
    walk("content", &[walk("*", &[leaf("text", S::Text), leaf("refusal", S::Text)])]),
    walk("summary", &[walk("*", &[leaf("text", S::Reason)])]),
    leaf("name", S::Text),
    leaf("arguments", S::Arguments),
    leaf("input", S::Text),
    leaf("code", S::Text),
];
/// Responses, whole and as events.
pub(super) static RESPONSES: &[Node] = &[
    leaf("type", S::Kind),
    leaf("delta", S::Delta),
    leaf("id", S::AnswerId),
    leaf("model", S::Model),
    leaf("service_tier", S::Tier),
    walk("response", RESPONSE),
    walk("output", &[walk("*", OUTPUT_ITEM)]),
    node("usage", S::Usage, OPENAI_USAGE),
    leaf("code", S::ErrorCode),
    node("error", S::Error, ERROR),
];

static CACHE_CREATION: &[Node] =
    &[leaf("ephemeral_5m_input_tokens", S::CacheWriteShort), leaf("ephemeral_1h_input_tokens", S::CacheWriteLong)];
static ANTHROPIC_USAGE: &[Node] = &[
    leaf("input_tokens", S::Input),
    leaf("cache_read_input_tokens", S::CacheRead),
    leaf("cache_creation_input_tokens", S::CacheWrite),
    walk("cache_creation", CACHE_CREATION),
    leaf("output_tokens", S::Output),
    leaf("service_tier", S::Tier),
    leaf("inference_geo", S::Region),
];
static ANTHROPIC_START_USAGE: &[Node] = &[
    leaf("input_tokens", S::Input),
    leaf("cache_read_input_tokens", S::CacheRead),
    leaf("cache_creation_input_tokens", S::CacheWrite),
    walk("cache_creation", CACHE_CREATION),
    leaf("output_tokens", S::OutputSoFar),
    leaf("service_tier", S::Tier),
    leaf("inference_geo", S::Region),
];
static BLOCK: &[Node] = &[
    leaf("text", S::Text),
    leaf("thinking", S::Reason),
    leaf("name", S::Text),
    leaf("partial_json", S::Text),
    leaf("input", S::Arguments),
    leaf("stop_reason", S::Finish),
];
static START_BLOCK: &[Node] = &[leaf("text", S::Text), leaf("thinking", S::Reason), leaf("name", S::Text)];
static ANTHROPIC_START: &[Node] = &[leaf("id", S::AnswerId), leaf("model", S::Model), node("usage", S::Usage, ANTHROPIC_START_USAGE)];
/// Messages, whole and as events.
pub(super) static MESSAGES: &[Node] = &[
    leaf("type", S::Kind),
    leaf("id", S::AnswerId),
    leaf("model", S::Model),
    walk("message", ANTHROPIC_START),
    walk("delta", BLOCK),
    walk("content_block", START_BLOCK),
    walk("content", &[walk("*", BLOCK)]),
    node("usage", S::Usage, ANTHROPIC_USAGE),
    node("error", S::Error, ERROR),
];

static MODALITY: &[Node] = &[leaf("modality", S::Modality), leaf("tokenCount", S::ModalityTokens)];
static GEMINI_USAGE: &[Node] = &[
    leaf("promptTokenCount", S::Input),
    leaf("cachedContentTokenCount", S::CacheRead),
    leaf("candidatesTokenCount", S::Output),
    leaf("thoughtsTokenCount", S::Reasoning),
    leaf("toolUsePromptTokenCount", S::Tools),
    leaf("totalTokenCount", S::Total),
    node("promptTokensDetails", S::PromptDetails, &[node("*", S::PromptPart, MODALITY)]),
    node("candidatesTokensDetails", S::OutputDetails, &[node("*", S::OutputPart, MODALITY)]),
    node("cacheTokensDetails", S::CacheDetails, &[node("*", S::CachePart, MODALITY)]),
    leaf("trafficType", S::Region),
];
static GEMINI_PARTS: &[Node] =
    &[walk("*", &[leaf("text", S::Text), leaf("functionCall", S::Arguments), walk("executableCode", &[leaf("code", S::Text)])])];
/// `generateContent`, whole and in pieces.
pub(super) static GEMINI: &[Node] = &[
    walk("candidates", &[node("*", S::Choice, &[walk("content", &[walk("parts", GEMINI_PARTS)]), leaf("finishReason", S::Finish)])]),
    walk("promptFeedback", &[leaf("blockReason", S::Finish)]),
    node("usageMetadata", S::Usage, GEMINI_USAGE),
    leaf("modelVersion", S::Model),
    leaf("responseId", S::AnswerId),
    node("error", S::Error, ERROR),
];

static CONVERSE_USAGE: &[Node] = &[
    leaf("inputTokens", S::Input),
    leaf("outputTokens", S::Output),
    leaf("totalTokens", S::Total),
    leaf("cacheReadInputTokens", S::CacheRead),
    leaf("cacheWriteInputTokens", S::CacheWrite),
    leaf("cacheReadInputTokenCount", S::CacheRead),
    leaf("cacheWriteInputTokenCount", S::CacheWrite),
];
static CONVERSE_BLOCK: &[Node] = &[
    leaf("text", S::Text),
    walk("toolUse", &[leaf("name", S::Text), leaf("input", S::Arguments)]),
    walk("reasoningContent", &[leaf("text", S::Reason), walk("reasoningText", &[leaf("text", S::Reason)])]),
];
static CONVERSE_OUTPUT: &[Node] = &[walk("message", &[walk("content", &[walk("*", CONVERSE_BLOCK)])])];
static METRICS: &[Node] = &[leaf("latencyMs", S::Milliseconds)];
/// Converse, whole and as events.
pub(super) static CONVERSE: &[Node] = &[
    walk("output", CONVERSE_OUTPUT),
    walk("delta", CONVERSE_BLOCK),
    walk("start", CONVERSE_BLOCK),
    leaf("stopReason", S::Finish),
    node("usage", S::Usage, CONVERSE_USAGE),
    walk("metrics", METRICS),
    walk("serviceTier", &[leaf("type", S::Tier)]),
];

static INVOKE_METRICS: &[Node] = &[
    leaf("inputTokenCount", S::Input),
    leaf("outputTokenCount", S::Output),
    leaf("cacheReadInputTokenCount", S::CacheRead),
    leaf("cacheWriteInputTokenCount", S::CacheWrite),
    leaf("invocationLatency", S::Milliseconds),
];
static INVOKE_USAGE: &[Node] = &[
    leaf("input_tokens", S::Input),
    leaf("cache_read_input_tokens", S::CacheRead),
    leaf("cache_creation_input_tokens", S::CacheWrite),
    walk("cache_creation", CACHE_CREATION),
    leaf("output_tokens", S::Output),
    leaf("inputTokens", S::Input),
    leaf("outputTokens", S::Output),
    leaf("cacheReadInputTokenCount", S::CacheRead),
    leaf("cacheWriteInputTokenCount", S::CacheWrite),
    leaf("prompt_tokens", S::PromptTokens),
    leaf("completion_tokens", S::CompletionTokens),
    walk("prompt_tokens_details", OPENAI_IN),
    walk("completion_tokens_details", OPENAI_OUT),
];
/// `InvokeModel`: the bodies of several makers, whole and in pieces.
pub(super) static INVOKE: &[Node] = &[
    leaf("type", S::Kind),
    leaf("id", S::AnswerId),
    leaf("model", S::Model),
    walk("message", ANTHROPIC_START),
    walk("delta", BLOCK),
    walk("content_block", START_BLOCK),
    walk("content", &[walk("*", BLOCK)]),
    walk("output", CONVERSE_OUTPUT),
    walk("contentBlockDelta", &[walk("delta", CONVERSE_BLOCK)]),
    walk("metadata", &[node("usage", S::Usage, CONVERSE_USAGE), walk("metrics", METRICS)]),
    leaf("embedding", S::Embedding),
    leaf("embeddings", S::Embedding),
    leaf("stop_reason", S::Finish),
    leaf("generation", S::Text),
    leaf("prompt_token_count", S::Input),
    leaf("generation_token_count", S::Output),
    leaf("outputText", S::Text),
    leaf("inputTextTokenCount", S::Input),
    walk("results", &[walk("*", &[leaf("outputText", S::Text), leaf("tokenCount", S::Output)])]),
    leaf("totalOutputTextTokenCount", S::Output),
    walk("outputs", &[walk("*", &[leaf("text", S::Text)])]),
    leaf("text", S::Text),
    walk("choices", CHOICES),
    node("usage", S::Usage, INVOKE_USAGE),
    node("amazon-bedrock-invocationMetrics", S::LastUsage, INVOKE_METRICS),
    node("error", S::Error, ERROR),
];

/// Ollama's lines and bodies.
pub(super) static OLLAMA: &[Node] = &[
    leaf("model", S::Model),
    leaf("response", S::Text),
    leaf("thinking", S::Reason),
    walk(
        "message",
        &[leaf("content", S::Text), leaf("thinking", S::Reason), walk("tool_calls", &[walk("*", &[walk("function", FUNCTION)])])],
    ),
    leaf("done", S::Finished),
    leaf("prompt_eval_count", S::Input),
    leaf("prompt_eval_cached_count", S::CacheRead),
    leaf("eval_count", S::Output),
    leaf("total_duration", S::Nanoseconds),
    node("error", S::Error, ERROR),
];

/// Answers of unknown operations: usage as OpenAI writes it, at its usual place.
pub(super) static UNKNOWN: &[Node] = CHAT;
/// Answers without usage.
pub(super) static NOTHING: &[Node] = &[node("error", S::Error, ERROR)];
