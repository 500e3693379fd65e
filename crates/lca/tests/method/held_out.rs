//! The law against measurements of models that the fit has not seen.

use crate::SET;
use crate::figures::figures;
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

/// States with the bound of high/low that 95 % of the intervals keep.
const STATES: [(State, &str, f64); 5] = [
    (State::AllKnown, "all", 4.0),
    (State::BatchUnknown, "all but the batch", 16.0),
    (State::CountAndPrecisionUnknown, "all but number and precision", 16.0),
    (State::SizeAndAcceleratorKnown, "size and accelerator", 60.0),
    (State::OnlySizeKnown, "the size alone", 60.0),
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

/// Median and 90th percentile of how far a prediction misses, as a factor.
fn misses<'a>(runs: impl Iterator<Item = &'a Run>, predict: impl Fn(&Run) -> f64) -> (usize, f64, f64) {
    let misses: Vec<f64> = runs.map(|run| miss(predict(run), run)).collect();
    (misses.len(), quantile(&misses, 0.5), quantile(&misses, 0.9))
}

#[test]
fn the_fit_gives_the_committed_coefficients() {
    let Some(runs) = runs() else { return };
    let text: Vec<Run> = runs.into_iter().filter(|run| run.task != Task::Code).collect();
    assert_eq!(text.len(), 341);
    let terms = Terms::of(&text);
    for (id, fitted) in COEFFICIENTS.into_iter().zip(fit(&terms.iter().collect::<Vec<_>>())) {
        let committed = SET.factor(id).unwrap().distribution.median().get();
        assert!((fitted / committed - 1.0).abs() < 0.01, "{id}: fitted {fitted}, committed {committed}");
    }
}

#[test]
fn the_law_meets_models_it_has_not_seen() {
    let Some(runs) = runs() else { return };
    let (text, code): (Vec<Run>, Vec<Run>) = runs.into_iter().partition(|run| run.task != Task::Code);
    let sets = held_out(&text);
    let mut table =
        String::from("| runs | n | law, model left out | EcoLogits 0.11.3 | its formula with the true batch |\n|---|---|---|---|---|\n");
    let mut line = |name: &str, chosen: &[&Run], law: &dyn Fn(&Run) -> f64| {
        let (n, middle, tail) = misses(chosen.iter().copied(), law);
        let (_, other, other_tail) = misses(chosen.iter().copied(), |run| ecologits(run, 64.0));
        let (_, told, told_tail) = misses(chosen.iter().copied(), |run| ecologits(run, run.batch));
        table.push_str(&format!(
            "| {name} | {n} | x{middle:.2}, x{tail:.2} | x{other:.2}, x{other_tail:.2} | x{told:.2}, x{told_tail:.2} |\n"
        ));
        (middle, tail)
    };
    let law = |run: &Run| run.law(&sets[&run.release]);
    let all: Vec<&Run> = text.iter().collect();
    let on = |accelerator: &str| all.iter().copied().filter(|run| run.accelerator == accelerator).collect::<Vec<_>>();
    let (middle, tail) = line("chat and GPQA", &all, &law);
    let (h100, _) = line("of these on H100", &on("h100-sxm"), &law);
    let (b200, _) = line("of these on B200", &on("b200"), &law);
    let (code_middle, _) = line("code completion", &code.iter().collect::<Vec<_>>(), &|run| run.law(&SET));
    assert!(middle <= 1.2 && tail <= 1.6, "{middle} {tail}");
    assert!(h100 <= 1.2 && b200 <= 1.2, "{h100} {b200}");
    assert!(code_middle <= 1.5, "{code_middle}");
    figures("held-out", &table);
}

#[test]
fn the_interval_fits_what_is_known() {
    let Some(runs) = runs() else { return };
    let text: Vec<Run> = runs.into_iter().filter(|run| run.task != Task::Code).collect();
    let sets = held_out(&text);
    let mut table =
        String::from("| known | inside the 90 % interval | below | above | high/low, median | largest |\n|---|---|---|---|---|---|\n");
    for (state, label, sharp) in STATES {
        let (mut below, mut above, mut ratios) = (0, 0, Vec::new());
        for run in &text {
            let [low, median, high] = interval(run, state, &sets[&run.release]);
            assert!(low <= median && median <= high);
            below += usize::from(run.energy_j_per_token < low);
            above += usize::from(run.energy_j_per_token > high);
            ratios.push(high / low);
        }
        let share = |count: usize| count as f64 / text.len() as f64;
        let inside = share(text.len() - below - above);
        let (middle, largest) = (quantile(&ratios, 0.5), quantile(&ratios, 1.0));
        assert!((0.85..=0.95).contains(&inside), "{label}: {inside}");
        assert!(quantile(&ratios, 0.95) <= sharp, "{label}: {middle} {largest} {inside}");
        table.push_str(&format!(
            "| {label} | {:.1} % | {:.1} % | {:.1} % | {middle:.1} | {largest:.1} |\n",
            inside * 100.0,
            share(below) * 100.0,
            share(above) * 100.0
        ));
    }
    figures("coverage", &table);
}

