//! The law against an older release of the measurements: other models, older software, and an accelerator that the fit has not seen.

use crate::SET;
use crate::figures::figures;
use crate::runs::{ACCELERATOR, Run, quantile};
use lca::{Indicator, Task, evaluate};

/// Chat runs of the ML.ENERGY Leaderboard v2 whose model the factor set knows; `None`, with a word, without the data.
fn runs() -> Option<Vec<(String, Run)>> {
    let Some(folder) = std::env::var_os("BILANZ_DATA") else {
        eprintln!("skipped: BILANZ_DATA is not set, so models/mlenergy-v2-llm.csv cannot be read");
        return None;
    };
    let Ok(text) = std::fs::read_to_string(std::path::Path::new(&folder).join("models/mlenergy-v2-llm.csv")) else {
        eprintln!("skipped: BILANZ_DATA has no models/mlenergy-v2-llm.csv");
        return None;
    };
    let mut runs = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [domain, task, model, gpu, tensor, pipeline, _, batch, length, _, _, energy] = cells[..] else { panic!("{line}") };
        let id = SET.resolve_model("huggingface_hub", model);
        let of = |name: &str| SET.factor(&format!("model.{}.{name}", id.model)).map(|factor| factor.distribution.median().get());
        let (Some(active_b), Some(total_b)) = (of("params_active_b"), of("params_total_b")) else { continue };
        let (Some(layers), Some(kv_mb)) = (of("layers"), of("kv_mb_per_token")) else { continue };
        if domain != "llm_text_generation" || task != "chat" || pipeline != "1" {
            continue;
        }
        let output: f64 = length.parse().unwrap();
        let run = Run {
            release: String::new(),
            task: Task::Chat,
            active_b,
            total_b,
            layers,
            kv_mb,
            bytes: 2.0,
            accelerator: if gpu.contains("A100") { "a100-sxm-40" } else { "h100-sxm" },
            accelerators: tensor.parse().unwrap(),
            batch: batch.parse::<f64>().unwrap().max(1.0),
            output_tokens: output.round() as i64,
            energy_j_per_token: energy.parse::<f64>().unwrap() / output,
        };
        runs.push((model.to_owned(), run));
    }
    Some(runs)
}

#[test]
fn the_law_meets_an_older_release() {
    let Some(runs) = runs() else { return };
    let mut table = String::from(
        "| accelerator | runs | models | measured over law, median | median miss | 90th percentile | inside the 90 % interval |\n|---|---|---|---|---|---|---|\n",
    );
    for (accelerator, name) in [("h100-sxm", "H100"), ("a100-sxm-40", "A100 40 GB")] {
        let chosen: Vec<&(String, Run)> = runs.iter().filter(|(_, run)| run.accelerator == accelerator).collect();
        let (mut misses, mut ratios, mut inside) = (Vec::new(), Vec::new(), 0);
        for (_, run) in &chosen {
            let impact = evaluate(&run.activity(), &run.deployment(), &SET, ACCELERATOR).unwrap();
            let [low, median, high] =
                impact.impacts.row(Indicator::EnergyKwh).unwrap().map(|kwh| kwh.get() * 3.6e6 / run.output_tokens as f64);
            misses.push((median / run.energy_j_per_token).ln().abs().exp());
            ratios.push(run.energy_j_per_token / median);
            inside += usize::from(run.energy_j_per_token >= low && run.energy_j_per_token <= high);
        }
        let models: std::collections::BTreeSet<&String> = chosen.iter().map(|(model, _)| model).collect();
        let (middle, tail) = (quantile(&misses, 0.5), quantile(&misses, 0.9));
        let share = inside as f64 / chosen.len() as f64;
        // Software of a year before takes more; beyond a factor of two the law would be wrong, not old.
        assert!(chosen.len() > 50 && middle <= 1.8 && quantile(&ratios, 0.5) < 2.0, "{name}: {middle} {tail}");
        table.push_str(&format!(
            "| {name} | {} | {} | {:.2} | x{middle:.2} | x{tail:.2} | {:.0} % |\n",
            chosen.len(),
            models.len(),
            quantile(&ratios, 0.5),
            share * 100.0
        ));
    }
    figures("older", &table);
}
