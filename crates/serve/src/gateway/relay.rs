//! The head of an answer, and the body behind it, on their way to the client.

use super::answer::Answer;
use super::attempt::{Attempt, Request as Shared};
use super::exchange::{Head, Next};
use super::live::End;
use super::metered::Metered;
use super::plan::Plan;
use super::pool::Line;
use super::refusal::{Why, header_text, refusal};
use super::{credentials, impact};
use books::ImpactTo;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use measure::usage::{AnswerHead, Meter};
use std::sync::Arc;

/// The answer of a provider, metered.
pub async fn relay(
    shared: &Arc<Shared>,
    head: &Head,
    plan: &Plan,
    mut attempt: Attempt,
    response: Response<Incoming>,
    line: Line,
) -> Response<Answer> {
    let gateway = &shared.gateway;
    let (mut parts, body) = response.into_parts();
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tokens = |name: &str| text(name).parse::<i64>().ok();
    let answer_head = AnswerHead {
        status: parts.status.as_u16(),
        content_type: text("content-type").to_owned(),
        content_encoding: text("content-encoding").to_owned(),
        bedrock_tokens: [
            tokens("x-amzn-bedrock-input-token-count"),
            tokens("x-amzn-bedrock-output-token-count"),
            tokens("x-amzn-bedrock-cache-read-input-token-count"),
            tokens("x-amzn-bedrock-cache-write-input-token-count"),
        ],
    };
    attempt.region(text("x-ms-region"));
    let hide = plan.hide_usage && parts.status.is_success();
    let meter = Meter::new(head.operation, &answer_head, hide);
    let tells = gateway.config.gateway.impact == ImpactTo::Caller && parts.status == StatusCode::OK;
    let streams = answer_head.content_type.starts_with("text/event-stream");
    credentials::hop_by_hop(&mut parts.headers);
    add_remarks(&mut parts.headers, shared);
    if plan.hide_usage {
        parts.headers.insert("x-bilanz-edited", HeaderValue::from_static("stream_options.include_usage"));
    }
    if tells && !streams {
        return told(shared, parts, Metered::new(body, line, meter, attempt, false)).await;
    }
    Response::from_parts(parts, Answer::Metered(Box::new(Metered::new(body, line, meter, attempt, tells && streams))))
}

/// An answer read whole, so that its head can say what it cost.
async fn told(shared: &Arc<Shared>, mut parts: http::response::Parts, mut body: Metered) -> Response<Answer> {
    let mut whole = bytes::BytesMut::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => whole.extend(frame.into_data()),
            Err(_) => {
                let message = "the upstream broke off in the middle of its answer";
                return refusal(None, &Why::UpstreamUnreachable, message, None, &shared.id).map(Answer::Own);
            }
        }
    }
    if let Some(entry) = body.entry() {
        impact::headers(shared, entry, &mut parts.headers);
    }
    Response::from_parts(parts, Answer::Own(whole.freeze()))
}

/// A refusal of a stream whose usage was asked for: older servers do not know the option, and are then asked without it.
pub async fn refused_usage(shared: &Arc<Shared>, mut attempt: Attempt, response: Response<Incoming>) -> Result<Response<Answer>, Next> {
    let (mut parts, body) = response.into_parts();
    let said = http_body_util::Limited::new(body, 1 << 20).collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    if memchr::memmem::find(&said, b"stream_options").is_some() {
        attempt.upstream().refuses_usage.store(true, std::sync::atomic::Ordering::Relaxed);
        drop(attempt.give_up(End::Failed, false));
        return Err(Next::Again);
    }
    drop(attempt.end(&measure::usage::Usage::default(), End::Failed));
    credentials::hop_by_hop(&mut parts.headers);
    parts.headers.remove(header::CONTENT_LENGTH);
    add_remarks(&mut parts.headers, shared);
    Ok(Response::from_parts(parts, Answer::Own(said)))
}

/// Says which rules and edits acted.
fn add_remarks(headers: &mut http::HeaderMap, shared: &Shared) {
    if !shared.acted.is_empty() {
        // A rule may be called anything; a header may not.
        if let Ok(acted) = HeaderValue::try_from(header_text(&shared.acted)) {
            headers.insert("x-bilanz-acted", acted);
        }
    }
}
