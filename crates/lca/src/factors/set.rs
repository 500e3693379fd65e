//! `FactorSet`: a dated set of factors, named by the hash of its text.

use super::factor::{EvidenceClass, Factor};
use super::load::{self, FactorError};
use super::measured::Measured;
use crate::ecologits::Tables;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// A source that factors cite.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    /// Key.
    pub id: String,
    /// Full citation.
    pub citation: String,
    /// Licence.
    pub licence: String,
    /// Day it was read.
    pub retrieved: String,
    /// Class of evidence of its factors.
    pub evidence: Option<EvidenceClass>,
    /// Address, when public.
    pub url: Option<String>,
}

macro_rules! relation {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name {
            /// Id.
            pub id: String,
            $($(#[$fdoc])* pub $field: $type,)+
            /// Key of the source.
            pub source: String,
            /// Place within the source.
            pub place: String,
        }
    };
}

relation!(
    /// A model as the set knows it.
    Model {
        /// Provider id.
        provider: String,
        /// Family.
        family: String,
        /// Whether the weights (and so the size) are public.
        open: bool,
        /// `dense` or `moe`.
        architecture: String,
        /// Size class.
        class: String,
        /// Other spellings.
        aliases: Vec<String>,
    }
);
relation!(
    /// A provider.
    Provider {
        /// Display name.
        name: String,
        /// Other spellings.
        aliases: Vec<String>,
        /// Default grid zone.
        zone: String,
        /// Whether it hosts models of others.
        hosts: bool,
        /// What it publishes.
        discloses: Vec<String>,
        /// What it does not publish.
        withholds: Vec<String>,
    }
);
relation!(
    /// A cloud region.
    Region {
        /// Grid zone.
        zone: String,
        /// Provider id.
        provider: String,
        /// Display name.
        name: String,
    }
);
relation!(
    /// A grid zone.
    Zone {
        /// English name.
        name_en: String,
        /// German name.
        name_de: String,
    }
);
relation!(
    /// An accelerator.
    Accelerator {
        /// Display name.
        name: String,
        /// Server it usually sits in.
        server: String,
        /// Accelerators in that server.
        per_server: u32,
        /// Other spellings.
        aliases: Vec<String>,
    }
);
relation!(
    /// A server without its accelerators.
    Server {
        /// Display name.
        name: String,
    }
);
relation!(
    /// Default zone of a provider in the compatible set.
    EcologitsProvider {
        /// Zone.
        zone: String,
    }
);
relation!(
    /// An alias in the compatible set.
    Alias {
        /// The model it stands for.
        to: String,
    }
);

/// What the files hold, before and after the checks.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) sources: HashMap<String, Source>,
    pub(super) factors: HashMap<String, Factor>,
    pub(super) models: BTreeMap<String, Model>,
    pub(super) providers: BTreeMap<String, Provider>,
    pub(super) regions: BTreeMap<String, Region>,
    pub(super) zones: BTreeMap<String, Zone>,
    pub(super) accelerators: BTreeMap<String, Accelerator>,
    pub(super) servers: BTreeMap<String, Server>,
    pub(super) measured: Vec<Measured>,
    pub(super) ecologits_providers: BTreeMap<String, EcologitsProvider>,
    pub(super) ecologits_aliases: HashMap<String, String>,
    /// Rows of an earlier file that a later one replaced: the old row and the id.
    pub(super) replaced: Vec<(Factor, String)>,
}

/// A dated set of factors with its relations.
#[derive(Debug)]
pub struct FactorSet {
    name: String,
    files: Vec<(String, String)>,
    pub(super) parts: Parts,
    pub(super) model_index: HashMap<String, String>,
    pub(super) name_index: HashMap<String, Vec<String>>,
    pub(super) core_index: HashMap<String, Vec<String>>,
    pub(super) provider_index: HashMap<String, String>,
    region_index: HashMap<String, String>,
    accelerator_index: HashMap<String, String>,
    overrides: Vec<String>,
    compatible: OnceLock<Result<Tables, FactorError>>,
}

