//! Errors of the gateway in the form that the client's library expects, whatever the dialect.
//!
//! Libraries map the status to a kind of error, read the message from the body, and try again on 408, 409, 429 and 5xx
//! unless a header forbids it. So the status says what a library should do, and `x-bilanz-error` says what it was.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use measure::usage::Dialect;
use serde_json::{Value, json};

/// Header with the code of the error.
pub const ERROR: HeaderName = HeaderName::from_static("x-bilanz-error");
/// Header with the name of the rule that says no, percent-encoded.
pub const RULE: HeaderName = HeaderName::from_static("x-bilanz-rule");
/// Header that the libraries of OpenAI and Anthropic obey before their own rules on trying again.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");
/// Header with the kind of an error of AWS.
const AWS_ERROR: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// Longest name of a rule in a header, bytes.
const RULE_BYTES_MAX: usize = 512;

/// Why a request got no answer of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No gateway key where one is needed.
    KeyMissing,
    /// A key nobody knows.
    KeyUnknown,
    /// A key that was taken back.
    KeyRevoked,
    /// A key whose time is over.
    KeyExpired,
    /// More than one gateway key.
    KeyAmbiguous,
    /// A limit is used up.
    OverLimit {
        /// Seconds until the window ends; unknown when left out.
        retry_after_s: Option<u64>,
    },
    /// A rule forbids it.
    Forbidden,
    /// The request makes no sense.
    BadRequest,
    /// The body is longer than the gateway takes.
    TooLarge,
    /// The client paused too long within its request.
    TooSlow,
    /// No upstream of this name.
    UnknownUpstream,
    /// The upstream could not be connected to, or broke off before its answer.
    UpstreamUnreachable,
    /// The upstream's certificate is not good.
    UpstreamCertificate,
    /// The upstream did not answer in time.
    UpstreamTimeout,
    /// The journal cannot be written, and nothing passes unrecorded.
    JournalFailed,
    /// A page of another site sent it.
    OriginForeign,
    /// No request of this id is known.
    RequestUnknown,
    /// The request names a host that this gateway does not answer for.
    HostUnknown,
}

/// What each dialect calls the kind.
struct Kind {
    status: StatusCode,
    code: &'static str,
    openai: &'static str,
    anthropic: &'static str,
    gemini: &'static str,
    bedrock: &'static str,
}

impl Why {
    /// Status of the answer.
    #[must_use]
    pub fn status(self) -> StatusCode {
        self.kind().status
    }

