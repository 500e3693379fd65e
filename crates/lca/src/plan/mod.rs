//! A deployment resolved against a factor set: which factor fills which parameter.

mod calibration;
mod embodied;
mod grid;
mod media;
mod model;
mod prices;
mod serving;
mod site;
mod training;

pub(crate) use calibration::Calibration;
pub(crate) use media::Stated;
pub(crate) use serving::embeds;
pub(crate) use training::{TrainingPlan, weaknesses as weaknesses_of_training};

use crate::factors::{Distribution, FactorSet, ModelName};
use crate::params::{PARAMS, Param, Params};
use crate::sampler::lineage;
use crate::{Activity, Boundary, Deployment, Evidence, Kind, Scope, Stage};
use quantity::{Grade, Weakness};
use std::collections::BTreeSet;
use std::sync::Arc;

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
    /// A sum of factors and their ancestors, each with its weight.
    Mix(Vec<(f64, Vec<usize>)>),
    /// No source gives it: a gap.
    Gap,
}

impl Slot {
    /// The value on every draw, from the columns of the factors; `None` where none of them moves.
    pub(crate) fn draws(&self, columns: &[Option<Arc<Vec<f64>>>], medians: &[f64]) -> Option<Vec<f64>> {
        let product = |indices: &[usize], weight: f64| {
            let mut draws = vec![weight; crate::sampler::DRAWS];
            for index in indices {
                match &columns[*index] {
                    Some(column) => draws.iter_mut().zip(column.iter()).for_each(|(draw, value)| *draw *= value),
                    None => draws.iter_mut().for_each(|draw| *draw *= medians[*index]),
                }
            }
            draws
        };
        let moves = |indices: &[usize]| indices.iter().any(|index| columns[*index].is_some());
        match self {
            Self::Factors(indices) if moves(indices) => Some(product(indices, 1.0)),
            Self::Mix(terms) if terms.iter().any(|(_, indices)| moves(indices)) => {
                let mut sum = vec![0.0; crate::sampler::DRAWS];
                for (weight, indices) in terms {
                    sum.iter_mut().zip(product(indices, *weight)).for_each(|(sum, value)| *sum += value);
                }
                Some(sum)
            }
            Self::Factors(_) | Self::Mix(_) | Self::Known(_) | Self::Gap => None,
        }
    }
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
    /// Grid zone, as stated or as assumed.
    pub(crate) zone: String,
    pub(crate) scope: Scope,
    pub(crate) kind: Kind,
    pub(crate) stage: Stage,
    /// Whether the energy is metered rather than modelled.
    pub(crate) metered: bool,
    /// Whether the profile leaves this activity out.
    pub(crate) left_out: bool,
    /// Measurements of this very model, accelerator and number, as a correction of the law.
    pub(crate) calibration: Option<Arc<Calibration>>,
    /// Id of the measured series.
    pub(crate) series: Option<String>,
    pub(crate) billed_currency: Option<String>,
    /// What is known of a training run.
    pub(crate) training: TrainingPlan,
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
            let indices = self.indices(id);
            if !indices.is_empty() {
                self.plan.slots[param as usize] = Slot::Factors(indices);
                return true;
            }
        }
        false
    }

    /// Fills a parameter with a sum of products of factors; a gap when one of them does not exist.
    fn mix(&mut self, param: Param, terms: &[grid::Term]) {
        let mut sum = Vec::with_capacity(terms.len());
        for (weight, ids) in terms {
            let Some(product) = self.all(ids) else {
                self.plan.slots[param as usize] = Slot::Gap;
                return;
            };
            sum.push((*weight, product));
        }
        self.plan.slots[param as usize] = Slot::Mix(sum);
    }

    /// Indices of a factor and its ancestors, noted as used; empty when it does not exist.
    fn indices(&mut self, id: &str) -> Vec<usize> {
        let mut indices = Vec::new();
        for factor in lineage(self.set, id) {
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
        indices
    }

    /// Indices of several factors and their ancestors; `None` when one of them does not exist.
    fn all(&mut self, ids: &[impl AsRef<str>]) -> Option<Vec<usize>> {
        let mut all = Vec::new();
        for id in ids {
            let indices = self.indices(id.as_ref());
            if indices.is_empty() {
                return None;
            }
            all.extend(indices);
        }
        Some(all)
    }

    /// Fills a parameter with a number times a factor; `false` when there is no such factor.
    fn fill_times(&mut self, param: Param, weight: f64, id: &str) -> bool {
        let indices = self.indices(id);
        let found = !indices.is_empty();
        if found {
            self.plan.slots[param as usize] = Slot::Mix(vec![(weight, indices)]);
        }
        found
    }

    /// Fills a parameter with the product of several factors; `false` when one of them is missing.
    fn product(&mut self, param: Param, ids: &[&str]) -> bool {
        let all = self.all(ids);
        let found = all.is_some();
        self.plan.slots[param as usize] = all.map_or(Slot::Gap, Slot::Factors);
        found
    }

    fn method(&mut self, param: Param, id: &str) {
        if !self.fill(param, &[id.to_owned()]) {
            self.weak("factor_missing", id, "the factor set has no such factor; the parts that need it are gaps");
        }
    }

    /// Whether a parameter rests on a factor with several humps.
    fn is_mixed(&self, param: Param) -> bool {
        let Slot::Factors(indices) = &self.plan.slots[param as usize] else { return false };
        indices
            .iter()
            .filter_map(|index| self.set.factor(&self.plan.factors[*index].0))
            .any(|factor| matches!(factor.distribution, Distribution::Mixture(_)))
    }

    /// Takes back a weakness that later knowledge has cured.
    fn cured(&mut self, code: &str) {
        self.plan.weaknesses.retain(|weakness| weakness.code != code);
    }

    fn weak(&mut self, code: &str, about: &str, text: &str) {
        self.plan.weaknesses.insert(weakness(code, about, text));
    }
}

