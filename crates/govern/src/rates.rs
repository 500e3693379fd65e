//! `Rates`: what requests to one deployment come to, in every metric, by coefficients compiled once.

use crate::exchange::{Exchange, joint};
use crate::units::{Unit, Units};
use books::{Compare, Metric};
use lca::{Counts, Deployment, Evidence, FactorSet, Indicator};
use std::sync::Arc;

/// An amount of a metric in millionths of its unit; what is unknown is `None`.
pub type Amount = Option<i64>;

/// Counters hold billionths of a euro, kilowatt-hour, kilogram or litre, and whole tokens and requests, so that many small
/// requests add up to what they are and not to a rounded-up millionth each.
pub(crate) const fn ticks_per_unit(metric: Metric) -> i64 {
    match metric {
        Metric::Eur | Metric::Kwh | Metric::KgCo2e | Metric::Litres => 1_000_000_000,
        Metric::Tokens | Metric::Requests => 1,
    }
}

/// Ticks as millionths of the unit, rounded up.
pub(crate) fn micro(metric: Metric, ticks: i64) -> i64 {
    match ticks_per_unit(metric) {
        1 => ticks.saturating_mul(1_000_000),
        // Towards positive infinity, for negative numbers too.
        _ => -(-ticks).div_euclid(1_000),
    }
}

/// A value in the unit of a metric as integers of `per_unit`, rounded up; what is no number or does not fit is unknown.
fn whole(value: f64, per_unit: f64) -> Option<i64> {
    let scaled = settled(value * per_unit).ceil();
    (scaled.is_finite() && (0.0..9e18).contains(&scaled)).then_some(scaled as i64)
}

/// What is a whole number but for the last digits of a float is that number, so that rounding does not move it by one.
pub(crate) fn settled(scaled: f64) -> f64 {
    let nearest = scaled.round();
    if (scaled - nearest).abs() <= scaled.abs() * 1e-12 { nearest } else { scaled }
}

/// The coefficients of one deployment: one factor set, one configuration.
pub struct Rates {
    units: Units,
    exchange: Exchange,
}

/// One request valued: its sums, and what is counted.
pub(crate) struct Valued<'r> {
    rates: &'r Rates,
    amounts: [f64; Unit::ALL.len()],
    bill: Option<(i64, &'r str)>,
    /// Whether fresh input may be written to a prompt cache.
    dearest: bool,
}

impl Rates {
    pub(crate) fn new(factors: Arc<FactorSet>, deployment: Deployment) -> Self {
        Self { exchange: Exchange::new(&factors), units: Units::new(factors, deployment) }
    }

    /// What these counts come to, in millionths of the metric's unit, rounded up.
    ///
    /// The method is linear in the counts (tokens by class, context, requests, media, metered energy). `lca::evaluate` (profile
    /// `full`) values one unit of each, some milliseconds once for a deployment; a request is the sum of its units, each at its median, or each
    /// at its high end. That is exact for one kind of unit. For a mix the median is off by a few per cent where the units rest
    /// on different factors, and the high end is never too low: highs that add up are higher than the high of a sum.
    ///
    /// Euros are list prices, by the exchange rate of the factor set where prices are in another currency; for what was billed
    /// see [`Rates::amount_of`]. What holds something without a price, such as an image, has no amount in euros. Context sums
    /// that are missing are filled as for like requests.
    #[must_use]
    pub fn amount(&self, metric: Metric, compare: Compare, counts: &Counts) -> Amount {
        match counted(metric, counts) {
            Some(count) => count.map(|count| micro(metric, count)),
            None => whole(self.valued(counts, Evidence::Counted, "").value(metric, compare)?, 1e6),
        }
    }

