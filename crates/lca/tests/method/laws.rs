//! Laws: linear in the sums, ordered intervals, common draws, closed form beside draws.

use crate::{SET, activity, request};
use lca::{Deployment, Evaluator, Evidence, Indicator, Kind, Profile, Stage, Stats, evaluate};
use proptest::prelude::*;
use quantity::Ratio;

fn of(model: &str, zone: &str) -> Deployment {
    Deployment { model: Some(model.to_owned()), zone: Some(zone.to_owned()), ..Deployment::default() }
}

fn medians(stats: Stats, deployment: &Deployment) -> [Option<Ratio>; 7] {
    let activity = activity(stats);
    lca::Compiled::new(&activity, deployment, &SET, Profile::Full).medians(&activity)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_sum_of_rows_is_worth_the_sum_of_their_worths(rows in proptest::collection::vec((0i64..200_000, 0i64..50_000, 0i64..20_000), 1..20)) {
        let deployment = of("openai/gpt-4o", "DEU");
        let mut all = Stats::default();
        let mut sum = [0.0; 7];
        for (input, cached, output) in &rows {
            let stats = Stats::of(&request(*input, *cached, *output));
            all.add(&stats);
            for (sum, value) in sum.iter_mut().zip(medians(stats, &deployment)) {
                *sum += value.unwrap().get();
            }
        }
        for (sum, value) in sum.iter().zip(medians(all, &deployment)) {
            prop_assert!((value.unwrap().get() - sum).abs() <= 1e-9 * sum.abs());
        }
    }

    #[test]
    fn intervals_are_ordered_and_more_tokens_cost_more(input in 0i64..100_000, output in 1i64..10_000, more in 1i64..10_000) {
        let deployment = of("anthropic/claude-sonnet-4", "FRA");
        let less = evaluate(&activity(Stats::of(&request(input, 0, output))), &deployment, &SET, Profile::Full).unwrap();
        let greater = evaluate(&activity(Stats::of(&request(input, 0, output + more))), &deployment, &SET, Profile::Full).unwrap();
        for indicator in Indicator::ALL {
            let row = less.impacts.row(*indicator).unwrap();
            prop_assert!(row[0].get() >= 0.0 && row[0] <= row[1] && row[1] <= row[2], "{indicator}");
            prop_assert!(greater.impacts.row(*indicator).unwrap()[1] > row[1], "{indicator}");
        }
    }
}

#[test]
fn stages_add_up_to_the_total_on_every_draw() {
    let mut evaluator = Evaluator::new(&SET, Profile::Full);
    let sample = evaluator.sample(&activity(Stats::of(&request(3000, 500, 700))), &of("openai/gpt-4o", "USA")).unwrap();
    let impact = sample.impact();
    let sum: f64 = impact.stages.values().filter_map(|stage| stage.row(Indicator::GwpKgco2e)).map(|row| row[1].get()).sum();
    let total = impact.impacts.row(Indicator::GwpKgco2e).unwrap();
    // Medians do not add up exactly, but they must not be far apart, and the stages of use must be there.
    assert!((sum / total[1].get() - 1.0).abs() < 0.25, "{sum} against {}", total[1].get());
    for stage in [Stage::Prefill, Stage::Decode, Stage::Idle, Stage::Manufacturing, Stage::EndOfLife] {
        assert!(impact.stages.contains_key(&stage), "{stage}");
    }
    assert!(impact.stages[&Stage::EndOfLife].ewaste_kg.is_some());
}

/// The largest relative distance of the closed form from the draws, at the median and at the ends.
fn distance(activity: &lca::Activity, deployment: &Deployment, indicators: &[Indicator]) -> (f64, f64) {
    let closed = lca::Compiled::new(activity, deployment, &SET, Profile::Full).closed_form(activity, &SET);
    let drawn = evaluate(activity, deployment, &SET, Profile::Full).unwrap();
    let (mut middle, mut ends) = (0.0_f64, 0.0_f64);
    for indicator in indicators {
        let (a, b) = (closed.impacts.row(*indicator).unwrap(), drawn.impacts.row(*indicator).unwrap());
        let miss = |place: usize| (a[place].get() / b[place].get() - 1.0).abs();
        middle = middle.max(miss(1));
        ends = ends.max(miss(0)).max(miss(2));
    }
    (middle, ends)
}