impl Plan {
    /// The parameters at given values of the factors.
    pub(crate) fn params(&self, values: &[f64]) -> Params {
        let mut params = Params::new();
        for (param, slot) in params.values_mut().iter_mut().zip(&self.slots) {
            *param = match slot {
                Slot::Known(value) => *value,
                Slot::Factors(indices) => indices.iter().map(|index| values[*index]).product(),
                Slot::Mix(terms) => {
                    let of = |(weight, indices): &(f64, Vec<usize>)| weight * indices.iter().map(|index| values[*index]).product::<f64>();
                    terms.iter().fold(0.0, |sum, term| sum + of(term))
                }
                Slot::Gap => f64::NAN,
            };
        }
        params
    }

    /// Ids of the factors and of the measured series in use.
    pub(crate) fn used(&self) -> impl Iterator<Item = &str> {
        self.factors.iter().map(|(id, ..)| id.as_str()).chain(self.series.as_deref())
    }

    /// Drops the factors and variables that no parameter refers to any more.
    fn prune(&mut self) {
        let mut kept: Vec<Option<usize>> = vec![None; self.factors.len()];
        let (mut factors, mut variables) = (Vec::new(), Vec::new());
        for slot in &mut self.slots {
            let indices: Vec<&mut usize> = match slot {
                Slot::Factors(indices) => indices.iter_mut().collect(),
                Slot::Mix(terms) => terms.iter_mut().flat_map(|(_, indices)| indices).collect(),
                Slot::Known(_) | Slot::Gap => continue,
            };
            for index in indices {
                let place = *kept[*index].get_or_insert_with(|| {
                    let (id, variable) = &self.factors[*index];
                    let variable = variable.map(|variable| {
                        variables.push(self.variables[variable].clone());
                        variables.len() - 1
                    });
                    factors.push((id.clone(), variable));
                    factors.len() - 1
                });
                *index = place;
            }
        }
        (self.factors, self.variables) = (factors, variables);
    }

    /// Medians of the factors.
    pub(crate) fn medians(&self, set: &FactorSet) -> Vec<f64> {
        self.factors.iter().map(|(id, ..)| set.factor(id).map_or(f64::NAN, |factor| factor.distribution.median().get())).collect()
    }
}

/// Whether the energy of an activity is metered rather than modelled.
pub(crate) fn is_metered(kind: Kind, evidence: Evidence) -> bool {
    match kind {
        Kind::Electricity => true,
        Kind::Hardware => false,
        Kind::Inference | Kind::Training => matches!(evidence, Evidence::Plug | Evidence::Counter | Evidence::Share),
    }
}

