//! Aggregates on common draws: differences, ratios, shares, and an order that is claimed only where it is sure.

use crate::{SET, activity, request};
use lca::{Deployment, Evaluator, Indicator, Profile, Sample, Stage, Stats, rank};
use quantity::Ratio;

fn sample(evaluator: &mut Evaluator<'_>, model: &str, zone: &str, output: i64) -> Sample {
    let deployment = Deployment { model: Some(model.to_owned()), zone: Some(zone.to_owned()), ..Deployment::default() };
    evaluator.sample(&activity(Stats::of(&request(1000, 0, output))), &deployment).unwrap()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

fn percentile(draws: &mut [f64], p: f64) -> f64 {
    draws.sort_by(f64::total_cmp);
    let place = p * (draws.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(draws.len() - 1);
    draws[below] + (draws[above] - draws[below]) * (place - below as f64)
}

#[test]
fn differences_ratios_and_probabilities_are_taken_draw_by_draw() {
    let mut evaluator = Evaluator::new(&SET, Profile::Full);
    let (a, b) = (sample(&mut evaluator, "openai/gpt-4o", "DEU", 400), sample(&mut evaluator, "openai/gpt-4o-mini", "FRA", 900));
    for indicator in Indicator::ALL {
        let (left, right) = (a.draws(*indicator).unwrap(), b.draws(*indicator).unwrap());
        let with = |f: &dyn Fn(f64, f64) -> f64| -> Vec<f64> { left.iter().zip(&right).map(|(a, b)| f(a.get(), b.get())).collect() };
        let (mut ratios, mut differences) = (with(&|a, b| a / b), with(&|a, b| a - b));
        let below = with(&|a, b| {
            if a < b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            }
        })
        .iter()
        .sum::<f64>()
            / left.len() as f64;
        assert!(close(a.share_below(&b, *indicator).get(), below), "{indicator}");
        let (ratio, difference) = (a.ratio_to(&b, *indicator).unwrap(), a.difference(&b, *indicator).unwrap());
        for (place, p) in [0.05, 0.5, 0.95].into_iter().enumerate() {
            assert!(close(ratio[place].get(), percentile(&mut ratios, p)), "{indicator} ratio");
            assert!(close(difference[place].get(), percentile(&mut differences, p)), "{indicator} difference");
        }
    }
}

#[test]
fn what_both_share_cancels_in_the_ratio() {
    let mut evaluator = Evaluator::new(&SET, Profile::Full);
    let one = sample(&mut evaluator, "openai/gpt-4o", "DEU", 400);
    let twice = one.scaled(Ratio::new(2.0));
    for indicator in Indicator::ALL {
        assert!(twice.ratio_to(&one, *indicator).unwrap().iter().all(|ratio| close(ratio.get(), 2.0)), "{indicator}");
        let own = one.impact().impacts.row(*indicator).unwrap();
        let double = twice.impact().impacts.row(*indicator).unwrap();
        assert!(own.iter().zip(double).all(|(own, double)| close(2.0 * own.get(), double.get())), "{indicator}");
    }
    assert_eq!(one.grade_shares(), twice.grade_shares());
}

#[test]
fn an_order_that_is_not_sure_is_not_claimed() {
    let mut evaluator = Evaluator::new(&SET, Profile::Full);
    let near = [
        sample(&mut evaluator, "openai/gpt-4o", "DEU", 400),
        sample(&mut evaluator, "anthropic/claude-sonnet-4", "DEU", 400),
        sample(&mut evaluator, "openai/gpt-4o", "DEU", 400_000),
    ];
    let ranking = rank(&near, Indicator::GwpKgco2e);
    let below = ranking.below[0][1].unwrap().get();
    assert!(below < 0.9 && below > 0.1, "these two are meant to be near-equal: {below}");
    assert!(!ranking.claims(0, 1) && !ranking.claims(1, 0), "a ranking below 0.9 was claimed");
    let places: Vec<usize> = ranking.order.iter().map(|ranked| ranked.place).collect();
    assert_eq!(places, [1, 1, 3], "what cannot be told apart shares a place");
    assert!(ranking.claims(0, 2) && ranking.claims(1, 2) && !ranking.claims(2, 0));
    // The same thing twice ties, whatever its interval.
    let twins = rank(&[near[0].clone(), near[0].clone()], Indicator::EnergyKwh);
    assert!(!twins.claims(0, 1) && !twins.claims(1, 0));
    assert!(close(twins.below[0][1].unwrap().get(), 0.5));
}

#[test]
fn a_gap_has_no_place() {
    let mut evaluator = Evaluator::new(&SET, Profile::Full);
    let ranking = rank(&[Sample::zero(), sample(&mut evaluator, "openai/gpt-4o", "DEU", 400)], Indicator::EnergyKwh);
    assert_eq!(ranking.gaps, [0]);
    assert_eq!(ranking.order.len(), 1);
    assert!(ranking.below[0][1].is_none() && !ranking.claims(0, 1));
}

#[test]
fn ranges_that_touch_tie() {
    let mut evaluator = Evaluator::new(&SET, Profile::Ecologits);
    let (less, more) = (sample(&mut evaluator, "openai/gpt-4o", "DEU", 400), sample(&mut evaluator, "openai/gpt-4o", "DEU", 410));
    assert!(!rank(&[less.clone(), more], Indicator::EnergyKwh).claims(0, 1), "the ranges overlap");
    let most = less.scaled(Ratio::new(1e6));
    assert!(rank(&[less, most], Indicator::EnergyKwh).claims(0, 1));
}

#[test]
fn shares_of_stages_add_to_one_on_every_draw() {
    let mut evaluator = Evaluator::new(&SET, Profile::Full);
    let mut total = sample(&mut evaluator, "openai/gpt-4o", "DEU", 400);
    total.add(&sample(&mut evaluator, "openai/gpt-4o-mini", "USA", 9000));
    let stages: Vec<Stage> = total.stages().collect();
    assert!(stages.len() >= 4, "{stages:?}");
    for indicator in Indicator::ALL {
        let whole = total.draws(*indicator).unwrap();
        let parts: Vec<Vec<Ratio>> = stages.iter().filter_map(|stage| total.only(*stage).draws(*indicator)).collect();
        for (draw, whole) in whole.iter().enumerate() {
            let sum: f64 = parts.iter().map(|part| part[draw].get() / whole.get()).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{indicator}, draw {draw}: {sum}");
        }
    }
    let share = total.only(Stage::Decode).ratio_to(&total, Indicator::GwpKgco2e).unwrap();
    assert!(share[0].get() > 0.0 && share[2].get() < 1.0, "{share:?}");
}

#[test]
fn answers_of_experiments_are_development_and_the_total_stays() {
    let mut evaluator = Evaluator::new(&SET, Profile::Full);
    let answers = sample(&mut evaluator, "openai/gpt-4o", "DEU", 400);
    let experiments = answers.used_as(Stage::Development);
    let stages: Vec<Stage> = experiments.stages().collect();
    assert_eq!(stages, [Stage::Manufacturing, Stage::Development, Stage::EndOfLife]);
    for indicator in Indicator::ALL {
        let (own, moved) = (answers.draws(*indicator).unwrap(), experiments.draws(*indicator).unwrap());
        assert!(own.iter().zip(&moved).all(|(own, moved)| close(own.get(), moved.get())), "{indicator}");
    }
}
