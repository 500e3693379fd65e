//! A deployment resolved against a factor set: which factor fills which parameter.

use crate::factors::{FactorSet, ModelName};
use crate::inference::{PARAMS, Param};
use crate::sampler::lineage;
use crate::{Deployment, Evidence, Indicator, Kind, Profile, Stage};
use quantity::{Grade, Weakness};
use std::collections::BTreeSet;

/// A random variable of a plan: one factor with a spread.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub(crate) id: String,
}

/// What a parameter is made of.
#[derive(Debug, Clone)]
pub(crate) enum Slot {
    /// A number that is known.
    Known(f64),
    /// A factor times its ancestors, by index into [`Plan::factors`].
    Factors(Vec<usize>),
    /// No source gives it: a gap.
    Gap,
}

/// A deployment resolved: parameters, weaknesses, sources, grade.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) slots: Vec<Slot>,
    /// Factors in use, with the index of their variable when they have a spread.
    pub(crate) factors: Vec<(String, Option<usize>)>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) weaknesses: BTreeSet<Weakness>,
    pub(crate) grade: Grade,
    pub(crate) model: ModelName,
    pub(crate) profile: Profile,
    pub(crate) kind: Kind,
    pub(crate) stage: Stage,
    pub(crate) billed_currency: Option<String>,
}

/// A weakness with its three parts.
pub(crate) fn weakness(code: &str, about: &str, text: &str) -> Weakness {
    Weakness { code: code.to_owned(), about: about.to_owned(), text: text.to_owned() }
}

struct Builder<'a> {
    set: &'a FactorSet,
    plan: Plan,
}

impl Builder<'_> {
    fn known(&mut self, param: Param, value: f64) {
        self.plan.slots[param as usize] = Slot::Known(value);
    }

    /// Fills a parameter from the first id that exists; `false` when none does.
    fn fill(&mut self, param: Param, ids: &[String]) -> bool {
        for id in ids {
            let line = lineage(self.set, id);
            if line.is_empty() {
                continue;
            }
            let mut indices = Vec::new();
            for factor in line {
                let known = self.plan.factors.iter().position(|(name, ..)| *name == factor.id);
                indices.push(known.unwrap_or_else(|| {
                    let variable = (!factor.distribution.is_exact()).then(|| {
                        self.plan.variables.push(Variable { id: factor.id.clone() });
                        self.plan.variables.len() - 1
                    });
                    self.plan.factors.push((factor.id.clone(), variable));
                    self.plan.factors.len() - 1
                }));
            }
            self.plan.slots[param as usize] = Slot::Factors(indices);
            return true;
        }
        false
    }

    fn method(&mut self, param: Param, id: &str) {
        if !self.fill(param, &[id.to_owned()]) {
            self.weak("factor_missing", id, "the factor set has no such factor; the parts that need it are gaps");
        }
    }

    fn weak(&mut self, code: &str, about: &str, text: &str) {
        self.plan.weaknesses.insert(weakness(code, about, text));
    }
}

/// Resolves a deployment.
pub(crate) fn plan(
    set: &FactorSet,
    deployment: &Deployment,
    kind: Kind,
    evidence: Evidence,
    stage: Option<Stage>,
    currency: &str,
    profile: Profile,
) -> Plan {
    let reported = deployment.model.as_deref().unwrap_or("");
    let provider = deployment.provider.as_deref().unwrap_or("");
    let stage = stage.unwrap_or(match kind {
        Kind::Training => Stage::PreTraining,
        Kind::Hardware => Stage::Manufacturing,
        Kind::Inference | Kind::Electricity => Stage::Decode,
    });
    let mut b = Builder {
        set,
        plan: Plan {
            slots: vec![Slot::Gap; PARAMS],
            factors: Vec::new(),
            variables: Vec::new(),
            weaknesses: BTreeSet::new(),
            grade: Grade::E,
            model: set.resolve_model(provider, reported),
            profile,
            kind,
            stage,
            billed_currency: (!currency.is_empty()).then(|| currency.to_owned()),
        },
    };
    site(&mut b, deployment);
    if kind == Kind::Inference {
        model(&mut b, deployment);
        hardware(&mut b, deployment);
        law(&mut b, deployment);
        prices(&mut b);
    }
    meter(&mut b, evidence);
    if let Some(currency) = b.plan.billed_currency.clone()
        && currency != set.currency()
        && !b.fill(Param::Exchange, &[format!("fx.{currency}")])
    {
        b.weak("currency_unknown", &currency, "no exchange rate in the factor set; the billed cost is a gap");
    } else if b.plan.billed_currency.as_deref() == Some(set.currency()) {
        b.known(Param::Exchange, 1.0);
    }
    b.plan
}

