//! One request from its head to the head of its answer.

use super::answer::Answer;
use super::attempt::{Attempt, Owner, Request as Shared};
use super::client_body::{self, Unread, UpBody};
use super::door::Door;
use super::forward::{self, Prepared};
use super::live::End;
use super::metered::Metered;
use super::pool::{Fault, Line};
use super::refusal::{Why, refusal};
use super::setup::Gateway;
use super::upstream::Upstream;
use super::worker::Worker;
use super::{credentials, impact, ingest};
use books::ImpactTo;
use bytes::Bytes;
use govern::{Admission, Ask, Verdict};
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use measure::usage::{AnswerHead, Asked, Dialect, Edits, Meter, Operation};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// A refusal on its way out.
type Refused = Box<Response<Answer>>;

/// What a request is about, before its body is read.
struct Head {
    id: Arc<str>,
    parts: http::request::Parts,
    upstream: Arc<Upstream>,
    /// Path and query behind the prefix, without a gateway key.
    rest: String,
    operation: Operation,
    owner: Owner,
}

/// Answers one request; whatever goes wrong is an answer too.
pub async fn handle(gateway: Arc<Gateway>, worker: Arc<Worker>, door: Arc<Door>, request: http::Request<Incoming>) -> Result<Response<Answer>, Infallible> {
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
        return ingest::take(gateway, worker, id, parts, body).await.map_err(|(why, message)| refuse(gateway, None, &why, &message, None, id));
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
        return Err(no(None, Why::UnknownUpstream, &format!("no upstream is called so; the path begins with one of: /{}", known.join(", /"))));
    };
    let rest = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).get(1 + name.len()..).unwrap_or("/");
    let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    let path = rest.split('?').next().unwrap_or("/");
    let operation = Operation::of(parts.method.as_str(), path);
    let dialect = if matches!(operation, Operation::Unknown | Operation::NoModel) { upstream.dialect } else { operation.dialect() };
    if forward::climbs(path) {
        return Err(no(Some(dialect), Why::BadRequest, "the path climbs out of its place; leave `..` out"));
    }
    let found = credentials::find(&parts.headers, &rest)
        .map_err(|_| no(Some(dialect), Why::KeyAmbiguous, "the request bears two different gateway keys; send one"))?;
    let mut owner = Owner { account: gateway.empty.clone(), key: gateway.empty.clone(), labels: Vec::new() };
    match found {
        Some(found) => match gateway.keys.load().find(found.secret(), gateway.now_ms()) {
            Ok(key) => {
                owner.account = key.account.clone();
                owner.key = key.id.clone();
            }
            Err(refusal) => {
                let (why, message) = match refusal {
                    govern::KeyRefusal::Unknown => (Why::KeyUnknown, "this gateway key is not known; `bilanz keys list` shows the keys"),
                    govern::KeyRefusal::Revoked => (Why::KeyRevoked, "this gateway key was revoked; ask for another"),
                    govern::KeyRefusal::Expired => (Why::KeyExpired, "this gateway key has expired; ask for another"),
                };
                return Err(no(Some(dialect), why, message));
            }
        },
        None if gateway.require_keys => {
            return Err(no(
                Some(dialect),
                Why::KeyMissing,
                "a gateway key is required: send it as x-bilanz-key, or in place of the provider's key; `bilanz keys create` makes one",
            ));
        }
        None => {
            if let Some(account) = credentials::account(&parts.headers) {
                owner.account = account.into();
            }
        }
    }
    owner.labels = credentials::labels(&parts.headers).map_err(|error| no(Some(dialect), Why::BadRequest, &error.to_string()))?;
    let rest = credentials::strip(&mut parts.headers, &rest);
    Ok(Head { id: id.clone(), parts, upstream, rest, operation, owner })
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
            Unread::TooLarge => (Why::TooLarge, format!("the body is longer than {} MiB; `max_body_mib` in [gateway] sets the limit", settings.max_body_mib)),
            Unread::TooSlow => (Why::TooSlow, format!("the body paused for {} s", settings.body_timeout_s)),
            Unread::Broken => (Why::BadRequest, "the body broke off, or its framing is wrong".to_owned()),
        };
        refuse(gateway, dialect, &why, &message, None, &head.id)
    })
}

