//! The gateway's own paths: outcomes, and spans of applications that measure themselves.

use super::answer::Answer;
use super::refusal::Why;
use super::setup::Gateway;
use super::worker::Worker;
use http::Response;
use hyper::body::Incoming;
use std::sync::Arc;

/// Whether a path is served by the gateway itself.
pub fn is_own(path: &str) -> bool {
    matches!(path, "/v1/outcomes" | "/v1/traces")
}

/// Takes what is sent there.
pub async fn take(
    _gateway: &Arc<Gateway>,
    _worker: &Arc<Worker>,
    _id: &Arc<str>,
    _parts: http::request::Parts,
    _body: Incoming,
) -> Result<Response<Answer>, (Why, String)> {
    Err((Why::BadRequest, "not served".to_owned()))
}
