//! OpenAI chat and text completions, as OpenAI, Azure and Mistral write them. Written by hand: load tests live on it.

use super::answer::{Answer, Framing, Job, Piece, quoted};
use super::route::{Dialect, Op};
use std::fmt::Write as _;

/// The usage block.
pub(super) fn usage(job: &Job<'_>) -> String {
    let used = &job.usage;
    let (input, output) = (used.input(), used.output());
    let write = if used.cache_write > 0 { format!(",\"cache_write_tokens\":{}", job.count(used.cache_write)) } else { String::new() };
    if job.ask.dialect == Dialect::Mistral {
        return format!(
            "{{\"prompt_tokens\":{},\"completion_tokens\":{},\"total_tokens\":{},\"prompt_tokens_details\":{{\"cached_tokens\":{}}}}}",
            job.count(input),
            job.count(output),
            job.count(input + output),
            job.count(used.cache_read)
        );
    }
    format!(
        "{{\"prompt_tokens\":{},\"completion_tokens\":{},\"total_tokens\":{},\"prompt_tokens_details\":{{\"cached_tokens\":{},\
         \"audio_tokens\":0{write}}},\"completion_tokens_details\":{{\"reasoning_tokens\":{},\"audio_tokens\":0,\
         \"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}}}",
        job.count(input),
        job.count(output),
        job.count(input + output),
        job.count(used.cache_read),
        job.count(used.reasoning)
    )
}

/// A chat completion or a text completion.
pub(super) fn completion(job: &Job<'_>) -> Answer {
    if job.ask.stream { stream(job) } else { whole(job) }
}

fn finish(job: &Job<'_>) -> &'static str {
    if job.cut { "length" } else { "stop" }
}

fn whole(job: &Job<'_>) -> Answer {
    let chat = job.ask.op == Op::ChatCompletions;
    let object = if chat { "chat.completion" } else { "text_completion" };
    let text = quoted(&job.text());
    let mut body = String::with_capacity(text.len() + 900);
    let _ = write!(
        body,
        "{{\"id\":\"{}\",\"object\":\"{object}\",\"created\":{},\"model\":{},\"choices\":[{{\"index\":0,",
        job.id,
        job.created_s,
        quoted(&job.ask.model)
    );
    let _ = if chat {
        write!(body, "\"message\":{{\"role\":\"assistant\",\"content\":{text},\"refusal\":null,\"annotations\":[]}},")
    } else {
        write!(body, "\"text\":{text},")
    };
    let _ = write!(body, "\"logprobs\":null,\"finish_reason\":\"{}\"}}]", finish(job));
    if job.tells_usage() {
        let _ = write!(body, ",\"usage\":{}", usage(job));
    }
    body.push_str(",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_0123456789\"}");
    Answer { usage_told: job.tells_usage(), ..Answer::plain(body, job.usage.output_visible) }
}

fn stream(job: &Job<'_>) -> Answer {
    let chat = job.ask.op == Op::ChatCompletions;
    let mistral = job.ask.dialect == Dialect::Mistral;
    let object = if chat { "chat.completion.chunk" } else { "text_completion" };
    let head = format!(
        "data: {{\"id\":\"{}\",\"object\":\"{object}\",\"created\":{},\"model\":{},\"service_tier\":\"default\",\
         \"system_fingerprint\":\"fp_0123456789\",\"choices\":",
        job.id,
        job.created_s,
        quoted(&job.ask.model)
    );
    let tells = job.tells_usage() && (job.ask.include_usage || mistral);
    // Mistral has no usage but in its last chunk; OpenAI says null until then, when usage was asked for.
    let tail = if job.ask.include_usage && !mistral { ",\"usage\":null}\n\n" } else { "}\n\n" };
    let chunk = |delta: &str, reason: &str, tail: &str| {
        let field = if chat { format!("\"delta\":{{{delta}}}") } else { delta.to_owned() };
        format!("{head}[{{\"index\":0,{field},\"logprobs\":null,\"finish_reason\":{reason}}}]{tail}")
    };
    let words = job.words();
    let mut pieces = Vec::with_capacity(words.len() + 4);
    if chat {
        pieces.push(Piece::new(chunk("\"role\":\"assistant\",\"content\":\"\",\"refusal\":null", "null", tail), 0));
    }
    let name = if chat { "content" } else { "text" };
    for word in &words {
        pieces.push(Piece::new(chunk(&format!("\"{name}\":{}", quoted(word)), "null", tail), 1));
    }
    let last = if mistral && tells { format!(",\"usage\":{}}}\n\n", usage(job)) } else { tail.to_owned() };
    let nothing = if chat { "" } else { "\"text\":\"\"" };
    pieces.push(Piece::new(chunk(nothing, &quoted(finish(job)), &last), 0));
    if tells && !mistral {
        let choices = if job.faults.choices_null { "null" } else { "[]" };
        pieces.push(Piece::new(format!("{head}{choices},\"usage\":{}}}\n\n", usage(job)), 0));
    }
    pieces.push(Piece::new("data: [DONE]\n\n", 0));
    Answer { usage_told: tells, ..Answer::stream(Framing::Sse, pieces) }
}
