//! The gateway's own paths: outcomes, and spans of applications that measure themselves.

use super::answer::Answer;
use super::attempt::Owner;
use super::live::LiveKey;
use super::refusal::Why;
use super::setup::Gateway;
use super::worker::Worker;
use super::{client_body, forward};
use books::{Entry, Rank};
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use hyper::body::Incoming;
use lca::Counts;
use measure::otlp_live::entries_from_otlp;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// Longest body of an outcome, bytes.
const OUTCOME_BYTES: usize = 64 << 10;

/// Whether a path is served by the gateway itself.
pub fn is_own(path: &str) -> bool {
    matches!(path, "/v1/outcomes" | "/v1/traces")
}

type Refused = (Why, String);

fn bad(message: impl Into<String>) -> Refused {
    (Why::BadRequest, message.into())
}

/// Takes what is sent there.
pub async fn take(
    gateway: &Arc<Gateway>,
    worker: &Arc<Worker>,
    owner: &Owner,
    parts: &http::request::Parts,
    body: Incoming,
) -> Result<Response<Answer>, Refused> {
    if parts.method != Method::POST {
        return Err(bad("only POST is served here"));
    }
    let traces = parts.uri.path() == "/v1/traces";
    let settings = &gateway.config.gateway;
    let limit = if traces { usize::try_from(settings.max_body_mib).unwrap_or(64) << 20 } else { OUTCOME_BYTES };
    let pause = Duration::from_secs(u64::from(settings.body_timeout_s));
    let body = client_body::read(body, limit, pause).await.map_err(|unread| match unread {
        client_body::Unread::TooLarge => (Why::TooLarge, format!("the body is longer than {limit} bytes")),
        client_body::Unread::TooSlow => (Why::TooSlow, "the body paused too long".to_owned()),
        client_body::Unread::Broken => bad("the body broke off, or its framing is wrong"),
    })?;
    let body = forward::decoded(&parts.headers, &body, limit).map_err(bad)?;
    if traces { spans(gateway, worker, owner, parts, &body) } else { outcome(gateway, worker, owner, &body).await }
}

/// What came of a request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    request_id: String,
    #[serde(default)]
    accepted: Option<bool>,
    #[serde(default)]
    value: Option<serde_json::Number>,
    #[serde(default)]
    currency: Option<String>,
}

async fn outcome(gateway: &Arc<Gateway>, worker: &Arc<Worker>, owner: &Owner, body: &[u8]) -> Result<Response<Answer>, Refused> {
    let outcome: Outcome = serde_json::from_slice(body).map_err(|error| {
        bad(format!("the body is no outcome: {error}; write {{\"request_id\": \"bz_…\", \"accepted\": true, \"value\": 1.5}}"))
    })?;
    if outcome.accepted.is_none() && outcome.value.is_none() {
        return Err(bad("the outcome says neither `accepted` nor `value`; what is not known need not be sent"));
    }
    let value_micro = outcome.value.as_ref().map(micro).transpose()?;
    let currency = match (&outcome.currency, value_micro) {
        (Some(currency), _) if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            return Err(bad("`currency` is no code of three letters such as EUR"));
        }
        (Some(currency), _) => Arc::from(currency.as_str()),
        (None, Some(_)) => Arc::from(gateway.factors.currency()),
        (None, None) => gateway.empty.clone(),
    };
    let unknown = || {
        (
            Why::RequestUnknown,
            format!(
                "no request `{}` is known to this gateway under this key; its id stands in the header x-bilanz-request-id",
                outcome.request_id
            ),
        )
    };
    let about = about(gateway, &outcome.request_id).await.ok_or_else(unknown)?;
    // Whose key it is may judge its own requests, and learns nothing of others.
    if !owner.account.is_empty() && owner.account != about.account {
        return Err(unknown());
    }
    let mut entry = Entry::new(gateway.source.clone(), Rank::Gateway, gateway.now_ms());
    entry.external_id = Some(format!("outcome:{}", outcome.request_id).into());
    (entry.account, entry.provider, entry.model) = (about.account, about.provider, about.model);
    (entry.region, entry.zone, entry.site) = (about.region, about.zone, about.site);
    entry.currency = currency;
    entry.counts = Counts {
        outcomes_accepted: outcome.accepted.map(i64::from),
        outcomes_rejected: outcome.accepted.map(|accepted| i64::from(!accepted)),
        value_micro,
        ..Counts::default()
    };
    // Nothing of this waits for the disk: it can be sent again.
    drop(worker.keeping.record(&entry));
    gateway.live().note_outcome(
        LiveKey {
            account: entry.account.clone(),
            provider: entry.provider.clone(),
            model: entry.model.clone(),
            region: entry.region.clone(),
            zone: entry.zone.clone(),
            site: entry.site.clone(),
            evidence: about.evidence,
        },
        &entry.counts,
    );
    Ok(Response::new(Answer::Own(Bytes::from_static(b"{\"recorded\":true}\n"))))
}

