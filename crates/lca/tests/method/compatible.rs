//! Profile `ecologits` against results of the published package, version 0.11.3.

use crate::SET;
use lca::{Activity, Counts, Deployment, Impact, Impacts, Indicator, Profile, Stage, Stats, evaluate};

/// model, output tokens, latency s, zone, then (low, high) of energy Wh, GWP g, ADPe kgSbeq, PE MJ, water mL, and the embodied GWP g.
type Case = (&'static str, i64, f64, Option<&'static str>, [(f64, f64); 5], f64);

/// Computed with the package `ecologits` 0.11.3 (`llm_impacts`).
const CASES: [Case; 8] = [
    (
        "openai/gpt-4o-mini",
        170,
        3.0,
        None,
        [(0.0113003, 0.0136235), (0.00478197, 0.00567501), (2.56545e-11, 2.58835e-11), (0.000115026, 0.000137534), (0.0407519, 0.04913)],
        0.000438135,
    ),
    (
        "openai/gpt-5",
        1000,
        30.0,
        Some("USA"),
        [(1.38213, 2.0381), (0.58879, 0.840943), (3.35679e-09, 3.42143e-09), (0.0141183, 0.0204735), (4.98434, 7.34993)],
        0.0574978,
    ),
    (
        "anthropic/claude-opus-4-5",
        500,
        12.0,
        Some("USA"),
        [(1.64468, 3.10148), (0.694715, 1.25471), (3.66284e-09, 3.80641e-09), (0.0167252, 0.0308392), (5.34745, 12.432)],
        0.0625,
    ),
    (
        "google_genai/gemini-2.5-flash",
        300,
        4.0,
        None,
        [(0.388549, 0.650717), (0.159775, 0.260552), (6.21752e-10, 6.47588e-10), (0.00389624, 0.00643622), (1.57309, 2.6345)],
        0.0104167,
    ),
    (
        "mistralai/mistral-large-latest",
        400,
        8.0,
        Some("FRA"),
        [(1.14175, 1.14175), (0.0889809, 0.0889809), (2.38931e-09, 2.38931e-09), (0.011161, 0.011161), (4.28304, 4.28304)],
        0.0416667,
    ),
    (
        "cohere/command-a-03-2025",
        400,
        10.0,
        Some("USA"),
        [(0.203868, 0.203868), (0.0836317, 0.0836317), (3.14993e-10, 3.14993e-10), (0.00204178, 0.00204178), (0.825382, 0.825382)],
        0.00526497,
    ),
    (
        "huggingface_hub/meta-llama/Meta-Llama-3.1-70B-Instruct",
        250,
        1000.0,
        Some("DEU"),
        [(0.14992, 0.156797), (0.0636311, 0.0658982), (8.09105e-10, 8.0971e-10), (0.00149128, 0.00155143), (0.309775, 0.44145)],
        0.01421,
    ),
    (
        "huggingface_hub/mistralai/Mixtral-8x22B-Instruct-v0.1",
        400,
        1000.0,
        Some("FRA"),
        [(0.368823, 0.385742), (0.0496418, 0.050343), (1.94237e-09, 1.9432e-09), (0.00386982, 0.00402739), (1.39893, 1.75209)],
        0.0343578,
    ),
];

fn evaluated(model: &str, output: i64, latency_s: f64, zone: Option<&str>) -> Impact {
    let times = SET.compatible().unwrap().generation_us(model, output, Some((latency_s * 1000.0) as i64)).unwrap();
    let counts = Counts {
        requests: Some(1),
        output_tokens: Some(output),
        generation_low_us: Some(times.0),
        generation_high_us: Some(times.1),
        ..Counts::default()
    };
    let activity = Activity { stats: Stats::of(&counts), ..Activity::default() };
    let deployment = Deployment { model: Some(model.to_owned()), zone: zone.map(str::to_owned), ..Deployment::default() };
    evaluate(&activity, &deployment, &SET, Profile::Ecologits).unwrap()
}

fn ends(impacts: &Impacts, indicator: Indicator) -> (f64, f64) {
    let [low, _, high] = impacts.row(indicator).unwrap();
    (low.get(), high.get())
}

fn close(what: &str, got: f64, want: f64) {
    assert!((got / want - 1.0).abs() <= 1e-5, "{what}: got {got}, the package gives {want}");
}

#[test]
fn eight_published_cases_agree_to_five_digits() {
    for (model, output, latency_s, zone, wanted, embodied_g) in CASES {
        let impact = evaluated(model, output, latency_s, zone);
        let columns = [
            (Indicator::EnergyKwh, 1e3),
            (Indicator::GwpKgco2e, 1e3),
            (Indicator::AdpeKgsbeq, 1.0),
            (Indicator::PeMj, 1.0),
            (Indicator::WaterL, 1e3),
        ];
        for ((indicator, scale), (low, high)) in columns.into_iter().zip(wanted) {
            let got = ends(&impact.impacts, indicator);
            close(&format!("{model} {indicator} low"), got.0 * scale, low);
            close(&format!("{model} {indicator} high"), got.1 * scale, high);
        }
        close(&format!("{model} embodied"), ends(&impact.stages[&Stage::Manufacturing], Indicator::GwpKgco2e).1 * 1e3, embodied_g);
        assert!(impact.impacts.ewaste_kg.is_none(), "that method has no e-waste: a gap, not zero");
    }
}

#[test]
fn the_worked_trace_of_gpt_4o_agrees() {
    let impact = evaluated("openai/gpt-4o", 400, 8.0, Some("FRA"));
    close("energy", ends(&impact.impacts, Indicator::EnergyKwh).0, 5.788737899565864e-4);
    close("usage GWP", ends(&impact.stages[&Stage::Decode], Indicator::GwpKgco2e).0, 2.398852985580094e-5);
    close("embodied GWP", ends(&impact.stages[&Stage::Manufacturing], Indicator::GwpKgco2e).0, 1.5665118243243244e-5);
    close("water", ends(&impact.impacts, Indicator::WaterL).0, 2.401091297567926e-3);
}

#[test]
fn every_model_and_zone_of_the_tables_resolves() {
    let tables = SET.compatible().unwrap();
    let models: Vec<String> = tables.model_names().into_iter().map(str::to_owned).collect();
    let zones: Vec<String> = tables.zone_names().into_iter().map(str::to_owned).collect();
    assert!(models.len() >= 340, "{} models", models.len());
    assert_eq!(zones.len(), 215);
    for model in &models {
        assert!(evaluated(model, 100, 5.0, None).impacts.gwp_kgco2e.is_some(), "{model}");
    }
    for zone in &zones {
        assert!(evaluated("openai/gpt-4o", 100, 5.0, Some(zone)).impacts.water_l.is_some(), "{zone}");
    }
}

#[test]
fn a_model_outside_the_tables_is_a_gap_with_a_reason() {
    let counts = Counts { requests: Some(1), output_tokens: Some(10), ..Counts::default() };
    let activity = Activity { stats: Stats::of(&counts), ..Activity::default() };
    let deployment = Deployment { model: Some("nobody/nothing".to_owned()), ..Deployment::default() };
    let impact = evaluate(&activity, &deployment, &SET, Profile::Ecologits).unwrap();
    assert!(impact.impacts.energy_kwh.is_none());
    assert!(impact.basis.weaknesses.iter().any(|weakness| weakness.code == "not_in_ecologits"));
}