fn site(b: &mut Builder<'_>, deployment: &Deployment) {
    let provider = b.plan.model.provider.clone();
    let stated = deployment.zone.as_deref().filter(|zone| !zone.is_empty());
    let zone = stated.and_then(|word| b.set.zone_of_region(word));
    let region = stated.and_then(|word| b.set.region(word)).map(|region| region.id.clone());
    if let (Some(word), None) = (stated, &zone) {
        b.weak("zone_not_in_table", word, "no table maps this region to a grid zone; the default of the provider stands in");
    }
    let known = zone.is_some();
    let zone = zone
        .or_else(|| b.set.providers().get(&provider).map(|row| row.zone.clone()).filter(|zone| !zone.is_empty()))
        .unwrap_or_else(|| "WOR".to_owned());
    if known {
        b.known(Param::ZoneUnknown, 1.0);
    } else {
        if stated.is_none() {
            b.weak(
                "zone_unknown",
                &zone,
                "where it ran is not stated; this grid zone is assumed, with a wider spread: state the region or zone",
            );
        }
        b.method(Param::ZoneUnknown, "inference.zone_unknown");
    }
    for (param, name, indicator) in [
        (Param::GridGwp, "gwp", Indicator::GwpKgco2e),
        (Param::GridWater, "water", Indicator::WaterL),
        (Param::GridAdpe, "adpe", Indicator::AdpeKgsbeq),
        (Param::GridPe, "pe", Indicator::PeMj),
    ] {
        if !b.fill(param, &[format!("grid.{zone}.{name}")]) {
            let about = format!("grid.{zone}.{name}");
            if b.fill(param, &[format!("grid.WOR.{name}")]) {
                b.weak(
                    "grid_default",
                    &about,
                    &format!("no source gives {indicator} for this grid zone; the world default stands in with GSD 2"),
                );
            } else {
                b.weak("grid_gap", &about, &format!("no factor for {indicator} at all; the indicator is a gap"));
            }
        }
    }
    let site = deployment.site.as_deref().unwrap_or("");
    for (param, name) in [(Param::Pue, "pue"), (Param::Wue, "wue")] {
        let mut ids = Vec::new();
        if !site.is_empty() {
            ids.push(format!("site.{site}.{name}"));
        }
        if let Some(region) = &region {
            ids.push(format!("region.{region}.{name}"));
        }
        if site.is_empty() {
            ids.push(format!("provider.{provider}.{name}"));
        }
        let own = ids.iter().any(|id| b.set.factor(id).is_some());
        ids.push(format!("provider.default.{name}"));
        if !b.fill(param, &ids) {
            b.weak("factor_missing", &format!("provider.default.{name}"), "the factor set has no default; the parts that need it are gaps");
        } else if !own {
            let who = if !site.is_empty() {
                site
            } else if provider.is_empty() {
                "provider unknown"
            } else {
                &provider
            };
            b.weak("site_default", who, &format!("{name} is not stated for this site; an industry default with a wide spread stands in"));
        }
    }
}

