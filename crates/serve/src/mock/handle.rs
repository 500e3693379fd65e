//! One request from its head to the steps of its answer.

use super::answer::{Answer, Job};
use super::ask::Ask;
use super::body::{MockBody, Step};
use super::faults::Faults;
use super::record::{Guard, Record, Shared};
use super::route::{Dialect, Op, Route};
use super::shape::shape;
use super::tokens::{TrueUsage, digest, mix, plan};
use super::{anthropic, bedrock, errors, gemini, heads, lists, ollama, openai, responses};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The largest body that is read, in bytes.
const BODY_BYTES_MAX: usize = 256 << 20;

/// Answers a request.
///
/// # Errors
/// When the connection is to end without an answer, or the caller's body broke off.
pub(super) async fn handle(shared: Arc<Shared>, request: Request<Incoming>) -> io::Result<Response<MockBody>> {
    let number = shared.tally.requests.fetch_add(1, Ordering::Relaxed);
    let (head, body) = request.into_parts();
    let route = Route::of(head.method.as_str(), head.uri.path(), head.headers.contains_key("anthropic-version"));
    let tag = format!("{:016x}{number:08x}", mix(shared.options.seed ^ mix(number)));
    let mut guard = Guard::begin(&shared, blank(&route, &head.headers, number));
    if route.dialect == Dialect::Mock {
        guard.record = None;
        return respond(lists::own(route.op, &shared), Dialect::Mock, &Faults::default(), 0, &tag, guard);
    }
    let body = Limited::new(body, BODY_BYTES_MAX).collect().await.map_err(io::Error::other)?.to_bytes();
    let mut faults = shared.options.faults.draw(shared.options.seed, number);
    let asked = read(&route, &head.headers, &body, &mut faults);
    if shared.options.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(shared.options.latency_ms)).await;
    }
    guard.note(|record| record.faults = faults.names());
    if faults.reset_before {
        guard.cut = true;
        return Err(io::Error::other("closed on demand"));
    }
    let (answer, dialect) = match asked {
        _ if route.op == Op::Unknown => {
            (errors::answer(route.dialect, 404, "Unknown request URL; see the list of operations of the mock."), route.dialect)
        }
        _ if faults.status.is_some_and(|status| status != 200) => {
            let status = faults.status.unwrap_or(500);
            (errors::answer(route.dialect, status, "This failure was asked for."), route.dialect)
        }
        Err(text) => (errors::answer(route.dialect, 400, &text), route.dialect),
        Ok(ask) => {
            let (usage, cut) = plan(&ask);
            let id = answer_id(&ask, &tag);
            let job = Job { ask: &ask, usage, cut, faults: &faults, tag: &tag, id: &id, created_s: shared.options.created_s };
            let answer = write(&job, head.uri.query());
            let dialect = ask.dialect;
            guard.note(|record| note(record, ask, usage, id));
            (answer, dialect)
        }
    };
    respond(answer, dialect, &faults, shared.options.token_ms, &tag, guard)
}

/// A record of which only the head of the request is known.
fn blank(route: &Route, headers: &HeaderMap, number: u64) -> Record {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Record {
        id: text("x-request-id").unwrap_or_else(|| format!("mock-{number}")),
        attempt: text("x-bilanz-attempt"),
        answer_id: String::new(),
        dialect: route.dialect.as_str(),
        operation: route.op.as_str(),
        model: String::new(),
        stream: false,
        status: None,
        usage: None,
        usage_told: false,
        tokens_sent: 0,
        complete: false,
        client_aborted: false,
        bytes: 0,
        faults: String::new(),
    }
}

fn note(record: &mut Record, ask: Ask, usage: TrueUsage, id: String) {
    record.dialect = ask.dialect.as_str();
    record.stream = ask.stream;
    if ask.op.runs_model() {
        record.usage = Some(usage);
        record.answer_id = id;
    }
    record.model = ask.model;
}