    /// As [`Rates::amount`], with the evidence and the currency of a bill: a cost that was billed is the amount in euros, and a
    /// currency without exchange rate makes it unknown.
    #[must_use]
    pub fn amount_of(&self, metric: Metric, compare: Compare, entry: &books::Entry) -> Amount {
        match counted(metric, &entry.counts) {
            Some(count) => count.map(|count| micro(metric, count)),
            None => whole(self.valued(&entry.counts, entry.evidence, &entry.currency).value(metric, compare)?, 1e6),
        }
    }

    /// One request or bucket, valued.
    pub(crate) fn valued<'r>(&'r self, counts: &Counts, evidence: Evidence, currency: &'r str) -> Valued<'r> {
        let bill = counts.cost_micro.filter(|_| !currency.is_empty()).map(|cost_micro| (cost_micro, currency));
        Valued { rates: self, amounts: Unit::amounts(counts, evidence), bill, dearest: false }
    }

    /// One request of at most so many tokens: input counts as fresh or as written to a prompt cache, whatever is dearer.
    pub(crate) fn most(&self, input_tokens: i64, output_tokens: i64) -> Valued<'_> {
        Valued { rates: self, amounts: Unit::most(input_tokens, output_tokens), bill: None, dearest: true }
    }
}

impl Valued<'_> {
    /// The amount in the unit of a metric that is not counted but valued.
    fn value(&self, metric: Metric, compare: Compare) -> Option<f64> {
        let indicator = match metric {
            Metric::Kwh => Indicator::EnergyKwh,
            Metric::KgCo2e => Indicator::GwpKgco2e,
            Metric::Litres => Indicator::WaterL,
            Metric::Eur => return self.euros(compare),
            Metric::Tokens | Metric::Requests => return None,
        };
        self.sum(indicator, compare)
    }

    fn euros(&self, compare: Compare) -> Option<f64> {
        let exchange = self.rates.exchange;
        if let Some((cost_micro, currency)) = self.bill {
            let (rate, spread) = exchange.to_euro(currency, self.rates.units.factors())?;
            return Some(cost_micro as f64 / 1e6 * rate * if compare == Compare::High { spread } else { 1.0 });
        }
        let (rate, spread) = exchange.of_prices?;
        let median = self.sum(Indicator::Cost, Compare::Median)?;
        if compare == Compare::Median || median <= 0.0 {
            return Some(median * rate);
        }
        Some(median * rate * joint(self.sum(Indicator::Cost, Compare::High)? / median, spread))
    }

    fn sum(&self, indicator: Indicator, compare: Compare) -> Option<f64> {
        let mut sum = 0.0;
        for (unit, amount) in Unit::ALL.into_iter().zip(self.amounts) {
            if amount != 0.0 {
                let of = |unit: Unit| self.rates.units.row(unit).of(compare)[indicator as usize];
                sum += amount
                    * match unit {
                        Unit::Fresh if self.dearest => of(unit)?.max(of(Unit::CacheWrite)?),
                        _ => of(unit)?,
                    };
            }
        }
        Some(sum)
    }

    /// The amount in ticks, rounded up.
    pub(crate) fn ticks(&self, metric: Metric, compare: Compare) -> Option<i64> {
        whole(self.value(metric, compare)?, ticks_per_unit(metric) as f64)
    }
}

/// The amount of a metric that is counted; `None` for one that is valued, `Some(None)` where the count is not stated.
pub(crate) fn counted(metric: Metric, counts: &Counts) -> Option<Option<i64>> {
    match metric {
        Metric::Requests => Some(counts.requests),
        Metric::Tokens => {
            let stated = [
                counts.input_tokens,
                counts.cache_read_tokens,
                counts.cache_write_tokens,
                counts.output_tokens,
                counts.reasoning_tokens,
                counts.image_input_tokens,
                counts.image_output_tokens,
                counts.audio_input_tokens,
                counts.audio_output_tokens,
            ];
            Some(stated.iter().any(Option::is_some).then(|| counts.input_all().saturating_add(counts.output_all())))
        }
        Metric::Eur | Metric::Kwh | Metric::KgCo2e | Metric::Litres => None,
    }
}
