//! What the gateway is made of, and what it is told at its start.

use super::live::Live;
use super::request_id::RequestIds;
use super::upstream::{self, Upstream};
use arc_swap::ArcSwap;
use books::{Config, Keeper};
use govern::{Governor, KeyRing};
use lca::FactorSet;
use measure::usage::Placer;
use measure::{Mapping, ModelName, Names};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The most spellings of models that are remembered.
const MOST_NAMES: usize = 4096;

/// The clock of the process.
pub trait Clock: Send + Sync {
    /// Microseconds since 1970 UTC.
    fn now_us(&self) -> i64;
}

/// Secrets that lie outside the books: variables of the environment.
pub trait Secrets: Send + Sync {
    /// The secret of this name.
    fn get(&self, name: &str) -> Option<String>;
}

/// A gateway that cannot be made or cannot go on, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct GatewayError(pub String);

/// What the gateway is told at its start.
pub struct Setup {
    /// The configuration.
    pub config: Arc<Config>,
    /// The factors.
    pub factors: Arc<FactorSet>,
    /// The books.
    pub keeper: Arc<dyn Keeper>,
    /// Rules and budgets.
    pub governor: Arc<Governor>,
    /// Gateway keys.
    pub keys: KeyRing,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Secrets.
    pub secrets: Arc<dyn Secrets>,
    /// Random bytes, new at every start.
    pub random: [u8; 8],
    /// Whether a key is required.
    pub require_keys: bool,
}

/// A model by its normalised name, beside its spelling.
pub(super) struct Named {
    pub(super) provider: Arc<str>,
    pub(super) model: Arc<str>,
    pub(super) spelt: Arc<str>,
    pub(super) known: bool,
}

/// A provider, and how it spells a model.
type Spelling = (Arc<str>, String);

/// Everything that the threads of the gateway share.
pub struct Gateway {
    pub(super) config: Arc<Config>,
    pub(super) keeper: Arc<dyn Keeper>,
    pub(super) governor: Arc<Governor>,
    pub(super) keys: ArcSwap<KeyRing>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) upstreams: HashMap<Arc<str>, Arc<Upstream>>,
    pub(super) ids: RequestIds,
    pub(super) require_keys: bool,
    pub(super) placer: Placer,
    pub(super) factors: Arc<FactorSet>,
    pub(super) source: Arc<str>,
    pub(super) empty: Arc<str>,
    names: RwLock<HashMap<Spelling, Arc<Named>>>,
    live: Arc<Live>,
    sealed_early_ms: AtomicI64,
    workers: RwLock<Vec<Arc<super::keeping::Keeping>>>,
}

impl Gateway {
    /// Makes a gateway; no door is open yet.
    ///
    /// # Errors
    /// When an upstream or a route is not sound, or a credential is missing.
    pub fn new(setup: Setup) -> Result<Arc<Self>, GatewayError> {
        let upstreams: HashMap<Arc<str>, Arc<Upstream>> =
            upstream::all(&setup.config, &*setup.secrets)?.into_iter().map(|upstream| (upstream.name.clone(), upstream)).collect();
        for route in &setup.config.route {
            for target in &route.to {
                let known = target.split_once('/').is_some_and(|(name, model)| upstreams.contains_key(name) && !model.is_empty());
                if !known {
                    return Err(GatewayError(format!(
                        "[[route]] `{}`: `{target}` names no upstream; write UPSTREAM/MODEL, such as openai/gpt-4o-mini",
                        route.model
                    )));
                }
            }
            if route.to.is_empty() {
                return Err(GatewayError(format!("[[route]] `{}`: `to` is empty; name at least one UPSTREAM/MODEL", route.model)));
            }
        }
        Ok(Arc::new(Self {
            config: setup.config,
            keeper: setup.keeper,
            governor: setup.governor,
            keys: ArcSwap::from_pointee(setup.keys),
            clock: setup.clock,
            upstreams,
            ids: RequestIds::new(setup.random),
            require_keys: setup.require_keys,
            placer: Placer::default(),
            factors: setup.factors,
            source: Arc::from("gateway"),
            empty: Arc::from(""),
            names: RwLock::default(),
            live: Arc::default(),
            sealed_early_ms: AtomicI64::new(0),
            workers: RwLock::default(),
        }))
    }

    /// What passes right now.
    #[must_use]
    pub fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// Rules and budgets.
    #[must_use]
    pub fn governor(&self) -> &Arc<Governor> {
        &self.governor
    }

    /// Names of the upstreams, sorted.
    #[must_use]
    pub fn upstream_names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> = self.upstreams.keys().cloned().collect();
        names.sort();
        names
    }

    /// Puts other keys in force; requests on their way keep the key they came with.
    pub fn set_keys(&self, keys: KeyRing) {
        self.keys.store(Arc::new(keys));
    }

    /// Now, milliseconds since 1970 UTC.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_us() / 1000
    }

    /// Closes the current journals and seals them with all that dead processes left behind.
    ///
    /// # Errors
    /// When the books cannot be written; nothing is lost then, the journals stay.
    pub fn seal(&self) -> Result<Option<books::ImportRecord>, books::LedgerError> {
        let workers = self.workers.read().unwrap_or_else(PoisonError::into_inner).clone();
        for keeping in workers {
            keeping.rotate()?;
        }
        self.keeper.seal(self.now_ms())
    }

    /// Whether the journals may be sealed before their time: once a second at the most.
    pub(super) fn may_seal_early(&self) -> bool {
        let (now_ms, last_ms) = (self.now_ms(), self.sealed_early_ms.load(Ordering::Relaxed));
        now_ms - last_ms >= 1000 && self.sealed_early_ms.compare_exchange(last_ms, now_ms, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    pub(super) fn enlist(&self, keeping: Arc<super::keeping::Keeping>) {
        self.workers.write().unwrap_or_else(PoisonError::into_inner).push(keeping);
    }

    /// The normalised name of a model, as an upstream spells it.
    pub(super) fn name(&self, upstream: &Upstream, spelt: &str) -> Arc<Named> {
        let key = (upstream.provider.clone(), spelt.to_owned());
        if let Some(name) = self.names.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return name.clone();
        }
        let mut named = Named { provider: self.empty.clone(), model: self.empty.clone(), spelt: Arc::from(spelt), known: false };
        if !spelt.is_empty() {
            let name = self.model(&upstream.provider, spelt);
            (named.provider, named.model, named.known) = (name.provider, name.model, name.known);
        }
        if named.provider.is_empty() {
            named.provider = self.provider(&upstream.provider).unwrap_or_else(|| upstream.provider.clone());
        }
        let named = Arc::new(named);
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        // Clients choose the spellings: they must not fill the memory.
        if names.len() >= MOST_NAMES {
            names.clear();
        }
        names.insert(key, named.clone());
        named
    }

    /// How rows become entries here.
    pub(super) fn mapping(&self) -> Mapping<'_> {
        Mapping::new(&self.config, self, i64::MAX)
    }
}

impl Names for Gateway {
    fn model(&self, provider: &str, reported: &str) -> ModelName {
        let name = self.factors.resolve_model(provider, reported);
        ModelName { provider: Arc::from(name.provider), model: Arc::from(name.model), known: name.known }
    }
    fn provider(&self, reported: &str) -> Option<Arc<str>> {
        self.factors.provider_id(reported).map(Arc::from)
    }
    fn generation_us(&self, model: &str, output_tokens: i64, latency_ms: Option<i64>) -> Option<(i64, i64)> {
        self.factors.compatible().ok()?.generation_us(model, output_tokens, latency_ms)
    }
}
