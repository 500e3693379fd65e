//! Embeddings of OpenAI, lists of models, token counts, and the mock's own pages.

use super::answer::{Answer, Job, vector};
use super::record::Shared;
use super::route::{Dialect, Op};
use base64::Engine as _;
use serde_json::{Value, json};

/// Numbers in a vector: few, since nobody reads them.
const DIMENSIONS: usize = 16;

/// Embeddings in OpenAI's form.
pub(super) fn embeddings(job: &Job<'_>) -> Answer {
    let data: Vec<Value> = (0..job.ask.items)
        .map(|item| {
            let numbers = vector(job.ask.hash, item, DIMENSIONS);
            let embedding = if job.ask.base64 { Value::from(packed(&numbers)) } else { Value::from(numbers) };
            json!({ "object": "embedding", "index": item, "embedding": embedding })
        })
        .collect();
    let mut body = json!({ "object": "list", "data": data, "model": job.ask.model });
    if job.ask.dialect == Dialect::Mistral {
        body["id"] = json!(job.id);
    }
    if job.tells_usage() {
        let input = job.usage.input();
        body["usage"] = json!({ "prompt_tokens": job.count(input), "total_tokens": job.count(input) });
    }
    Answer { usage_told: job.tells_usage(), ..Answer::plain(body.to_string(), 0) }
}

/// Numbers as the OpenAI SDK asks for them: 32-bit floats, little-endian, base64.
#[expect(clippy::disallowed_types, reason = "the wire format of embeddings is 32-bit; no result depends on it")]
fn packed(numbers: &[f64]) -> String {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| (*number as f32).to_le_bytes()).collect();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A token count, which costs nothing.
pub(super) fn count(job: &Job<'_>) -> Answer {
    let input = job.usage.input();
    let body = match job.ask.dialect {
        Dialect::Gemini => json!({ "totalTokens": input, "promptTokensDetails": [{ "modality": "TEXT", "tokenCount": input }] }),
        _ => json!({ "input_tokens": input }),
    };
    Answer { usage_told: false, ..Answer::plain(body.to_string(), 0) }
}

/// Models that the lists name; any other name works as well.
const MODELS: [&str; 4] = ["mock-small", "mock-large", "mock-cache", "mock-reason"];

/// The list of models, or the version of Ollama.
pub(super) fn models(job: &Job<'_>) -> Answer {
    let list = |entry: &dyn Fn(&str) -> Value| Value::from(MODELS.iter().map(|name| entry(name)).collect::<Vec<_>>());
    let body = match (job.ask.dialect, job.ask.op) {
        (_, Op::Version) => json!({ "version": "0.40.12" }),
        (Dialect::Ollama, _) => json!({ "models": list(&|name| json!({
            "name": name, "model": name, "modified_at": "2026-01-01T00:00:00Z", "size": 4_000_000_000_u64, "digest": "0".repeat(64),
            "details": { "parent_model": "", "format": "gguf", "family": "mock", "families": ["mock"], "parameter_size": "8B", "quantization_level": "Q4_K_M" },
        })) }),
        (Dialect::Gemini, _) => json!({ "models": list(&|name| json!({
            "name": format!("models/{name}"), "version": "001", "displayName": name, "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        })) }),
        (Dialect::Anthropic, _) => json!({
            "data": list(&|name| json!({ "type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z" })),
            "has_more": false, "first_id": MODELS[0], "last_id": MODELS[MODELS.len() - 1],
        }),
        _ => json!({
            "object": "list",
            "data": list(&|name| json!({ "id": name, "object": "model", "created": job.created_s, "owned_by": "mock" })),
        }),
    };
    Answer { usage_told: false, ..Answer::plain(body.to_string(), 0) }
}

/// The mock's own pages: ledger, counters, health.
pub(super) fn own(op: Op, shared: &Shared) -> Answer {
    let body = match op {
        Op::Ledger => serde_json::to_string(&shared.records()),
        Op::Stats => serde_json::to_string(&shared.counts()),
        _ => Ok("{\"status\":\"ok\"}".to_owned()),
    };
    // Plain structs always become JSON; should they not, the page is empty.
    Answer { usage_told: false, ..Answer::plain(body.unwrap_or_default(), 0) }
}
