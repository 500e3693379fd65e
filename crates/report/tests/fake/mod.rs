//! Plausible books that exist only in memory: eight accounts, seven models, 400 days with a weekly rhythm.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used)]

use books::{Config, Day, Finding, Head, ImportRecord, Ledger, LedgerError, Rank, Severity, Site, SumKey, SumRow, Sums};
use lca::{Counts, Evidence, Kind, Stats};
use std::sync::Arc;

/// The first day of the fake books.
pub const FIRST: &str = "2025-08-12";
/// Length of the fake books, in days.
pub const DAYS: i32 = 400;

/// Books in memory.
pub struct Fake {
    pub rows: Vec<SumRow>,
    pub imports: Vec<ImportRecord>,
}

struct Way {
    account: &'static str,
    provider: &'static str,
    model: &'static str,
    region: &'static str,
    site: &'static str,
    requests: i64,
    input: i64,
    output: i64,
    growth: f64,
}

const WAYS: &[Way] = &[
    Way {
        account: "acme/support/chatbot",
        provider: "openai",
        model: "openai/gpt-4o",
        region: "eu-central-1",
        site: "",
        requests: 5200,
        input: 1900,
        output: 320,
        growth: 0.7,
    },
    Way {
        account: "acme/support/chatbot",
        provider: "openai",
        model: "openai/gpt-4o-mini",
        region: "eu-central-1",
        site: "",
        requests: 14_000,
        input: 900,
        output: 180,
        growth: 1.4,
    },
    Way {
        account: "acme/engineering/assistant",
        provider: "anthropic",
        model: "anthropic/claude-sonnet-4",
        region: "us-east-1",
        site: "",
        requests: 3100,
        input: 9800,
        output: 900,
        growth: 2.1,
    },
    Way {
        account: "acme/engineering/review",
        provider: "anthropic",
        model: "anthropic/claude-3-5-haiku",
        region: "",
        site: "",
        requests: 1800,
        input: 5200,
        output: 410,
        growth: 1.0,
    },
    Way {
        account: "acme/legal/contracts",
        provider: "mistral",
        model: "mistral/mistral-large",
        region: "eu-west-3",
        site: "",
        requests: 240,
        input: 14_000,
        output: 700,
        growth: 0.3,
    },
    Way {
        account: "acme/research/extraction",
        provider: "self_hosted",
        model: "huggingface_hub/llama-3.1-70b-instruct",
        region: "",
        site: "berlin",
        requests: 9000,
        input: 2600,
        output: 240,
        growth: 0.9,
    },
    Way {
        account: "acme/marketing/drafts",
        provider: "google",
        model: "google/gemini-2.5-flash",
        region: "europe-west4",
        site: "",
        requests: 700,
        input: 600,
        output: 850,
        growth: 0.1,
    },
    Way {
        account: "acme/finance/forecast",
        provider: "",
        model: "vendor/mystery-1",
        region: "",
        site: "",
        requests: 60,
        input: 3000,
        output: 500,
        growth: 0.0,
    },
];

