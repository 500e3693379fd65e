//! One call of an upstream: written down before it begins and when it ends, however it ends.

use super::live::{End, LiveKey, Seen};
use super::setup::Gateway;
use super::upstream::Upstream;
use super::worker::Worker;
use books::{Entry, LedgerError, Rank};
use govern::Admission;
use lca::{Counts, Evidence};
use measure::usage::{Asked, Claims, Usage, complete};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::oneshot;

/// Whose a request is, as the door found it.
#[derive(Debug, Clone, Default)]
pub struct Owner {
    /// Account of the key; empty without a key.
    pub account: Arc<str>,
    /// Id of the key; empty without one.
    pub key: Arc<str>,
    /// Labels of the request.
    pub labels: Vec<(String, String)>,
}

/// What all attempts of one request share.
pub struct Request {
    pub gateway: Arc<Gateway>,
    pub worker: Arc<Worker>,
    pub id: Arc<str>,
    pub owner: Owner,
    pub asked: Asked,
    /// `name=value` labels, edits and effects: what the entry says beside its counts.
    pub tags: Vec<String>,
    /// Rules and edits that acted, for the header.
    pub acted: Arc<str>,
}

/// One attempt. Dropped without an end, it is written down as given up by the client.
pub struct Attempt {
    request: Arc<Request>,
    upstream: Arc<Upstream>,
    entry: Entry,
    admission: Option<Admission>,
    start_us: i64,
    first_us: Option<i64>,
    status: u16,
    ended: bool,
}

impl Attempt {
    /// Writes the intent down. The admission goes along: without one, nothing can be sent.
    pub fn begin(
        request: Arc<Request>,
        upstream: Arc<Upstream>,
        model: &str,
        number: u32,
        mut admission: Admission,
    ) -> Result<Self, LedgerError> {
        let gateway = &request.gateway;
        let start_us = gateway.clock.now_us();
        let mut entry = Entry::new(gateway.source.clone(), Rank::Gateway, start_us / 1000);
        entry.external_id = Some(if number == 1 { Box::from(&*request.id) } else { format!("{}.{number}", request.id).into() });
        entry.evidence = Evidence::Estimated;
        entry.region = upstream.region.clone();
        let name = gateway.name(&upstream, model);
        entry.provider = name.provider.clone();
        entry.model = name.model.clone();
        entry.model_reported = name.spelt.clone();
        entry.counts = Counts { requests: Some(1), ..Usage::default().counts(&request.asked).0 };
        request.place(&upstream, &mut entry, &["end=interrupted".to_owned()]);
        if entry.counts.input_tokens.is_some() {
            entry.counts.fill_context();
        }
        // Not sent: the admission gives back all that it holds when it is dropped.
        request.worker.keeping.intend(&entry)?;
        admission.sent();
        gateway.live().active.fetch_add(1, Ordering::Relaxed);
        Ok(Self { request, upstream, entry, admission: Some(admission), start_us, first_us: None, status: 0, ended: false })
    }

    /// The upstream.
    pub fn upstream(&self) -> &Arc<Upstream> {
        &self.upstream
    }

    /// The request that this is an attempt of.
    pub fn request(&self) -> &Arc<Request> {
        &self.request
    }

    /// The entry as it stands.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Status of the answer; 0 before its head has come.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A head has come.
    pub fn answered(&mut self, status: u16) {
        self.status = status;
    }

    /// The region that the head of the answer names (Azure: `East US 2`); nothing when empty.
    pub fn region(&mut self, spelt: &str) {
        if !spelt.is_empty() && spelt.len() <= 64 {
            self.entry.region = Arc::from(spelt.to_ascii_lowercase().replace(' ', ""));
        }
    }

    /// Output has begun.
    pub fn first_token(&mut self) {
        if self.first_us.is_none() {
            self.first_us = Some(self.request.gateway.clock.now_us());
        }
    }

    /// Whether the end has been written down.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// The provider ran nothing, or broke off before an answer began; the admission goes on to the next attempt.
    pub fn give_up(mut self, end: End, ran: bool) -> Option<Admission> {
        let mut admission = self.admission.take();
        self.write(&Usage::default(), end, ran);
        if let Some(admission) = &mut admission {
            // What ran nothing must not use up a budget.
            if ran { admission.charge_attempt(&self.entry) } else { admission.ran_nothing() }
        }
        admission
    }

    /// Writes the result down and settles. Returns what the last bytes have to wait for.
    pub fn end(&mut self, usage: &Usage, end: End) -> Option<oneshot::Receiver<()>> {
        if self.ended {
            return None;
        }
        // Refused before a model ran: the provider says so by its status.
        let ran = !(matches!(self.status, 400..=499 | 503 | 529) && usage.counted.is_none());
        let wait = self.write(usage, end, ran);
        if let Some(admission) = self.admission.take() {
            admission.settle(&self.entry);
        }
        wait
    }

