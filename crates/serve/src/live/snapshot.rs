//! One look at the gateway: counters as they stand, valued by the same statement as the books.

use super::ProcessUse;
use crate::{House, Open};
use books::{Config, Day, Head, Rank, SumKey, SumRow, Sums};
use govern::BudgetState;
use lca::{Evaluator, FactorSet, Impact, Indicator, Kind, Profile, Stats};
use quantity::Ratio;
use report::{By, Request, Valued};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::gateway::{End, Gaps, Gateway, LiveKey, Seen};

/// How long one look is good for, milliseconds.
const FRESH_MS: i64 = 500;
/// What parts account and model in the key of a pair; no account and no model holds it.
const PARTED: char = '\n';

/// What is kept between two looks.
#[derive(Default)]
pub struct Desk {
    last: Mutex<Option<Arc<Snapshot>>>,
    /// The highest value that each series of a counter has shown.
    marks: Mutex<HashMap<String, f64>>,
    /// Why the last export failed.
    fault: Mutex<Option<String>>,
}

/// The gateway at one moment.
pub struct Snapshot {
    pub time_ms: i64,
    pub recent: Vec<Seen>,
    pub active: u64,
    pub ended: [(End, u64); 4],
    pub ends: Vec<(LiveKey, [(End, u64); 4])>,
    pub sums: Vec<(LiveKey, Stats)>,
    pub budgets: Vec<BudgetState>,
    pub has_budgets: bool,
    pub gaps: Gaps,
    pub refused: BTreeMap<String, u64>,
    pub process: Option<ProcessUse>,
    pub durations: (Vec<u64>, u64),
    pub first_tokens: (Vec<u64>, u64),
    config: Arc<Config>,
    factors: Arc<FactorSet>,
    valued: [OnceLock<Result<Arc<Valued>, String>>; 3],
    own: OnceLock<Result<Option<Own>, String>>,
}

/// What the process itself costs.
#[derive(Clone)]
pub struct Own {
    /// What it used.
    pub used: ProcessUse,
    /// Where it runs, when that is known.
    pub site: Option<String>,
    /// Valued.
    pub impact: Impact,
    /// Share of the energy of what passed: low, median, high.
    pub energy_share: Option<[Ratio; 3]>,
    /// Share of the greenhouse gas of what passed.
    pub ghg_share: Option<[Ratio; 3]>,
}

/// How the sums are grouped.
#[derive(Debug, Clone, Copy)]
pub enum Grouped {
    /// By account.
    Accounts,
    /// By model.
    Models,
    /// By account and model.
    Pairs,
}

impl Desk {
    /// The gateway now, or as it was half a second ago; `None` when none runs in this process.
    pub fn look(&self, house: &House) -> Option<Arc<Snapshot>> {
        let gateway = house.gateway.as_ref()?;
        let now_ms = gateway.now_ms();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = last.as_ref().filter(|known| (known.time_ms..known.time_ms + FRESH_MS).contains(&now_ms)) {
            return Some(Arc::clone(known));
        }
        let snapshot = Arc::new(Snapshot::of(house, gateway, now_ms));
        *last = Some(Arc::clone(&snapshot));
        Some(snapshot)
    }

    /// A value that never falls: what was valued once may be valued lower when more is known, and a counter that falls
    /// is read as a new start.
    pub fn mark(&self, series: String, value: Ratio) -> Ratio {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        let mark = marks.entry(series).or_insert(value.get());
        *mark = mark.max(value.get());
        Ratio::new(*mark)
    }

    /// Why the last export failed; `None` when it did not.
    pub fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how an export went; tells whether that is news.
    pub fn note(&self, fault: Option<String>) -> bool {
        let mut last = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        let news = last.is_some() != fault.is_some();
        *last = fault;
        news
    }
}

