//! Training against what makers published, and the three ways to share it out over use.

use crate::SET;
use lca::{
    Activity, Allocation, Counts, Deployment, Evaluator, Evidence, FactorSet, Impact, Indicator, Kind, Profile, Served, Stage, Stats, Tier,
    Tuning, evaluate,
};
use quantity::{Grade, Ratio, Tokens};

const KWH_NJ: i128 = 3_600_000_000_000_000;
const HOUR_MS: i64 = 3_600_000;

fn training(stage: Stage, evidence: Evidence, counts: &Counts) -> Activity {
    Activity { kind: Kind::Training, stage: Some(stage), evidence, stats: Stats::of(counts), ..Activity::default() }
}

fn hours(hours: i64) -> Counts {
    Counts { accelerator_ms: Some(hours * HOUR_MS), ..Counts::default() }
}

fn tokens(tokens: i64) -> Counts {
    Counts { input_tokens: Some(tokens), ..Counts::default() }
}

fn metered(kwh: i128) -> Counts {
    Counts { energy_nj: Some(kwh * KWH_NJ), ..Counts::default() }
}

fn on(accelerator: &str, zone: &str) -> Deployment {
    Deployment { accelerator: Some(accelerator.to_owned()), zone: Some(zone.to_owned()), ..Deployment::default() }
}

fn row(impact: &Impact, indicator: Indicator) -> [f64; 3] {
    impact.impacts.row(indicator).unwrap().map(Ratio::get)
}

fn stage(impact: &Impact, stage: Stage, indicator: Indicator) -> [f64; 3] {
    impact.stages[&stage].row(indicator).unwrap().map(Ratio::get)
}

fn within(row: [f64; 3], value: f64) -> bool {
    row[0] <= value && value <= row[2]
}

/// A set with rows laid over it; `rows` are id, median and unit, all exact.
pub(crate) fn exact(rows: &[(&str, f64, &str)]) -> FactorSet {
    let rows: Vec<String> = rows
        .iter()
        .map(|(id, median, unit)| {
            format!("{{ id = \"{id}\", median = {median:?}, gsd = 1.0, unit = \"{unit}\", geography = \"world\", period = \"2022\", boundary = \"test\", source = \"t\", place = \"test\" }}")
        })
        .collect();
    let source = "[source.t]\ncitation = \"test\"\nlicence = \"test\"\nretrieved = \"2026-01-01\"\n";
    FactorSet::overlaid(&[("test.toml".to_owned(), format!("factor = [ {} ]\n{source}", rows.join(", ")))]).unwrap()
}

#[test]
fn bloom_is_its_energy_times_the_grid_of_its_time() {
    let set = exact(&[("grid.FRA.gwp", 0.057, "kgCO2e/kWh"), ("site.idris.pue", 1.0, "1"), ("meter.plug", 1.0, "1")]);
    let deployment = Deployment { site: Some("idris".to_owned()), development: Some(Ratio::new(0.0)), ..on("a100", "FRA") };
    let activity = training(Stage::PreTraining, Evidence::Plug, &metered(433_196));
    let impact = evaluate(&activity, &deployment, &set, Profile::Operational).unwrap();
    assert_eq!(impact.grade, Grade::A);
    let [_, gwp, _] = row(&impact, Indicator::GwpKgco2e);
    assert!((gwp / 24_700.0 - 1.0).abs() < 0.002, "{gwp}");
    // The hours of the run at full power are what was published as its energy; the model stands by the hours alone.
    let activity = training(Stage::PreTraining, Evidence::Counted, &hours(1_082_990));
    let modelled = evaluate(&activity, &deployment, &set, Profile::Operational).unwrap();
    assert!(within(row(&modelled, Indicator::EnergyKwh), 433_196.0), "{:?}", row(&modelled, Indicator::EnergyKwh));
    assert_eq!(modelled.grade, Grade::D);
}

#[test]
fn bloom_with_hardware_and_idle_lies_within_the_interval() {
    // 50.5 t: 24.7 dynamic, 14.6 idle, 11.2 of making the hardware.
    let set = exact(&[("grid.FRA.gwp", 0.057, "kgCO2e/kWh")]);
    let deployment = Deployment { development: Some(Ratio::new(0.0)), ..on("a100", "FRA") };
    let activity = training(Stage::PreTraining, Evidence::Counted, &hours(1_082_990));
    let impact = evaluate(&activity, &deployment, &set, Profile::Full).unwrap();
    assert!(within(row(&impact, Indicator::GwpKgco2e), 50_500.0), "{:?}", row(&impact, Indicator::GwpKgco2e));
}