    fn write(&mut self, usage: &Usage, end: End, ran: bool) -> Option<oneshot::Receiver<()>> {
        self.ended = true;
        let gateway = self.request.gateway.clone();
        let live = gateway.live();
        let now_us = gateway.clock.now_us();
        let duration_ms = (now_us - self.start_us).max(0) / 1000;
        let ttft_ms = self.first_us.filter(|_| self.request.asked.stream).map(|first| (first - self.start_us).max(0) / 1000);
        let (counts, evidence) = if ran { usage.counts(&self.request.asked) } else { (nothing(), Evidence::Counted) };
        let missing = ran && usage.counted.is_none() && end != End::Failed;
        self.entry.counts =
            Counts { requests: Some(1), requests_failed: Some(i64::from(end != End::Complete && end != End::ClientGone)), ..counts };
        self.entry.evidence = evidence;
        self.entry.time_end_ms = self.entry.time_start_ms + duration_ms;
        if !usage.model.is_empty() {
            let name = gateway.name(&self.upstream, &usage.model);
            self.entry.provider = name.provider.clone();
            // A provider may spell what it served in a way that nobody knows: then what was asked for stands.
            if name.known || self.entry.model.is_empty() {
                self.entry.model = name.model.clone();
            }
            self.entry.model_reported = name.spelt.clone();
        }
        if !usage.region.is_empty() {
            self.entry.region = Arc::from(usage.region.as_str());
        }
        let mut marks = Vec::new();
        if end != End::Complete {
            marks.push(format!("end={}", end.as_str()));
        }
        if self.status != 200 {
            marks.push(format!("status={}", self.status));
        }
        if missing {
            marks.push("usage=missing".to_owned());
            live.usage_missing.fetch_add(1, Ordering::Relaxed);
        }
        if !usage.doubt.is_empty() {
            marks.push("usage=doubtful".to_owned());
            live.usage_doubtful.fetch_add(1, Ordering::Relaxed);
        }
        self.request.place(&self.upstream, &mut self.entry, &marks);
        complete(&mut self.entry, duration_ms, ttft_ms, &*gateway);
        let wait = self.request.worker.keeping.record(&self.entry);
        live.active.fetch_sub(1, Ordering::Relaxed);
        let entry = &self.entry;
        let stated = |tokens: i64, known: bool| known.then_some(tokens);
        live.note(
            Seen {
                id: self.request.id.clone(),
                time_ms: entry.time_start_ms,
                account: entry.account.clone(),
                upstream: self.upstream.name.clone(),
                model: entry.model.clone(),
                status: self.status,
                end,
                input_tokens: stated(entry.counts.input_all(), entry.counts.input_tokens.is_some()),
                output_tokens: stated(entry.counts.output_all(), entry.counts.output_tokens.is_some()),
                estimated: evidence == Evidence::Estimated,
                duration_ms,
                ttft_ms,
                acted: self.request.acted.clone(),
            },
            LiveKey {
                account: entry.account.clone(),
                provider: entry.provider.clone(),
                model: entry.model.clone(),
                region: entry.region.clone(),
                zone: entry.zone.clone(),
                site: entry.site.clone(),
                evidence,
            },
            &entry.counts,
        );
        wait
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.ended {
            self.end(&Usage::default(), End::ClientGone);
        }
    }
}

impl Request {
    /// Fills account, place and labels of an entry.
    fn place(&self, upstream: &Upstream, entry: &mut Entry, marks: &[String]) {
        let claims = Claims {
            account: &self.owner.account,
            key: &self.owner.key,
            user: &self.asked.user,
            site: upstream.config.site.as_deref().unwrap_or_default(),
            zone: upstream.config.zone.as_deref().unwrap_or_default(),
            tags: &[],
        };
        let gateway = &self.gateway;
        if marks.is_empty() {
            gateway.placer.place(&gateway.mapping(), &Claims { tags: &self.tags, ..claims }, entry);
        } else {
            let tags: Vec<String> = self.tags.iter().chain(marks).cloned().collect();
            gateway.placer.place(&gateway.mapping(), &Claims { tags: &tags, ..claims }, entry);
        }
    }
}

/// The counts of a call that was refused before a model ran: none, and that is known.
fn nothing() -> Counts {
    Counts { input_tokens: Some(0), cache_read_tokens: Some(0), output_tokens: Some(0), ..Counts::default() }
}
