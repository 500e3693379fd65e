//! The law of images and video against the measured runs of the ML.ENERGY Leaderboard v3, each model left out once.

use crate::figures::figures;
use crate::{SET, activity};
use lca::{Boundary, Counts, Deployment, Evaluator, FactorSet, Indicator, Media, Profile, Scope, Stats};
use quantity::Ratio;
use std::collections::BTreeMap;

/// One run.
struct Run {
    model: String,
    params_b: f64,
    accelerator: String,
    accelerators: u32,
    batch: f64,
    width: f64,
    height: f64,
    frames: Option<f64>,
    steps: f64,
    joules: f64,
}

/// All diffusion runs; `None`, with a word, without the data.
#[expect(clippy::print_stderr, clippy::disallowed_methods, reason = "the place of the runs, and why nothing was tested")]
fn runs() -> Option<Vec<Run>> {
    let Some(folder) = std::env::var_os("BILANZ_DATA") else {
        eprintln!("skipped: BILANZ_DATA is not set, so models/mlenergy-v3-diffusion.csv cannot be read");
        return None;
    };
    let path = std::path::Path::new(&folder).join("models/mlenergy-v3-diffusion.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: BILANZ_DATA has no models/mlenergy-v3-diffusion.csv");
        return None;
    };
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next()?.split(',').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap_or_else(|| panic!("no column {name}"));
    let read = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |name: &str| cells[place(name)].parse::<f64>().ok();
        let stated = |name: &str| number(name).unwrap_or_else(|| panic!("{name} in {line}"));
        Run {
            model: cells[place("model_id")].to_owned(),
            params_b: stated("total_params_billions"),
            accelerator: cells[place("gpu_model")].to_owned(),
            accelerators: stated("num_gpus") as u32,
            batch: stated("batch_size"),
            width: stated("width"),
            height: stated("height"),
            frames: number("num_frames"),
            steps: stated("inference_steps"),
            joules: stated("energy_per_output_joules"),
        }
    };
    Some(lines.map(read).collect())
}

/// The law fitted by least squares on the logarithms: joules per step of an image of 1024x1024 and 10^9 parameters, and two exponents.
fn fit(runs: &[&Run]) -> [f64; 3] {
    // One H100, the geometric mean over the batches of each model.
    let mut models: BTreeMap<&str, ([f64; 3], Vec<f64>)> = BTreeMap::new();
    for run in runs.iter().filter(|run| run.accelerators == 1 && run.accelerator == "H100") {
        let frames = run.frames.map_or(1.0, |frames| (frames - 1.0) / 4.0 + 1.0);
        let volume = run.width * run.height / (1024.0 * 1024.0) * frames;
        let x = [1.0, libm::log(run.params_b), libm::log(volume)];
        models.entry(&run.model).or_insert((x, Vec::new())).1.push(libm::log(run.joules / run.steps));
    }
    let mut sums = [[0.0; 4]; 3];
    for (x, logs) in models.values() {
        let y = logs.iter().sum::<f64>() / logs.len() as f64;
        for (row, left) in sums.iter_mut().zip(x) {
            for (sum, right) in row.iter_mut().zip(x.iter().chain([&y])) {
                *sum += left * right;
            }
        }
    }
    // Gauss and Jordan; the sums of squares are well conditioned.
    for pivot in 0..3 {
        let own = sums[pivot];
        for (index, row) in sums.iter_mut().enumerate() {
            let share = if index == pivot { 1.0 - 1.0 / own[pivot] } else { row[pivot] / own[pivot] };
            row.iter_mut().zip(own).for_each(|(value, own)| *value -= share * own);
        }
    }
    [libm::exp(sums[0][3]), sums[1][3], sums[2][3]]
}

/// Low, median and high of one output of a run, in joules at the accelerators.
fn valued(evaluator: &mut Evaluator<'_>, run: &Run, named: bool) -> [f64; 3] {
    let one = Some(1);
    let counts = match run.frames {
        Some(_) => Counts { requests: one, videos: one, ..Counts::default() },
        None => Counts { requests: one, images: one, ..Counts::default() },
    };
    let ratio = |value: f64| Some(Ratio::new(value));
    let deployment = Deployment {
        model: named.then(|| run.model.clone()),
        params_active_b: if named { None } else { ratio(run.params_b) },
        accelerator: Some(run.accelerator.clone()),
        accelerators: Some(run.accelerators),
        batch: ratio(run.batch),
        media: Some(Media {
            width_px: ratio(run.width),
            height_px: ratio(run.height),
            frames: run.frames.map(Ratio::new),
            steps: ratio(run.steps),
            ..Media::default()
        }),
        ..Deployment::default()
    };
    let impact = evaluator.sample(&activity(Stats::of(&counts)), &deployment).unwrap().impact();
    impact.impacts.row(Indicator::EnergyKwh).unwrap().map(|value| value.get() * 3.6e6)
}

