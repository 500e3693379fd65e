//! The names under which instrumentations write what a span says, newest first, and which spans are calls of a model.

/// Who served.
pub(crate) const PROVIDER: &[&str] = &["gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "ai.model.provider"];
/// The model that answered, or else the one that was asked.
pub(crate) const MODEL: &[&str] = &[
    "gen_ai.response.model",
    "ai.response.model",
    "llm.response.model",
    "gen_ai.request.model",
    "llm.model_name",
    "embedding.model_name",
    "llm.request.model",
    "ai.model.id",
];
/// Input tokens; what was read from or written to a cache is inside.
pub(crate) const INPUT: &[&str] = &[
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.usage.prompt_tokens",
    "llm.token_count.prompt",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
    "ai.usage.tokens",
];
/// Output tokens; reasoning is inside.
pub(crate) const OUTPUT: &[&str] = &[
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.usage.completion_tokens",
    "llm.token_count.completion",
    "ai.usage.outputTokens",
    "ai.usage.completionTokens",
];
/// Input read from a prompt cache.
pub(crate) const CACHE_READ: &[&str] = &[
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "llm.token_count.prompt_details.cache_read",
    "ai.usage.cachedInputTokens",
];
/// Input written to a prompt cache.
pub(crate) const CACHE_WRITE: &[&str] = &[
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "llm.token_count.prompt_details.cache_write",
];
/// Reasoning inside the output.
pub(crate) const REASONING: &[&str] = &[
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.output_tokens.reasoning",
    "llm.usage.reasoning_tokens",
    "llm.token_count.completion_details.reasoning",
    "ai.usage.reasoningTokens",
];
/// Images inside the input.
pub(crate) const IMAGE_INPUT: &[&str] = &["gen_ai.usage.image.input_tokens"];
/// Audio inside the input.
pub(crate) const AUDIO_INPUT: &[&str] = &["gen_ai.usage.audio.input_tokens", "llm.token_count.prompt_details.audio"];
/// Audio inside the output.
pub(crate) const AUDIO_OUTPUT: &[&str] = &["gen_ai.usage.audio.output_tokens", "llm.token_count.completion_details.audio"];
/// Seconds to the first part of the answer.
pub(crate) const FIRST_TOKEN_S: &[&str] = &["gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token"];
/// The same in milliseconds.
pub(crate) const FIRST_TOKEN_MS: &[&str] = &["ai.response.msToFirstChunk"];
/// Host that answered.
pub(crate) const ADDRESS: &[&str] = &["server.address"];
/// Kind of the tokens that a counter holds.
pub(crate) const MODALITY: &[&str] = &["gen_ai.token.modality"];
/// Why a call failed.
pub(crate) const ERROR: &[&str] = &["error.type"];
/// Who asked.
pub(crate) const USER: &[&str] = &["enduser.id", "user.id", "traceloop.association.properties.user_id", "ai.telemetry.metadata.userId"];
/// Names that become tags.
pub(crate) const TAGS: [(&str, &[&str]); 3] = [
    ("agent", &["gen_ai.agent.name"]),
    ("task", &["traceloop.entity.name", "ai.telemetry.functionId"]),
    ("workflow", &["gen_ai.workflow.name", "traceloop.workflow.name"]),
];

/// What was done, by the conventions for generative AI.
pub(crate) const OPERATION: &[&str] = &["gen_ai.operation.name"];
/// Kinds of span of OpenInference and OpenLLMetry.
pub(crate) const KIND: &[&str] = &["openinference.span.kind", "traceloop.span.kind"];
/// Operation of the Vercel AI SDK.
pub(crate) const VERCEL: &[&str] = &["ai.operationId", "operation.name"];

/// Spans of these operations are made of other spans, call no model, or fetch an answer that was counted when it was made.
const NO_MODEL: [&str; 9] =
    ["invoke_agent", "create_agent", "execute_tool", "invoke_workflow", "retrieval", "plan", "memory", "execute_task", "fetch_response"];

/// Whether a span can be a call of a model, by the words for what it does; empty words say nothing.
///
/// An outer span of the Vercel AI SDK repeats the usage of the inner ones that it waits for: the inner ones count.
pub(crate) fn may_call_model(operation: &str, kind: &str, vercel: &str) -> bool {
    let vercel = vercel.split_whitespace().next().unwrap_or_default();
    let outer = vercel.starts_with("ai.") && ![".doGenerate", ".doStream", ".doEmbed"].iter().any(|inner| vercel.ends_with(inner));
    let other = !kind.is_empty() && !["LLM", "EMBEDDING"].iter().any(|call| kind.eq_ignore_ascii_case(call));
    !NO_MODEL.contains(&operation) && !outer && !other
}
