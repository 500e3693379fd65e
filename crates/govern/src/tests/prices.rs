//! Rates: the same medians as `lca::evaluate`, in millionths, euros by the rates of the factor set.

use super::{entry, factors, pricer};
use books::{Compare, Config, Metric};
use lca::{Activity, Counts, Evidence, Impact, Indicator, Profile, Stats, evaluate};
use proptest::prelude::*;
use std::sync::Arc;

const VALUED: [(Metric, Indicator); 4] = [
    (Metric::Kwh, Indicator::EnergyKwh),
    (Metric::KgCo2e, Indicator::GwpKgco2e),
    (Metric::Litres, Indicator::WaterL),
    (Metric::Eur, Indicator::Cost),
];

fn evaluated(model: &str, provider: &str, place: &str, counts: &Counts, currency: &str, evidence: Evidence) -> Impact {
    let deployment = books::deployment(model, provider, place, "", &Config::default());
    let activity = Activity { evidence, currency: currency.to_owned(), stats: Stats::of(counts), ..Activity::default() };
    evaluate(&activity, &deployment, &factors(), Profile::Full).unwrap()
}

fn euro() -> f64 {
    factors().factor("fx.EUR").unwrap().distribution.median().get()
}

/// Millionths, rounded up, to nine digits.
#[track_caller]
fn same(found: Option<i64>, value: Option<f64>) {
    let Some(value) = value else {
        assert_eq!(found, None);
        return;
    };
    let found = found.unwrap() as f64;
    let micro = value * 1e6;
    assert!(found >= micro * (1.0 - 1e-9) && found <= micro * (1.0 + 1e-9) + 1.0, "{found} for {micro}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_median_is_that_of_evaluate(
        known in any::<bool>(),
        requests in 1_i64..5,
        input in prop::option::of(0_i64..5_000_000),
        read in prop::option::of(0_i64..1_000_000),
        written in prop::option::of(0_i64..1_000_000),
        output in prop::option::of(0_i64..500_000),
        reasoning in prop::option::of(0_i64..100_000),
        images in prop::option::of(0_i64..3),
        place in prop::sample::select(vec!["", "DEU", "eu-central-1", "nowhere"]),
    ) {
        let (model, provider) = if known { ("openai/gpt-4o", "openai") } else { ("elsewhere/no-such-model", "elsewhere") };
        let mut counts = Counts {
            requests: Some(requests), input_tokens: input, cache_read_tokens: read, cache_write_tokens: written,
            output_tokens: output, reasoning_tokens: reasoning, images, ..Counts::default()
        };
        let rates = pricer().rates(model, provider, place, "");
        let bare = counts.clone();
        counts.fill_context();
        let impact = evaluated(model, provider, place, &counts, "", Evidence::Counted);
        for (metric, indicator) in VALUED {
            let expected = impact.impacts.row(indicator).map(|row| row[1].get() / if metric == Metric::Eur { euro() } else { 1.0 });
            let found = rates.amount(metric, Compare::Median, &counts);
            // `evaluate` leaves images without a price out of the cost and says so; a budget cannot, and says that it does not know.
            let priced = metric != Metric::Eur || counts.images.is_none_or(|images| images == 0);
            prop_assert_eq!(found.is_some(), expected.is_some() && priced, "{:?}", metric);
            if let (Some(found), Some(expected)) = (found, expected) {
                let off = (found as f64 / 1e6 - expected).abs();
                // Prompts and answers of unknown length rest on wide priors of their own.
                let most = if input.is_some() && output.is_some() { 0.2 } else { 0.4 };
                prop_assert!(off <= most * expected + 1e-6, "{:?}: {} for {}", metric, found, expected);
                let high = impact.impacts.row(indicator).unwrap()[2].get() / if metric == Metric::Eur { euro() } else { 1.0 };
                let found = rates.amount(metric, Compare::High, &counts).unwrap() as f64 / 1e6;
                prop_assert!(found >= 0.9 * high && found <= 1.5 * high + 1e-6, "{:?}: high {} for {}", metric, found, high);
            }
            // Context that is missing is filled, as for like requests.
            prop_assert_eq!(rates.amount(metric, Compare::Median, &bare), rates.amount(metric, Compare::Median, &counts));
        }
        prop_assert_eq!(rates.amount(Metric::Requests, Compare::High, &counts), Some(requests * 1_000_000));
        let tokens = [input, read, written, output, reasoning].into_iter().flatten().sum::<i64>();
        let stated = [input, read, written, output, reasoning].iter().any(Option::is_some);
        prop_assert_eq!(rates.amount(Metric::Tokens, Compare::Median, &counts), stated.then_some(tokens * 1_000_000));
    }
}

#[test]
fn one_kind_of_unit_is_exactly_what_evaluate_says() {
    let one = |set: fn(&mut Counts)| {
        let mut counts = Counts::default();
        set(&mut counts);
        counts
    };
    let kinds = [
        one(|counts| counts.requests = Some(1)),
        one(|counts| (counts.input_tokens, counts.context_input) = (Some(12_345), Some(0))),
        one(|counts| (counts.output_tokens, counts.context_output) = (Some(678), Some(0))),
        one(|counts| counts.context_input = Some(1_000_000_000)),
        one(|counts| counts.images = Some(3)),
        one(|counts| counts.audio_ms = Some(90_000)),
    ];
    for (model, provider) in [("openai/gpt-4o", "openai"), ("elsewhere/no-such-model", "elsewhere")] {
        let rates = pricer().rates(model, provider, "DEU", "");
        for counts in &kinds {
            let mut counts = counts.clone();
            // Only what the kind is about is stated; nothing else is unknown.
            (counts.input_tokens, counts.output_tokens) = (counts.input_tokens.or(Some(0)), counts.output_tokens.or(Some(0)));
            let impact = evaluated(model, provider, "DEU", &counts, "", Evidence::Counted);
            for (metric, indicator) in VALUED {
                let row = impact.impacts.row(indicator);
                let unit = if metric == Metric::Eur { euro() } else { 1.0 };
                same(rates.amount(metric, Compare::Median, &counts), row.map(|row| row[1].get() / unit));
                if metric != Metric::Eur {
                    same(rates.amount(metric, Compare::High, &counts), row.map(|row| row[2].get()));
                }
            }
        }
    }
}

