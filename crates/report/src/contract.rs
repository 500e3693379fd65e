//! Contraction: many day rows become few activities before anything is evaluated.

use crate::{By, Request};
use books::{Config, Day, SumKey, SumRow};
use lca::{Activity, Deployment, Evidence, Kind, Stage, Stats};
use std::collections::{BTreeSet, HashMap};
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
        books::deployment(&self.model, &self.provider, &self.place, &self.site, config)
    }
}

/// The better-known zone, else the site's, else the region; empty when none is stated.
pub fn place(key: &SumKey, config: &Config) -> Arc<str> {
    match books::place(&key.zone, &key.site, &key.region, config) {
        zone if *zone == *key.zone => key.zone.clone(),
        zone if *zone == *key.region => key.region.clone(),
        zone => Arc::from(zone),
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

/// What the rows of one lot share. Borrowed, so that a row costs one look-up and no copy.
type Shared<'a> = (i32, [&'a str; 7], Kind, Option<Stage>, Evidence);

/// The rows of a request, added up where only the day, the source and its rank differ.
///
/// A year of day rows shrinks to some hundred lots once; everything after reads the lots.
pub struct Lots<'a> {
    /// Days with rows.
    pub days: BTreeSet<Day>,
    /// A key that stands for the lot, with its sums.
    pub list: Vec<(&'a SumKey, Stats)>,
}

impl<'a> Lots<'a> {
    /// The lots of the rows that the request takes in; days and months stay apart where it groups by them.
    pub fn of(rows: &'a [SumRow], request: &Request) -> Self {
        let mut lots = Self { days: BTreeSet::new(), list: Vec::new() };
        let mut places: HashMap<Shared<'a>, usize> = HashMap::new();
        // Rows come in order of days, so a day is looked at once.
        let (mut day, mut step) = (None, 0);
        for row in rows.iter().filter(|row| request.takes(&row.key.account)) {
            let key = &row.key;
            if day != Some(key.day) {
                (day, step) = (Some(key.day), step_of(key.day, request.by));
                lots.days.insert(key.day);
            }
            let words: [&str; 7] = [&key.account, &key.provider, &key.model, &key.region, &key.zone, &key.site, &key.currency];
            let place = *places.entry((step, words, key.kind, key.stage, key.evidence)).or_insert(lots.list.len());
            match lots.list.get_mut(place) {
                Some((_, stats)) => stats.add(&row.stats),
                None => lots.list.push((key, (*row.stats).clone())),
            }
        }
        lots
    }
}

/// What keeps the lots of two days apart: nothing, unless groups are steps of time.
fn step_of(day: Day, by: By) -> i32 {
    match by {
        By::Day => day.0,
        By::Month => i32::from(day.date().year()) * 12 + i32::from(day.date().month()),
        _ => 0,
    }
}

/// Adds up the lots that share group and way; sorted by group, then way.
pub fn contract(lots: &Lots<'_>, by: By, config: &Config) -> Vec<Cell> {
    let mut words = HashMap::new();
    let mut sums: HashMap<(Arc<str>, Way), Stats> = HashMap::new();
    for (key, stats) in &lots.list {
        sums.entry((group_of(key, by, config, &mut words), Way::of(key, config))).or_default().add(stats);
    }
    let mut cells: Vec<Cell> = sums.into_iter().map(|((group, way), stats)| Cell { group, way, stats }).collect();
    cells.sort_by(|a, b| (&a.group, &a.way).cmp(&(&b.group, &b.way)));
    cells
}