const COMPATIBLE: &str = "ecologits/";

impl FactorSet {
    /// The set that comes with the binary.
    ///
    /// # Errors
    /// Never on a released binary, since a test loads it; names file and row otherwise.
    pub fn embedded() -> Result<Self, FactorError> {
        Self::parse(&Self::embedded_files())
    }

    /// The files of the embedded set: name and text.
    #[must_use]
    pub fn embedded_files() -> Vec<(String, String)> {
        FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    /// The embedded set with the user's own files laid over it, in order of their names.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn overlaid(user: &[(String, String)]) -> Result<Self, FactorError> {
        let mut files = Self::embedded_files();
        let mut own: Vec<_> = user.iter().map(|(name, text)| (format!("overlay/{name}"), text.clone())).collect();
        own.sort();
        files.extend(own);
        Self::parse(&files)
    }

    /// A set from file names and texts; a later file replaces rows of an earlier one.
    ///
    /// # Errors
    /// Names the file and the row: no citation, unit, spread or licence, an
    /// unknown parent or source, a value below a physical floor.
    pub fn parse(files: &[(String, String)]) -> Result<Self, FactorError> {
        let mut hash = Sha256::new();
        let mut parts = Parts::default();
        for (name, text) in files {
            for bytes in [name.as_bytes(), text.as_bytes()] {
                hash.update((bytes.len() as u64).to_le_bytes());
                hash.update(bytes);
            }
            if !name.starts_with(COMPATIBLE) {
                load::parse_file(name, text, &mut parts)?;
            }
        }
        load::check(&parts, files)?;
        let digest = hash.finalize();
        let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let overrides = overrides(&parts);
        let mut set = Self {
            name,
            files: files.to_vec(),
            model_index: HashMap::new(),
            name_index: HashMap::new(),
            core_index: HashMap::new(),
            provider_index: HashMap::new(),
            region_index: HashMap::new(),
            accelerator_index: HashMap::new(),
            overrides,
            compatible: OnceLock::new(),
            parts,
        };
        set.index();
        set.index_names();
        Ok(set)
    }

    fn index(&mut self) {
        for model in self.parts.models.values() {
            for spelling in model.aliases.iter().chain([&model.id]) {
                self.model_index.insert(spelling.to_lowercase(), model.id.clone());
            }
        }
        for provider in self.parts.providers.values() {
            for spelling in provider.aliases.iter().chain([&provider.id]) {
                self.provider_index.insert(spelling.to_lowercase(), provider.id.clone());
            }
        }
        for region in self.parts.regions.values() {
            self.region_index.insert(region.id.to_lowercase(), region.id.clone());
            if let Some((_, short)) = region.id.split_once('/') {
                self.region_index.entry(short.to_lowercase()).or_insert_with(|| region.id.clone());
            }
        }
        for accelerator in self.parts.accelerators.values() {
            for spelling in accelerator.aliases.iter().chain([&accelerator.id]) {
                self.accelerator_index.insert(spelling.to_lowercase(), accelerator.id.clone());
            }
        }
    }

