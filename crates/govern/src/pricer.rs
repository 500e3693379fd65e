//! What a request costs in every metric, by coefficients compiled once per deployment.

use crate::rates::Rates;
use arc_swap::ArcSwap;
use books::Config;
use lca::FactorSet;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The most deployments that are kept compiled.
const MOST: usize = 4_096;

/// Compiles and keeps coefficients: one factor set, one configuration.
///
/// Both are pinned for the life of the pricer, so that what was reserved and what is charged are told by the same rates. A
/// deployment that was dropped from the memory is compiled again to the same digits.
pub struct Pricer {
    factors: Arc<FactorSet>,
    config: Arc<Config>,
    hasher: RandomState,
    kept: ArcSwap<HashMap<u64, Arc<Kept>>>,
    /// One thread at a time adds to what is kept.
    adding: Mutex<()>,
}

/// The rates of one deployment, and whether they were asked for since the last sweep.
struct Kept {
    /// Model, provider, place, site.
    of: [Box<str>; 4],
    rates: Arc<Rates>,
    used: AtomicBool,
}

impl Kept {
    fn is_of(&self, asked: [&str; 4]) -> bool {
        self.of.iter().zip(asked).all(|(known, asked)| **known == *asked)
    }
}

impl Pricer {
    /// Over these factors and this configuration.
    #[must_use]
    pub fn new(factors: Arc<FactorSet>, config: Arc<Config>) -> Self {
        Self { factors, config, hasher: RandomState::new(), kept: ArcSwap::default(), adding: Mutex::new(()) }
    }

    /// The factors.
    #[must_use]
    pub fn factors(&self) -> &Arc<FactorSet> {
        &self.factors
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// The coefficients for inference of a model there; compiled at the first call, a look-up without allocation after it.
    ///
    /// At most 4,096 deployments are kept. When they are full, those that nobody asked for since the last time go, or half of
    /// them where all were asked for.
    #[must_use]
    pub fn rates(&self, model: &str, provider: &str, place: &str, site: &str) -> Arc<Rates> {
        let asked = [model, provider, place, site];
        let hash = self.hasher.hash_one(asked);
        if let Some(kept) = self.kept.load().get(&hash).filter(|kept| kept.is_of(asked)) {
            if !kept.used.load(Ordering::Relaxed) {
                kept.used.store(true, Ordering::Relaxed);
            }
            return Arc::clone(&kept.rates);
        }
        let deployment = books::deployment(model, provider, place, site, &self.config);
        let rates = Arc::new(Rates::new(Arc::clone(&self.factors), deployment));
        self.keep(hash, asked, rates)
    }

    /// Keeps new rates, unless another thread was faster.
    fn keep(&self, hash: u64, asked: [&str; 4], rates: Arc<Rates>) -> Arc<Rates> {
        let _adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.kept.load();
        if let Some(kept) = known.get(&hash) {
            // Two deployments with one hash of 64 bits: the second is compiled each time.
            return if kept.is_of(asked) { Arc::clone(&kept.rates) } else { rates };
        }
        let mut next = HashMap::clone(&known);
        if next.len() >= MOST {
            next.retain(|_, kept| kept.used.swap(false, Ordering::Relaxed));
        }
        if next.len() >= MOST {
            let mut even = false;
            next.retain(|_, _| {
                even = !even;
                even
            });
        }
        let of = asked.map(Box::from);
        next.insert(hash, Arc::new(Kept { of, rates: Arc::clone(&rates), used: AtomicBool::new(false) }));
        self.kept.store(Arc::new(next));
        rates
    }

    /// The rates of an entry, where its zone, site and region say it ran.
    pub(crate) fn rates_of(&self, entry: &books::Entry) -> Arc<Rates> {
        let place = books::place(&entry.zone, &entry.site, &entry.region, &self.config);
        self.rates(&entry.model, &entry.provider, place, &entry.site)
    }

    /// How many deployments are kept.
    #[cfg(test)]
    pub(crate) fn kept(&self) -> usize {
        self.kept.load().len()
    }
}
