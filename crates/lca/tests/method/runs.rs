//! The measured runs of the ML.ENERGY Leaderboard v3, read from `BILANZ_DATA`, and the law over them.

use crate::SET;
use lca::{Activity, Boundary, Compiled, Counts, Deployment, FactorSet, Profile, Scope, Stats, Task};
use quantity::Ratio;

/// One run.
#[derive(Clone)]
pub(crate) struct Run {
    /// Base model: precisions and tunings of one release belong together.
    pub(crate) release: String,
    pub(crate) task: Task,
    pub(crate) active_b: f64,
    pub(crate) total_b: f64,
    pub(crate) layers: f64,
    pub(crate) kv_mb: f64,
    pub(crate) bytes: f64,
    pub(crate) accelerator: &'static str,
    pub(crate) accelerators: u32,
    pub(crate) batch: f64,
    pub(crate) output_tokens: i64,
    pub(crate) energy_j_per_token: f64,
}

/// All text runs whose model shape the factor set knows; `None`, with a word, without the data.
pub(crate) fn runs() -> Option<Vec<Run>> {
    let Some(folder) = std::env::var_os("BILANZ_DATA") else {
        eprintln!("skipped: BILANZ_DATA is not set, so models/mlenergy-v3-llm.csv cannot be read");
        return None;
    };
    let path = std::path::Path::new(&folder).join("models/mlenergy-v3-llm.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: BILANZ_DATA has no models/mlenergy-v3-llm.csv");
        return None;
    };
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next()?.split(',').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap_or_else(|| panic!("no column {name}"));
    let mut runs = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |name: &str| cells[place(name)].parse::<f64>().unwrap_or_else(|_| panic!("{name} in {line}"));
        let task = match cells[place("task")] {
            "lm-arena-chat" => Task::Chat,
            "gpqa" => Task::Reasoning,
            "sourcegraph-fim" => Task::Code,
            _ => continue,
        };
        let model = cells[place("model_id")].to_owned();
        let id = SET.resolve_model("huggingface_hub", &model).model;
        let shape = |name: &str| SET.factor(&format!("model.{id}.{name}")).map(|factor| factor.distribution.median().get());
        let (Some(layers), Some(kv_mb)) = (shape("layers"), shape("kv_mb_per_token")) else { panic!("no shape of {model} ({id})") };
        runs.push(Run {
            release: model.replace("-FP8", "").replace("-Instruct", "").replace("-Thinking", ""),
            task,
            active_b: number("activated_params_billions"),
            total_b: number("total_params_billions"),
            layers,
            kv_mb,
            bytes: match cells[place("weight_precision")] {
                "bfloat16" => 2.0,
                "fp8" => 1.0,
                _ => 0.53,
            },
            accelerator: if cells[place("gpu_model")] == "B200" { "b200" } else { "h100-sxm" },
            accelerators: number("num_gpus") as u32,
            batch: number("avg_batch_size"),
            output_tokens: number("avg_output_len").round() as i64,
            energy_j_per_token: number("energy_per_token_joules"),
        });
    }
    Some(runs)
}

impl Run {
    /// Everything known but the measurement itself: the model by its shape, not by its name.
    pub(crate) fn deployment(&self) -> Deployment {
        Deployment {
            params_active_b: Some(Ratio::new(self.active_b)),
            params_total_b: Some(Ratio::new(self.total_b)),
            layers: Some(Ratio::new(self.layers)),
            kv_mb_per_token: Some(Ratio::new(self.kv_mb)),
            task: Some(self.task),
            zone: Some("USA".to_owned()),
            accelerator: Some(self.accelerator.to_owned()),
            accelerators: Some(self.accelerators),
            batch: Some(Ratio::new(self.batch)),
            bytes_per_weight: Some(Ratio::new(self.bytes)),
            ..Deployment::default()
        }
    }

    /// One request of the run's mean answer; the prompt is not stated.
    pub(crate) fn activity(&self) -> Activity {
        let mut counts =
            Counts { requests: Some(1), output_tokens: Some(self.output_tokens), cache_read_tokens: Some(0), ..Counts::default() };
        counts.fill_context();
        Activity { stats: Stats::of(&counts), ..Activity::default() }
    }

    /// Joules per output token at the accelerators by the medians of a factor set.
    pub(crate) fn law(&self, set: &FactorSet) -> f64 {
        let activity = self.activity();
        let kwh = Compiled::new(&activity, &self.deployment(), set, ACCELERATOR).medians(&activity)[0].unwrap().get();
        kwh * 3.6e6 / self.output_tokens as f64
    }
}

/// Energy at the accelerators alone.
pub(crate) const ACCELERATOR: Scope = Scope { profile: Profile::Operational, boundary: Boundary::Accelerator };

/// The fitted coefficients, in the order of the fit.
pub(crate) const COEFFICIENTS: [&str; 6] =
    ["inference.e_m", "inference.e_f", "inference.e_o", "inference.e_p", "inference.e_k", "inference.low_precision_overhead"];

/// The embedded set with other medians of some factors.
pub(crate) fn with(values: &[(&str, f64)]) -> FactorSet {
    let rows: Vec<String> = values
        .iter()
        .map(|(id, value)| {
            let old = SET.factor(id).unwrap_or_else(|| panic!("no factor {id}"));
            let gsd = match &old.distribution {
                lca::Distribution::Lognormal { gsd, .. } => gsd.get(),
                _ => panic!("{id} is no lognormal"),
            };
            format!(
                "  {{ id = \"{id}\", median = {value:e}, gsd = {gsd}, unit = \"{}\", geography = \"world\", period = \"2026\", boundary = \"test\", source = \"mlenergy-fit\", place = \"refit\" }},",
                old.unit
            )
        })
        .collect();
    let text = format!("factor = [\n{}\n]\n", rows.join("\n"));
    FactorSet::overlaid(&[("refit.toml".to_owned(), text)]).unwrap_or_else(|error| panic!("{error}"))
}

