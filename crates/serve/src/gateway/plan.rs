//! What is sent and where to: targets of a route, leave of the rules, edits of the body.

use super::exchange::Head;
use super::setup::Gateway;
use super::upstream::Upstream;
use books::{Entry, Rank};
use bytes::Bytes;
use govern::{Admission, Ask, Verdict};
use measure::usage::{Asked, Claims, Edits, Operation};
use std::sync::Arc;

/// Reserved for pictures, sound and files in a request, tokens; a large picture takes some thousands.
const MEDIA_TOKENS: u64 = 10_000;

/// One place a request may go.
pub struct Target {
    pub upstream: Arc<Upstream>,
    pub model: String,
    /// Whether the name was changed by a route.
    pub renamed: bool,
}

/// Where a request may go, best first.
pub fn targets(gateway: &Gateway, head: &Head, asked: &Asked) -> Vec<Target> {
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

/// Labels and metadata of a request, as `name=value`.
fn tags(head: &Head, asked: &Asked) -> Vec<String> {
    head.owner.labels.iter().chain(&asked.metadata).map(|(name, value)| format!("{name}={value}")).collect()
}

/// The most input tokens that a body can hold: one for each byte, syntax included, which pays for what a chat template adds.
/// Of pictures and files the bytes say nothing; what they take beyond this shows as overshoot.
fn most_input_tokens(asked: &Asked, body_bytes: usize) -> u64 {
    if asked.media { asked.text_bytes + MEDIA_TOKENS } else { body_bytes as u64 }
}

/// Asks the rules.
pub fn admit(gateway: &Gateway, head: &Head, asked: &Asked, body_bytes: usize, target: &Target) -> Result<Admission, govern::Refusal> {
    let name = gateway.name(&target.upstream, &target.model);
    let config = &target.upstream.config;
    // The rules see the account that the entry will bear, also where the configuration finds it by user or label.
    let mut entry = Entry::new(gateway.source.clone(), Rank::Gateway, 0);
    entry.model = name.model.clone();
    let tags = tags(head, asked);
    let claims = Claims {
        account: &head.owner.account,
        key: &head.owner.key,
        user: &asked.user,
        site: config.site.as_deref().unwrap_or_default(),
        zone: config.zone.as_deref().unwrap_or_default(),
        tags: &tags,
    };
    gateway.placer.place(&gateway.mapping(), &claims, &mut entry);
    let ask = Ask {
        account: &entry.account,
        key: &head.owner.key,
        user: &asked.user,
        provider: &name.provider,
        model: &name.model,
        upstream: &target.upstream.name,
        place: books::place(&entry.zone, &entry.site, &target.upstream.region, &gateway.config),
        site: &entry.site,
        stream: asked.stream,
        labels: &head.owner.labels,
        input_tokens: most_input_tokens(asked, body_bytes),
        output_tokens: asked.max_output_tokens.map(|tokens| tokens.saturating_mul(u64::from(asked.choices.max(1)))),
    };
    match gateway.governor.admit(&ask, gateway.now_ms()) {
        Verdict::Admitted(admission) => Ok(admission),
        Verdict::Refused(refusal) => Err(refusal),
    }
}

/// What is sent, and what is said of it.
pub struct Plan {
    pub body: Bytes,
    /// Whether the body is no longer the one the client compressed.
    pub edited: bool,
    pub path: String,
    pub hide_usage: bool,
    pub tags: Vec<String>,
    pub acted: String,
}

impl Plan {
    /// What goes to `target`. `body` is the plain one, `sent` the one that the client sent.
    pub fn new(head: &Head, asked: &Asked, target: &Target, admission: &Admission, body: &Bytes, sent: &Bytes) -> Self {
        let streams_usage = matches!(head.operation, Operation::ChatCompletions | Operation::Completions);
        let hide_usage = streams_usage && asked.stream && !asked.usage_asked && target.upstream.asks_usage();
        let model = admission.downgrade.clone().or_else(|| target.renamed.then(|| target.model.clone()));
        let model = model.map(|model| model.strip_prefix(&format!("{}/", target.upstream.provider)).map_or(model.clone(), str::to_owned));
        let mut tags = tags(head, asked);
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
