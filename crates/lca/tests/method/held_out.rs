//! The law against measurements of models that the fit has not seen.

use crate::SET;
use crate::runs::{ACCELERATOR, COEFFICIENTS, Run, Terms, fit, quantile, runs, with};
use lca::{Deployment, FactorSet, Indicator, Task, evaluate};
use quantity::Ratio;
use std::collections::BTreeMap;

/// What somebody knows who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    AllKnown,
    BatchUnknown,
    CountAndPrecisionUnknown,
    SizeAndAcceleratorKnown,
    OnlySizeKnown,
}

const STATES: [(State, &str); 5] = [
    (State::AllKnown, "all known"),
    (State::BatchUnknown, "batch unknown"),
    (State::CountAndPrecisionUnknown, "number and precision unknown"),
    (State::SizeAndAcceleratorKnown, "size and accelerator known"),
    (State::OnlySizeKnown, "only the size known"),
];

impl State {
    fn forget(self, deployment: Deployment) -> Deployment {
        let mut known = deployment;
        if self != Self::AllKnown && self != Self::CountAndPrecisionUnknown {
            known.batch = None;
        }
        if self >= Self::CountAndPrecisionUnknown {
            known.accelerators = None;
            known.bytes_per_weight = None;
        }
        if self >= Self::SizeAndAcceleratorKnown {
            known.layers = None;
            known.kv_mb_per_token = None;
        }
        if self == Self::OnlySizeKnown {
            known.accelerator = None;
        }
        known
    }
}

/// Joules per output token at the accelerators: low, median, high.
fn interval(run: &Run, state: State, set: &FactorSet) -> [f64; 3] {
    let impact = evaluate(&run.activity(), &state.forget(run.deployment()), set, ACCELERATOR).unwrap();
    impact.impacts.row(Indicator::EnergyKwh).unwrap().map(|kwh| kwh.get() * 3.6e6 / run.output_tokens as f64)
}

/// Joules per output token by the formula of `EcoLogits` 0.11.3: 16 bits, number of H100 by its memory rule.
fn ecologits(run: &Run, batch: f64) -> f64 {
    let mut count = 1.0;
    while count < (1.2 * run.total_b * 2.0 / 80.0).ceil() {
        count *= 2.0;
    }
    3600.0 * count * (1.1665273170451914e-6 * (-0.011205921025579175 * batch).exp() * run.active_b + 4.052928146734005e-5)
}

/// The factor set fitted without each release, by release.
fn held_out(text: &[Run]) -> BTreeMap<String, FactorSet> {
    let terms = Terms::of(text);
    let releases: std::collections::BTreeSet<&String> = text.iter().map(|run| &run.release).collect();
    releases
        .into_iter()
        .map(|release| {
            let seen: Vec<&Terms> = text.iter().zip(&terms).filter(|(run, _)| run.release != *release).map(|(_, term)| term).collect();
            let q = fit(&seen);
            let values: Vec<(&str, f64)> = COEFFICIENTS.into_iter().zip(q).collect();
            (release.clone(), with(&values))
        })
        .collect()
}

fn miss(predicted: f64, run: &Run) -> f64 {
    (predicted / run.energy_j_per_token).ln().abs().exp()
}

#[test]
fn print_states() {
    let Some(runs) = runs() else { return };
    let text: Vec<Run> = runs.iter().filter(|run| run.task != Task::Code).cloned().collect();
    let sets = held_out(&text);
    for (name, keep) in [("all", None), ("h100", Some("h100-sxm")), ("b200", Some("b200"))] {
        let chosen: Vec<&Run> = text.iter().filter(|run| keep.is_none_or(|keep| run.accelerator == keep)).collect();
        for (tag, value) in [
            ("law", Box::new(|run: &Run| run.law(&sets[&run.release])) as Box<dyn Fn(&Run) -> f64>),
            ("eco64", Box::new(|run: &Run| ecologits(run, 64.0))),
            ("eco true", Box::new(|run: &Run| ecologits(run, run.batch))),
        ] {
            let misses: Vec<f64> = chosen.iter().map(|run| miss(value(run), run)).collect();
            eprintln!("{name} {tag}: median {:.3} p90 {:.3}", quantile(&misses, 0.5), quantile(&misses, 0.9));
        }
        for (state, label) in STATES {
            let (mut inside, mut below, mut above, mut ratios) = (0, 0, 0, Vec::new());
            for run in &chosen {
                let [low, _, high] = interval(run, state, &sets[&run.release]);
                let y = run.energy_j_per_token;
                inside += usize::from(y >= low && y <= high);
                below += usize::from(y < low);
                above += usize::from(y > high);
                ratios.push(high / low);
            }
            let share = |n: usize| n as f64 / chosen.len() as f64;
            eprintln!("{name} {label}: cover {:.3} below {:.3} above {:.3} ratio median {:.2} max {:.2}", share(inside), share(below), share(above), quantile(&ratios, 0.5), quantile(&ratios, 1.0));
        }
    }
    let code: Vec<&Run> = runs.iter().filter(|run| run.task == Task::Code).collect();
    let misses: Vec<f64> = code.iter().map(|run| miss(run.law(&SET), run)).collect();
    eprintln!("code: median {:.3} p90 {:.3}", quantile(&misses, 0.5), quantile(&misses, 0.9));
    for model in ["openai/gpt-4o", "anthropic/claude-sonnet-4", "google_genai/gemini-2.5-flash", "openai/gpt-5"] {
        let run = Run { ..text[0].clone() };
        let deployment = Deployment { model: Some(model.to_owned()), task: Some(Task::Chat), zone: Some("USA".to_owned()), ..Deployment::default() };
        let row = evaluate(&run.activity(), &deployment, &SET, ACCELERATOR).unwrap().impacts.row(Indicator::EnergyKwh).unwrap();
        eprintln!("{model} {:.1}", row[2].get() / row[0].get());
        let _ = Ratio::new(1.0);
    }
}