impl Snapshot {
    fn of(house: &House, gateway: &Gateway, now_ms: i64) -> Self {
        let (live, pricer) = (gateway.live(), gateway.governor().pricer());
        Self {
            time_ms: now_ms,
            recent: live.recent(),
            active: live.active.load(std::sync::atomic::Ordering::Relaxed),
            ended: live.ended(),
            ends: live.ends(),
            sums: live.sums(),
            budgets: gateway.governor().budgets(now_ms),
            has_budgets: pricer.config().rule.iter().any(|rule| rule.metric.is_some()),
            gaps: live.gaps(),
            refused: live.refused(),
            process: house.own_use.as_ref().and_then(|tell| tell()),
            durations: live.durations().read(),
            first_tokens: live.first_tokens().read(),
            config: Arc::clone(pricer.config()),
            factors: Arc::clone(pricer.factors()),
            valued: Default::default(),
            own: OnceLock::new(),
        }
    }

    /// The sums as a statement; for pairs see [`parted`]. Valued once, when first asked for.
    ///
    /// # Errors
    /// When the method refuses an activity.
    pub fn valued(&self, grouped: Grouped) -> Result<Arc<Valued>, String> {
        let Some(cell) = self.valued.get(grouped as usize) else { return Err("no such grouping".to_owned()) };
        cell.get_or_init(|| self.value(grouped).map(Arc::new)).clone()
    }

    fn value(&self, grouped: Grouped) -> Result<Valued, String> {
        let day = Day(i32::try_from(self.time_ms.div_euclid(86_400_000)).unwrap_or_default());
        let empty: Arc<str> = Arc::from("");
        let row = |(key, stats): &(LiveKey, Stats)| SumRow {
            key: SumKey {
                day,
                account: match grouped {
                    Grouped::Pairs => Arc::from(format!("{}{PARTED}{}", key.account, key.model)),
                    Grouped::Accounts | Grouped::Models => key.account.clone(),
                },
                provider: key.provider.clone(),
                model: key.model.clone(),
                region: key.region.clone(),
                zone: key.zone.clone(),
                site: key.site.clone(),
                source: empty.clone(),
                rank: Rank::Gateway,
                kind: Kind::Inference,
                stage: None,
                evidence: key.evidence,
                currency: empty.clone(),
            },
            stats: Box::new(stats.clone()),
        };
        let mut rows: Vec<SumRow> = self.sums.iter().map(row).collect();
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        let entries = rows.iter().map(|row| u64::try_from(row.stats.entries).unwrap_or(u64::MAX)).sum();
        let head = Head { digest: String::new(), links: 0, entries, days: (!rows.is_empty()).then_some((day, day)) };
        let by = if matches!(grouped, Grouped::Models) { By::Model } else { By::Account };
        let request = Request { by, ..Request::default() };
        let sums = Sums { rows, findings: Vec::new() };
        report::value(&request, &sums, &head, &[], &self.config, &self.factors).map_err(|error| error.to_string())
    }

    /// What the process itself costs; `None` where that cannot be known.
    ///
    /// # Errors
    /// When the method refuses an activity.
    pub fn own(&self) -> Result<Option<Own>, String> {
        self.own.get_or_init(|| self.value_own()).clone()
    }

    fn value_own(&self) -> Result<Option<Own>, String> {
        let Some(used) = self.process else { return Ok(None) };
        let mut sites = self.config.site.keys();
        let site = sites.next().filter(|_| sites.next().is_none()).cloned();
        let name = site.as_deref().unwrap_or_default();
        let place = books::place("", name, "", &self.config);
        let mut deployment = books::deployment("", "", place, name, &self.config);
        if deployment.zone.is_none() {
            deployment.zone = Some("WOR".to_owned());
        }
        let mut evaluator = Evaluator::new(&self.factors, Profile::Full);
        let Some(sample) = evaluator.processor_time(used.cpu_ms, &deployment).map_err(|error| error.to_string())? else {
            return Ok(None);
        };
        let passed = self.valued(Grouped::Accounts)?;
        Ok(Some(Own {
            used,
            site,
            energy_share: sample.ratio_to(&passed.total, Indicator::EnergyKwh),
            ghg_share: sample.ratio_to(&passed.total, Indicator::GwpKgco2e),
            impact: sample.impact(),
        }))
    }
}

/// Account and model of the key of a pair.
pub fn parted(key: &str) -> (&str, &str) {
    key.split_once(PARTED).unwrap_or((key, ""))
}

/// The desk of a house.
pub fn look(open: &Open) -> Option<Arc<Snapshot>> {
    open.desk.look(&open.house)
}