#[test]
fn llama_from_hours_and_from_tokens_meets_its_model_card() {
    let none = Some(Ratio::new(0.0));
    for (active, hours_stated, tonnes, trained) in
        [(8.03, 1_460_000, 420.0, 15e12), (70.6, 7_000_000, 2040.0, 15e12), (405.9, 30_840_000, 8930.0, 15.6e12)]
    {
        let deployment = Deployment { development: none, params_active_b: Some(Ratio::new(active)), ..on("h100", "USA") };
        for counts in [hours(hours_stated), tokens(trained as i64)] {
            let activity = training(Stage::PreTraining, Evidence::Counted, &counts);
            let impact = evaluate(&activity, &deployment, &SET, Profile::GhgLocation).unwrap();
            let gwp = row(&impact, Indicator::GwpKgco2e);
            assert!(within(gwp, tonnes * 1e3), "{active}: {tonnes} t outside {gwp:?}");
        }
    }
    let activity = training(Stage::PreTraining, Evidence::Counted, &hours(39_300_000));
    let impact = evaluate(&activity, &Deployment { development: none, ..on("h100", "USA") }, &SET, Profile::GhgLocation).unwrap();
    assert!(within(row(&impact, Indicator::GwpKgco2e), 11_390e3), "{:?}", row(&impact, Indicator::GwpKgco2e));
}

#[test]
fn a_published_run_stands_in_where_no_amount_is_stated() {
    let deployment = Deployment {
        model: Some("meta-llama/Llama-3.1-405B-Instruct".to_owned()),
        published: true,
        zone: Some("USA".to_owned()),
        ..Deployment::default()
    };
    let nothing = training(Stage::PreTraining, Evidence::Counted, &Counts::default());
    let impact = evaluate(&nothing, &deployment, &SET, Profile::GhgLocation).unwrap();
    assert!(impact.basis.weaknesses.iter().any(|weakness| weakness.code == "training_published"));
    assert!(within(stage(&impact, Stage::PreTraining, Indicator::GwpKgco2e), 8_930e3));
    let bloom = Deployment { model: Some("bigscience/bloom".to_owned()), zone: Some("FRA".to_owned()), ..deployment };
    let impact = evaluate(&nothing, &bloom, &SET, Profile::Full).unwrap();
    assert!(within(stage(&impact, Stage::PreTraining, Indicator::EnergyKwh), 433_196.0 + 256_646.0));
    // A figure that holds use as well says nothing about training alone.
    let both = Deployment { model: Some("mistralai/mistral-large-2".to_owned()), ..bloom.clone() };
    let impact = evaluate(&nothing, &both, &SET, Profile::Full).unwrap();
    assert!(impact.impacts.gwp_kgco2e.is_none());
    assert!(impact.basis.weaknesses.iter().any(|weakness| weakness.code == "published_with_use"));
    // Who does not ask for it gets a gap, not somebody else's run.
    let own = Deployment { published: false, ..bloom };
    let impact = evaluate(&nothing, &own, &SET, Profile::Full).unwrap();
    assert!(impact.impacts.energy_kwh.is_none() && impact.impacts.gwp_kgco2e.is_none());
    assert!(impact.basis.weaknesses.iter().any(|weakness| weakness.code == "training_unknown"));
}

#[test]
fn a_published_energy_is_not_given_what_its_boundary_names() {
    let nothing = training(Stage::PreTraining, Evidence::Counted, &Counts::default());
    let of = |model: &str| {
        let deployment = Deployment {
            model: Some(model.to_owned()),
            published: true,
            zone: Some("USA".to_owned()),
            accelerator: Some("a100".to_owned()),
            // A site without figures of its own has those of the industry.
            site: Some("elsewhere".to_owned()),
            ..Deployment::default()
        };
        evaluate(&nothing, &deployment, &SET, Profile::Operational).unwrap()
    };
    let pue = SET.factor("provider.default.pue").unwrap().distribution.median().get();
    let host = SET.factor("training.host").unwrap().distribution.median().get();
    // Hosts and the site are in the first two, hosts alone in the third, the site alone in the fourth, neither in the last.
    for (model, times) in [
        ("gpt-3", 1.0),
        ("palm-540b", 1.0),
        ("gopher-280b", pue),
        ("llama-1-65b", host),
        ("huggingface_hub/allenai/Olmo-3-32B-Think", host * pue),
        ("olmo-3-family", 1.0),
    ] {
        let published = SET.factor(&format!("published.{model}.energy_kwh")).unwrap().distribution.median().get();
        let run = stage(&of(model), Stage::PreTraining, Indicator::EnergyKwh);
        assert!((run[1] / (published * times) - 1.0).abs() < 0.05, "{model}: {run:?} of {published} times {times}");
        assert!(within(run, published * times), "{model}: {run:?}");
    }
    // What holds all experiments is not given a prior of them on top.
    assert!(!of("olmo-3-family").stages.contains_key(&Stage::Development));
    assert!(of("gpt-3").stages.contains_key(&Stage::Development));
}

