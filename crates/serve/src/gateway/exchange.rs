//! One request from its head to the head of its answer.

use super::answer::Answer;
use super::attempt::{Attempt, Owner, Request as Shared};
use super::client_body::{self, Unread, UpBody};
use super::door::Door;
use super::forward::{self, Prepared};
use super::live::End;
use super::plan::{Plan, Target, admit, targets};
use super::pool::Fault;
use super::refusal::{Why, refusal};
use super::relay::{refused_usage, relay};
use super::setup::Gateway;
use super::upstream::Upstream;
use super::worker::Worker;
use super::{credentials, ingest};
use bytes::Bytes;
use govern::Admission;
use http::{HeaderValue, Response, StatusCode, header};
use hyper::body::Incoming;
use measure::usage::{Asked, Dialect, Operation};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// A refusal on its way out.
type Refused = Box<Response<Answer>>;

/// What a request is about, before its body is read.
pub struct Head {
    pub id: Arc<str>,
    pub parts: http::request::Parts,
    pub upstream: Arc<Upstream>,
    /// Path and query behind the prefix, without a gateway key.
    pub rest: String,
    pub operation: Operation,
    pub owner: Owner,
}

/// Answers one request; whatever goes wrong is an answer too.
pub async fn handle(
    gateway: Arc<Gateway>,
    worker: Arc<Worker>,
    door: Arc<Door>,
    request: http::Request<Incoming>,
) -> Result<Response<Answer>, Infallible> {
    let id = gateway.ids.make();
    let (parts, body) = request.into_parts();
    let mut response = match answer(&gateway, &worker, &door, &id, parts, body).await {
        Ok(response) => response,
        Err(response) => *response,
    };
    if let Ok(id) = HeaderValue::try_from(&*id) {
        response.headers_mut().insert("x-bilanz-request-id", id);
    }
    Ok(response)
}

/// A refusal in the dialect of the one who asks; counted.
fn refuse(gateway: &Gateway, dialect: Option<Dialect>, why: &Why, message: &str, rule: Option<&str>, id: &str) -> Refused {
    gateway.live().refuse(rule.unwrap_or(why.code()));
    Box::new(refusal(dialect, why, message, rule, id).map(Answer::Own))
}

async fn answer(
    gateway: &Arc<Gateway>,
    worker: &Arc<Worker>,
    door: &Door,
    id: &Arc<str>,
    parts: http::request::Parts,
    body: Incoming,
) -> Result<Response<Answer>, Refused> {
    if let Err((why, message)) = door.check(&parts) {
        return Err(refuse(gateway, None, &why, &message, None, id));
    }
    let path = parts.uri.path();
    if path == "/health" {
        return Ok(Response::new(Answer::Own(Bytes::from_static(b"{\"status\":\"ok\"}\n"))));
    }
    if ingest::is_own(path) {
        let target = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let taken = match owner(gateway, &parts.headers, target) {
            Ok(owner) => ingest::take(gateway, worker, &owner, &parts, body).await,
            Err(refused) => Err(refused),
        };
        return taken.map_err(|(why, message)| refuse(gateway, None, &why, &message, None, id));
    }
    let head = read_head(gateway, id, parts)?;
    if !head.operation.runs_model() || head.operation == Operation::Unknown {
        return pass(gateway, worker, head, body).await;
    }
    exchange(gateway, worker, head, body).await
}

/// Upstream, operation and owner; nothing of the body is read yet.
fn read_head(gateway: &Arc<Gateway>, id: &Arc<str>, mut parts: http::request::Parts) -> Result<Head, Refused> {
    let no = |dialect, why: Why, message: &str| refuse(gateway, dialect, &why, message, None, id);
    let path = parts.uri.path();
    let (name, _) = path.get(1..).unwrap_or_default().split_once('/').unwrap_or((path.get(1..).unwrap_or_default(), ""));
    let Some(upstream) = gateway.upstreams.get(name).cloned() else {
        let known: Vec<_> = gateway.upstream_names();
        return Err(no(
            None,
            Why::UnknownUpstream,
            &format!("no upstream is called so; the path begins with one of: /{}", known.join(", /")),
        ));
    };
    let rest = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).get(1 + name.len()..).unwrap_or("/");
    let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    let path = rest.split('?').next().unwrap_or("/");
    let operation = Operation::of(parts.method.as_str(), path);
    let dialect = if matches!(operation, Operation::Unknown | Operation::NoModel) { upstream.dialect } else { operation.dialect() };
    if forward::climbs(path) {
        return Err(no(Some(dialect), Why::BadRequest, "the path climbs out of its place; leave `..` out"));
    }
    let owner = owner(gateway, &parts.headers, &rest).map_err(|(why, message)| no(Some(dialect), why, &message))?;
    let rest = credentials::strip(&mut parts.headers, &rest);
    Ok(Head { id: id.clone(), parts, upstream, rest, operation, owner })
}

