//! What passes right now: the last requests, sums since the start, and gaps.

use lca::{Evidence, Stats};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Requests that are remembered.
const REMEMBERED: usize = 256;
/// Distinct rows of the sums; later ones share a row for the rest.
const MOST_ROWS: usize = 4096;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// The answer was whole.
    Complete,
    /// The provider answered with an error.
    Failed,
    /// The client went away.
    ClientGone,
    /// The upstream broke off, or could not be reached.
    UpstreamFault,
}

impl End {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Complete, Self::Failed, Self::ClientGone, Self::UpstreamFault];

    /// The word in labels and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::ClientGone => "client_gone",
            Self::UpstreamFault => "upstream_fault",
        }
    }
}

/// One attempt as it passed.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Request id, as in the books.
    pub id: Arc<str>,
    /// Start, milliseconds since 1970 UTC.
    pub time_ms: i64,
    /// Account.
    pub account: Arc<str>,
    /// Upstream.
    pub upstream: Arc<str>,
    /// Model, normalised.
    pub model: Arc<str>,
    /// Status; 0 when no head came.
    pub status: u16,
    /// How it ended.
    pub end: End,
    /// Input tokens of all classes; `None` when unknown.
    pub input_tokens: Option<i64>,
    /// Output tokens of all classes.
    pub output_tokens: Option<i64>,
    /// Whether the tokens are estimated.
    pub estimated: bool,
    /// Duration, milliseconds.
    pub duration_ms: i64,
    /// Time to the first token, milliseconds.
    pub ttft_ms: Option<i64>,
    /// Rules and edits that acted.
    pub acted: Arc<str>,
}

/// What a row of the sums is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LiveKey {
    /// Account.
    pub account: Arc<str>,
    /// Provider id.
    pub provider: Arc<str>,
    /// Model, normalised.
    pub model: Arc<str>,
    /// Region as reported.
    pub region: Arc<str>,
    /// Zone, when it is known better.
    pub zone: Arc<str>,
    /// Site.
    pub site: Arc<str>,
    /// Where the counts come from.
    pub evidence: Evidence,
}

/// What could not be kept as it should.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Attempts whose usage the provider did not give.
    pub usage_missing: u64,
    /// Attempts whose usage could not be believed.
    pub usage_doubtful: u64,
    /// Requests to operations that are not metered.
    pub operation_unknown: u64,
    /// Records that wait in memory, since the journal cannot be written.
    pub records_waiting: u64,
    /// Records that are lost.
    pub records_lost: u64,
}

/// One row of the sums.
#[derive(Default)]
struct Row {
    stats: Stats,
    ended: [u64; 4],
}

/// Times in classes that double, for distributions over many hosts.
#[derive(Default)]
pub struct Histogram {
    classes: [AtomicU64; Histogram::BOUNDS_MS.len() + 1],
    sum_ms: AtomicU64,
}

impl Histogram {
    /// Upper bounds of the classes, milliseconds; one more class is open.
    pub const BOUNDS_MS: [i64; 14] = [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_240, 20_480, 40_960, 81_920];

    fn add(&self, time_ms: i64) {
        let place = Self::BOUNDS_MS.partition_point(|bound| *bound < time_ms);
        if let Some(class) = self.classes.get(place) {
            class.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_ms.fetch_add(time_ms.max(0).unsigned_abs(), Ordering::Relaxed);
    }

    /// Times in each class, the open one last, and the sum of all in milliseconds.
    #[must_use]
    pub fn read(&self) -> (Vec<u64>, u64) {
        (self.classes.iter().map(|class| class.load(Ordering::Relaxed)).collect(), self.sum_ms.load(Ordering::Relaxed))
    }
}

/// What passes right now. Shared by all threads.
#[derive(Default)]
pub struct Live {
    recent: Mutex<VecDeque<(Seen, LiveKey)>>,
    sums: Mutex<HashMap<LiveKey, Row>>,
    refused: Mutex<BTreeMap<String, u64>>,
    ended: [AtomicU64; 4],
    durations: Histogram,
    first_tokens: Histogram,
    /// Requests on their way.
    pub active: AtomicU64,
    /// Attempts without usage.
    pub(crate) usage_missing: AtomicU64,
    /// Attempts with usage beyond belief.
    pub(crate) usage_doubtful: AtomicU64,
    /// Requests to unknown operations.
    pub(crate) operation_unknown: AtomicU64,
    /// Records in memory.
    pub(crate) records_waiting: AtomicU64,
    /// Records lost.
    pub(crate) records_lost: AtomicU64,
}

impl Live {
    /// Notes an attempt that has ended.
    pub(crate) fn note(&self, seen: Seen, key: LiveKey, counts: &lca::Counts) {
        let end = seen.end;
        if let Some(ended) = self.ended.get(end as usize) {
            ended.fetch_add(1, Ordering::Relaxed);
        }
        self.durations.add(seen.duration_ms);
        if let Some(ttft_ms) = seen.ttft_ms {
            self.first_tokens.add(ttft_ms);
        }
        {
            let mut recent = lock(&self.recent);
            if recent.len() == REMEMBERED {
                recent.pop_front();
            }
            recent.push_back((seen, key.clone()));
        }
        let mut sums = lock(&self.sums);
        let key = if sums.len() < MOST_ROWS || sums.contains_key(&key) { key } else { rest(&key) };
        let row = sums.entry(key).or_default();
        row.stats.add_counts(counts);
        if let Some(ended) = row.ended.get_mut(end as usize) {
            *ended += 1;
        }
    }

