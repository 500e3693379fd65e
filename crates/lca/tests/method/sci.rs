//! SCI: the worked examples of the specification for AI (sections 9.1 and 9.2) with their arithmetic put right.

use crate::{SET, activity, request};
use lca::sci::{Intensity, SciError, embodied, per, score, score_of};
use lca::{Deployment, Profile, Stats, evaluate};
use quantity::{CarbonIntensity, Co2e, Duration, Energy, Ratio};

fn grams(result: Result<Co2e, SciError>) -> f64 {
    result.unwrap().as_kg() * 1e3
}

fn close(got: f64, want: f64) {
    assert!((got / want - 1.0).abs() < 1e-9, "{got} instead of {want}");
}

#[test]
fn a_language_model_scores_130_grams_per_million_tokens() {
    // 5,000 kg of operation and 1,500 kg of hardware over 50 billion tokens; the text says 0.13 g.
    let intensity = Intensity::Location(CarbonIntensity::kg_per_kwh(0.5));
    let weekly = |units: f64| score(Energy::kwh(10_000.0), intensity, Co2e::kg(1_500.0), Ratio::new(units));
    close(grams(weekly(50e9 / 1e6)), 130.0);
    close(grams(weekly(50e9 / 1e3)), 0.13);
}

#[test]
fn its_maker_scores_4_grams_per_10_to_the_15_operations() {
    // 180,000 kg and 20,000 kg over 5 * 10^22 operations; the text says per 10^18.
    close(grams(per(Co2e::kg(180_000.0 + 20_000.0), Ratio::new(5e22 / 1e15))), 4.0);
}

#[test]
fn an_image_classifier_scores_8_hundredths_of_a_gram_and_30_tonnes_per_billion_parameters() {
    close(grams(per(Co2e::kg(3_200.0), Ratio::new(40e6))), 0.08);
    // 75,000 kg over 2.5 billion parameters; the text says 30 kg.
    close(per(Co2e::kg(75_000.0), Ratio::new(2.5)).unwrap().as_kg(), 30_000.0);
}

#[test]
fn an_hour_of_a_device_that_lasts_four_years_bears_28_5_grams_of_a_tonne() {
    let hour = embodied(Co2e::kg(1_000.0), Duration::seconds(3_600.0), Duration::years(4.0), Ratio::new(1.0));
    assert_eq!((grams(hour) * 10.0).round() / 10.0, 28.5);
    let half = embodied(Co2e::kg(1_000.0), Duration::seconds(3_600.0), Duration::years(4.0), Ratio::new(0.5));
    assert_eq!((grams(half) * 100.0).round() / 100.0, 14.26);
    assert!(embodied(Co2e::kg(1.0), Duration::seconds(1.0), Duration::seconds(0.0), Ratio::new(1.0)).is_err());
    assert!(embodied(Co2e::kg(1.0), Duration::seconds(1.0), Duration::years(1.0), Ratio::new(1.5)).is_err());
}

#[test]
fn contracts_do_not_count() {
    let market = Intensity::Market(CarbonIntensity::kg_per_kwh(0.0));
    assert_eq!(score(Energy::kwh(1.0), market, Co2e::kg(0.0), Ratio::new(1.0)), Err(SciError::MarketBased));
    let deployment = Deployment { model: Some("openai/gpt-4o".to_owned()), zone: Some("DEU".to_owned()), ..Deployment::default() };
    let activity = activity(Stats::of(&request(1_000, 0, 500)));
    let of = |profile| score_of(&evaluate(&activity, &deployment, &SET, profile).unwrap(), Ratio::new(1_500.0));
    assert_eq!(of(Profile::GhgMarket).unwrap_err(), SciError::MarketBased);
    assert_eq!(of(Profile::Full).unwrap_err(), SciError::Profile(Profile::Full));
    let score = of(Profile::SciConsumer).unwrap();
    assert!(score.low() < score.median() && score.median() < score.high());
    let none = Ratio::new(0.0);
    assert_eq!(per(Co2e::kg(1.0), none), Err(SciError::Units(none)));
}