/// Whose a request is: by its gateway key, or by its own word where no key is required.
fn owner(gateway: &Gateway, headers: &http::HeaderMap, target: &str) -> Result<Owner, (Why, String)> {
    let say = |why: Why, message: &str| (why, message.to_owned());
    let found =
        credentials::find(headers, target).map_err(|_| say(Why::KeyAmbiguous, "the request bears two different gateway keys; send one"))?;
    let mut owner = Owner { account: gateway.empty.clone(), key: gateway.empty.clone(), labels: Vec::new() };
    match found {
        Some(found) => {
            let key = gateway.keys.load().find(found.secret(), gateway.now_ms()).map_err(|refusal| match refusal {
                govern::KeyRefusal::Unknown => say(Why::KeyUnknown, "this gateway key is not known; `bilanz keys list` shows the keys"),
                govern::KeyRefusal::Revoked => say(Why::KeyRevoked, "this gateway key was revoked; ask for another"),
                govern::KeyRefusal::Expired => say(Why::KeyExpired, "this gateway key has expired; ask for another"),
            })?;
            owner.account = key.account.clone();
            owner.key = key.id.clone();
        }
        None if gateway.require_keys => {
            return Err(say(
                Why::KeyMissing,
                "a gateway key is required: send it as x-bilanz-key, or in place of the provider's key; `bilanz keys create` makes one",
            ));
        }
        None => {
            if let Some(account) = credentials::account(headers) {
                owner.account = account.into();
            }
        }
    }
    owner.labels = credentials::labels(headers).map_err(|error| say(Why::BadRequest, &error.to_string()))?;
    Ok(owner)
}

