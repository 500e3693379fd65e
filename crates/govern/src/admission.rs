//! `Admission`: the typed proof that a request may be forwarded, and what is held for it.

use crate::counter::Cell;
use crate::pricer::Pricer;
use crate::rates::counted;
use books::{Compare, Entry, Metric};
use std::sync::Arc;

/// The outcome of asking.
pub enum Verdict {
    /// The request may go.
    Admitted(Admission),
    /// It may not.
    Refused(Refusal),
}

/// Why a request may not go, for an error in the dialect of its provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The rule that says no.
    pub rule: String,
    /// One sentence: the rule, its metric, what is spent, the limit, when it opens again.
    pub message: String,
    /// Whether a limit is used up (status 429), or a policy forbids it (403).
    pub over_limit: bool,
    /// Seconds until the window ends, for `retry-after`; `None` where waiting does not help.
    pub retry_after_s: Option<u64>,
}

/// What one budget holds for a request, in ticks of its metric.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) cell: Arc<Cell>,
    pub(crate) metric: Metric,
    pub(crate) compare: Compare,
    /// Still reserved.
    pub(crate) left: i64,
    /// The request itself is counted once, however many attempts it takes.
    pub(crate) counted: bool,
    /// Whether the entry stands for as many requests as it says: in a replay.
    pub(crate) each: bool,
}

impl Hold {
    /// Charges what one attempt used, first out of what is reserved.
    fn charge(&mut self, actual: i64) {
        let actual = match self.metric {
            Metric::Requests if !self.each => {
                let once = if self.counted { 0 } else { actual.clamp(0, 1) };
                self.counted |= once > 0;
                once
            }
            _ => actual,
        };
        let held = actual.min(self.left);
        self.cell.charge(held, actual);
        self.left -= held;
        if actual > held {
            self.cell.overshot(actual - held);
        }
    }

    /// What is reserved becomes spent: nobody knows better.
    fn keep(&mut self) {
        self.counted = true;
        self.cell.charge(self.left, self.left);
        self.left = 0;
    }

    fn give_back(&mut self) {
        self.cell.give_back(self.left);
        self.left = 0;
    }
}

/// The proof that govern let a request through. Only [`crate::Governor::admit`] makes one.
///
/// It holds what was reserved, in the counters of the window in which it was admitted. Per attempt: [`Admission::sent`] when
/// it goes out, then [`Admission::charge_attempt`] with what it used, or [`Admission::settle`] for the last one, which gives
/// back the rest. Dropped when nothing is on its way (before `sent`, or after `charge_attempt`), it gives all back that is
/// left; dropped after `sent`, what is left stays charged, since nobody knows better.
pub struct Admission {
    pub(crate) sent: bool,
    pub(crate) holds: Vec<Hold>,
    pub(crate) pricer: Arc<Pricer>,
    /// Output tokens are capped at this.
    pub cap_output_tokens: Option<u64>,
    /// The request goes to this model instead.
    pub downgrade: Option<String>,
    /// Labels for the entry.
    pub tags: Vec<String>,
    /// `rule: effect` of every rule that did something, for the header and the entry.
    pub acted: Vec<String>,
}

impl Admission {
    /// The request is on its way: from here on something may have been used.
    pub fn sent(&mut self) {
        self.sent = true;
    }

    /// The attempt on its way turned out to have run nothing (the upstream was not reached, or refused before a model ran):
    /// all is held as before it, for the next attempt, or given back when dropped.
    pub fn ran_nothing(&mut self) {
        self.sent = false;
    }

    /// Gives everything back that is not charged: the provider ran nothing.
    pub fn release(mut self) {
        self.sent = false;
    }

    /// Charges what one attempt used, while another is to follow.
    ///
    /// The entry tells model, provider and place itself, since a fallback may have moved the attempt. The amount is taken out
    /// of what is reserved; what it needs beyond that is charged too and shown as overshoot. An amount that is unknown keeps
    /// all that is reserved charged. The metric `requests` counts the request once, all others add up attempts.
    pub fn charge_attempt(&mut self, entry: &Entry) {
        let rates = self.holds.iter().any(|hold| counted(hold.metric, &entry.counts).is_none()).then(|| self.pricer.rates_of(entry));
        let valued = rates.as_ref().map(|rates| rates.valued(&entry.counts, entry.evidence, &entry.currency));
        for hold in &mut self.holds {
            let actual = counted(hold.metric, &entry.counts)
                .unwrap_or_else(|| valued.as_ref().and_then(|valued| valued.ticks(hold.metric, hold.compare)));
            match actual {
                Some(actual) => hold.charge(actual),
                None => {
                    if hold.left == 0 {
                        hold.cell.unvalued(1);
                    }
                    hold.keep();
                }
            }
        }
        self.sent = false;
    }

    /// Charges what the last attempt used and gives back what is left; see [`Admission::charge_attempt`].
    pub fn settle(mut self, entry: &Entry) {
        self.charge_attempt(entry);
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        for hold in &mut self.holds {
            if self.sent { hold.keep() } else { hold.give_back() }
        }
    }
}