    /// Name of the set: the first 16 hex digits of the SHA-256 of its text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The files it was made of, so that it can be kept and loaded again.
    #[must_use]
    pub fn files(&self) -> &[(String, String)] {
        &self.files
    }
    /// Sentences that name each factor an overlay replaced, with the old and the new value.
    #[must_use]
    pub fn overrides(&self) -> &[String] {
        &self.overrides
    }
    /// Currency of all costs.
    #[must_use]
    pub fn currency(&self) -> &'static str {
        "USD"
    }
    /// A factor by id.
    #[must_use]
    pub fn factor(&self, id: &str) -> Option<&Factor> {
        self.parts.factors.get(id)
    }
    /// All factors (without the compatible set), sorted by id.
    #[must_use]
    pub fn factors(&self) -> Vec<&Factor> {
        let mut all: Vec<_> = self.parts.factors.values().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }
    /// A source by key.
    #[must_use]
    pub fn source(&self, id: &str) -> Option<&Source> {
        self.parts.sources.get(id)
    }
    /// Class of evidence of a factor: its own, else that of its source.
    #[must_use]
    pub fn evidence(&self, factor: &Factor) -> EvidenceClass {
        factor.evidence.or_else(|| self.source(&factor.source)?.evidence).unwrap_or(EvidenceClass::Estimated)
    }
    /// All models by id.
    #[must_use]
    pub fn models(&self) -> &BTreeMap<String, Model> {
        &self.parts.models
    }
    /// All providers by id.
    #[must_use]
    pub fn providers(&self) -> &BTreeMap<String, Provider> {
        &self.parts.providers
    }
    /// All regions by id.
    #[must_use]
    pub fn regions(&self) -> &BTreeMap<String, Region> {
        &self.parts.regions
    }
    /// All grid zones by id.
    #[must_use]
    pub fn zones(&self) -> &BTreeMap<String, Zone> {
        &self.parts.zones
    }
    /// Measured series.
    #[must_use]
    pub fn measured(&self) -> &[Measured] {
        &self.parts.measured
    }
    /// The source of a factor or of a measured series, by its id.
    #[must_use]
    pub fn source_of(&self, id: &str) -> Option<&Source> {
        let key = self.factor(id).map(|factor| &factor.source);
        let series = || self.parts.measured.iter().find(|row| row.id == id).map(|row| &row.source);
        self.source(key.or_else(series)?)
    }
    /// All accelerators by id.
    #[must_use]
    pub fn accelerators(&self) -> &BTreeMap<String, Accelerator> {
        &self.parts.accelerators
    }
    /// An accelerator by id or alias.
    #[must_use]
    pub fn accelerator(&self, word: &str) -> Option<&Accelerator> {
        self.parts.accelerators.get(self.accelerator_index.get(&word.to_lowercase())?)
    }
    /// The region id that a spelling means (`eu-central-1`, `aws/eu-central-1`).
    #[must_use]
    pub fn region(&self, word: &str) -> Option<&Region> {
        self.parts.regions.get(self.region_index.get(&word.to_lowercase())?)
    }
    /// The grid zone of a cloud region or zone code; `None` when it is in no table.
    #[must_use]
    pub fn zone_of_region(&self, word: &str) -> Option<String> {
        let upper = word.to_uppercase();
        if self.parts.zones.contains_key(&upper) {
            return Some(upper);
        }
        self.region(word).map(|region| region.zone.clone())
    }
    /// What a provider publishes and what it does not.
    #[must_use]
    pub fn disclosure(&self, provider: &str) -> Option<(Vec<String>, Vec<String>)> {
        let id = self.provider_index.get(&provider.to_lowercase())?;
        self.parts.providers.get(id).map(|provider| (provider.discloses.clone(), provider.withholds.clone()))
    }
    /// The tables of the compatible profile, parsed when first asked for.
    ///
    /// # Errors
    /// Names file and row when they do not load.
    pub fn compatible(&self) -> Result<&Tables, FactorError> {
        self.compatible
            .get_or_init(|| {
                let mut parts = Parts::default();
                for (name, text) in self.files.iter().filter(|(name, _)| name.starts_with(COMPATIBLE)) {
                    load::parse_file(name, text, &mut parts)?;
                }
                load::check(&parts, &[])?;
                Ok(Tables::new(parts.factors, parts.ecologits_providers, parts.ecologits_aliases, parts.sources))
            })
            .as_ref()
            .map_err(Clone::clone)
    }
}

fn overrides(parts: &Parts) -> Vec<String> {
    let mut lines: Vec<_> = parts
        .replaced
        .iter()
        .filter_map(|(old, id)| {
            let new = parts.factors.get(id)?;
            let citation = parts.sources.get(&new.source).map_or("", |source| source.citation.as_str());
            Some(format!(
                "{id}: {} -> {} {} ({citation}, {})",
                quantity::six_digits(old.distribution.median().get()),
                quantity::six_digits(new.distribution.median().get()),
                new.unit,
                new.place
            ))
        })
        .collect();
    lines.sort();
    lines
}