/// A generator whose numbers never change.
fn noise(seed: u64) -> f64 {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995;
    for shift in [30, 27, 31] {
        x = (x ^ (x >> shift)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    (x >> 11) as f64 / (1u64 << 53) as f64
}

impl Fake {
    /// The usual fake books; `outcomes` adds what came of the support chatbot.
    pub fn new(outcomes: bool) -> Self {
        let first = books::parse_day(FIRST).unwrap();
        let mut rows = Vec::new();
        for day in 0..DAYS {
            let date = Day(first.0 + day);
            // An outage of three days leaves a gap, which no chart may draw as zero.
            if (371..374).contains(&day) {
                continue;
            }
            let weekday = date.date().weekday().to_monday_zero_offset();
            let rhythm: f64 = if weekday >= 5 { 0.25 } else { 1.0 };
            for (place, way) in WAYS.iter().enumerate() {
                let rhythm = if way.account.contains("support") { rhythm.max(0.7) } else { rhythm };
                let trend = 1.0 + way.growth * f64::from(day) / f64::from(DAYS);
                let requests = (way.requests as f64 * rhythm * trend * (0.8 + 0.4 * noise(day as u64 * 31 + place as u64))) as i64;
                rows.push(row(date, way, requests.max(1), outcomes));
            }
        }
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        Self { rows, imports: imports() }
    }

    /// Books without a single entry.
    pub fn empty() -> Self {
        Self { rows: Vec::new(), imports: Vec::new() }
    }
}

fn row(day: Day, way: &Way, requests: i64, outcomes: bool) -> SumRow {
    let metered = way.site == "berlin";
    let mut counts = Counts {
        requests: Some(requests),
        input_tokens: Some(requests * way.input),
        output_tokens: Some(requests * way.output),
        ..Counts::default()
    };
    if way.provider != "mistral" {
        counts.cache_read_tokens = Some(requests * way.input / 4);
    }
    if way.model.ends_with("gpt-4o") {
        counts.cost_micro = Some(requests * (way.input * 5 / 2 + way.output * 10));
    }
    if outcomes && way.account.contains("chatbot") {
        counts.outcomes_accepted = Some(requests * 71 / 100);
        counts.outcomes_rejected = Some(requests * 9 / 100);
    }
    if metered {
        counts.energy_nj = Some(i128::from(requests) * i128::from(way.output) * 1_100_000_000);
    }
    counts.fill_context();
    let word = |word: &str| -> Arc<str> { Arc::from(word) };
    SumRow {
        key: SumKey {
            day,
            account: word(way.account),
            provider: word(way.provider),
            model: word(way.model),
            region: word(way.region),
            zone: word(""),
            site: word(way.site),
            source: word(if metered { "gateway" } else { "usage" }),
            rank: if metered { Rank::Gateway } else { Rank::Bucket },
            kind: Kind::Inference,
            stage: None,
            evidence: if metered { Evidence::Counter } else { Evidence::Counted },
            currency: word(if counts.cost_micro.is_some() { "USD" } else { "" }),
        },
        stats: Box::new(Stats::of(&counts)),
    }
}

fn imports() -> Vec<ImportRecord> {
    let finding = |code: &str, about: &str, severity, rows| Finding {
        code: code.to_owned(),
        severity,
        about: about.to_owned(),
        text: format!("{about}: a finding of kind {code}; look into it"),
        rows,
    };
    let import = |id: u64, file: &str, reverted, findings| ImportRecord {
        id,
        file: file.to_owned(),
        format: "bilanz-usage".to_owned(),
        source: "usage".to_owned(),
        sealed_ms: 1_789_000_000_000,
        rows: 2800,
        imported: 2797,
        duplicates: 3,
        superseded: 0,
        rejected: 0,
        reverted,
        findings,
    };
    vec![
        import(
            1,
            "usage-2025.csv",
            false,
            vec![
                finding("model_unknown", "vendor/mystery-1", Severity::Warning, 400),
                finding("time_zone_assumed", "usage-2025.csv", Severity::Note, 2800),
            ],
        ),
        import(2, "usage-2026.csv", false, vec![finding("model_unknown", "vendor/mystery-1", Severity::Warning, 100)]),
        import(3, "mistake.csv", true, vec![finding("rows_rejected", "mistake.csv", Severity::Error, 9)]),
    ]
}

/// The configuration that belongs to the fake books.
pub fn config() -> Config {
    let mut config = Config { organisation: "Acme".to_owned(), ..Config::default() };
    let site = Site {
        zone: "DEU".to_owned(),
        accelerator: Some("h100-sxm".to_owned()),
        accelerators: Some(4),
        bytes_per_weight: None,
        ..Site::default()
    };
    config.site.insert("berlin".to_owned(), site);
    config
}

impl Ledger for Fake {
    fn head(&self) -> Result<Head, LedgerError> {
        let days = self.rows.first().zip(self.rows.last()).map(|(first, last)| (first.key.day, last.key.day));
        let digest = if self.rows.is_empty() {
            "empty".to_owned()
        } else {
            "5f0c2a7be41d9c3388f6a0b1c2d3e4f5061728394a5b6c7d8e9f00112233abcd".to_owned()
        };
        Ok(Head { digest, links: self.imports.len() as u64, entries: self.rows.len() as u64, days })
    }
    fn sums(&self, from: Option<Day>, to: Option<Day>) -> Result<Sums, LedgerError> {
        let within = |row: &&SumRow| from.is_none_or(|from| row.key.day >= from) && to.is_none_or(|to| row.key.day <= to);
        let rows: Vec<SumRow> = self.rows.iter().filter(within).cloned().collect();
        Ok(books::apply_precedence(rows))
    }
    fn sums_raw(&self, from: Option<Day>, to: Option<Day>) -> Result<Sums, LedgerError> {
        self.sums(from, to)
    }
    fn imports(&self) -> Result<Vec<ImportRecord>, LedgerError> {
        Ok(self.imports.clone())
    }
}
