//! Gemini: content, whole, as events or as a JSON list, and embeddings.

use super::answer::{Answer, Framing, Job, Piece, event, vector};
use super::route::Op;
use serde_json::{Value, json};

fn usage(job: &Job<'_>, output: Option<u64>) -> Value {
    let used = &job.usage;
    let input = used.input();
    let mut usage = json!({ "promptTokenCount": job.count(input) });
    if used.cache_read > 0 {
        usage["cachedContentTokenCount"] = job.count(used.cache_read);
    }
    if let Some(output) = output {
        usage["candidatesTokenCount"] = job.count(output);
    }
    usage["totalTokenCount"] = job.count(input + output.map_or(used.reasoning, |output| output + used.reasoning));
    usage["promptTokensDetails"] = json!([{ "modality": "TEXT", "tokenCount": input }]);
    if used.reasoning > 0 {
        usage["thoughtsTokenCount"] = job.count(used.reasoning);
    }
    usage
}

/// One object: a text, perhaps the end, and the usage so far.
fn chunk(job: &Job<'_>, text: &str, last: bool, output: Option<u64>) -> Value {
    let mut candidate = json!({ "content": { "parts": [{ "text": text }], "role": "model" }, "index": 0 });
    if last {
        candidate["finishReason"] = json!(if job.cut { "MAX_TOKENS" } else { "STOP" });
    }
    let mut body = json!({ "candidates": [candidate] });
    if job.tells_usage() {
        body["usageMetadata"] = usage(job, output);
    }
    body["modelVersion"] = json!(job.ask.model);
    body["responseId"] = json!(job.id);
    body
}

/// The whole content.
pub(super) fn content(job: &Job<'_>) -> Answer {
    let visible = job.usage.output_visible;
    let mut answer = Answer::plain(chunk(job, &job.text(), true, Some(visible)).to_string(), visible);
    answer.content_type = "application/json; charset=UTF-8";
    Answer { usage_told: job.tells_usage(), ..answer }
}

/// A stream of events, or of the elements of one list.
pub(super) fn stream(job: &Job<'_>, sse: bool) -> Answer {
    let words = job.words();
    let count = words.len();
    let chunks = words.iter().enumerate().map(|(place, word)| {
        let sent = place as u64 + 1;
        // The first chunk of a real answer may not count its candidates yet.
        let output = (place > 0 || count == 1).then_some(sent);
        chunk(job, word, sent == count as u64, output).to_string()
    });
    let answer = if sse {
        let pieces = chunks.map(|chunk| Piece::new(event(None, &chunk).replace('\n', "\r\n"), 1)).collect();
        Answer { content_type: "text/event-stream", ..Answer::stream(Framing::Sse, pieces) }
    } else {
        let mut pieces: Vec<Piece> =
            chunks.enumerate().map(|(place, chunk)| Piece::new(format!("{}{chunk}", if place == 0 { "[" } else { ",\r\n" }), 1)).collect();
        pieces.push(Piece::new("\n]", 0));
        Answer { content_type: "application/json; charset=UTF-8", ..Answer::stream(Framing::List, pieces) }
    };
    Answer { usage_told: job.tells_usage(), ..answer }
}

/// One embedding or many. Newer models tell the tokens of their input, and this one does.
pub(super) fn embeddings(job: &Job<'_>) -> Answer {
    let values = |item| json!({ "values": vector(job.ask.hash, item, 16) });
    let mut body = match job.ask.op {
        Op::BatchEmbedContents => json!({ "embeddings": (0..job.ask.items).map(values).collect::<Vec<_>>() }),
        _ => json!({ "embedding": values(0) }),
    };
    if job.tells_usage() {
        let input = job.usage.input();
        body["usageMetadata"] =
            json!({ "promptTokenCount": job.count(input), "promptTokenDetails": [{ "modality": "TEXT", "tokenCount": input }] });
    }
    Answer { usage_told: job.tells_usage(), ..Answer::plain(body.to_string(), 0) }
}