/// Passes a request on in which no model runs, or of which nobody knows.
async fn pass(gateway: &Arc<Gateway>, worker: &Arc<Worker>, head: Head, body: Incoming) -> Result<Response<Answer>, Refused> {
    let no = |why: Why, message: &str| refuse(gateway, Some(head.upstream.dialect), &why, message, None, &head.id);
    if head.operation == Operation::Unknown {
        gateway.live().operation_unknown.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
    let prepared = Prepared { method: &head.parts.method, headers: &head.parts.headers, path: &head.rest, metered: false };
    // A signature covers the body, so it has to be whole; everything else passes as it comes.
    let request = if head.upstream.aws.is_some() {
        let bytes = read_body(gateway, &head, Some(head.upstream.dialect), body).await?;
        forward::request(&head.upstream, &prepared, UpBody::Whole(bytes.clone()), Some(&bytes), gateway.now_ms())
    } else {
        forward::request(&head.upstream, &prepared, UpBody::Passing(body), None, gateway.now_ms())
    };
    let (response, _line) = worker.pool.send(&head.upstream, request).await.map_err(|fault| {
        let (why, message) = unreachable(&head.upstream, fault);
        no(why, &message)
    })?;
    let (mut parts, body) = response.into_parts();
    credentials::hop_by_hop(&mut parts.headers);
    Ok(Response::from_parts(parts, Answer::Passing(body)))
}

async fn read_body(gateway: &Arc<Gateway>, head: &Head, dialect: Option<Dialect>, body: Incoming) -> Result<Bytes, Refused> {
    let settings = &gateway.config.gateway;
    let limit = usize::try_from(settings.max_body_mib).unwrap_or(64) << 20;
    client_body::read(body, limit, Duration::from_secs(u64::from(settings.body_timeout_s))).await.map_err(|unread| {
        let (why, message) = match unread {
            Unread::TooLarge => (
                Why::TooLarge,
                format!("the body is longer than {} MiB; `max_body_mib` in [gateway] sets the limit", settings.max_body_mib),
            ),
            Unread::TooSlow => (Why::TooSlow, format!("the body paused for {} s", settings.body_timeout_s)),
            Unread::Broken => (Why::BadRequest, "the body broke off, or its framing is wrong".to_owned()),
        };
        refuse(gateway, dialect, &why, &message, None, &head.id)
    })
}

/// Holds a request to the rules, sends it, and meters its answer.
async fn exchange(gateway: &Arc<Gateway>, worker: &Arc<Worker>, head: Head, body: Incoming) -> Result<Response<Answer>, Refused> {
    let dialect = Some(head.operation.dialect());
    let no = |why: &Why, message: &str, rule: Option<&str>| refuse(gateway, dialect, why, message, rule, &head.id);
    let sent = read_body(gateway, &head, dialect, body).await?;
    let body = forward::decoded(&head.parts.headers, &sent, usize::try_from(gateway.config.gateway.max_body_mib).unwrap_or(64) << 20)
        .map_err(|message| no(&Why::BadRequest, &message, None))?;
    let path = head.rest.split('?').next().unwrap_or("/");
    let asked = Asked::read(head.operation, path, &body).map_err(|error| no(&Why::BadRequest, &error.to_string(), None))?;
    let mut last: Option<Refused> = None;
    let list = targets(gateway, &head, &asked);
    let more = list.len();
    let mut number = 0;
    let mut place = 0;
    while let Some(target) = list.get(place) {
        place += 1;
        let admission = match admit(gateway, &head, &asked, body.len(), target) {
            Ok(admission) => admission,
            Err(refusal) => {
                let why = if refusal.over_limit { Why::OverLimit { retry_after_s: refusal.retry_after_s } } else { Why::Forbidden };
                last = Some(no(&why, &refusal.message, Some(&refusal.rule)));
                continue;
            }
        };
        let plan = Plan::new(&head, &asked, target, &admission, &body, &sent);
        let shared = Arc::new(Shared {
            gateway: gateway.clone(),
            worker: worker.clone(),
            id: head.id.clone(),
            owner: head.owner.clone(),
            asked: asked.clone(),
            tags: plan.tags.clone(),
            acted: plan.acted.as_str().into(),
        });
        match send(&shared, &head, &plan, target, admission, &mut number, place < more).await {
            Ok(response) => return Ok(response),
            Err(Next::Refused(why, message)) => last = Some(no(&why, &message, None)),
            Err(Next::Target) => {}
            Err(Next::Again) => place -= 1,
        }
    }
    Err(last.unwrap_or_else(|| no(&Why::UpstreamUnreachable, "no upstream could take the request", None)))
}

/// What may be tried when a target gave no answer that can be passed on.
pub enum Next {
    /// The next target, and this refusal when there is none.
    Refused(Why, String),
    /// The next target; there is one.
    Target,
    /// The same target, without asking for usage.
    Again,
}

/// Tries one target.
async fn send(
    shared: &Arc<Shared>,
    head: &Head,
    plan: &Plan,
    target: &Target,
    mut admission: Admission,
    number: &mut u32,
    others: bool,
) -> Result<Response<Answer>, Next> {
    let gateway = &shared.gateway;
    let upstream = &target.upstream;
    let model = admission.downgrade.clone().unwrap_or_else(|| target.model.clone());
    let mut tries = upstream.config.retries + 1;
    loop {
        tries -= 1;
        *number += 1;
        let mut attempt = match Attempt::begin(shared.clone(), upstream.clone(), &model, *number, admission) {
            Ok(attempt) => attempt,
            Err(error) => {
                return Err(Next::Refused(
                    Why::JournalFailed,
                    format!("the journal cannot be written, and without a record nothing is sent: {error}"),
                ));
            }
        };
        let prepared = Prepared { method: &head.parts.method, headers: &head.parts.headers, path: &plan.path, metered: true };
        let mut request = forward::request(upstream, &prepared, UpBody::Whole(plan.body.clone()), Some(&plan.body), gateway.now_ms());
        if plan.edited {
            request.headers_mut().remove(header::CONTENT_ENCODING);
        }
        let fault = match shared.worker.pool.send(upstream, request).await {
            Ok((response, line)) => {
                let status = response.status();
                attempt.answered(status.as_u16());
                if others && (status.is_server_error() || matches!(status.as_u16(), 408 | 429)) {
                    drop(attempt.give_up(End::Failed, status.is_server_error() && !matches!(status.as_u16(), 503 | 529)));
                    return Err(Next::Target);
                }
                if plan.hide_usage && status == StatusCode::BAD_REQUEST {
                    return refused_usage(shared, attempt, response).await;
                }
                return Ok(relay(shared, head, plan, attempt, response, line).await);
            }
            Err(fault) => fault,
        };
        let ran = !matches!(fault, Fault::Unreachable | Fault::Certificate);
        let left = attempt.give_up(End::UpstreamFault, ran);
        match left {
            Some(left) if tries > 0 && fault != Fault::TimedOut && fault != Fault::Certificate => admission = left,
            _ => {
                let (why, message) = unreachable(upstream, fault);
                return Err(Next::Refused(why, message));
            }
        }
    }
}

fn unreachable(upstream: &Upstream, fault: Fault) -> (Why, String) {
    let name = &upstream.name;
    match fault {
        Fault::Unreachable => (Why::UpstreamUnreachable, format!("upstream `{name}` ({}) cannot be reached", upstream.authority)),
        Fault::Certificate => (
            Why::UpstreamCertificate,
            format!(
                "upstream `{name}` ({}) shows a certificate that is not good; if it is your own, name its authority in ca_file",
                upstream.authority
            ),
        ),
        Fault::Broken => (Why::UpstreamUnreachable, format!("upstream `{name}` broke the connection before it answered")),
        Fault::TimedOut => (Why::UpstreamTimeout, format!("upstream `{name}` did not answer within {} s", upstream.config.idle_timeout_s)),
    }
}