/// One place a request may go.
struct Target {
    upstream: Arc<Upstream>,
    model: String,
    /// Whether the name was changed by a route.
    renamed: bool,
}

fn targets(gateway: &Gateway, head: &Head, asked: &Asked) -> Vec<Target> {
    let route = gateway.config.route.iter().find(|route| route.model == asked.model);
    let Some(route) = route else { return vec![Target { upstream: head.upstream.clone(), model: asked.model.clone(), renamed: false }] };
    route
        .to
        .iter()
        .filter_map(|target| {
            let (name, model) = target.split_once('/')?;
            Some(Target { upstream: gateway.upstreams.get(name)?.clone(), model: model.to_owned(), renamed: true })
        })
        .collect()
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
    for (place, target) in list.iter().enumerate() {
        let admission = match admit(gateway, &head, &asked, target) {
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
        match send(&shared, &head, &plan, target, admission, &mut number, place + 1 < more).await {
            Ok(response) => return Ok(response),
            Err(Some((why, message))) => last = Some(no(&why, &message, None)),
            Err(None) => {}
        }
    }
    Err(last.unwrap_or_else(|| no(&Why::UpstreamUnreachable, "no upstream could take the request", None)))
}

fn admit(gateway: &Gateway, head: &Head, asked: &Asked, target: &Target) -> Result<Admission, govern::Refusal> {
    let name = gateway.name(&target.upstream, &target.model);
    let config = &target.upstream.config;
    let site = config.site.as_deref().unwrap_or_default();
    let zone = config.zone.as_deref().unwrap_or_default();
    let ask = Ask {
        account: if head.owner.account.is_empty() { gateway.config.default_account.as_deref().unwrap_or("unassigned") } else { &head.owner.account },
        key: &head.owner.key,
        user: &asked.user,
        provider: &name.provider,
        model: &name.model,
        upstream: &target.upstream.name,
        place: books::place(zone, site, &target.upstream.region, &gateway.config),
        site,
        stream: asked.stream,
        labels: &head.owner.labels,
        input_tokens: asked.text_bytes,
        output_tokens: asked.max_output_tokens.map(|tokens| tokens.saturating_mul(u64::from(asked.choices.max(1)))),
    };
    match gateway.governor.admit(&ask, gateway.now_ms()) {
        Verdict::Admitted(admission) => Ok(admission),
        Verdict::Refused(refusal) => Err(refusal),
    }
}

/// What is sent, and what is said of it.
struct Plan {
    body: Bytes,
    /// Whether the body is no longer the one the client compressed.
    edited: bool,
    path: String,
    hide_usage: bool,
    tags: Vec<String>,
    acted: String,
}

impl Plan {
    fn new(head: &Head, asked: &Asked, target: &Target, admission: &Admission, body: &Bytes, sent: &Bytes) -> Self {
        let streams_usage = matches!(head.operation, Operation::ChatCompletions | Operation::Completions);
        let hide_usage = streams_usage && asked.stream && !asked.usage_asked && target.upstream.asks_usage();
        let model = admission.downgrade.clone().or_else(|| target.renamed.then(|| target.model.clone()));
        let model = model.map(|model| model.strip_prefix(&format!("{}/", target.upstream.provider)).map_or(model.clone(), str::to_owned));
        let mut tags: Vec<String> = head.owner.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        tags.extend(asked.metadata.iter().map(|(name, value)| format!("{name}={value}")));
        tags.extend(admission.tags.iter().cloned());
        let mut acted = admission.acted.clone();
        let edits = Edits { ask_usage: hide_usage, model: model.clone(), max_output_tokens: admission.cap_output_tokens };
        let (path, query) = head.rest.split_once('?').map_or((head.rest.as_str(), None), |(path, query)| (path, Some(query)));
        let moved = model.as_deref().and_then(|model| head.operation.path_with_model(path, model));
        let edited = asked.edit(head.operation, body, &edits);
        if hide_usage {
            tags.push("edit=usage".to_owned());
        }
        if let Some(model) = &model {
            acted.push(format!("model: {model}"));
            tags.push(format!("asked_model={}", asked.model));
        }
        if let Some(cap) = admission.cap_output_tokens {
            acted.push(format!("output tokens: at most {cap}"));
        }
        tags.extend(admission.acted.iter().map(|acted| format!("rule={acted}")));
        let path = moved.unwrap_or_else(|| path.to_owned());
        Self {
            edited: edited.is_some(),
            body: edited.unwrap_or_else(|| sent.clone()),
            path: query.map_or(path.clone(), |query| format!("{path}?{query}")),
            hide_usage,
            tags,
            acted: acted.join("; "),
        }
    }
}

/// Tries one target; `Err` when the next one may be tried, with the refusal that stands if there is none.
async fn send(
    shared: &Arc<Shared>,
    head: &Head,
    plan: &Plan,
    target: &Target,
    mut admission: Admission,
    number: &mut u32,
    others: bool,
) -> Result<Response<Answer>, Option<(Why, String)>> {
    let gateway = &shared.gateway;
    let upstream = &target.upstream;
    let model = admission.downgrade.clone().unwrap_or_else(|| target.model.clone());
    let mut tries = upstream.config.retries + 1;
    loop {
        tries -= 1;
        *number += 1;
        let mut attempt = match Attempt::begin(shared.clone(), upstream.clone(), &model, *number, admission) {
            Ok(attempt) => attempt,
            Err((error, _)) => {
                return Err(Some((Why::JournalFailed, format!("the journal cannot be written, and without a record nothing is sent: {error}"))));
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
                    return Err(None);
                }
                return Ok(relay(shared, head, plan, attempt, response, line).await);
            }
            Err(fault) => fault,
        };
        let ran = !matches!(fault, Fault::Unreachable | Fault::Certificate);
        let left = attempt.give_up(End::UpstreamFault, ran);
        match left {
            Some(left) if tries > 0 && fault != Fault::TimedOut && fault != Fault::Certificate => admission = left,
            _ => return Err(Some(unreachable(upstream, fault))),
        }
    }
}