#[test]
fn a_bill_in_euros_is_taken_as_it_is_and_others_are_exchanged() {
    let rates = pricer().rates("openai/gpt-4o", "openai", "", "");
    let mut billed = entry("openai/gpt-4o", 1_000, 500);
    billed.counts.cost_micro = Some(1_234_567);
    let list = rates.amount_of(Metric::Eur, Compare::Median, &billed);
    // Without a currency the cost says nothing, and the list price stands.
    assert_eq!(list, rates.amount(Metric::Eur, Compare::Median, &billed.counts));
    assert!(list.unwrap() < 100_000);
    for (currency, expected) in [("EUR", 1.234_567), ("USD", 1.234_567 / euro()), ("GBP", 1.234_567 * 1.244 / euro())] {
        billed.currency = Arc::from(currency);
        same(rates.amount_of(Metric::Eur, Compare::Median, &billed), Some(expected));
        let evaluated = evaluated("openai/gpt-4o", "openai", "", &billed.counts, currency, Evidence::Counted);
        let cost = evaluated.impacts.row(Indicator::Cost).unwrap()[1].get() / euro();
        // A median of draws is not the median to the last digit.
        assert!((cost / expected - 1.0).abs() < 1e-3, "{currency}: {cost}");
        let high = rates.amount_of(Metric::Eur, Compare::High, &billed).unwrap();
        // A bill in euros has no spread, one in another currency that of the rate.
        assert_eq!(high == 1_234_567, currency == "EUR");
        assert!((1_000_000..2_000_000).contains(&high), "{currency}: {high}");
    }
    billed.currency = Arc::from("XXX");
    assert_eq!(rates.amount_of(Metric::Eur, Compare::Median, &billed), None);
    // Other metrics do not ask for the bill.
    assert_eq!(rates.amount_of(Metric::Kwh, Compare::Median, &billed), rates.amount(Metric::Kwh, Compare::Median, &billed.counts));
}

#[test]
fn what_is_unknown_is_not_zero() {
    let rates = pricer().rates("elsewhere/no-such-model", "elsewhere", "", "");
    let counts = Counts { requests: Some(1), input_tokens: Some(10), output_tokens: Some(10), ..Counts::default() };
    assert_eq!(rates.amount(Metric::Eur, Compare::Median, &counts), None);
    assert_eq!(rates.amount(Metric::Eur, Compare::High, &counts), None);
    assert!(rates.amount(Metric::Kwh, Compare::Median, &counts).unwrap() > 0);
    assert_eq!(rates.amount(Metric::Requests, Compare::Median, &Counts::default()), None);
    assert_eq!(rates.amount(Metric::Tokens, Compare::Median, &Counts { requests: Some(1), ..Counts::default() }), None);
}

#[test]
fn metered_energy_is_the_energy() {
    let mut metered = entry("openai/gpt-4o", 1_000, 500);
    metered.evidence = Evidence::Plug;
    metered.counts.energy_nj = Some(3_600_000_000_000);
    let rates = pricer().rates("openai/gpt-4o", "openai", "DEU", "");
    let impact = evaluated("openai/gpt-4o", "openai", "DEU", &metered.counts, "", Evidence::Plug);
    let expected = impact.impacts.row(Indicator::EnergyKwh).map(|row| row[1].get());
    same(rates.amount_of(Metric::Kwh, Compare::Median, &metered), expected);
    assert!(rates.amount_of(Metric::Kwh, Compare::High, &metered) >= rates.amount_of(Metric::Kwh, Compare::Median, &metered));
}

#[test]
fn an_upper_estimate_is_one() {
    let pricer = pricer();
    for model in ["openai/gpt-4o", "anthropic/claude-sonnet-4", "elsewhere/no-such-model"] {
        let rates = pricer.rates(model, "", "", "");
        let most = rates.most(10_000, 1_000);
        for (metric, _) in VALUED {
            for (input, read, written, output) in
                [(10_000, 0, 0, 1_000), (0, 0, 10_000, 1_000), (0, 10_000, 0, 1_000), (5_000, 0, 5_000, 10)]
            {
                let mut used = entry(model, input, output);
                used.counts.cache_read_tokens = Some(read);
                used.counts.cache_write_tokens = Some(written);
                used.counts.fill_context();
                let actual = rates.valued(&used.counts, used.evidence, "").ticks(metric, Compare::Median);
                assert!(actual <= most.ticks(metric, Compare::Median), "{model} {metric:?} {input} {read} {written} {output}");
            }
        }
    }
}

#[test]
fn many_deployments_are_kept_but_not_all() {
    let pricer = pricer();
    let first = pricer.rates("openai/gpt-4o", "openai", "", "");
    assert!(Arc::ptr_eq(&first, &pricer.rates("openai/gpt-4o", "openai", "", "")));
    assert!(!Arc::ptr_eq(&first, &pricer.rates("openai/gpt-4o", "openai", "DEU", "")));
    for place in 0..5_000 {
        let _ = pricer.rates(&format!("made-up/{place}"), "x", "", "");
        // What is asked for all the time stays.
        assert!(Arc::ptr_eq(&first, &pricer.rates("openai/gpt-4o", "openai", "", "")));
        assert!(pricer.kept() <= 4_096);
    }
}