fn model(b: &mut Builder<'_>, deployment: &Deployment) {
    let given = |ratio: Option<quantity::Ratio>| ratio.map(quantity::Ratio::get);
    match (given(deployment.params_active_b), given(deployment.params_total_b)) {
        (Some(active), total) => {
            b.known(Param::ActiveB, active);
            b.known(Param::TotalB, total.unwrap_or(active));
            if total.is_none() {
                b.weak("total_unknown", "params_total", "only the active size is given; the model is taken as dense");
            }
            b.plan.grade = Grade::D;
            return;
        }
        (None, Some(total)) => {
            b.known(Param::ActiveB, total);
            b.known(Param::TotalB, total);
            b.weak("active_unknown", "params_active", "only the total size is given; the model is taken as dense");
            b.plan.grade = Grade::D;
            return;
        }
        (None, None) => {}
    }
    let name = b.plan.model.clone();
    if name.known {
        let active = b.fill(Param::ActiveB, &[format!("model.{}.params_active_b", name.model)]);
        let total = b.fill(Param::TotalB, &[format!("model.{}.params_total_b", name.model)]);
        if active && total {
            let open = b.set.models().get(&name.model).is_some_and(|model| model.open);
            if open {
                b.plan.grade = Grade::D;
            } else {
                b.weak(
                    "model_size_inferred",
                    &name.model,
                    "the provider does not publish the model's size; it is inferred, with a wide spread",
                );
            }
            return;
        }
    }
    let about = if name.model.is_empty() { "model not stated" } else { &name.model };
    b.weak("model_unknown", about, "the factor set does not know this model; the default of all models stands in, with a very wide interval: name it in your own factors");
    b.fill(Param::ActiveB, &["class.unknown.params_active_b".to_owned()]);
    b.fill(Param::TotalB, &["class.unknown.params_total_b".to_owned()]);
    b.plan.grade = Grade::F;
}

fn hardware(b: &mut Builder<'_>, deployment: &Deployment) {
    const REFERENCE: &str = "h100-sxm";
    let stated = deployment.accelerator.as_deref().filter(|word| !word.is_empty());
    let found = stated.and_then(|word| b.set.accelerator(word)).cloned();
    if let (Some(word), None) = (stated, &found) {
        b.weak("accelerator_not_in_table", word, "no factors for this accelerator; the reference accelerator stands in");
    }
    let known = found.is_some();
    let row = found.or_else(|| b.set.accelerator(REFERENCE).cloned()).unwrap_or_default();
    if known {
        b.known(Param::HardwareUnknown, 1.0);
    } else {
        b.weak("hardware_unknown", &row.id, "which accelerator served it is not stated; this one is assumed, with a wider spread");
        b.method(Param::HardwareUnknown, "inference.hardware_unknown");
        if b.plan.grade == Grade::D {
            b.plan.grade = Grade::E;
        }
    }
    let accelerator = |name: &str| format!("accelerator.{}.{name}", row.id);
    let reference = |name: &str| format!("accelerator.{REFERENCE}.{name}");
    for (param, name) in [
        (Param::TdpW, "tdp_w"),
        (Param::MemoryGb, "memory_gb"),
        (Param::BandwidthGbS, "bandwidth_gb_s"),
        (Param::PeakTflops, "peak_bf16_tflops"),
    ] {
        if !b.fill(param, &[accelerator(name)]) {
            b.weak("accelerator_figure_missing", &accelerator(name), "the value of the reference accelerator stands in");
            b.fill(param, &[reference(name)]);
        }
    }
    for (param, name) in [
        (Param::ReferenceTdpW, "tdp_w"),
        (Param::ReferenceBandwidthGbS, "bandwidth_gb_s"),
        (Param::ReferencePeakTflops, "peak_bf16_tflops"),
    ] {
        b.fill(param, &[reference(name)]);
    }
    if b.plan.profile == Profile::Full {
        for (param, name) in [
            (Param::AcceleratorGwp, "gwp_kg"),
            (Param::AcceleratorAdpe, "adpe_kg"),
            (Param::AcceleratorPe, "pe_mj"),
            (Param::AcceleratorMass, "mass_kg"),
        ] {
            if !b.fill(param, &[accelerator(name)]) {
                b.weak(
                    "accelerator_figure_missing",
                    &accelerator(name),
                    "no figure for its making; this part of the manufacturing or end of life is a gap",
                );
            }
        }
        for (param, name) in
            [(Param::ServerGwp, "gwp_kg"), (Param::ServerAdpe, "adpe_kg"), (Param::ServerPe, "pe_mj"), (Param::ServerMass, "mass_kg")]
        {
            if !b.fill(param, &[format!("server.{}.{name}", row.server), format!("server.dgx-h100.{name}")]) {
                b.weak(
                    "server_figure_missing",
                    &format!("server.{}.{name}", row.server),
                    "no figure for the server; this part of the manufacturing or end of life is a gap",
                );
            }
        }
        b.known(Param::PerServer, f64::from(row.per_server.max(1)));
        b.method(Param::LifetimeYears, "hardware.lifetime_years");
        b.method(Param::ReservedRatio, "inference.reserved_ratio");
        b.weak(
            "embodied_water_gap",
            "manufacturing",
            "no verified figure in litres exists for making accelerators; the water of the total is that of use alone",
        );
        b.weak("end_of_life_gap", "end_of_life", "only the mass of e-waste is counted; no verified figure for treating it");
    }
    b.method(Param::PowerShare, "inference.power_share");
    if let Some(count) = deployment.accelerators {
        b.known(Param::Accelerators, f64::from(count.max(1)));
    } else {
        // Zero is the sign for "by the memory rule"; see the law.
        b.known(Param::Accelerators, 0.0);
    }
}

