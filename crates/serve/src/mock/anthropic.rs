//! Anthropic messages: the whole object and its events; Bedrock carries the same bodies.

use super::answer::{Answer, Framing, Job, Piece, event};
use serde_json::{Value, json};

fn usage(job: &Job<'_>, output: u64) -> Value {
    let used = &job.usage;
    json!({
        "input_tokens": job.count(used.input_uncached),
        "cache_creation_input_tokens": job.count(used.cache_write),
        "cache_read_input_tokens": job.count(used.cache_read),
        "cache_creation": { "ephemeral_5m_input_tokens": job.count(used.cache_write), "ephemeral_1h_input_tokens": 0 },
        "output_tokens": job.count(output),
        "service_tier": "standard",
    })
}

fn stop(job: &Job<'_>) -> &'static str {
    if job.cut { "max_tokens" } else { "end_turn" }
}

/// The whole message as JSON.
pub(super) fn whole(job: &Job<'_>) -> Value {
    let mut body = json!({
        "id": job.id,
        "type": "message",
        "role": "assistant",
        "model": job.ask.model,
        "content": [{ "type": "text", "text": job.text() }],
        "stop_reason": stop(job),
        "stop_sequence": null,
    });
    if job.tells_usage() {
        body["usage"] = usage(job, job.usage.output());
    }
    body
}

/// The events of a stream: name, data, visible tokens.
pub(super) fn events(job: &Job<'_>) -> Vec<(&'static str, Value, u32)> {
    let mut message = json!({
        "id": job.id, "type": "message", "role": "assistant", "model": job.ask.model, "content": [], "stop_reason": null, "stop_sequence": null,
    });
    if job.tells_usage() {
        message["usage"] = usage(job, 1);
    }
    let mut events = vec![
        ("message_start", json!({ "type": "message_start", "message": message }), 0),
        ("content_block_start", json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }), 0),
        ("ping", json!({ "type": "ping" }), 0),
    ];
    events.extend(job.words().into_iter().map(|word| {
        let delta = json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": word } });
        ("content_block_delta", delta, 1)
    }));
    events.push(("content_block_stop", json!({ "type": "content_block_stop", "index": 0 }), 0));
    let delta = |stop: Value, output: u64| {
        let mut delta = json!({ "type": "message_delta", "delta": { "stop_reason": stop, "stop_sequence": null } });
        if job.tells_usage() {
            let used = &job.usage;
            delta["usage"] = json!({
                "input_tokens": job.count(used.input_uncached),
                "cache_creation_input_tokens": job.count(used.cache_write),
                "cache_read_input_tokens": job.count(used.cache_read),
                "output_tokens": job.count(output),
            });
        }
        ("message_delta", delta, 0)
    };
    // Now and then two deltas: their counts are running totals, and adding them up is a well-known mistake.
    if job.ask.hash.is_multiple_of(4) && job.usage.output() > 1 {
        events.push(delta(Value::Null, job.usage.output() - 1));
    }
    events.push(delta(json!(stop(job)), job.usage.output()));
    events.push(("message_stop", json!({ "type": "message_stop" }), 0));
    events
}

/// A message, whole or as events.
pub(super) fn message(job: &Job<'_>) -> Answer {
    let answer = if job.ask.stream {
        let pieces = events(job).into_iter().map(|(name, data, tokens)| Piece::new(event(Some(name), &data.to_string()), tokens)).collect();
        Answer::stream(Framing::Sse, pieces)
    } else {
        Answer::plain(whole(job).to_string(), job.usage.output_visible)
    };
    Answer { usage_told: job.tells_usage(), ..answer }
}