#[test]
fn development_is_a_row_of_its_own_by_its_ratio() {
    // OLMo: 312 t of final runs, 159 t of development before them, and 22 t of making accelerators: 493 t.
    let set = exact(&[("grid.USA.gwp", 0.332, "kgCO2e/kWh"), ("site.ai2.pue", 1.0, "1"), ("meter.counter", 1.0, "1")]);
    let deployment = Deployment { site: Some("ai2".to_owned()), development: Some(Ratio::new(0.51)), ..on("h100", "USA") };
    let activity = training(Stage::PreTraining, Evidence::Counter, &metered(939_759));
    let impact = evaluate(&activity, &deployment, &set, Profile::Operational).unwrap();
    let (run, development) =
        (stage(&impact, Stage::PreTraining, Indicator::GwpKgco2e)[1], stage(&impact, Stage::Development, Indicator::GwpKgco2e)[1]);
    assert!((run / 312e3 - 1.0).abs() < 0.01 && (development / run - 0.51).abs() < 1e-6, "{run} {development}");
    assert!((row(&impact, Indicator::GwpKgco2e)[1] / 471e3 - 1.0).abs() < 0.01);
    // By the 970,000 hours of the final runs alone, all 493 t lie within the interval.
    let deployment = Deployment { site: None, ..deployment };
    let full = evaluate(&training(Stage::PreTraining, Evidence::Counted, &hours(970_000)), &deployment, &set, Profile::Full).unwrap();
    assert!(within(row(&full, Indicator::GwpKgco2e), 493e3), "{:?}", row(&full, Indicator::GwpKgco2e));
}

#[test]
fn unstated_development_is_a_prior_that_spans_the_open_programmes() {
    let counts = hours(100_000);
    let impact = |stage, development| {
        let deployment = Deployment { development, ..on("h100", "DEU") };
        evaluate(&training(stage, Evidence::Counted, &counts), &deployment, &SET, Profile::Operational).unwrap()
    };
    let unstated = impact(Stage::PreTraining, None);
    let ratio =
        stage(&unstated, Stage::Development, Indicator::EnergyKwh)[1] / stage(&unstated, Stage::PreTraining, Indicator::EnergyKwh)[1];
    assert!((0.5..4.6).contains(&ratio), "{ratio}");
    assert!(unstated.basis.weaknesses.iter().any(|weakness| weakness.code == "development_prior"));
    assert!(!impact(Stage::PreTraining, Some(Ratio::new(0.0))).stages.contains_key(&Stage::Development));
    assert!(!impact(Stage::FineTuning, None).stages.contains_key(&Stage::Development));
    assert!(impact(Stage::Development, None).stages.contains_key(&Stage::Development));
    let metered =
        evaluate(&training(Stage::PreTraining, Evidence::Counter, &metered(1000)), &on("h100", "DEU"), &SET, Profile::Full).unwrap();
    assert!(!metered.stages.contains_key(&Stage::Development));
    assert!(metered.basis.weaknesses.iter().any(|weakness| weakness.code == "development_not_counted"));
}

#[test]
fn adapters_cost_less_than_all_weights_and_rollouts_more_than_updates() {
    let of = |stage, tuning, counts: &Counts| {
        let deployment = Deployment { tuning, params_active_b: Some(Ratio::new(8.0)), ..on("h100", "DEU") };
        evaluate(&training(stage, Evidence::Counted, counts), &deployment, &SET, Profile::Full).unwrap()
    };
    let full = row(&of(Stage::FineTuning, Tuning::Full, &tokens(1_000_000_000)), Indicator::EnergyKwh)[1];
    let lora = row(&of(Stage::FineTuning, Tuning::Lora, &tokens(1_000_000_000)), Indicator::EnergyKwh)[1];
    assert!((0.6..0.75).contains(&(lora / full)), "{lora} {full}");
    let rollouts = Counts {
        requests: Some(250_000),
        output_tokens: Some(1_000_000_000),
        context_output: Some(2_000_000_000_000),
        ..tokens(1_000_000_000)
    };
    let reinforced = of(Stage::Reinforcement, Tuning::Full, &rollouts);
    let updates = of(Stage::Reinforcement, Tuning::Full, &tokens(1_000_000_000));
    let (all, learned) = (row(&reinforced, Indicator::EnergyKwh)[1], row(&updates, Indicator::EnergyKwh)[1]);
    assert!(all > 1.2 * full, "{all} {full}");
    assert!((2.0..20.0).contains(&(learned / full)), "unstated rollouts are not none: {learned} {full}");
    assert!(updates.basis.weaknesses.iter().any(|weakness| weakness.code == "rollouts_unknown"));
    assert!(reinforced.stages.contains_key(&Stage::Reinforcement) && reinforced.stages[&Stage::EndOfLife].ewaste_kg.is_some());
}