    /// Stable word of the kind, for `x-bilanz-error`, metrics and logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.kind().code
    }

    /// Whether trying the same again at once or soon may help; otherwise the libraries are told not to.
    #[must_use]
    pub fn may_retry(self) -> bool {
        matches!(self, Self::TooSlow | Self::UpstreamUnreachable | Self::UpstreamTimeout | Self::JournalFailed)
    }

    fn kind(self) -> Kind {
        let (status, code) = match self {
            Self::KeyMissing => (StatusCode::UNAUTHORIZED, "key_missing"),
            Self::KeyUnknown => (StatusCode::UNAUTHORIZED, "key_unknown"),
            Self::KeyRevoked => (StatusCode::UNAUTHORIZED, "key_revoked"),
            Self::KeyExpired => (StatusCode::UNAUTHORIZED, "key_expired"),
            Self::KeyAmbiguous => (StatusCode::BAD_REQUEST, "key_ambiguous"),
            Self::OverLimit { .. } => (StatusCode::TOO_MANY_REQUESTS, "over_limit"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::BadRequest => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too_slow"),
            Self::UnknownUpstream => (StatusCode::NOT_FOUND, "unknown_upstream"),
            Self::UpstreamUnreachable => (StatusCode::BAD_GATEWAY, "upstream_unreachable"),
            Self::UpstreamCertificate => (StatusCode::BAD_GATEWAY, "upstream_certificate"),
            Self::UpstreamTimeout => (StatusCode::GATEWAY_TIMEOUT, "upstream_timeout"),
            Self::JournalFailed => (StatusCode::SERVICE_UNAVAILABLE, "journal_failed"),
            Self::OriginForeign => (StatusCode::FORBIDDEN, "origin_foreign"),
            Self::RequestUnknown => (StatusCode::NOT_FOUND, "request_unknown"),
            Self::HostUnknown => (StatusCode::MISDIRECTED_REQUEST, "host_unknown"),
        };
        let (openai, anthropic, gemini, bedrock) = match status.as_u16() {
            401 => ("authentication_error", "authentication_error", "UNAUTHENTICATED", "AccessDeniedException"),
            403 => ("permission_error", "permission_error", "PERMISSION_DENIED", "AccessDeniedException"),
            404 => ("not_found_error", "not_found_error", "NOT_FOUND", "ResourceNotFoundException"),
            408 => ("timeout_error", "timeout_error", "DEADLINE_EXCEEDED", "ModelTimeoutException"),
            413 => ("invalid_request_error", "request_too_large", "INVALID_ARGUMENT", "ValidationException"),
            429 => ("rate_limit_error", "rate_limit_error", "RESOURCE_EXHAUSTED", "ThrottlingException"),
            502 => ("server_error", "api_error", "UNAVAILABLE", "ServiceUnavailableException"),
            503 => ("server_error", "overloaded_error", "UNAVAILABLE", "ServiceUnavailableException"),
            504 => ("server_error", "timeout_error", "DEADLINE_EXCEEDED", "ModelTimeoutException"),
            _ => ("invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT", "ValidationException"),
        };
        Kind { status, code, openai, anthropic, gemini, bedrock }
    }
}

/// An answer that says no: its form by the dialect (OpenAI's when none is known), its status by `why`.
///
/// `message` is one sentence for people, without prompts or credentials; `rule` is the rule that says no; `request_id` goes
/// into the body of Anthropic's form and the id header of the dialect.
#[must_use]
pub fn refusal(dialect: Option<Dialect>, why: &Why, message: &str, rule: Option<&str>, request_id: &str) -> Response<Bytes> {
    let kind = why.kind();
    let dialect = dialect.unwrap_or(Dialect::Openai);
    let body = body(dialect, &kind, message, request_id);
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = why.status();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ERROR, HeaderValue::from_static(kind.code));
    if !why.may_retry() {
        headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
    }
    if let Some(value) = rule.and_then(|rule| HeaderValue::from_str(&header_text(rule)).ok()) {
        headers.insert(RULE, value);
    }
    if let Why::OverLimit { retry_after_s: Some(seconds) } = why {
        headers.insert(RETRY_AFTER, HeaderValue::from(*seconds));
    }
    if dialect == Dialect::Bedrock {
        headers.insert(AWS_ERROR, HeaderValue::from_static(kind.bedrock));
    }
    if let Some((name, value)) = id_header(dialect).zip(HeaderValue::from_str(request_id).ok()) {
        headers.insert(HeaderName::from_static(name), value);
    }
    response
}

fn body(dialect: Dialect, kind: &Kind, message: &str, request_id: &str) -> Value {
    match dialect {
        Dialect::Openai => json!({"error": {"message": message, "type": kind.openai, "param": null, "code": kind.code}}),
        Dialect::Anthropic => json!({"type": "error", "error": {"type": kind.anthropic, "message": message}, "request_id": request_id}),
        Dialect::Gemini => {
            json!({"error": {"code": kind.status.as_u16(), "message": message, "status": kind.gemini, "details": []}})
        }
        Dialect::Bedrock => json!({"message": message}),
        Dialect::Ollama => json!({"error": message}),
    }
}

/// Where the dialect's libraries look for the id of a request.
fn id_header(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::Openai => Some("x-request-id"),
        Dialect::Anthropic => Some("request-id"),
        Dialect::Bedrock => Some("x-amzn-requestid"),
        Dialect::Gemini | Dialect::Ollama => None,
    }
}