    /// Notes what was told of, and did not pass here: an outcome, or a span.
    pub(crate) fn note_outcome(&self, key: LiveKey, counts: &lca::Counts) {
        let mut sums = lock(&self.sums);
        let key = if sums.len() < MOST_ROWS || sums.contains_key(&key) { key } else { rest(&key) };
        sums.entry(key).or_default().stats.add_counts(counts);
    }

    /// What a request was about, when it is still remembered.
    pub(crate) fn about(&self, id: &str) -> Option<LiveKey> {
        lock(&self.recent).iter().rev().find(|(seen, _)| *seen.id == *id).map(|(_, key)| key.clone())
    }

    /// Notes a refusal, by the rule or the code of the error.
    pub(crate) fn refuse(&self, why: &str) {
        let mut refused = lock(&self.refused);
        if refused.len() < MOST_ROWS || refused.contains_key(why) {
            *refused.entry(why.to_owned()).or_default() += 1;
        }
    }

    /// The last attempts, newest first.
    #[must_use]
    pub fn recent(&self) -> Vec<Seen> {
        lock(&self.recent).iter().rev().map(|(seen, _)| seen.clone()).collect()
    }

    /// Sums since the start, in order of their keys.
    #[must_use]
    pub fn sums(&self) -> Vec<(LiveKey, Stats)> {
        let mut rows: Vec<_> = lock(&self.sums).iter().map(|(key, row)| (key.clone(), row.stats.clone())).collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        rows
    }

    /// Attempts since the start by row of the sums and by how they ended, in order of the keys.
    #[must_use]
    pub fn ends(&self) -> Vec<(LiveKey, [(End, u64); 4])> {
        let pair = |row: &Row| [0, 1, 2, 3].map(|place| (End::ALL[place], row.ended[place]));
        let mut rows: Vec<_> = lock(&self.sums).iter().map(|(key, row)| (key.clone(), pair(row))).collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        rows
    }

    /// How long attempts took.
    #[must_use]
    pub fn durations(&self) -> &Histogram {
        &self.durations
    }

    /// How long the first tokens of streams took.
    #[must_use]
    pub fn first_tokens(&self) -> &Histogram {
        &self.first_tokens
    }

    /// Refusals since the start, by rule or code.
    #[must_use]
    pub fn refused(&self) -> BTreeMap<String, u64> {
        lock(&self.refused).clone()
    }

    /// Attempts since the start, by how they ended.
    #[must_use]
    pub fn ended(&self) -> [(End, u64); 4] {
        End::ALL.map(|end| (end, self.ended.get(end as usize).map_or(0, |count| count.load(Ordering::Relaxed))))
    }

    /// What could not be kept as it should, since the start.
    #[must_use]
    pub fn gaps(&self) -> Gaps {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Gaps {
            usage_missing: of(&self.usage_missing),
            usage_doubtful: of(&self.usage_doubtful),
            operation_unknown: of(&self.operation_unknown),
            records_waiting: of(&self.records_waiting),
            records_lost: of(&self.records_lost),
        }
    }
}

/// The row that takes what has no row of its own: many users cannot fill the memory.
fn rest(key: &LiveKey) -> LiveKey {
    let empty: Arc<str> = Arc::from("");
    LiveKey {
        account: Arc::from("(others)"),
        provider: empty.clone(),
        model: empty.clone(),
        region: empty.clone(),
        zone: empty.clone(),
        site: empty,
        evidence: key.evidence,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