fn unreachable(upstream: &Upstream, fault: Fault) -> (Why, String) {
    let name = &upstream.name;
    match fault {
        Fault::Unreachable => (Why::UpstreamUnreachable, format!("upstream `{name}` ({}) cannot be reached", upstream.authority)),
        Fault::Certificate => (
            Why::UpstreamCertificate,
            format!("upstream `{name}` ({}) shows a certificate that is not good; if it is your own, name its authority in ca_file", upstream.authority),
        ),
        Fault::Broken => (Why::UpstreamUnreachable, format!("upstream `{name}` broke the connection before it answered")),
        Fault::TimedOut => (Why::UpstreamTimeout, format!("upstream `{name}` did not answer within {} s", upstream.config.idle_timeout_s)),
    }
}

/// The answer of a provider, metered.
async fn relay(shared: &Arc<Shared>, head: &Head, plan: &Plan, attempt: Attempt, response: Response<Incoming>, line: Line) -> Response<Answer> {
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
    let hide = plan.hide_usage && parts.status.is_success();
    let meter = Meter::new(head.operation, &answer_head, hide);
    let tells = gateway.config.gateway.impact == ImpactTo::Caller && parts.status == StatusCode::OK;
    let streams = answer_head.content_type.starts_with("text/event-stream");
    credentials::hop_by_hop(&mut parts.headers);
    if !plan.acted.is_empty()
        && let Ok(acted) = HeaderValue::try_from(plan.acted.as_str())
    {
        parts.headers.insert("x-bilanz-acted", acted);
    }
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
