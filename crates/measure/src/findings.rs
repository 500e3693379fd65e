//! Findings, added up per kind so that a million rows give one line.

use books::{Finding, Severity};
use std::collections::BTreeMap;

/// The most things one kind of finding tells apart.
const MAX_ABOUT: usize = 1_000;

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Notice {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    /// One sentence or two; `{}` stands for what it is about.
    pub(crate) text: &'static str,
}

/// What was noticed in one file.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    seen: BTreeMap<(&'static str, String), (Notice, u64)>,
}

impl Findings {
    /// Counts a notice for `rows` rows.
    pub(crate) fn note(&mut self, notice: &Notice, about: &str, rows: u64) {
        let about = if self.seen.len() < MAX_ABOUT { about } else { "others" };
        // The key is made for new notices alone; a lookup must not allocate per row in the usual case of few.
        if let Some((_, entry)) = self.seen.iter_mut().find(|((code, key), _)| *code == notice.code && key == about) {
            entry.1 += rows;
            return;
        }
        self.seen.insert((notice.code, about.to_owned()), (*notice, rows));
    }
    /// The list, sorted by code and subject.
    pub(crate) fn list(self) -> Vec<Finding> {
        self.seen
            .into_iter()
            .map(|((code, about), (notice, rows))| Finding {
                code: code.to_owned(),
                severity: notice.severity,
                text: notice.text.replace("{}", &about),
                about,
                rows,
            })
            .collect()
    }
}

pub(crate) const MODEL_MISSING: Notice = Notice {
    code: "model_missing",
    severity: Severity::Warning,
    text: "These rows name no model, so the default of the class is used, with a wide range; state the model with --model.",
};
pub(crate) const MODEL_UNKNOWN: Notice = Notice {
    code: "model_unknown",
    severity: Severity::Warning,
    text: "The model `{}` is not in the factor set, so the default of the class is used, with a wide range; add it to the overlay of factors.",
};
pub(crate) const UNASSIGNED: Notice = Notice {
    code: "account_unassigned",
    severity: Severity::Note,
    text: "No rule maps these rows to an account, so they are kept as `unassigned`; add a [[map]] rule or default_account to bilanz.toml, or give --account.",
};
pub(crate) const TIME_ZONE: Notice =
    Notice { code: "time_zone_assumed", severity: Severity::Note, text: "The times name no zone and are taken as UTC." };
pub(crate) const LONG_ROWS: Notice = Notice {
    code: "rows_span_days",
    severity: Severity::Warning,
    text: "These rows cover more than a day; each counts whole on its first day, so a statement by day or of a part of their time is off: export by day.",
};
pub(crate) const REQUESTS_UNKNOWN: Notice = Notice {
    code: "requests_unknown",
    severity: Severity::Note,
    text: "These rows do not state how many requests they stand for, so the energy of long contexts is left out for them; add request counts where the source has them.",
};
pub(crate) const MORE_PAGES: Notice = Notice {
    code: "more_pages",
    severity: Severity::Warning,
    text: "The page says has_more=true: later buckets are missing; fetch the following pages and import them too.",
};
pub(crate) const PREFIX_CACHE: Notice = Notice {
    code: "cache_not_inferred",
    severity: Severity::Note,
    text: "The prefix block ids show what a cache could reuse, not what one did: cache reads are left unknown, and all input counts as uncached.",
};
pub(crate) const EMPTY_BUCKETS: Notice =
    Notice { code: "empty_buckets", severity: Severity::Note, text: "Buckets without any usage were skipped." };
pub(crate) const NO_MODEL_CALL: Notice = Notice {
    code: "spans_skipped",
    severity: Severity::Note,
    text: "Spans that are no call of a model were skipped (agents, tools and other steps, whose calls have spans of their own).",
};
pub(crate) const NO_USAGE: Notice = Notice {
    code: "usage_missing",
    severity: Severity::Warning,
    text: "These rows state no token counts; they count as requests of unknown length.",
};
pub(crate) const RESULT_SKIPPED: Notice = Notice {
    code: "results_skipped",
    severity: Severity::Note,
    text: "Results of the kind `{}` hold no tokens, images or audio and were skipped.",
};
pub(crate) const SPEND_ZERO: Notice = Notice {
    code: "spend_zero",
    severity: Severity::Note,
    text: "The source states a cost of 0 for rows with tokens, as gateways do for models without a price; the cost is kept as unknown.",
};
pub(crate) const JSON_UNREAD: Notice = Notice {
    code: "json_unread",
    severity: Severity::Warning,
    text: "The field `{}` of these rows is no JSON (single quotes are Python's), so what it says of cached tokens, reasoning or tags is left out; export it as JSON.",
};
pub(crate) const RESOURCE_LATE: Notice = Notice {
    code: "resource_late",
    severity: Severity::Note,
    text: "The resource stands behind its spans in the file, so the service name of these spans is not known.",
};
pub(crate) const CACHE_BESIDE: Notice = Notice {
    code: "cache_beside",
    severity: Severity::Note,
    text: "The log states cached input and does not say whether the input tokens contain it; it is taken as standing beside them, as in the answers of the service.",
};