#[test]
fn the_closed_form_of_a_product_stands_within_two_percent_of_the_draws() {
    let activity = lca::Activity {
        kind: Kind::Electricity,
        evidence: Evidence::Share,
        stats: Stats { energy_nj: 3_600_000_000_000_000, ..Stats::default() },
        ..lca::Activity::default()
    };
    for zone in ["DEU", "FRA", "USA", "IND"] {
        let (middle, ends) = distance(
            &activity,
            &Deployment { zone: Some(zone.to_owned()), ..Deployment::default() },
            &[Indicator::EnergyKwh, Indicator::GwpKgco2e],
        );
        assert!(middle < 0.02 && ends < 0.02, "{zone}: {middle} {ends}");
    }
}

#[test]
fn the_closed_form_of_a_sum_stands_within_ten_percent_of_the_draws() {
    let activity = activity(Stats::of(&request(800, 0, 400)));
    for (model, batch) in
        [("huggingface_hub/meta-llama/Llama-3.1-70B-Instruct", 64.0), ("huggingface_hub/meta-llama/Llama-3.1-8B-Instruct", 16.0)]
    {
        let deployment = Deployment {
            accelerator: Some("h100-sxm".to_owned()),
            accelerators: Some(4),
            batch: Some(Ratio::new(batch)),
            bytes_per_weight: Some(Ratio::new(2.0)),
            ..of(model, "DEU")
        };
        let (middle, ends) = distance(&activity, &deployment, &[Indicator::EnergyKwh, Indicator::GwpKgco2e, Indicator::WaterL]);
        assert!(middle < 0.10 && ends < 0.10, "{model}: {middle} {ends}");
    }
}

#[test]
fn ten_thousand_requests_are_as_uncertain_as_one() {
    let mut evaluator = Evaluator::new(&SET, Profile::Full);
    let one = Stats::of(&request(800, 0, 400));
    let mut many = Stats::default();
    for _ in 0..10_000 {
        many.add(&one);
    }
    let deployment = of("openai/gpt-4o", "DEU");
    let width = |stats, evaluator: &mut Evaluator<'_>| {
        let row = evaluator.sample(&activity(stats), &deployment).unwrap().impact().impacts.row(Indicator::GwpKgco2e).unwrap();
        row[2].get() / row[0].get()
    };
    let (narrow, wide) = (width(one, &mut evaluator), width(many, &mut evaluator));
    assert!((narrow / wide - 1.0).abs() < 1e-9, "factors are shared: {narrow} against {wide}");
}

#[test]
fn a_comparison_on_common_draws_knows_more_than_two_intervals() {
    let mut evaluator = Evaluator::new(&SET, Profile::Full);
    let activity = activity(Stats::of(&request(800, 0, 400)));
    let small = evaluator.sample(&activity, &of("huggingface_hub/meta-llama/Llama-3.1-8B-Instruct", "DEU")).unwrap();
    let large = evaluator.sample(&activity, &of("huggingface_hub/meta-llama/Llama-3.1-70B-Instruct", "DEU")).unwrap();
    let (a, b) = (small.impact().impacts.row(Indicator::GwpKgco2e).unwrap(), large.impact().impacts.row(Indicator::GwpKgco2e).unwrap());
    assert!(a[2] > b[0], "the intervals overlap: {a:?} {b:?}");
    assert!(small.share_below(&large, Indicator::GwpKgco2e).get() > 0.99);
    assert!(large.share_below(&small, Indicator::GwpKgco2e).get() < 0.01);
}

