//! Who may come in: host and origin are checked, and every answer carries a strict policy.

use crate::Open;
use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Which hosts a request may name.
pub struct Doors {
    /// The port of the listener; `None` lets any port pass.
    pub port: Option<u16>,
    /// Names beside those of loopback.
    pub names: Vec<String>,
}

const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'none'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

impl Doors {
    /// Whether a `Host` (name with an optional port) is one of ours.
    fn knows(&self, host: &str) -> bool {
        let (name, port) = split(host);
        let name = name.to_ascii_lowercase();
        let port_fits = match (self.port, port) {
            (None, _) => true,
            (Some(own), Some(port)) => port.parse() == Ok(own),
            (Some(own), None) => own == 80,
        };
        let named = self.names.iter().any(|known| known.eq_ignore_ascii_case(&name) || known.eq_ignore_ascii_case(host));
        named || (LOOPBACK.contains(&name.as_str()) && port_fits)
    }
}

/// `[::1]:8080` and `localhost:8080` as name and port.
fn split(host: &str) -> (&str, Option<&str>) {
    match host.rfind(':') {
        Some(colon) if !host.ends_with(']') => (&host[..colon], Some(&host[colon + 1..])),
        _ => (host, None),
    }
}

/// Checks host and origin, then adds the policy to whatever is answered.
pub async fn guard(State(open): State<Arc<Open>>, request: Request, next: Next) -> Response {
    let refusal = refuse(&open.doors, &request);
    let api = request.uri().path().starts_with("/api/");
    let mut response = match refusal {
        Some(problem) => problem.into_response(),
        None if request.method() == Method::OPTIONS => (StatusCode::NO_CONTENT, [(header::ALLOW, "GET, HEAD, OPTIONS")]).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if api || !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

fn refuse(doors: &Doors, request: &Request) -> Option<Problem> {
    let host = text(request.headers(), header::HOST).or_else(|| request.uri().authority().map(|name| name.to_string()));
    let Some(host) = host.filter(|host| doors.knows(host)) else {
        return Some(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "host_unknown",
            "This host name is not served here",
            "Open the address that `bilanz serve` printed, with localhost or 127.0.0.1 and its port. Through a tunnel, use the same port number on both ends.",
        ));
    };
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return None;
    }
    let origin = text(request.headers(), header::ORIGIN)?;
    let own =
        origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")).is_some_and(|origin| origin.eq_ignore_ascii_case(&host));
    (!own).then(|| {
        Problem::new(
            StatusCode::FORBIDDEN,
            "origin_foreign",
            "Another site may not act here",
            "Only pages of this house may send such a request; call the API from a program without an Origin header.",
        )
    })
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The answer to every method but reading ones.
pub async fn read_only() -> Response {
    let problem = Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "read_only",
        "This can only be read",
        "Use GET or HEAD; the books are written by `bilanz import` alone.",
    );
    ([(header::ALLOW, "GET, HEAD, OPTIONS")], problem).into_response()
}