/// Resolves a deployment for the kind, evidence, stage and currency of `activity`, and for the tokens and media it states; how many does not matter.
pub(crate) fn plan(set: &FactorSet, activity: &Activity, deployment: &Deployment, scope: Scope) -> Plan {
    let reported = deployment.model.as_deref().unwrap_or("");
    let provider = deployment.provider.as_deref().unwrap_or("");
    let kind = activity.kind;
    let stage = activity.stage.unwrap_or(match kind {
        Kind::Training => Stage::PreTraining,
        Kind::Hardware => Stage::Manufacturing,
        Kind::Inference | Kind::Electricity => Stage::Decode,
    });
    let metered = is_metered(kind, activity.evidence);
    let mut b = Builder {
        set,
        plan: Plan {
            slots: vec![Slot::Gap; PARAMS],
            factors: Vec::new(),
            variables: Vec::new(),
            weaknesses: BTreeSet::new(),
            grade: Grade::E,
            model: set.resolve_model(provider, reported),
            zone: String::new(),
            scope,
            kind,
            stage,
            metered,
            left_out: !scope.profile.counts(stage),
            calibration: None,
            series: None,
            billed_currency: (!activity.currency.is_empty()).then(|| activity.currency.clone()),
            training: TrainingPlan::default(),
        },
    };
    if b.plan.left_out {
        let about = format!("{kind}, {stage}");
        b.weak("left_out_by_profile", &about, "this profile does not count this part of the life cycle; it is left out, not zero");
        return b.plan;
    }
    if kind == Kind::Hardware {
        if scope.profile.attributes_hardware() {
            b.plan.left_out = true;
            b.weak(
                "hardware_attributed_by_use",
                deployment.accelerator.as_deref().unwrap_or("device not stated"),
                "in this profile bought hardware counts by the time it is used, with what it does; the purchase itself is left out, not zero: an inventory (ghg-location, ghg-market) counts it in full",
            );
            return b.plan;
        }
        embodied::purchase(&mut b, deployment);
        prices::bill(&mut b);
        b.plan.prune();
        return b.plan;
    }
    site::fill(&mut b, deployment);
    if kind == Kind::Training {
        training::fill(&mut b, activity, deployment);
    }
    let stated = Stated::of(&activity.stats);
    if kind == Kind::Inference && stated.only_media() {
        media::surroundings(&mut b, deployment);
    } else if kind == Kind::Inference {
        model::fill(&mut b, deployment);
        serving::accelerator(&mut b, deployment);
        serving::law(&mut b, deployment);
        prices::list(&mut b);
        if !metered {
            calibration::fill(&mut b, deployment);
        }
    }
    if kind == Kind::Inference && !metered && stated.media() {
        media::fill(&mut b, deployment, stated);
    }
    embodied::lifetime(&mut b, deployment);
    meter(&mut b, activity.evidence);
    prices::bill(&mut b);
    boundary(&mut b);
    b.plan.prune();
    b.plan
}

/// Takes away what lies outside the boundary of the energy.
fn boundary(b: &mut Builder<'_>) {
    if b.plan.scope.boundary == Boundary::Site {
        return;
    }
    b.known(Param::Pue, 1.0);
    b.known(Param::Idle, 0.0);
    if b.plan.scope.boundary == Boundary::Accelerator {
        b.known(Param::Host, 1.0);
    }
    b.weak(
        "boundary_narrow",
        b.plan.scope.boundary.as_str(),
        "energy is counted at this boundary only, for comparison with measurements; a footprint counts the site",
    );
}

fn meter(b: &mut Builder<'_>, evidence: Evidence) {
    let (id, grade) = match evidence {
        Evidence::Plug => ("meter.plug", Grade::A),
        Evidence::Counter => ("meter.counter", Grade::B),
        Evidence::Share => ("meter.share", Grade::C),
        Evidence::Counted | Evidence::Estimated => ("meter.share", Grade::C),
    };
    if !b.plan.metered {
        if evidence == Evidence::Estimated {
            b.weak("tokens_estimated", &b.plan.model.model.clone(), "the source estimated the tokens itself");
        }
        return;
    }
    b.method(Param::Meter, id);
    b.plan.grade = grade;
}
