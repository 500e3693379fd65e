//! Laws of quantities: sums, lawful products, ordered estimates, honest display.

use proptest::prelude::*;
use quantity::*;
use std::sync::Arc;

fn estimate(low: f64, median: f64, high: f64) -> Estimate<Energy> {
    Estimate::new(Energy::kwh(low), Energy::kwh(median), Energy::kwh(high), Grade::E, Arc::default())
}

proptest! {
    #[test]
    fn products_are_linear_and_commute(a in 0.0..1e9f64, b in 0.0..1e9f64, g in 0.0..2.0f64) {
        let grid = CarbonIntensity::kg_per_kwh(g);
        let whole = ((Energy::kwh(a) + Energy::kwh(b)) * grid).as_kg();
        let parts = (Energy::kwh(a) * grid + grid * Energy::kwh(b)).as_kg();
        prop_assert!((whole - parts).abs() <= 1e-9 * whole.max(1.0));
    }

    #[test]
    fn power_times_time_is_energy_and_back(watts in 1.0..1e6f64, seconds in 1.0..1e8f64) {
        let energy = Power::watts(watts) * Duration::seconds(seconds);
        prop_assert!((energy.as_joules() / (watts * seconds) - 1.0).abs() < 1e-12);
        prop_assert!(((energy / Power::watts(watts)).as_seconds() / seconds - 1.0).abs() < 1e-12);
    }

    #[test]
    fn an_estimate_is_always_in_order(a in 0.0..1e6f64, b in 0.0..1e6f64, c in 0.0..1e6f64) {
        let e = estimate(a, b, c);
        prop_assert!(e.low() <= e.median() && e.median() <= e.high());
    }

    #[test]
    fn what_is_above_zero_is_never_shown_as_zero(exponent in -9.0..9.0f64, down in 1.0..50.0f64, up in 1.0..50.0f64) {
        let median = libm::pow(10.0, exponent);
        let e = estimate(median / down, median, median * up);
        let (low, median, high, unit) = human_interval(&e, Lang::En);
        for text in [&low, &median, &high] {
            prop_assert!(text.chars().any(|digit| ('1'..='9').contains(&digit)), "{low} {median} {high} {unit}");
        }
    }

    #[test]
    fn six_digits_keep_six_digits(value in proptest::num::f64::NORMAL) {
        let rounded = six_digits(value);
        prop_assert!(!rounded.is_finite() || (rounded / value - 1.0).abs() <= 5.1e-6);
        prop_assert!(!rounded.is_finite() || six_digits(rounded) == rounded);
    }

    #[test]
    fn quantiles_are_odd_and_rise(p in 1e-6..0.5f64) {
        prop_assert!((quantile_normal(p) + quantile_normal(1.0 - p)).abs() < 1e-6);
        prop_assert!(quantile_normal(p) < quantile_normal(p + 1e-7));
    }
}

#[test]
fn the_known_quantiles_are_met() {
    for (p, z) in [(0.95, Z90), (0.5, 0.0), (0.975, 1.959_963_984_540_054), (0.001, -3.090_232_306_167_813)] {
        assert!((quantile_normal(p) - z).abs() < 1e-8, "{p}");
    }
}

#[test]
fn units_are_scaled_and_digits_follow_the_interval() {
    let shown = |low, median, high, lang| human_interval(&estimate(low, median, high), lang);
    let words = |(a, b, c, d): (String, String, String, &str)| format!("{a} {b} {c} {d}");
    assert_eq!(words(shown(0.1, 0.4, 1.9, Lang::En)), "100 400 1,900 Wh");
    assert_eq!(words(shown(8_100.0, 12_345.0, 17_000.0, Lang::De)), "8,1 12,3 17,0 MWh");
    assert_eq!(words(shown(2.0, 2.0, 2.0, Lang::En)), "2.00 2.00 2.00 kWh");
}

#[test]
fn one_kilowatt_hour_is_three_point_six_megajoules() {
    assert_eq!(Energy::kwh(1.0).as_joules(), 3.6e6);
}

#[test]
fn serialised_estimates_have_low_median_high_and_grade() {
    let json = serde_json::to_string(&estimate(1.0, 2.0, 3.123_456_789)).unwrap();
    assert_eq!(json, r#"{"low":1.0,"median":2.0,"high":3.12346,"grade":"E"}"#);
}
