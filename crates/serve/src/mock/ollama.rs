//! Ollama's own API: chat and generate as lines or as one document, and embeddings.

use super::answer::{Answer, Framing, Job, Piece, vector};
use super::route::Op;
use serde_json::{Value, json};

/// The time that answers tell; Ollama writes RFC 3339.
const CREATED: &str = "2026-01-01T00:00:00.000000Z";

fn line(job: &Job<'_>, text: &str) -> Value {
    let mut line = json!({ "model": job.ask.model, "created_at": CREATED });
    if job.ask.op == Op::OllamaChat {
        line["message"] = json!({ "role": "assistant", "content": text });
    } else {
        line["response"] = json!(text);
    }
    line
}

/// Ends a line: reason, durations in nanoseconds, counts.
fn end(job: &Job<'_>, line: &mut Value) {
    let used = &job.usage;
    line["done"] = json!(true);
    line["done_reason"] = json!(if job.cut { "length" } else { "stop" });
    if job.ask.op == Op::OllamaGenerate {
        line["context"] = json!([1, 2, 3]);
    }
    let (prefill, decode) = (used.input() * 100_000, used.output() * 10_000_000);
    line["total_duration"] = json!(prefill + decode + 1_000_000);
    line["load_duration"] = json!(1_000_000);
    if job.tells_usage() {
        line["prompt_eval_count"] = job.count(used.input());
        if used.cache_read > 0 {
            line["prompt_eval_cached_count"] = job.count(used.cache_read);
        }
    }
    line["prompt_eval_duration"] = json!(prefill);
    if job.tells_usage() {
        line["eval_count"] = job.count(used.output());
    }
    line["eval_duration"] = json!(decode);
}

/// Chat or generate; a stream unless the request says no.
pub(super) fn generate(job: &Job<'_>) -> Answer {
    let answer = if job.ask.stream {
        let mut pieces: Vec<Piece> = Vec::new();
        for word in job.words() {
            let mut line = line(job, &word);
            line["done"] = json!(false);
            pieces.push(Piece::new(format!("{line}\n"), 1));
        }
        let mut last = line(job, "");
        end(job, &mut last);
        pieces.push(Piece::new(format!("{last}\n"), 0));
        Answer::stream(Framing::Lines, pieces)
    } else {
        let mut whole = line(job, &job.text());
        end(job, &mut whole);
        Answer { content_type: "application/json; charset=utf-8", ..Answer::plain(whole.to_string(), job.usage.output_visible) }
    };
    Answer { usage_told: job.tells_usage(), ..answer }
}

/// Embeddings; the older call has no usage.
pub(super) fn embed(job: &Job<'_>) -> Answer {
    if job.ask.op == Op::OllamaEmbeddings {
        let body = json!({ "embedding": vector(job.ask.hash, 0, 16) });
        return Answer { usage_told: false, ..Answer::plain(body.to_string(), 0) };
    }
    let list: Vec<Value> = (0..job.ask.items).map(|item| json!(vector(job.ask.hash, item, 16))).collect();
    let mut body = json!({ "model": job.ask.model, "embeddings": list, "total_duration": 2_000_000, "load_duration": 1_000_000 });
    if job.tells_usage() {
        body["prompt_eval_count"] = job.count(job.usage.input());
    }
    Answer { usage_told: job.tells_usage(), ..Answer::plain(body.to_string(), 0) }
}