#[test]
fn models_of_one_provider_share_their_unknown_size() {
    let mut evaluator = Evaluator::new(&SET, Profile::Operational);
    let activity = activity(Stats::of(&request(0, 0, 400)));
    let mut sum = evaluator.sample(&activity, &of("openai/gpt-4o", "USA")).unwrap();
    sum.add(&evaluator.sample(&activity, &of("openai/gpt-5", "USA")).unwrap());
    let drivers = sum.impact().basis.drivers.clone();
    assert!(
        drivers.iter().any(|driver| driver.factor.starts_with("bias.closed_size") || driver.factor.starts_with("inference.batch")),
        "{drivers:?}"
    );
    assert!(drivers.iter().map(|driver| driver.share.get()).sum::<f64>() <= 1.1);
}

#[test]
fn an_embedding_writes_nothing() {
    let counts = lca::Counts { requests: Some(1), input_tokens: Some(1000), ..lca::Counts::default() };
    let impact = evaluate(&activity(Stats::of(&counts)), &of("openai/text-embedding-3-small", "USA"), &SET, Profile::Full).unwrap();
    assert_eq!(impact.stages[&Stage::Decode].row(Indicator::EnergyKwh).unwrap()[1].get(), 0.0);
}

#[test]
fn no_stage_ever_falls_below_zero() {
    let sample =
        Evaluator::new(&SET, Profile::Full).sample(&activity(Stats::of(&request(10, 0, 10))), &of("openai/gpt-4o", "DEU")).unwrap();
    for (stage, impacts) in &sample.impact().stages {
        for indicator in Indicator::ALL {
            assert!(impacts.row(*indicator).is_none_or(|row| row[0].get() >= 0.0), "{stage} {indicator}");
        }
    }
}

#[test]
fn metered_electricity_keeps_the_meter_s_grade_and_a_narrow_interval() {
    let stats = Stats { entries: 1, energy_nj: 3_600_000_000_000_000 * 100, ..Stats::default() };
    let metered = lca::Activity { kind: Kind::Electricity, evidence: Evidence::Plug, stats, ..lca::Activity::default() };
    let deployment = Deployment { zone: Some("FRA".to_owned()), provider: Some("mistralai".to_owned()), ..Deployment::default() };
    let impact = evaluate(&metered, &deployment, &SET, Profile::Full).unwrap();
    let row = impact.impacts.row(Indicator::EnergyKwh).unwrap();
    assert_eq!(impact.grade, quantity::Grade::A);
    assert!(row[1].get() >= 100.0 && row[2].get() / row[0].get() < 1.6, "{row:?}");
    assert!(impact.stages.contains_key(&Stage::Decode));
}

#[test]
fn what_is_left_out_widens_and_is_named_and_zero_is_none() {
    let counts = |input| lca::Counts { requests: Some(1), output_tokens: Some(400), input_tokens: input, ..lca::Counts::default() };
    let deployment = of("openai/gpt-4o", "DEU");
    let unknown = evaluate(&activity(Stats::of(&counts(None))), &deployment, &SET, Profile::Full).unwrap();
    let none = evaluate(&activity(Stats::of(&counts(Some(0)))), &deployment, &SET, Profile::Full).unwrap();
    assert!(unknown.basis.weaknesses.iter().any(|weakness| weakness.code == "input_unknown"));
    assert!(!none.basis.weaknesses.iter().any(|weakness| weakness.code == "input_unknown"));
    let prefill = |impact: &lca::Impact| impact.stages[&Stage::Prefill].row(Indicator::EnergyKwh).unwrap()[1].get();
    assert!(prefill(&unknown) > 0.0);
    assert!(prefill(&none) == 0.0, "0 means none");
}

#[test]
fn a_factor_says_where_it_is_used_and_what_it_moves() {
    let batch = lca::influence(&SET, "inference.batch");
    let answer = batch.iter().find(|one| one.case == "an answer of a language model").unwrap();
    assert!(answer.at_low.get() > 1.5 && answer.at_high.get() < 0.7 && answer.share.get() > 0.2, "{answer:?}");
    assert_eq!(answer.parameters, ["batch"]);
    let card = lca::influence(&SET, "accelerator.a100-sxm-80.gwp_kg");
    assert!(card.iter().any(|one| one.case == "accelerators bought" && one.at_high.get() > 1.05), "{card:?}");
    assert!(lca::influence(&SET, "no.such.factor").is_empty());
}
