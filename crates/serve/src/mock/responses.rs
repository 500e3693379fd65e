//! OpenAI responses: the whole object, and the events that build it up.

use super::answer::{Answer, Framing, Job, Piece, event};
use serde_json::{Value, json};

fn usage(job: &Job<'_>) -> Value {
    if !job.tells_usage() {
        return Value::Null;
    }
    let used = &job.usage;
    let mut details = json!({ "cached_tokens": job.count(used.cache_read) });
    if used.cache_write > 0 {
        details["cache_write_tokens"] = job.count(used.cache_write);
    }
    json!({
        "input_tokens": job.count(used.input()),
        "input_tokens_details": details,
        "output_tokens": job.count(used.output()),
        "output_tokens_details": { "reasoning_tokens": job.count(used.reasoning) },
        "total_tokens": job.count(used.input() + used.output()),
    })
}

/// The object at one moment of its life.
fn object(job: &Job<'_>, status: &str, output: Value, usage: Value) -> Value {
    let incomplete = if status == "incomplete" { json!({ "reason": "max_output_tokens" }) } else { Value::Null };
    json!({
        "id": job.id,
        "object": "response",
        "created_at": job.created_s,
        "status": status,
        "background": false,
        "error": null,
        "incomplete_details": incomplete,
        "instructions": null,
        "max_output_tokens": job.ask.limit,
        "model": job.ask.model,
        "output": output,
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "reasoning": { "effort": null, "summary": null },
        "service_tier": "default",
        "store": false,
        "temperature": 1.0,
        "text": { "format": { "type": "text" } },
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": usage,
        "user": null,
        "metadata": {},
    })
}

fn part(text: &str) -> Value {
    json!({ "type": "output_text", "annotations": [], "logprobs": [], "text": text })
}

fn item(job: &Job<'_>, status: &str, content: Value) -> Value {
    json!({ "id": format!("msg_{}", job.tag), "type": "message", "status": status, "role": "assistant", "content": content })
}

/// A response, whole or as events.
pub(super) fn response(job: &Job<'_>) -> Answer {
    let status = if job.cut { "incomplete" } else { "completed" };
    let words = job.words();
    let text = words.concat();
    let whole = item(job, status, json!([part(&text)]));
    let last = object(job, status, json!([whole.clone()]), usage(job));
    if !job.ask.stream {
        return Answer { usage_told: job.tells_usage(), ..Answer::plain(last.to_string(), job.usage.output_visible) };
    }
    let first = object(job, "in_progress", json!([]), Value::Null);
    let place = json!({ "item_id": format!("msg_{}", job.tag), "output_index": 0, "content_index": 0 });
    let at = |fields: Value| merged(place.clone(), fields);
    let mut events: Vec<(&str, Value, u32)> = vec![
        ("response.created", json!({ "response": first.clone() }), 0),
        ("response.in_progress", json!({ "response": first }), 0),
        ("response.output_item.added", json!({ "output_index": 0, "item": item(job, "in_progress", json!([])) }), 0),
        ("response.content_part.added", at(json!({ "part": part("") })), 0),
    ];
    events.extend(words.iter().map(|word| ("response.output_text.delta", at(json!({ "delta": word, "logprobs": [] })), 1)));
    events.extend([
        ("response.output_text.done", at(json!({ "text": text, "logprobs": [] })), 0),
        ("response.content_part.done", at(json!({ "part": part(&text) })), 0),
        ("response.output_item.done", json!({ "output_index": 0, "item": whole }), 0),
        (if job.cut { "response.incomplete" } else { "response.completed" }, json!({ "response": last }), 0),
    ]);
    let pieces = events
        .into_iter()
        .enumerate()
        .map(|(number, (kind, fields, tokens))| {
            let data = merged(json!({ "type": kind, "sequence_number": number }), fields);
            Piece::new(event(Some(kind), &data.to_string()), tokens)
        })
        .collect();
    Answer { usage_told: job.tells_usage(), ..Answer::stream(Framing::Sse, pieces) }
}

/// The fields of both objects.
fn merged(mut one: Value, other: Value) -> Value {
    if let (Value::Object(one), Value::Object(other)) = (&mut one, other) {
        one.extend(other);
    }
    one
}
