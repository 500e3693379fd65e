//! Counters of budgets: one per rule, window and whose it is; reserved by compare-and-swap, never past the limit.

use books::Per;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// One counter of one window. All amounts are ticks of the metric.
///
/// `committed` is what is spent and what is reserved, in one number, so that a single compare-and-swap decides.
#[derive(Debug)]
pub(crate) struct Cell {
    /// Account, key, model or user; empty when all share one.
    pub(crate) whose: Box<str>,
    committed: AtomicI64,
    reserved: AtomicI64,
    overshoot: AtomicI64,
    refused: AtomicU64,
    unvalued: AtomicU64,
}

/// A counter at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) spent: i64,
    pub(crate) reserved: i64,
    pub(crate) overshoot: i64,
    pub(crate) refused: u64,
    pub(crate) unvalued: u64,
}

impl Cell {
    pub(crate) fn new(whose: &str) -> Self {
        Self {
            whose: Box::from(whose),
            committed: AtomicI64::new(0),
            reserved: AtomicI64::new(0),
            overshoot: AtomicI64::new(0),
            refused: AtomicU64::new(0),
            unvalued: AtomicU64::new(0),
        }
    }

    /// Reserves when that stays within the limit: the new sum of spent and reserved, else the sum that stands in the way.
    pub(crate) fn reserve(&self, ticks: i64, limit: Option<i64>) -> Result<i64, i64> {
        let fits = |committed: i64| {
            let next = committed.saturating_add(ticks);
            limit.is_none_or(|limit| next <= limit).then_some(next)
        };
        let before = self.committed.fetch_update(Ordering::AcqRel, Ordering::Acquire, fits)?;
        self.reserved.fetch_add(ticks, Ordering::AcqRel);
        Ok(before.saturating_add(ticks))
    }

    /// Gives a reservation back.
    pub(crate) fn give_back(&self, ticks: i64) {
        self.reserved.fetch_sub(ticks, Ordering::AcqRel);
        add(&self.committed, -ticks);
    }

    /// Charges `actual`, of which `held` was reserved.
    pub(crate) fn charge(&self, held: i64, actual: i64) {
        add(&self.committed, actual.saturating_sub(held));
        self.reserved.fetch_sub(held, Ordering::AcqRel);
    }

    /// Notes what was charged beyond all that was reserved for a request.
    pub(crate) fn overshot(&self, ticks: i64) {
        add(&self.overshoot, ticks);
    }

    pub(crate) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes requests whose amount is not known and not in the counter.
    pub(crate) fn unvalued(&self, requests: u64) {
        self.unvalued.fetch_add(requests, Ordering::Relaxed);
    }

    /// The counter as it stands; exact when nothing moves, and never more in sum than was committed.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let committed = self.committed.load(Ordering::Acquire);
        let reserved = self.reserved.load(Ordering::Acquire).clamp(0, committed.max(0));
        Snapshot {
            spent: committed - reserved,
            reserved,
            overshoot: self.overshoot.load(Ordering::Acquire),
            refused: self.refused.load(Ordering::Relaxed),
            unvalued: self.unvalued.load(Ordering::Relaxed),
        }
    }
}

/// Adds without ever turning over.
fn add(sum: &AtomicI64, ticks: i64) {
    // The closure always gives a value.
    let _ = sum.fetch_update(Ordering::AcqRel, Ordering::Acquire, |sum| Some(sum.saturating_add(ticks)));
}

/// Whose counter a request is counted in.
pub(crate) fn whose<'a>(per: Per, account: &'a str, key: &'a str, model: &'a str, user: &'a str) -> &'a str {
    match per {
        Per::Rule => "",
        Per::Account => account,
        Per::Key => key,
        Per::Model => model,
        Per::User => user,
    }
}

/// A counter and the window it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) cell: Arc<Cell>,
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
}