fn law(b: &mut Builder<'_>, deployment: &Deployment) {
    for (param, id) in [
        (Param::Em, "inference.e_m"),
        (Param::Ef, "inference.e_f"),
        (Param::Eo, "inference.e_o"),
        (Param::Ep, "inference.e_p"),
        (Param::Ek, "inference.e_k"),
        (Param::Residual, "inference.residual"),
        (Param::PrefillResidual, "inference.prefill_residual"),
        (Param::Attention, "inference.attention"),
        (Param::CacheRead, "inference.cache_read_ratio"),
        (Param::CacheWrite, "inference.cache_write_ratio"),
        (Param::Host, "inference.host"),
        (Param::Idle, "inference.idle_ratio"),
        (Param::InputPrior, "inference.input_tokens_prior"),
        (Param::OutputPrior, "inference.output_tokens_prior"),
    ] {
        b.method(param, id);
    }
    if embeds(&b.plan.model.model) {
        // An embedding model writes no tokens.
        b.known(Param::OutputPrior, 0.0);
    }
    if let Some(batch) = deployment.batch {
        b.known(Param::Batch, batch.get().max(1.0));
    } else {
        b.weak("batch_unknown", "inference.batch", "how many requests were served together is not stated; a prior stands in: inter-token times or the provider's word would narrow it");
        b.method(Param::Batch, "inference.batch");
    }
    if let Some(bytes) = deployment.bytes_per_weight {
        b.known(Param::BytesPerWeight, bytes.get());
    } else {
        b.weak("precision_unknown", "inference.bytes_per_weight", "the number format of the weights is not stated; a prior stands in");
        b.method(Param::BytesPerWeight, "inference.bytes_per_weight");
    }
}

/// Whether a model's name says that it embeds text.
pub(crate) fn embeds(model: &str) -> bool {
    model.to_lowercase().contains("embed")
}

fn prices(b: &mut Builder<'_>) {
    let model = b.plan.model.model.clone();
    let mut found = true;
    for (param, name) in [(Param::PriceInput, "input"), (Param::PriceOutput, "output")] {
        found &= b.fill(param, &[format!("price.{model}.{name}")]);
    }
    for (param, name) in [(Param::PriceCacheRead, "cache_read"), (Param::PriceCacheWrite, "cache_write")] {
        b.fill(param, &[format!("price.{model}.{name}"), format!("price.{model}.input")]);
    }
    if !found && b.plan.billed_currency.is_none() {
        b.weak(
            "price_unknown",
            if model.is_empty() { "model not stated" } else { &model },
            "no list price and no billed cost; the cost is a gap",
        );
    }
}

fn meter(b: &mut Builder<'_>, evidence: Evidence) {
    let (id, grade) = match evidence {
        Evidence::Plug => ("meter.plug", Grade::A),
        Evidence::Counter => ("meter.counter", Grade::B),
        Evidence::Share => ("meter.share", Grade::C),
        Evidence::Counted | Evidence::Estimated => ("meter.share", Grade::C),
    };
    if b.plan.kind == Kind::Inference && matches!(evidence, Evidence::Counted | Evidence::Estimated) {
        if evidence == Evidence::Estimated {
            b.weak("tokens_estimated", &b.plan.model.model.clone(), "the source estimated the tokens itself");
        }
        return;
    }
    b.method(Param::Meter, id);
    b.plan.grade = grade;
}