/// What is asked, with the faults of header and model name added.
fn read(route: &Route, headers: &HeaderMap, body: &[u8], faults: &mut Faults) -> Result<Ask, String> {
    for value in headers.get_all("x-mock-fault") {
        let text = value.to_str().map_err(|_| "x-mock-fault is no text".to_owned())?;
        faults.add_list(text).map_err(|error| format!("x-mock-fault: {error}"))?;
    }
    if !route.op.runs_model() && route.op != Op::CountTokens {
        return Ok(Ask::empty(route.dialect, route.op));
    }
    let mut ask = Ask::read(route, headers, body)?;
    if let Some(name) = faults.split_model(&ask.model) {
        ask.model = name;
    }
    // Only now: the same prompt has the same answer, whatever goes wrong with it.
    ask.hash = digest(ask.hash, ask.model.as_bytes());
    Ok(ask)
}

/// The provider's id of an answer.
fn answer_id(ask: &Ask, tag: &str) -> String {
    match ask.op {
        Op::ChatCompletions if ask.dialect == Dialect::Mistral => tag.to_owned(),
        Op::ChatCompletions => format!("chatcmpl-{tag}"),
        Op::Completions => format!("cmpl-{tag}"),
        Op::Responses => format!("resp_{tag}"),
        Op::Messages | Op::InvokeModel | Op::InvokeModelStream => format!("msg_{tag}"),
        Op::GenerateContent | Op::StreamGenerateContent => tag.to_owned(),
        // Their bodies have no id of their own; the head names the request.
        _ => format!("req_{tag}"),
    }
}

fn write(job: &Job<'_>, query: Option<&str>) -> Answer {
    match job.ask.op {
        Op::ChatCompletions | Op::Completions => openai::completion(job),
        Op::Responses => responses::response(job),
        Op::Embeddings => lists::embeddings(job),
        Op::Messages => anthropic::message(job),
        Op::GenerateContent => gemini::content(job),
        Op::StreamGenerateContent => gemini::stream(job, query.is_some_and(|query| query.split('&').any(|part| part == "alt=sse"))),
        Op::EmbedContent | Op::BatchEmbedContents => gemini::embeddings(job),
        Op::Converse => bedrock::converse(job),
        Op::ConverseStream => bedrock::converse_stream(job),
        Op::InvokeModel => bedrock::invoke(job),
        Op::InvokeModelStream => bedrock::invoke_stream(job),
        Op::OllamaChat | Op::OllamaGenerate => ollama::generate(job),
        Op::OllamaEmbed | Op::OllamaEmbeddings => ollama::embed(job),
        Op::CountTokens => lists::count(job),
        Op::Models | Op::Version => lists::models(job),
        Op::Ledger | Op::Stats | Op::Health | Op::Unknown => errors::answer(job.ask.dialect, 404, "nothing is here"),
    }
}

fn respond(
    answer: Answer,
    dialect: Dialect,
    faults: &Faults,
    token_ms: u64,
    tag: &str,
    mut guard: Guard,
) -> io::Result<Response<MockBody>> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut headers = heads::of(dialect, tag);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    for (name, value) in &answer.headers {
        if let Ok(value) = HeaderValue::try_from(value.as_str()) {
            headers.insert(*name, value);
        }
    }
    if let Some(coding) = faults.coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.as_str()));
    }
    if token_ms > 0 || faults.slow_ms.is_some() {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    let shaped = shape(answer, dialect, faults, token_ms)?;
    if let Some(length) = shaped.wrong_length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    guard.cut = shaped.wrong_length.is_some() || shaped.steps.iter().any(|step| matches!(step, Step::Break));
    guard.note(|record| {
        record.status = Some(status.as_u16());
        record.usage_told = shaped.usage_told && record.usage.is_some();
        if status.as_u16() >= 300 {
            record.usage = None;
        }
    });
    let mut response = Response::new(MockBody::new(shaped.steps, shaped.length, guard));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    if faults.http10 {
        *response.version_mut() = Version::HTTP_10;
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}
