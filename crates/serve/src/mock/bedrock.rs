//! Bedrock: Converse and InvokeModel (with Anthropic's body), whole and as binary event streams.

use super::answer::{Answer, Framing, Job, Piece};
use super::{anthropic, event_stream};
use base64::Engine as _;
use serde_json::{Value, json};

fn usage(job: &Job<'_>) -> Value {
    let used = &job.usage;
    json!({
        "inputTokens": job.count(used.input_uncached),
        "outputTokens": job.count(used.output()),
        "totalTokens": job.count(used.input() + used.output()),
        "cacheReadInputTokens": job.count(used.cache_read),
        "cacheWriteInputTokens": job.count(used.cache_write),
    })
}

fn stop(job: &Job<'_>) -> &'static str {
    if job.cut { "max_tokens" } else { "end_turn" }
}

/// Converse, whole.
pub(super) fn converse(job: &Job<'_>) -> Answer {
    let mut body = json!({
        "output": { "message": { "role": "assistant", "content": [{ "text": job.text() }] } },
        "stopReason": stop(job),
        "metrics": { "latencyMs": 1 },
    });
    if job.tells_usage() {
        body["usage"] = usage(job);
    }
    Answer { usage_told: job.tells_usage(), ..Answer::plain(body.to_string(), job.usage.output_visible) }
}

/// Converse as events; the last one tells the usage.
pub(super) fn converse_stream(job: &Job<'_>) -> Answer {
    let piece = |kind: &str, payload: Value, tokens: u32| Piece::new(event_stream::event(kind, &payload.to_string()), tokens);
    let mut pieces = vec![piece("messageStart", json!({ "role": "assistant", "p": "abcd" }), 0)];
    pieces.extend(
        job.words()
            .into_iter()
            .map(|word| piece("contentBlockDelta", json!({ "contentBlockIndex": 0, "delta": { "text": word }, "p": "abcdefgh" }), 1)),
    );
    pieces.push(piece("contentBlockStop", json!({ "contentBlockIndex": 0, "p": "ab" }), 0));
    pieces.push(piece("messageStop", json!({ "stopReason": stop(job), "p": "abcdef" }), 0));
    let mut metadata = json!({ "metrics": { "latencyMs": 1 }, "p": "abc" });
    if job.tells_usage() {
        metadata["usage"] = usage(job);
    }
    pieces.push(piece("metadata", metadata, 0));
    Answer { usage_told: job.tells_usage(), ..Answer::stream(Framing::Events, pieces) }
}

/// InvokeModel, whole: Anthropic's body, and the usage in the head too.
pub(super) fn invoke(job: &Job<'_>) -> Answer {
    let mut answer = Answer::plain(anthropic::whole(job).to_string(), job.usage.output_visible);
    answer.usage_told = job.tells_usage();
    let used = &job.usage;
    answer.headers.push(("x-amzn-bedrock-invocation-latency", "1".to_owned()));
    if job.tells_usage() {
        let number = |tokens: u64| job.count(tokens).to_string();
        answer.headers.extend([
            ("x-amzn-bedrock-input-token-count", number(used.input_uncached)),
            ("x-amzn-bedrock-output-token-count", number(used.output())),
            ("x-amzn-bedrock-cache-read-input-token-count", number(used.cache_read)),
            ("x-amzn-bedrock-cache-write-input-token-count", number(used.cache_write)),
        ]);
    }
    answer
}

/// InvokeModel as events: Anthropic's events in base64, the last with the metrics of Bedrock.
pub(super) fn invoke_stream(job: &Job<'_>) -> Answer {
    let mut pieces = Vec::new();
    for (name, mut data, tokens) in anthropic::events(job) {
        if name == "ping" {
            continue;
        }
        if name == "message_stop" && job.tells_usage() {
            let used = &job.usage;
            data["amazon-bedrock-invocationMetrics"] = json!({
                "inputTokenCount": job.count(used.input_uncached),
                "outputTokenCount": job.count(used.output()),
                "cacheReadInputTokenCount": job.count(used.cache_read),
                "cacheWriteInputTokenCount": job.count(used.cache_write),
                "invocationLatency": 1,
                "firstByteLatency": 1,
            });
        }
        let bytes = base64::engine::general_purpose::STANDARD.encode(data.to_string());
        let payload = json!({ "bytes": bytes, "p": "abcdefghij" }).to_string();
        pieces.push(Piece::new(event_stream::event("chunk", &payload), tokens));
    }
    let mut answer = Answer::stream(Framing::Events, pieces);
    answer.headers.push(("x-amzn-bedrock-content-type", "application/json".to_owned()));
    Answer { usage_told: job.tells_usage(), ..answer }
}