/// A number in millionths.
fn micro(number: &serde_json::Number) -> Result<i64, Refused> {
    let value = number.as_f64().map_or(f64::NAN, |value| (value * 1e6).round());
    // Beyond this a sum over many could leave the column.
    if (0.0..=1e15).contains(&value) {
        Ok(value as i64)
    } else {
        Err(bad("`value` is negative or beyond 10^9; state it in the currency's unit"))
    }
}

/// What a request was about: from memory, else from the books, else from the books after a sealing.
async fn about(gateway: &Arc<Gateway>, id: &str) -> Option<LiveKey> {
    if id.len() > 128 || !id.starts_with("bz_") {
        return None;
    }
    let (gateway, id) = (gateway.clone(), id.to_owned());
    // The books are files: looking into them must not hold up the requests of this thread.
    tokio::task::spawn_blocking(move || {
        let find = || gateway.keeper.find("gateway", &id).ok().flatten();
        let entry = gateway.live().about(&id).or_else(|| find().map(|entry| key_of(&entry)));
        entry.or_else(|| {
            // It may still lie in the journal; whoever guesses ids makes it be sealed once a second at most.
            let ours = gateway.ids.made(&id) && gateway.may_seal_early();
            (ours && gateway.seal().is_ok()).then(find).flatten().map(|entry| key_of(&entry))
        })
    })
    .await
    .ok()
    .flatten()
}

fn key_of(entry: &Entry) -> LiveKey {
    LiveKey {
        account: entry.account.clone(),
        provider: entry.provider.clone(),
        model: entry.model.clone(),
        region: entry.region.clone(),
        zone: entry.zone.clone(),
        site: entry.site.clone(),
        evidence: entry.evidence,
    }
}

/// Spans in the form of OpenTelemetry; what calls a model becomes an entry.
fn spans(
    gateway: &Arc<Gateway>,
    worker: &Arc<Worker>,
    owner: &Owner,
    parts: &http::request::Parts,
    body: &[u8],
) -> Result<Response<Answer>, Refused> {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let protobuf = match kind.split(';').next().unwrap_or_default().trim() {
        "application/x-protobuf" => true,
        "application/json" => false,
        other => return Err(bad(format!("content-type `{other}` is not taken; send application/x-protobuf or application/json"))),
    };
    let mut mapping = gateway.mapping();
    // A day of grace for clocks that run fast, as with imports.
    mapping.latest_ms = gateway.now_ms() + 86_400_000;
    if !owner.account.is_empty() {
        mapping.account = Some(owner.account.to_string());
    }
    let taken = entries_from_otlp(body, protobuf, &mapping).map_err(|error| bad(error.to_string()))?;
    for mut entry in taken.entries {
        if !owner.account.is_empty() {
            entry.account = owner.account.clone();
        }
        gateway.governor.charge(&entry);
        drop(worker.keeping.record(&entry));
        gateway.live().note_outcome(key_of(&entry), &entry.counts);
    }
    let answer = match (protobuf, taken.rejected) {
        // An empty message says that all were taken.
        (true, 0) => Bytes::new(),
        (true, rejected) => partial(rejected, &taken.first_reason),
        (false, 0) => Bytes::from_static(b"{}"),
        (false, rejected) => Bytes::from(
            serde_json::json!({ "partialSuccess": { "rejectedSpans": rejected.to_string(), "errorMessage": taken.first_reason } })
                .to_string(),
        ),
    };
    let mut response = Response::new(Answer::Own(answer));
    *response.status_mut() = StatusCode::OK;
    let kind = if protobuf { "application/x-protobuf" } else { "application/json" };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

/// `ExportTraceServiceResponse` with a partial success.
#[derive(prost::Message)]
struct ExportResponse {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

#[derive(prost::Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected_spans: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

fn partial(rejected: u64, reason: &str) -> Bytes {
    use prost::Message as _;
    let partial = PartialSuccess { rejected_spans: i64::try_from(rejected).unwrap_or(i64::MAX), error_message: reason.to_owned() };
    Bytes::from(ExportResponse { partial_success: Some(partial) }.encode_to_vec())
}
