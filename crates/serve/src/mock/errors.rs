//! Errors in the words of each provider, as a whole answer and in the middle of a stream.

use super::answer::{Answer, Framing, event};
use super::event_stream;
use super::route::Dialect;
use bytes::Bytes;
use serde_json::{Value, json};

/// An error as the provider writes it.
pub(super) fn answer(dialect: Dialect, status: u16, text: &str) -> Answer {
    let body = match dialect {
        Dialect::Openai | Dialect::Azure | Dialect::Mock => openai(status, text),
        Dialect::Mistral => {
            json!({ "object": "error", "message": text, "type": openai_kind(status), "param": null, "code": status.to_string() })
        }
        Dialect::Anthropic => anthropic(status, text),
        Dialect::Gemini => gemini(status, text),
        Dialect::Bedrock => json!({ "message": text }),
        Dialect::Ollama => json!({ "error": text }),
    };
    let mut answer = Answer::plain(body.to_string(), 0);
    answer.status = status;
    answer.usage_told = false;
    if matches!(status, 429 | 503 | 529) {
        answer.headers.push(("retry-after", "1".to_owned()));
        if dialect == Dialect::Openai || dialect == Dialect::Azure {
            answer.headers.push(("retry-after-ms", "1000".to_owned()));
        }
    }
    if dialect == Dialect::Bedrock {
        answer.headers.push(("x-amzn-errortype", bedrock_kind(status).to_owned()));
    }
    answer
}

/// An error inside a stream whose status was 200 already.
pub(super) fn in_stream(dialect: Dialect, framing: Framing) -> Bytes {
    const TEXT: &str = "The server had an error while processing your request";
    match (dialect, framing) {
        (_, Framing::Events) => event_stream::exception("internalServerException", &json!({ "message": TEXT }).to_string()),
        (Dialect::Anthropic, _) => event(Some("error"), &anthropic(529, TEXT).to_string()).into(),
        (Dialect::Gemini, Framing::List) => format!(",\r\n{}\n]", gemini(500, TEXT)).into(),
        (Dialect::Gemini, _) => event(None, &gemini(500, TEXT).to_string()).into(),
        (_, Framing::Lines) => format!("{}\n", json!({ "error": TEXT })).into(),
        _ => event(None, &openai(500, TEXT).to_string()).into(),
    }
}

fn openai_kind(status: u16) -> &'static str {
    match status {
        400 | 404 => "invalid_request_error",
        401 | 403 => "authentication_error",
        429 => "rate_limit_error",
        _ => "server_error",
    }
}

fn openai(status: u16, text: &str) -> Value {
    let code = match status {
        429 => Value::from("rate_limit_exceeded"),
        404 => Value::from("model_not_found"),
        _ => Value::Null,
    };
    json!({ "error": { "message": text, "type": openai_kind(status), "param": null, "code": code } })
}

fn anthropic(status: u16, text: &str) -> Value {
    let kind = match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    json!({ "type": "error", "error": { "type": kind, "message": text }, "request_id": null })
}

fn gemini(status: u16, text: &str) -> Value {
    let kind = match status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        _ => "INTERNAL",
    };
    json!({ "error": { "code": status, "message": text, "status": kind } })
}

fn bedrock_kind(status: u16) -> &'static str {
    match status {
        400 => "ValidationException",
        403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        429 => "ThrottlingException",
        503 => "ServiceUnavailableException",
        _ => "InternalServerException",
    }
}
