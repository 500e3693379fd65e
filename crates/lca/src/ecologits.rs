//! Profile `ecologits`: the formulas of `EcoLogits` 0.11.3, for comparison.
//!
//! Minimum and maximum are that method's corners: the whole chain once with the
//! lower ends of size, PUE and WUE and once with the upper ends.

mod video;

use crate::cited::Cited;
use crate::factors::{Distribution, Factor, FactorSet, Source};
use crate::plan::is_metered;
use crate::plan::weakness;
use crate::result::{METHOD, Triples, impacts};
use crate::{Activity, Deployment, Impact, Indicator, Kind, Profile, Stage};
use quantity::{Basis, Grade, Weakness};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

const COLUMNS: usize = Indicator::ALL.len();
type Ends = (f64, f64);
pub(crate) type RangeRow = [Option<Ends>; COLUMNS];

/// The rows of the compatible set, by id.
#[derive(Debug)]
pub struct Tables {
    factors: HashMap<String, Factor>,
    /// Lower-case `provider/name` to the spelling of the rows.
    models: HashMap<String, String>,
    zones: HashMap<String, String>,
    aliases: HashMap<String, String>,
    sources: HashMap<String, Source>,
    paces: HashMap<String, Pace>,
}

/// How fast a model answers, for both corners of its size.
#[derive(Debug, Clone, Copy)]
struct Pace {
    first_s: f64,
    per_token_s: Ends,
}

impl Pace {
    fn generation_s(&self, output: f64, requests: f64, latency_s: Option<f64>) -> Ends {
        let time = |per_token_s: f64| {
            let all = output * per_token_s + self.first_s * requests;
            latency_s.map_or(all, |cap| all.min(cap))
        };
        (time(self.per_token_s.0), time(self.per_token_s.1))
    }
}

/// Minimum and maximum per stage, with the reasons.
pub(crate) struct Range {
    pub(crate) stages: BTreeMap<Stage, RangeRow>,
    pub(crate) weaknesses: BTreeSet<Weakness>,
    pub(crate) cited: Cited,
    pub(crate) grade: Grade,
    pub(crate) kwh: f64,
}

struct Corner {
    active_b: f64,
    total_b: f64,
    pue: f64,
    wue: f64,
    generation_s: f64,
}

impl Tables {
    pub(crate) fn new(
        factors: HashMap<String, Factor>,
        providers: BTreeMap<String, crate::factors::EcologitsProvider>,
        aliases: HashMap<String, String>,
        sources: HashMap<String, Source>,
    ) -> Self {
        let models = factors
            .keys()
            .filter_map(|id| id.strip_prefix("ecologits.model.")?.strip_suffix(".params_active_b"))
            .map(|name| (name.to_lowercase(), name.to_owned()))
            .collect();
        let zones = providers.into_values().map(|row| (row.id, row.zone)).collect();
        let mut tables = Self { factors, models, zones, aliases, sources, paces: HashMap::new() };
        tables.paces = tables.models.values().filter_map(|name| Some((name.clone(), tables.pace(name)?))).collect();
        tables
    }

    /// All model names of the tables, sorted.
    #[must_use]
    pub fn model_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.models.values().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// All rows of the tables, sorted by id.
    #[must_use]
    pub fn factors(&self) -> Vec<&Factor> {
        let mut all: Vec<_> = self.factors.values().collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }

    /// All grid zones of the tables, sorted.
    #[must_use]
    pub fn zone_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.factors.keys().filter_map(|id| id.strip_prefix("ecologits.zone.")?.strip_suffix(".gwp")).collect();
        names.sort_unstable();
        names
    }

    /// A source of the tables by key.
    #[must_use]
    pub fn source(&self, id: &str) -> Option<&Source> {
        self.sources.get(id)
    }

    fn ends(&self, id: &str) -> Option<Ends> {
        match &self.factors.get(id)?.distribution {
            Distribution::Range { low, high } => Some((low.get(), high.get())),
            other => Some((other.median().get(), other.median().get())),
        }
    }

    fn constant(&self, name: &str) -> f64 {
        self.ends(&format!("ecologits.const.{name}")).map_or(f64::NAN, |ends| ends.0)
    }

    /// The row name of a model in any spelling these tables know.
    fn model(&self, spelling: &str) -> Option<&str> {
        let lower = spelling.to_lowercase();
        let target = self.aliases.get(&lower).map(|to| to.to_lowercase());
        self.models.get(target.as_deref().unwrap_or(&lower)).map(String::as_str)
    }

    /// Finds the model an activity names: as spelt first, then as the factor set resolves it.
    fn find(&self, deployment: &Deployment, set: &FactorSet) -> Option<(String, String)> {
        let reported = deployment.model.as_deref()?;
        let stated = deployment.provider.as_deref().unwrap_or("");
        let resolved = set.resolve_model(stated, reported);
        let spelt = reported.split_once('/').and_then(|(provider, name)| set.provider_id(provider).map(|id| format!("{id}/{name}")));
        let hosted = (!stated.is_empty()).then(|| format!("{}/{reported}", set.provider_id(stated).unwrap_or(stated)));
        for candidate in [Some(reported.to_owned()), spelt, hosted, Some(resolved.model.clone())].into_iter().flatten() {
            if let Some(model) = self.model(&candidate) {
                let provider = model.split('/').next().unwrap_or("").to_owned();
                return Some((provider, model.to_owned()));
            }
        }
        None
    }

    /// Latency-capped generation time of one answer, or of the sum of like answers
    /// without latency, in microseconds for the lower and the upper corner.
    #[must_use]
    pub fn generation_us(&self, model: &str, output_tokens: i64, latency_ms: Option<i64>) -> Option<(i64, i64)> {
        // Asked once per imported row: the exact spelling finds its pace without another string.
        let pace = self.paces.get(model).or_else(|| self.paces.get(self.model(model)?))?;
        let (low, high) = pace.generation_s(output_tokens as f64, 1.0, latency_ms.map(|ms| ms as f64 / 1e3));
        let us = |s: f64| libm::round(s * 1e6) as i64;
        Some((us(low), us(high)))
    }

    /// The pace of a model, by the spelling of its rows.
    fn pace(&self, model: &str) -> Option<Pace> {
        let active = self.ends(&format!("ecologits.model.{model}.params_active_b"))?;
        // zero: a model whose time to first token the method does not know starts at once, as it does there
        let first_s = self.ends(&format!("ecologits.model.{model}.ttft_s")).map_or(0.0, |ends| ends.0);
        let per_token = |active: f64| match self.ends(&format!("ecologits.model.{model}.tps")) {
            Some((rate, _)) => 1.0 / rate,
            None => self.per_token_s(active),
        };
        Some(Pace { first_s, per_token_s: (per_token(active.0), per_token(active.1)) })
    }

    /// Seconds per token of a model of this active size, where its speed is not known.
    fn per_token_s(&self, active_b: f64) -> f64 {
        self.constant("lat_a") * active_b + self.constant("lat_b") * self.constant("batch") + self.constant("lat_c")
    }

    /// Minimum and maximum for exact sums of one deployment.
    pub(crate) fn range(&self, activity: &Activity, deployment: &Deployment, set: &FactorSet) -> Range {
        let mut range = Range { stages: BTreeMap::new(), weaknesses: BTreeSet::new(), cited: Cited::default(), grade: Grade::F, kwh: 0.0 };
        if activity.kind != Kind::Inference || is_metered(activity.kind, activity.evidence) {
            range.weaknesses.insert(weakness(
                "profile_without_meter",
                activity.kind.as_str(),
                "the ecologits profile values answers of models by their tokens; metered energy is left out here",
            ));
            return range;
        }
        if activity.stats.videos > 0 {
            return self.videos(activity, deployment, set, range);
        }
        let activity = &*self.timed(activity, deployment, set);
        let about = deployment.model.clone().unwrap_or_else(|| "model not stated".to_owned());
        let by_size = deployment.params_active_b.or(deployment.params_total_b);
        let (provider, sizes) = match (by_size, self.find(deployment, set)) {
            (Some(_), _) => {
                let at = |ratio: Option<quantity::Ratio>| ratio.or(by_size).map_or(f64::NAN, quantity::Ratio::get);
                (
                    String::new(),
                    [
                        (at(deployment.params_active_b), at(deployment.params_active_b)),
                        (at(deployment.params_total_b), at(deployment.params_total_b)),
                    ],
                )
            }
            (None, Some((provider, model))) => {
                let ids = ["params_active_b", "params_total_b"].map(|name| format!("ecologits.model.{model}.{name}"));
                self.cite(&mut range, &ids);
                (provider, ids.map(|id| self.ends(&id).unwrap_or((f64::NAN, f64::NAN))))
            }
            (None, None) => {
                range.weaknesses.insert(weakness(
                    "not_in_ecologits",
                    &about,
                    "the tables of EcoLogits 0.11.3 do not hold this model; it is a gap in this profile",
                ));
                return range;
            }
        };
        let zone = self.zone(&provider, deployment, set, &mut range);
        let Some(grid) = self.grid(&zone) else {
            range.weaknesses.insert(weakness(
                "zone_not_in_ecologits",
                &zone,
                "the tables of EcoLogits 0.11.3 do not hold this grid zone; it is a gap in this profile",
            ));
            return range;
        };
        self.cite(&mut range, &["gwp", "adpe", "pe", "water"].map(|name| format!("ecologits.zone.{zone}.{name}")));
        self.cite(&mut range, &["alpha", "beta", "gamma", "batch"].map(|name| format!("ecologits.const.{name}")));
        let data_centre = |name: &str| {
            self.ends(&format!("ecologits.provider.{provider}.{name}"))
                .or_else(|| self.ends(&format!("ecologits.provider.huggingface_hub.{name}")))
                .unwrap_or((f64::NAN, f64::NAN))
        };
        let (pue, wue) = (data_centre("pue"), data_centre("wue"));
        let generation = (activity.stats.generation_low_us as f64 / 1e6, activity.stats.generation_high_us as f64 / 1e6);
        let output = activity.stats.output_all() as f64;
        let corner =
            |active_b, total_b, pue, wue, generation_s| self.corner(&Corner { active_b, total_b, pue, wue, generation_s }, output, &grid);
        let low = corner(sizes[0].0, sizes[1].0, pue.0, wue.0, generation.0);
        let high = corner(sizes[0].1, sizes[1].1, pue.1, wue.1, generation.1);
        for (place, stage) in [Stage::Decode, Stage::Manufacturing].into_iter().enumerate() {
            let row: RangeRow = std::array::from_fn(|column| low[place][column].zip(high[place][column]));
            if stage == Stage::Decode {
                // zero: decides which grade weighs most; a row without energy has no weight
                range.kwh = row[Indicator::EnergyKwh as usize].map_or(0.0, |(low, high)| 0.5 * (low + high));
            }
            range.stages.insert(stage, row);
        }
        range.grade = Grade::E;
        range.weaknesses.insert(weakness(
            "profile_ecologits",
            "EcoLogits 0.11.3",
            "output tokens only; one accelerator type and batch for all; input, cache, idle, end of life and training are left out",
        ));
        if activity.stats.requests_output_unknown > 0 {
            range.weaknesses.insert(weakness(
                "output_unknown",
                &about,
                "output tokens are not stated for some requests; this profile leaves those requests out",
            ));
        }
        range
    }

    fn zone(&self, provider: &str, deployment: &Deployment, set: &FactorSet, range: &mut Range) -> String {
        if let Some(word) = deployment.zone.as_deref().filter(|word| !word.is_empty()) {
            let upper = word.to_uppercase();
            if self.factors.contains_key(&format!("ecologits.zone.{upper}.gwp")) {
                return upper;
            }
            if let Some(zone) = set.zone_of_region(word) {
                return zone;
            }
        }
        let zone = self.zones.get(provider).cloned().unwrap_or_else(|| "WOR".to_owned());
        range.weaknesses.insert(weakness(
            "zone_unknown",
            &zone,
            "where it ran is not stated; the provider's default zone of EcoLogits is assumed",
        ));
        zone
    }

    /// Greenhouse gas, elements, primary energy and water of a kilowatt-hour.
    fn grid(&self, zone: &str) -> Option<Vec<f64>> {
        ["gwp", "adpe", "pe", "water"].iter().map(|name| Some(self.ends(&format!("ecologits.zone.{zone}.{name}"))?.0)).collect()
    }

    fn cite(&self, range: &mut Range, ids: &[String]) {
        for id in ids {
            if let Some(source) = self.factors.get(id).and_then(|factor| self.sources.get(&factor.source)) {
                range.cited.cite(source, id);
            }
        }
    }

    /// Use and embodied rows of one corner; steps and names as in the method's own description.
    fn corner(&self, c: &Corner, output: f64, grid: &[f64]) -> [[Option<f64>; COLUMNS]; 2] {
        let at = |name: &str| self.constant(name);
        let batch = at("batch");
        let gpu_kwh = output * (at("alpha") * libm::exp(at("beta") * batch) * c.active_b + at("gamma")) / 1000.0;
        let memory_gb = at("memory_overhead") * c.total_b * at("quant_bits") / 8.0;
        let needed = libm::ceil(memory_gb / at("gpu_memory_gb"));
        let mut gpus = 1.0;
        while gpus < needed {
            gpus *= 2.0;
        }
        let servers = gpus / at("gpus_per_server");
        let server_kwh = c.generation_s / 3600.0 * at("server_power_kw") * servers / batch;
        let it_kwh = server_kwh + gpus * gpu_kwh;
        let share = c.generation_s / (at("lifetime_s") * batch);
        let embodied = |server: &str, gpu: &str| Some(share * (servers * at(server) + gpus * at(gpu)));
        let mut rows = [use_row(it_kwh, c.pue, c.wue, grid), [None; COLUMNS]];
        rows[1][Indicator::GwpKgco2e as usize] = embodied("server_gwp", "gpu_gwp");
        rows[1][Indicator::AdpeKgsbeq as usize] = embodied("server_adpe", "gpu_adpe");
        rows[1][Indicator::PeMj as usize] = embodied("server_pe", "gpu_pe");
        rows
    }

    /// The activity with its generation time: where the caller gave none, that of this answer, capped by its own duration when known.
    fn timed<'a>(&self, activity: &'a Activity, deployment: &Deployment, set: &FactorSet) -> Cow<'a, Activity> {
        let stats = &activity.stats;
        let pace = || match deployment.params_active_b.or(deployment.params_total_b) {
            // zero: a model whose time to first token the method does not know starts at once, as it does there
            Some(size) => Some(Pace { first_s: 0.0, per_token_s: (self.per_token_s(size.get()), self.per_token_s(size.get())) }),
            None => self.paces.get(&self.find(deployment, set)?.1).copied(),
        };
        let Some(pace) = (stats.generation_high_us == 0).then(pace).flatten() else { return Cow::Borrowed(activity) };
        let latency_s = (stats.duration_ms > 0).then_some(stats.duration_ms as f64 / 1e3);
        let (low, high) = pace.generation_s(stats.output_all() as f64, stats.requests as f64, latency_s);
        let mut activity = activity.clone();
        activity.stats.generation_low_us = libm::round(low * 1e6) as i128;
        activity.stats.generation_high_us = libm::round(high * 1e6) as i128;
        Cow::Owned(activity)
    }

    /// One activity as an impact.
    pub(crate) fn evaluate(&self, activity: &Activity, deployment: &Deployment, set: &FactorSet) -> Impact {
        let range = self.range(activity, deployment, set);
        let mut total: RangeRow = [None; COLUMNS];
        for row in range.stages.values() {
            for (sum, ends) in total.iter_mut().zip(row) {
                if let Some((low, high)) = ends {
                    let (a, b) = sum.unwrap_or((0.0, 0.0)); // zero: the neutral element of a sum that has a first term
                    *sum = Some((a + low, b + high));
                }
            }
        }
        let triples = |row: &RangeRow| -> Triples { row.map(|ends| ends.map(|(low, high)| [low, 0.5 * (low + high), high])) };
        let basis = Arc::new(Basis { drivers: Vec::new(), weaknesses: range.weaknesses.into_iter().collect() });
        Impact {
            impacts: impacts(&triples(&total), [range.grade; COLUMNS], &basis),
            currency: set.currency().to_owned(),
            stages: range.stages.iter().map(|(stage, row)| (*stage, impacts(&triples(row), [range.grade; COLUMNS], &basis))).collect(),
            grade: range.grade,
            basis,
            sources: range.cited.notes(),
            factor_set: set.name().to_owned(),
            method: METHOD.to_owned(),
            profile: Profile::Ecologits,
        }
    }
}

/// The row of use of one corner, from the energy of the IT equipment.
fn use_row(it_kwh: f64, pue: f64, wue: f64, grid: &[f64]) -> [Option<f64>; COLUMNS] {
    let kwh = pue * it_kwh;
    let (gwp, adpe, pe, water) = (grid[0], grid[1], grid[2], grid[3]);
    let mut row = [None; COLUMNS];
    for (indicator, value) in [
        (Indicator::EnergyKwh, kwh),
        (Indicator::GwpKgco2e, kwh * gwp),
        (Indicator::WaterL, it_kwh * (wue + pue * water)),
        (Indicator::AdpeKgsbeq, kwh * adpe),
        (Indicator::PeMj, kwh * pe),
    ] {
        row[indicator as usize] = Some(value);
    }
    row
}