#[test]
fn a_consumer_s_score_leaves_training_out_and_a_provider_s_does_not() {
    let activity = training(Stage::PreTraining, Evidence::Counted, &hours(1000));
    let of = |profile| evaluate(&activity, &on("h100", "DEU"), &SET, profile).unwrap();
    let consumer = of(Profile::SciConsumer);
    assert!(consumer.impacts.energy_kwh.is_none());
    assert!(consumer.basis.weaknesses.iter().any(|weakness| weakness.code == "left_out_by_profile"));
    assert!(of(Profile::SciProvider).stages.contains_key(&Stage::Manufacturing));
    assert!(!of(Profile::GhgLocation).stages.contains_key(&Stage::Manufacturing));
    assert!(of(Profile::Ecologits).impacts.energy_kwh.is_none());
}

#[test]
fn training_is_linear_in_its_hours() {
    let of =
        |count| evaluate(&training(Stage::PreTraining, Evidence::Counted, &hours(count)), &on("h100", "DEU"), &SET, Profile::Full).unwrap();
    for indicator in [Indicator::EnergyKwh, Indicator::GwpKgco2e, Indicator::WaterL, Indicator::EwasteKg] {
        let (one, ten) = (row(&of(1000), indicator), row(&of(10_000), indicator));
        assert!((0..3).all(|place| (ten[place] / one[place] - 10.0).abs() < 1e-9), "{indicator}");
    }
}

#[test]
fn the_fast_path_of_the_medians_takes_the_same_amount_first() {
    let deployment = Deployment { params_active_b: Some(Ratio::new(8.0)), ..on("h100", "DEU") };
    let medians = |counts: &Counts| {
        let activity = training(Stage::FineTuning, Evidence::Counted, counts);
        lca::Compiled::new(&activity, &deployment, &SET, Profile::Full).medians(&activity)
    };
    let both = Counts { input_tokens: Some(1_000_000_000_000), ..hours(1000) };
    assert_eq!(medians(&both), medians(&hours(1000)), "hours and tokens of one run are said twice, not done twice");
    assert!(medians(&hours(1000))[Indicator::EnergyKwh as usize].is_some());
    assert!(medians(&Counts::default()).iter().all(Option::is_none), "nothing stated is a gap");
}

#[test]
fn shares_of_the_allocations_add_up_to_the_training() {
    let mut evaluator = Evaluator::new(&SET, Profile::Full);
    let sample = evaluator.sample(&training(Stage::PreTraining, Evidence::Counted, &hours(1_000_000)), &on("h100", "USA")).unwrap();
    let whole = row(&sample.impact(), Indicator::GwpKgco2e)[1];
    let total = 900_000_000_000_i128;
    let mut sums = [0.0; 2];
    for used in [100_000_000_000_i128, 300_000_000_000, 500_000_000_000] {
        let served = Served { used: Tokens(used), life: Some(Tokens(total)), year: Some(Tokens(total)), tier: Tier::Large };
        let [none, per_token, adopters] = evaluator.amortise(&sample, &served);
        assert!(none.impact.is_none() && none.allocation == Allocation::None);
        sums[0] += row(&per_token.impact.unwrap(), Indicator::GwpKgco2e)[1];
        sums[1] += row(&adopters.impact.unwrap(), Indicator::GwpKgco2e)[1];
    }
    for sum in sums {
        assert!((sum / whole - 1.0).abs() < 1e-9, "{sum} {whole}");
    }
    let unknown = Served { used: Tokens(1_000_000), life: None, year: None, tier: Tier::Large };
    let [_, per_token, adopters] = evaluator.amortise(&sample, &unknown);
    assert!(adopters.impact.is_none(), "what was served in the year is a gap");
    let per_token = per_token.impact.unwrap();
    let spread = row(&per_token, Indicator::GwpKgco2e);
    assert!(spread[2] / spread[0] > 100.0, "{spread:?}");
    assert!(per_token.basis.weaknesses.iter().any(|weakness| weakness.code == "served_tokens_prior"));
    assert!(per_token.basis.drivers[0].factor.starts_with("training.served_tokens"), "{:?}", per_token.basis.drivers);
}
