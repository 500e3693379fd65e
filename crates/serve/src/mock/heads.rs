//! The headers that each provider sends beside its answer.

use super::route::Dialect;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use std::sync::LazyLock;

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

/// The headers that do not change from answer to answer, made once for each dialect: load tests feel every insertion.
static FIXED: LazyLock<[HeaderMap; 5]> = LazyLock::new(|| {
    [&OPENAI[..], &AZURE, &MISTRAL, &ANTHROPIC, &GEMINI].map(|pairs| {
        let mut headers = HeaderMap::with_capacity(16);
        for (name, value) in pairs {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    })
});

/// The headers that the provider names the request in.
const NAMES: [HeaderName; 5] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("apim-request-id"),
    HeaderName::from_static("mistral-correlation-id"),
    HeaderName::from_static("request-id"),
    HeaderName::from_static("x-amzn-requestid"),
];

/// The provider's headers; `tag` names the request.
pub(super) fn of(dialect: Dialect, tag: &str) -> HeaderMap {
    let [openai, azure, mistral, anthropic, gemini] = &*FIXED;
    let mut headers = match dialect {
        Dialect::Openai => openai.clone(),
        Dialect::Azure => azure.clone(),
        Dialect::Mistral => mistral.clone(),
        Dialect::Anthropic => anthropic.clone(),
        Dialect::Gemini => gemini.clone(),
        Dialect::Bedrock | Dialect::Ollama | Dialect::Mock => HeaderMap::new(),
    };
    let [request_id, apim, correlation, anthropic_id, amzn] = NAMES;
    let names: &[HeaderName] = match dialect {
        Dialect::Openai => &[request_id],
        Dialect::Azure => &[apim, request_id],
        Dialect::Mistral => &[correlation],
        Dialect::Anthropic => &[anthropic_id],
        Dialect::Bedrock => &[amzn],
        Dialect::Gemini | Dialect::Ollama | Dialect::Mock => &[],
    };
    if !names.is_empty()
        && let Ok(value) = HeaderValue::try_from(format!("req_{tag}"))
    {
        for name in names {
            headers.insert(name.clone(), value.clone());
        }
    }
    headers
}
