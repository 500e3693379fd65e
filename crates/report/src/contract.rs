//! Contraction: many day rows become few activities before anything is evaluated.

use crate::{By, Request};
use books::{Config, SumKey, SumRow};
use lca::{Activity, Deployment, Evidence, Kind, Stage, Stats};
use std::collections::HashMap;
use std::sync::Arc;

/// Key of a group whose word is not stated.
pub const UNKNOWN: &str = "unknown";

/// How and where something was done, as far as the books tell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Way {
    model: Arc<str>,
    pub(crate) provider: Arc<str>,
    /// Zone or region; empty when not stated.
    place: Arc<str>,
    site: Arc<str>,
    pub(crate) kind: Kind,
    stage: Option<Stage>,
    evidence: Evidence,
    currency: Arc<str>,
}

/// The exact sums of one group that were done in one way.
pub struct Cell {
    /// Key of the group.
    pub group: Arc<str>,
    /// How it was done.
    pub way: Way,
    /// The sums.
    pub stats: Stats,
}

impl Way {
    fn of(key: &SumKey, config: &Config) -> Self {
        Self {
            model: key.model.clone(),
            provider: key.provider.clone(),
            place: place(key, config),
            site: key.site.clone(),
            kind: key.kind,
            stage: key.stage,
            evidence: key.evidence,
            currency: key.currency.clone(),
        }
    }

    /// The activity with these sums.
    pub fn activity(&self, stats: Stats) -> Activity {
        Activity { kind: self.kind, stage: self.stage, evidence: self.evidence, currency: self.currency.to_string(), stats }
    }

    /// The deployment, with what the configuration knows of the site.
    pub fn deployment(&self, config: &Config) -> Deployment {
        let stated = |word: &str| (!word.is_empty()).then(|| word.to_owned());
        let site = config.site.get(self.site.as_ref());
        Deployment {
            model: stated(&self.model),
            provider: stated(&self.provider),
            zone: stated(&self.place),
            site: stated(&self.site),
            accelerator: site.and_then(|site| site.accelerator.clone()),
            accelerators: site.and_then(|site| site.accelerators),
            bytes_per_weight: site.and_then(|site| site.bytes_per_weight),
            ..Deployment::default()
        }
    }
}

/// The better-known zone, else the site's, else the region; empty when none is stated.
pub fn place(key: &SumKey, config: &Config) -> Arc<str> {
    if !key.zone.is_empty() {
        return key.zone.clone();
    }
    match config.site.get(key.site.as_ref()) {
        Some(site) if !site.zone.is_empty() => Arc::from(site.zone.as_str()),
        _ => key.region.clone(),
    }
}

/// Key of the group a row belongs to.
fn group_of(key: &SumKey, by: By, config: &Config, months: &mut HashMap<i32, Arc<str>>) -> Arc<str> {
    let or_unknown = |word: &Arc<str>| if word.is_empty() { Arc::from(UNKNOWN) } else { word.clone() };
    match by {
        By::Account => or_unknown(&key.account),
        By::Model => or_unknown(&key.model),
        By::Provider => or_unknown(&key.provider),
        By::Site if !key.site.is_empty() => key.site.clone(),
        By::Site => or_unknown(&place(key, config)),
        By::Stage => Arc::from("total"),
        By::Day => months.entry(key.day.0).or_insert_with(|| Arc::from(key.day.to_string())).clone(),
        By::Month => months.entry(key.day.0).or_insert_with(|| Arc::from(key.day.month())).clone(),
    }
}

/// Adds up the rows that share group and way; sorted by group, then way.
pub fn contract<'a>(rows: impl Iterator<Item = &'a SumRow>, by: By, config: &Config, request: &Request) -> Vec<Cell> {
    let mut words = HashMap::new();
    let mut sums: HashMap<(Arc<str>, Way), Stats> = HashMap::new();
    for row in rows.filter(|row| request.takes(&row.key.account)) {
        let key = (group_of(&row.key, by, config, &mut words), Way::of(&row.key, config));
        sums.entry(key).or_default().add(&row.stats);
    }
    let mut cells: Vec<Cell> = sums.into_iter().map(|((group, way), stats)| Cell { group, way, stats }).collect();
    cells.sort_by(|a, b| (&a.group, &a.way).cmp(&(&b.group, &b.way)));
    cells
}
