//! How many single requests a core values per second: `cargo bench -p lca --bench medians`.
//!
//! One line of JSON, so that `scripts/bench.py` can set it beside its peer.
#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, reason = "a benchmark times and prints")]

use lca::{Activity, Compiled, Counts, Deployment, Evaluator, FactorSet, Profile, Stats, evaluate};
use std::hint::black_box;
use std::time::Instant;

const REQUESTS: usize = 2_000_000;
const GROUPS: usize = 10_000;

fn main() {
    let set = FactorSet::embedded().unwrap();
    // A hundred different requests over five deployments, so that no value can be folded away.
    let activities: Vec<Activity> = (0..100i64)
        .map(|index| {
            let mut counts = Counts {
                requests: Some(1),
                input_tokens: Some(100 + 37 * index),
                cache_read_tokens: Some(11 * index),
                output_tokens: Some(50 + 13 * index),
                ..Counts::default()
            };
            counts.fill_context();
            Activity { stats: Stats::of(&counts), ..Activity::default() }
        })
        .collect();
    let deployments: Vec<Deployment> =
        ["openai/gpt-4o", "anthropic/claude-sonnet-4", "google_genai/gemini-2.5-flash", "mistralai/mistral-small", "openai/gpt-5"]
            .map(|model| Deployment { model: Some(model.to_owned()), zone: Some("DEU".to_owned()), ..Deployment::default() })
            .into();
    let compiled: Vec<Compiled> =
        deployments.iter().map(|deployment| Compiled::new(&activities[0], deployment, &set, Profile::Full)).collect();
    let start = Instant::now();
    for index in 0..REQUESTS {
        black_box(compiled[index % compiled.len()].medians(black_box(&activities[index % activities.len()])));
    }
    let medians_per_s = REQUESTS as f64 / start.elapsed().as_secs_f64();
    let start = Instant::now();
    const WHOLE: usize = 2_000;
    for index in 0..WHOLE {
        black_box(
            evaluate(black_box(&activities[index % activities.len()]), &deployments[index % deployments.len()], &set, Profile::Full)
                .unwrap(),
        );
    }
    let whole_per_s = WHOLE as f64 / start.elapsed().as_secs_f64();
    let start = Instant::now();
    const CLOSED: usize = 20_000;
    for index in 0..CLOSED {
        black_box(compiled[index % compiled.len()].closed_form(black_box(&activities[index % activities.len()]), &set));
    }
    let closed_per_s = CLOSED as f64 / start.elapsed().as_secs_f64();
    // A year of a large house: ten thousand groups over a thousand ways of serving.
    let models: Vec<&String> =
        set.models().keys().filter(|id| set.factor(&format!("model.{id}.params_total_b")).is_some()).take(50).collect();
    let zones = [
        "DEU", "FRA", "USA", "IRL", "SWE", "POL", "NLD", "GBR", "ESP", "ITA", "JPN", "IND", "BRA", "CAN", "AUS", "KOR", "SGP", "NOR",
        "FIN", "CHE",
    ];
    let groups: Vec<(Activity, Deployment)> = (0..GROUPS)
        .map(|index| {
            let deployment = Deployment {
                model: Some(models[index % models.len()].clone()),
                zone: Some(zones[index / models.len() % zones.len()].to_owned()),
                ..Deployment::default()
            };
            (activities[index % activities.len()].clone(), deployment)
        })
        .collect();
    let start = Instant::now();
    let total = Evaluator::new(&set, Profile::Full).sum(&groups).unwrap();
    let groups_s = start.elapsed().as_secs_f64();
    black_box(total);
    println!(
        "{{\"medians_per_s\": {medians_per_s:.0}, \"evaluations_on_draws_per_s\": {whole_per_s:.0}, \"closed_forms_with_interval_and_sources_per_s\": {closed_per_s:.0}, \"groups\": {GROUPS}, \"draws_over_groups_s\": {groups_s:.3}}}"
    );
}