/// A name as a header can carry it: visible ASCII and inner spaces as they are, all else and `%` percent-encoded in UTF-8.
#[must_use]
pub fn header_text(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for (place, letter) in name.char_indices() {
        let edge = place == 0 || place + letter.len_utf8() == name.len();
        let mut buffer = [0; 4];
        let piece: String = match letter {
            '%' => "%25".to_owned(),
            ' ' if !edge => " ".to_owned(),
            '!'..='~' => letter.to_string(),
            _ => letter.encode_utf8(&mut buffer).bytes().map(|byte| format!("%{byte:02X}")).collect(),
        };
        if text.len() + piece.len() > RULE_BYTES_MAX {
            break;
        }
        text.push_str(&piece);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Why; 16] = [
        Why::KeyMissing,
        Why::KeyUnknown,
        Why::KeyRevoked,
        Why::KeyExpired,
        Why::KeyAmbiguous,
        Why::OverLimit { retry_after_s: Some(7) },
        Why::Forbidden,
        Why::BadRequest,
        Why::TooLarge,
        Why::TooSlow,
        Why::UnknownUpstream,
        Why::UpstreamUnreachable,
        Why::UpstreamCertificate,
        Why::UpstreamTimeout,
        Why::JournalFailed,
        Why::HostUnknown,
    ];
    const DIALECTS: [Dialect; 5] = [Dialect::Openai, Dialect::Anthropic, Dialect::Gemini, Dialect::Bedrock, Dialect::Ollama];

    /// Status, headers and body as text.
    fn shown(dialect: Option<Dialect>, why: Why, rule: Option<&str>) -> String {
        let (head, body) = refusal(dialect, &why, "The budget \"R&D\" is used up.", rule, "bz_1").into_parts();
        let headers: String = head.headers.iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap())).collect();
        format!("{}\n{headers}{}", head.status.as_u16(), std::str::from_utf8(&body).unwrap())
    }

    #[test]
    fn a_used_up_budget_reads_as_a_rate_limit_in_every_dialect() {
        let why = Why::OverLimit { retry_after_s: Some(86_400) };
        let head = "429\ncontent-type: application/json\nx-bilanz-error: over_limit\nx-should-retry: false\nx-bilanz-rule: team a\nretry-after: 86400\n";
        let message = r#""The budget \"R&D\" is used up.""#;
        for (dialect, rest) in [
            (
                Dialect::Openai,
                format!(
                    "x-request-id: bz_1\n{{\"error\":{{\"message\":{message},\"type\":\"rate_limit_error\",\"param\":null,\"code\":\"over_limit\"}}}}"
                ),
            ),
            (
                Dialect::Anthropic,
                format!(
                    "request-id: bz_1\n{{\"type\":\"error\",\"error\":{{\"type\":\"rate_limit_error\",\"message\":{message}}},\"request_id\":\"bz_1\"}}"
                ),
            ),
            (
                Dialect::Gemini,
                format!("{{\"error\":{{\"code\":429,\"message\":{message},\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[]}}}}"),
            ),
            (Dialect::Bedrock, format!("x-amzn-errortype: ThrottlingException\nx-amzn-requestid: bz_1\n{{\"message\":{message}}}")),
            (Dialect::Ollama, format!("{{\"error\":{message}}}")),
        ] {
            assert_eq!(shown(Some(dialect), why, Some("team a")), format!("{head}{rest}"));
        }
    }

    #[test]
    fn without_a_known_dialect_the_form_is_that_of_openai() {
        assert_eq!(shown(None, Why::UnknownUpstream, None), shown(Some(Dialect::Openai), Why::UnknownUpstream, None));
    }

    #[test]
    fn the_status_makes_libraries_raise_the_right_kind_of_error() {
        // Seen with openai 3.54.0, anthropic 2.12.0 and botocore 1.44.5 for Python: 401 raises an authentication error, 403
        // permission, 413 too large (Anthropic), 429 rate limit, 5xx server; none tries again what says `x-should-retry: false`.
        for (why, status, anthropic, gemini, bedrock) in [
            (Why::KeyMissing, 401, "authentication_error", "UNAUTHENTICATED", "AccessDeniedException"),
            (Why::KeyRevoked, 401, "authentication_error", "UNAUTHENTICATED", "AccessDeniedException"),
            (Why::Forbidden, 403, "permission_error", "PERMISSION_DENIED", "AccessDeniedException"),
            (Why::BadRequest, 400, "invalid_request_error", "INVALID_ARGUMENT", "ValidationException"),
            (Why::TooLarge, 413, "request_too_large", "INVALID_ARGUMENT", "ValidationException"),
            (Why::UnknownUpstream, 404, "not_found_error", "NOT_FOUND", "ResourceNotFoundException"),
            (Why::UpstreamUnreachable, 502, "api_error", "UNAVAILABLE", "ServiceUnavailableException"),
            (Why::UpstreamTimeout, 504, "timeout_error", "DEADLINE_EXCEEDED", "ModelTimeoutException"),
            (Why::JournalFailed, 503, "overloaded_error", "UNAVAILABLE", "ServiceUnavailableException"),
        ] {
            assert_eq!(why.status().as_u16(), status);
            let read = |dialect| serde_json::from_slice::<Value>(refusal(Some(dialect), &why, "No.", None, "bz_1").body()).unwrap();
            assert_eq!(read(Dialect::Anthropic)["error"]["type"], anthropic);
            assert_eq!(read(Dialect::Gemini)["error"]["status"], gemini);
            assert_eq!(refusal(Some(Dialect::Bedrock), &why, "No.", None, "bz_1").headers()["x-amzn-errortype"], bedrock);
        }
    }

    #[test]
    fn libraries_do_not_try_again_what_stays_refused() {
        for why in ALL {
            let answer = refusal(None, &why, "No.", None, "bz_1");
            let told_not_to = answer.headers().get("x-should-retry").is_some_and(|value| value == "false");
            let tries_by_itself = [408, 409, 429].contains(&answer.status().as_u16()) || answer.status().is_server_error();
            assert_eq!(told_not_to, !why.may_retry(), "{why:?}");
            // What may be tried again is only what a library does try again by its status.
            assert!(!why.may_retry() || tries_by_itself, "{why:?}");
        }
        for why in [Why::Forbidden, Why::OverLimit { retry_after_s: None }] {
            assert!(!why.may_retry());
        }
        assert!(!refusal(None, &Why::OverLimit { retry_after_s: None }, "No.", None, "r").headers().contains_key("retry-after"));
    }

    #[test]
    fn every_code_is_its_own_word() {
        let codes: std::collections::BTreeSet<_> = ALL.iter().map(|why| why.code()).collect();
        assert_eq!(codes.len(), ALL.len());
        assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
    }

    #[test]
    fn a_name_that_no_header_carries_is_encoded() {
        assert_eq!(header_text("team a / 50 %"), "team a / 50 %25");
        assert_eq!(header_text(" Größe\r\nx-evil: 1"), "%20Gr%C3%B6%C3%9Fe%0D%0Ax-evil: 1");
        assert!(header_text(&"ü".repeat(1_000)).len() <= RULE_BYTES_MAX);
    }

    proptest! {
        #[test]
        fn any_message_and_rule_give_a_sound_answer(message in any::<String>(), rule in any::<String>(), id in "[ -~]{0,20}", at in 0..ALL.len()) {
            for dialect in DIALECTS {
                let answer = refusal(Some(dialect), &ALL[at], &message, Some(&rule), &id);
                prop_assert_eq!(&answer.headers()["x-bilanz-error"], ALL[at].code());
                let shown = answer.headers()["x-bilanz-rule"].to_str().unwrap();
                prop_assert_eq!(shown, header_text(&rule));
                let body: Value = serde_json::from_slice(answer.body()).unwrap();
                let read = match dialect {
                    Dialect::Openai | Dialect::Anthropic | Dialect::Gemini => &body["error"]["message"],
                    Dialect::Bedrock => &body["message"],
                    Dialect::Ollama => &body["error"],
                };
                prop_assert_eq!(read.as_str(), Some(message.as_str()));
            }
        }
    }
}
