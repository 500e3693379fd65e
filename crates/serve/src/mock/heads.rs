//! The headers that each provider sends beside its answer.

use super::route::Dialect;
use http::header::{HeaderMap, HeaderName, HeaderValue};

const OPENAI: [(&str, &str); 9] = [
    ("openai-organization", "mock-organization"),
    ("openai-processing-ms", "1"),
    ("openai-version", "2020-10-01"),
    ("x-ratelimit-limit-requests", "10000"),
    ("x-ratelimit-limit-tokens", "2000000"),
    ("x-ratelimit-remaining-requests", "9999"),
    ("x-ratelimit-remaining-tokens", "1999000"),
    ("x-ratelimit-reset-requests", "6ms"),
    ("x-ratelimit-reset-tokens", "30ms"),
];
const AZURE: [(&str, &str); 4] = [
    ("x-ms-region", "Sweden Central"),
    ("x-ratelimit-remaining-requests", "9999"),
    ("x-ratelimit-remaining-tokens", "1999000"),
    ("azureml-model-session", "mock-session"),
];
const MISTRAL: [(&str, &str); 3] = [
    ("x-ratelimit-limit-tokens-minute", "500000"),
    ("x-ratelimit-remaining-tokens-minute", "499000"),
    ("x-envoy-upstream-service-time", "1"),
];
const ANTHROPIC: [(&str, &str); 7] = [
    ("anthropic-organization-id", "00000000-0000-4000-8000-000000000000"),
    ("anthropic-ratelimit-requests-limit", "4000"),
    ("anthropic-ratelimit-requests-remaining", "3999"),
    ("anthropic-ratelimit-input-tokens-limit", "400000"),
    ("anthropic-ratelimit-input-tokens-remaining", "399000"),
    ("anthropic-ratelimit-output-tokens-limit", "80000"),
    ("anthropic-ratelimit-output-tokens-remaining", "79000"),
];
const GEMINI: [(&str, &str); 2] = [("server-timing", "gfet4t7; dur=1"), ("vary", "Origin")];

/// Adds the provider's headers; `tag` names the request.
pub(super) fn add(headers: &mut HeaderMap, dialect: Dialect, tag: &str) {
    let fixed: &[(&'static str, &'static str)] = match dialect {
        Dialect::Openai => &OPENAI,
        Dialect::Azure => &AZURE,
        Dialect::Mistral => &MISTRAL,
        Dialect::Anthropic => &ANTHROPIC,
        Dialect::Gemini => &GEMINI,
        Dialect::Bedrock | Dialect::Ollama | Dialect::Mock => &[],
    };
    for (name, value) in fixed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let names: &[&'static str] = match dialect {
        Dialect::Openai => &["x-request-id"],
        Dialect::Azure => &["apim-request-id", "x-request-id"],
        Dialect::Mistral => &["mistral-correlation-id"],
        Dialect::Anthropic => &["request-id"],
        Dialect::Bedrock => &["x-amzn-requestid"],
        Dialect::Gemini | Dialect::Ollama | Dialect::Mock => &[],
    };
    if let Ok(value) = HeaderValue::try_from(format!("req_{tag}")) {
        for name in names {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
}