/// What each coefficient contributes per unit of it: the law is linear in the first five.
pub(crate) struct Terms {
    pub(crate) constant: f64,
    pub(crate) per_unit: [f64; 5],
    pub(crate) eight_bit: bool,
    pub(crate) measured: f64,
}

impl Terms {
    /// The terms of every run, taken from the law as it ships.
    pub(crate) fn of(runs: &[Run]) -> Vec<Self> {
        let sets: Vec<FactorSet> = (0..6)
            .map(|chosen| {
                let values: Vec<(&str, f64)> = COEFFICIENTS
                    .iter()
                    .enumerate()
                    .map(|(place, id)| (*id, if place == chosen || place == 5 { 1.0 } else { 0.0 }))
                    .collect();
                with(&values)
            })
            .collect();
        runs.iter()
            .map(|run| {
                let constant = run.law(&sets[5]);
                let per_unit = std::array::from_fn(|place| run.law(&sets[place]) - constant);
                Self { constant, per_unit, eight_bit: run.bytes == 1.0, measured: run.energy_j_per_token }
            })
            .collect()
    }

    /// The law at these coefficients (the last multiplies the fourth for eight-bit weights).
    pub(crate) fn value(&self, q: &[f64; 6]) -> f64 {
        let overhead = if self.eight_bit { q[5] } else { 1.0 };
        let weight = [q[0], q[1], q[2], q[3] * overhead, q[4]];
        self.constant + self.per_unit.iter().zip(weight).map(|(term, weight)| term * weight).sum::<f64>()
    }
}

/// Where the fit starts: physical ceilings and round numbers.
const START: [f64; 6] = [0.164, 0.0030, 0.02, 0.015, 0.25, 1.3];

/// Least absolute-like fit of the logarithms: soft-L1 loss at 0.2, held weakly (0.1) at the start; Gauss-Newton with damping.
pub(crate) fn fit(terms: &[&Terms]) -> [f64; 6] {
    let mut q: [f64; 6] = START.map(f64::ln);
    let cost = |q: &[f64; 6]| {
        let values = q.map(f64::exp);
        let soft = |r: f64| 2.0 * 0.04 * ((1.0 + (r / 0.2).powi(2)).sqrt() - 1.0);
        let misses: f64 = terms.iter().map(|term| soft((term.value(&values) / term.measured).ln())).sum();
        misses + q.iter().zip(START).map(|(q, start)| soft(0.1 * (q - start.ln()))).sum::<f64>()
    };
    let mut damping = 1e-3;
    let mut best = cost(&q);
    for _ in 0..200 {
        let (mut normal, mut gradient) = ([[0.0; 6]; 6], [0.0; 6]);
        let mut add = |residual: f64, slopes: [f64; 6]| {
            let weight = 1.0 / (1.0 + (residual / 0.2).powi(2)).sqrt();
            for i in 0..6 {
                gradient[i] += weight * slopes[i] * residual;
                for j in 0..6 {
                    normal[i][j] += weight * slopes[i] * slopes[j];
                }
            }
        };
        let values = q.map(f64::exp);
        for term in terms {
            let value = term.value(&values);
            let overhead = if term.eight_bit { values[5] } else { 1.0 };
            let part = [values[0], values[1], values[2], values[3] * overhead, values[4]];
            let mut slopes: [f64; 6] =
                std::array::from_fn(|place| if place < 5 { term.per_unit[place] * part[place] / value } else { 0.0 });
            if term.eight_bit {
                slopes[5] = slopes[3];
            }
            add((value / term.measured).ln(), slopes);
        }
        for (place, (q, start)) in q.iter().zip(START).enumerate() {
            let mut slopes = [0.0; 6];
            slopes[place] = 0.1;
            add(0.1 * (q - start.ln()), slopes);
        }
        for (place, row) in normal.iter_mut().enumerate() {
            row[place] *= 1.0 + damping;
        }
        let step = solve(normal, gradient);
        let next: [f64; 6] = std::array::from_fn(|place| q[place] - step[place].clamp(-0.5, 0.5));
        let reached = cost(&next);
        if reached < best {
            let gain = best - reached;
            (q, best, damping) = (next, reached, damping * 0.3);
            if gain < 1e-12 {
                break;
            }
        } else {
            damping *= 4.0;
            if damping > 1e12 {
                break;
            }
        }
    }
    q.map(f64::exp)
}

/// Gaussian elimination with pivoting.
fn solve(mut matrix: [[f64; 6]; 6], mut right: [f64; 6]) -> [f64; 6] {
    for column in 0..6 {
        let pivot = (column..6).max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs())).unwrap();
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        for row in column + 1..6 {
            let factor = matrix[row][column] / matrix[column][column];
            let above = matrix[column];
            matrix[row].iter_mut().zip(above).skip(column).for_each(|(cell, above)| *cell -= factor * above);
            right[row] -= factor * right[column];
        }
    }
    for row in (0..6).rev() {
        let known: f64 = (row + 1..6).map(|place| matrix[row][place] * right[place]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    right
}

/// Middle, and the value that a share `p` does not exceed.
pub(crate) fn quantile(values: &[f64], p: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = p * (sorted.len() - 1) as f64;
    let (below, share) = (place.floor() as usize, place.fract());
    sorted[below] + (sorted[(below + 1).min(sorted.len() - 1)] - sorted[below]) * share
}
