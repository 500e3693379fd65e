//! Splices edits into the body of a request.

use super::body::Inside;
use super::json_body::Span;
use super::{Asked, Dialect, Edits, Operation};
use bytes::Bytes;

/// Bytes to put in the place of a span.
struct Splice {
    span: Span,
    bytes: String,
}

/// The edited body, or `None` when nothing changes.
pub(super) fn edit(asked: &Asked, operation: Operation, body: &Bytes, edits: &Edits) -> Option<Bytes> {
    let top = asked.places.top?;
    let mut splices = Vec::new();
    let mut inserts = Vec::new();
    if edits.ask_usage {
        ask_usage(asked, operation, &mut splices, &mut inserts);
    }
    if let Some(model) = &edits.model {
        name_model(asked, operation, model, &mut splices, &mut inserts);
    }
    if let Some(cap) = edits.max_output_tokens {
        lower(asked, operation, cap, &mut splices, &mut inserts);
    }
    if !inserts.is_empty() {
        splices.push(insert(top, &inserts.join(",")));
    }
    splices.retain(|splice| body.get(splice.span.start..splice.span.end) != Some(splice.bytes.as_bytes()));
    if splices.is_empty() {
        return None;
    }
    splices.sort_by_key(|splice| (splice.span.start, splice.span.end));
    let mut out = Vec::with_capacity(body.len() + splices.iter().map(|splice| splice.bytes.len()).sum::<usize>());
    let mut from = 0;
    for splice in &splices {
        out.extend_from_slice(body.get(from..splice.span.start)?);
        out.extend_from_slice(splice.bytes.as_bytes());
        from = splice.span.end;
    }
    out.extend_from_slice(body.get(from..)?);
    Some(Bytes::from(out))
}

/// An entry put behind an opening brace.
fn insert(inside: Inside, entry: &str) -> Splice {
    let comma = if inside.empty { "" } else { "," };
    Splice { span: Span { start: inside.at, end: inside.at }, bytes: format!("{entry}{comma}") }
}

fn ask_usage(asked: &Asked, operation: Operation, splices: &mut Vec<Splice>, inserts: &mut Vec<String>) {
    if !matches!(operation, Operation::ChatCompletions | Operation::Completions) || !asked.stream || asked.usage_asked {
        return;
    }
    let places = &asked.places;
    match (places.include_usage, places.stream_options_inside, places.stream_options) {
        (Some(span), ..) => splices.push(Splice { span, bytes: "true".to_owned() }),
        (None, Some(inside), _) => splices.push(insert(inside, r#""include_usage":true"#)),
        (None, None, Some(span)) => splices.push(Splice { span, bytes: r#"{"include_usage":true}"#.to_owned() }),
        (None, None, None) => inserts.push(r#""stream_options":{"include_usage":true}"#.to_owned()),
    }
}

fn name_model(asked: &Asked, operation: Operation, model: &str, splices: &mut Vec<Splice>, inserts: &mut Vec<String>) {
    let spelt = serde_json::Value::from(model).to_string();
    match asked.places.model {
        Some(span) => splices.push(Splice { span, bytes: spelt }),
        None if asked.places.model_in_path || matches!(operation.dialect(), Dialect::Gemini | Dialect::Bedrock) => {}
        None => inserts.push(format!(r#""model":{spelt}"#)),
    }
}

fn lower(asked: &Asked, operation: Operation, cap: u64, splices: &mut Vec<Splice>, inserts: &mut Vec<String>) {
    let places = &asked.places;
    for (span, value) in &places.limits {
        if value.is_none_or(|value| value > cap) {
            splices.push(Splice { span: *span, bytes: cap.to_string() });
        }
    }
    if !places.limits.is_empty() {
        return;
    }
    let config = match operation {
        Operation::ChatCompletions => return inserts.push(format!(r#""max_completion_tokens":{cap}"#)),
        Operation::Completions | Operation::Messages => return inserts.push(format!(r#""max_tokens":{cap}"#)),
        Operation::Responses => return inserts.push(format!(r#""max_output_tokens":{cap}"#)),
        Operation::GenerateContent | Operation::StreamGenerateContent => ("generationConfig", "maxOutputTokens"),
        Operation::Converse | Operation::ConverseStream => ("inferenceConfig", "maxTokens"),
        Operation::OllamaChat | Operation::OllamaGenerate => ("options", "num_predict"),
        _ => return,
    };
    let (object, key) = config;
    match (places.config_inside, places.config) {
        (Some(inside), _) => splices.push(insert(inside, &format!(r#""{key}":{cap}"#))),
        (None, Some(span)) => splices.push(Splice { span, bytes: format!(r#"{{"{key}":{cap}}}"#) }),
        (None, None) => inserts.push(format!(r#""{object}":{{"{key}":{cap}}}"#)),
    }
}