#[test]
fn a_guessed_size_widens_no_further_than_sixty() {
    let mut counts = lca::Counts { requests: Some(1), output_tokens: Some(400), cache_read_tokens: Some(0), ..lca::Counts::default() };
    counts.fill_context();
    let activity = crate::activity(lca::Stats::of(&counts));
    let mut worst = Vec::new();
    for model in SET
        .models()
        .values()
        .filter(|model| !model.open && !model.id.contains("embed") && SET.factor(&format!("model.{}.params_total_b", model.id)).is_some())
    {
        let deployment =
            Deployment { model: Some(model.id.clone()), task: Some(Task::Chat), zone: Some("USA".to_owned()), ..Deployment::default() };
        let Some(row) = evaluate(&activity, &deployment, &SET, ACCELERATOR).unwrap().impacts.row(Indicator::EnergyKwh) else { continue };
        let ratio = row[2].get() / row[0].get();
        worst.push((ratio, model.id.clone()));
    }
    worst.sort_by(|a, b| b.0.total_cmp(&a.0));
    assert!(worst[0].0 <= 60.0, "{:?}", &worst[..8.min(worst.len())]);
    figures(
        "closed",
        &format!(
            "| models whose size is guessed | high/low, median | largest |\n|---|---|---|\n| {} | {:.0} | {:.0} |\n",
            worst.len(),
            worst[worst.len() / 2].0,
            worst[0].0
        ),
    );
}

#[test]
fn more_knowledge_never_widens() {
    for (model, accelerator, count, batch) in [
        ("huggingface_hub/meta-llama/Llama-3.1-8B-Instruct", "H100", 1, 64.0),
        ("huggingface_hub/meta-llama/Llama-3.1-70B-Instruct", "H100", 4, 32.0),
        ("huggingface_hub/Qwen/Qwen3-8B", "B200", 1, 128.0),
    ] {
        let whole = Deployment {
            model: Some(model.to_owned()),
            task: Some(Task::Chat),
            zone: Some("USA".to_owned()),
            accelerator: Some(accelerator.to_owned()),
            accelerators: Some(count),
            batch: Some(Ratio::new(batch)),
            bytes_per_weight: Some(Ratio::new(2.0)),
            ..Deployment::default()
        };
        let activity = crate::activity(lca::Stats::of(&crate::request(100, 0, 400)));
        let mut last = 1.0;
        let steps: [&dyn Fn(&mut Deployment); 3] =
            [&|_| (), &|known| known.batch = None, &|known| (known.accelerators, known.bytes_per_weight) = (None, None)];
        let mut known = whole;
        for (step, forget) in steps.iter().enumerate() {
            forget(&mut known);
            let row = evaluate(&activity, &known, &SET, ACCELERATOR).unwrap().impacts.row(Indicator::EnergyKwh).unwrap();
            let ratio = row[2].get() / row[0].get();
            assert!(ratio >= last * 0.999, "{model}, step {step}: {last} then {ratio}");
            last = ratio;
        }
    }
}

/// The embedded set without one interior point of every series that has it.
fn without(place: usize) -> FactorSet {
    let files: Vec<(String, String)> = FactorSet::embedded_files()
        .into_iter()
        .map(|(name, text)| {
            if name != "measured.toml" {
                return (name, text);
            }
            let cut = |line: &str, key: &str| -> String {
                let Some((before, rest)) = line.split_once(&format!("{key} = [")) else { return line.to_owned() };
                let (list, after) = rest.split_once(']').unwrap();
                let mut numbers: Vec<&str> = list.split(", ").collect();
                if place + 1 < numbers.len() {
                    numbers.remove(place);
                }
                format!("{before}{key} = [{}]{after}", numbers.join(", "))
            };
            (name, text.lines().map(|line| cut(&cut(line, " batch"), "energy_j_per_token") + "\n").collect())
        })
        .collect();
    FactorSet::parse(&files).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn interpolation_meets_the_point_left_out() {
    let longest = SET.measured().iter().map(|row| row.batch.len()).max().unwrap();
    let mut misses = Vec::new();
    for place in 1..longest - 1 {
        let set = without(place);
        for row in SET.measured().iter().filter(|row| place + 1 < row.batch.len()) {
            let task: Task = row.task.parse().unwrap();
            let deployment = Deployment {
                model: Some(row.model.clone()),
                task: Some(task),
                zone: Some("USA".to_owned()),
                accelerator: Some(row.accelerator.clone()),
                accelerators: Some(row.accelerators),
                batch: Some(row.batch[place]),
                bytes_per_weight: Some(row.bytes_per_weight),
                ..Deployment::default()
            };
            let output = row.output_tokens.get().round() as i64;
            let mut counts =
                lca::Counts { requests: Some(1), output_tokens: Some(output), cache_read_tokens: Some(0), ..lca::Counts::default() };
            counts.fill_context();
            let activity = crate::activity(lca::Stats::of(&counts));
            let kwh = lca::Compiled::new(&activity, &deployment, &set, ACCELERATOR).medians(&activity)[0].unwrap().get();
            misses.push((kwh * 3.6e6 / output as f64 / row.energy_j_per_token[place].get()).ln().abs().exp() - 1.0);
        }
    }
    let (middle, tail) = (quantile(&misses, 0.5), quantile(&misses, 0.9));
    assert!(misses.len() > 300 && middle <= 0.06 && tail <= 0.16, "{} {middle} {tail}", misses.len());
    figures(
        "interpolation",
        &format!(
            "| points left out | median miss | 90th percentile |\n|---|---|---|\n| {} | {:.1} % | {:.1} % |\n",
            misses.len(),
            middle * 100.0,
            tail * 100.0
        ),
    );
}
