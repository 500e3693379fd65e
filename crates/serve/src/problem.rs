//! Errors of the API as problem JSON (RFC 9457), each with what to do next.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A problem: what went wrong and what to do.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// Stable name of the kind, as a relative reference.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: String,
    /// Status of the answer.
    status: u16,
    /// What to do next.
    pub detail: String,
}

impl Problem {
    /// A problem of a kind; `detail` says what to do.
    pub fn new(status: StatusCode, code: &str, title: &str, detail: impl Into<String>) -> Self {
        Self { kind: format!("/api#{code}"), title: title.to_owned(), status: status.as_u16(), detail: detail.into() }
    }

    /// A question that makes no sense.
    pub fn bad_query(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_query", "The question is not understood", detail)
    }

    /// A failure behind the doors.
    pub fn failed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", "The books could not be read", detail)
    }

    /// Status of the answer.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_string_pretty(&self).unwrap_or_default() + "\n";
        (self.status(), [(header::CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}