const SCOPE: Scope = Scope { profile: Profile::Operational, boundary: Boundary::Accelerator };

/// Median miss, as a factor, and the share of runs within the interval.
fn judge(rows: &[([f64; 3], f64)]) -> (f64, f64) {
    let mut misses: Vec<f64> = rows.iter().map(|(row, joules)| libm::exp(libm::fabs(libm::log(row[1] / joules)))).collect();
    misses.sort_by(f64::total_cmp);
    let within = rows.iter().filter(|(row, joules)| row[0] <= *joules && *joules <= row[2]).count();
    (misses[misses.len() / 2], within as f64 / rows.len() as f64)
}

#[test]
fn a_model_left_out_of_the_fit_lies_within_the_interval_nine_times_in_ten() {
    let Some(runs) = runs() else { return };
    let all = fit(&runs.iter().collect::<Vec<_>>());
    let factor = |id: &str| SET.factor(id).unwrap().distribution.median().get();
    for (id, fitted) in ["media.law_j", "media.law_params_power", "media.volume_power"].into_iter().zip(all) {
        assert!((factor(id) / fitted - 1.0).abs() < 0.01, "{id}: {} in the set, {fitted} fitted", factor(id));
    }
    let models: std::collections::BTreeSet<&str> = runs.iter().map(|run| run.model.as_str()).collect();
    let mut rows = Vec::new();
    let mut table = String::from("| model, left out of the fit | runs | median miss | inside the 90 % interval |\n|---|---|---|---|\n");
    for left_out in models {
        let (own, others): (Vec<&Run>, Vec<&Run>) = runs.iter().partition(|run| run.model == left_out);
        let [law_j, params_power, volume_power] = fit(&others);
        let replaced: String = [
            ("law_j", law_j, 1.05, "J/step"),
            ("law_params_power", params_power, 1.1, "1"),
            ("volume_power", volume_power, 1.08, "1"),
        ]
            .iter()
            .map(|(name, median, gsd, unit)| {
                format!("[[factor]]\nid = \"media.{name}\"\nmedian = {median:?}\ngsd = {gsd}\nunit = \"{unit}\"\ngeography = \"world\"\nperiod = \"2026\"\nboundary = \"GPU\"\nsource = \"mlenergy-media\"\nplace = \"one model left out\"\n")
            })
            .collect();
        let set = FactorSet::overlaid(&[("left_out.toml".to_owned(), replaced)]).unwrap();
        let mut evaluator = Evaluator::new(&set, SCOPE);
        let own: Vec<_> = own.into_iter().map(|run| (valued(&mut evaluator, run, false), run.joules)).collect();
        let (miss, within) = judge(&own);
        let name = left_out.rsplit('/').next().unwrap_or(left_out);
        table.push_str(&format!("| {name} | {} | x{miss:.2} | {:.0} % |\n", own.len(), 100.0 * within));
        rows.extend(own);
    }
    let (miss, within) = judge(&rows);
    table.push_str(&format!("| all | {} | x{miss:.2} | {:.1} % |\n", rows.len(), 100.0 * within));
    figures("media-held-out", &table);
    assert!(miss < 1.5, "{miss}");
    assert!((0.85..=0.95).contains(&within), "{within}");
}

#[test]
fn a_measured_model_is_met_within_its_interval() {
    let Some(runs) = runs() else { return };
    let mut evaluator = Evaluator::new(&SET, SCOPE);
    let rows: Vec<_> = runs.iter().map(|run| (valued(&mut evaluator, run, true), run.joules)).collect();
    let (miss, within) = judge(&rows);
    figures(
        "media-measured",
        &format!(
            "| runs of measured models | median miss | inside the 90 % interval |\n|---|---|---|\n| {} | x{miss:.2} | {:.1} % |\n",
            rows.len(),
            100.0 * within
        ),
    );
    assert!(miss < 1.15, "{miss}");
    assert!(within >= 0.85, "{within}");
}
