//! `Rates`: what requests to one deployment come to, in every metric, by coefficients compiled once.

use crate::exchange::{Exchange, joint};
use books::{Compare, Metric};
use lca::{Activity, Compiled, Counts, Deployment, Evidence, FactorSet, Indicator, Kind, Profile, Stats};
use quantity::Ratio;
use std::sync::{Arc, OnceLock};

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
    let scaled = value * per_unit;
    // What is a whole number but for the last digits of a float is not pushed up by one.
    let rounded = (scaled - scaled * 1e-12).ceil();
    (rounded.is_finite() && (0.0..9e18).contains(&rounded)).then_some(rounded as i64)
}

/// The coefficients of one deployment: one factor set, one configuration.
///
/// What is said of a request depends on what it states: tokens, images, videos, audio, metered energy. Each of these forms is
/// compiled when the first request of its kind comes.
pub struct Rates {
    factors: Arc<FactorSet>,
    deployment: Deployment,
    exchange: Exchange,
    forms: Box<[OnceLock<Form>]>,
}

/// One form, compiled.
struct Form {
    compiled: Compiled,
    /// High end over median of every indicator, at the reference request of the form.
    high: OnceLock<[Option<f64>; Indicator::ALL.len()]>,
}

/// Kinds of metering (none, plug, counter, share) times what is stated (images, videos, audio, tokens).
const FORMS: usize = 4 * 16;

/// One request valued: the medians of all indicators, and what is counted.
pub(crate) struct Valued<'r> {
    rates: &'r Rates,
    form: usize,
    medians: [Option<Ratio>; Indicator::ALL.len()],
    bill: Option<(i64, &'r str)>,
}

impl Rates {
    pub(crate) fn new(factors: Arc<FactorSet>, deployment: Deployment) -> Self {
        let exchange = Exchange::new(&factors);
        Self { factors, deployment, exchange, forms: std::iter::repeat_with(OnceLock::new).take(FORMS).collect() }
    }

    /// What these counts come to, in millionths of the metric's unit, rounded up.
    ///
    /// The median is that of `lca::evaluate` in the profile `full`. The high end is the median times the ratio that
    /// `lca::evaluate` finds between both at a reference request of this deployment (1,000 tokens in and 500 out, and one
    /// image, video or minute of audio where they are stated): the spread belongs to the deployment far more than to the
    /// request. Euros are list prices, by the exchange rate of the factor set where prices are in another currency; for what
    /// was billed see [`Rates::amount_of`]. Context sums that are missing are filled as for like requests.
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

    /// One request or bucket, valued at the medians.
    pub(crate) fn valued<'r>(&'r self, counts: &Counts, evidence: Evidence, currency: &'r str) -> Valued<'r> {
        let bill = counts.cost_micro.filter(|_| !currency.is_empty()).map(|cost_micro| (cost_micro, currency));
        let mut stats = Stats::of(counts);
        if counts.context_input.is_none() && counts.context_output.is_none() && stats.tokens_all() > 0 {
            let mut filled = counts.clone();
            filled.fill_context();
            stats = Stats::of(&filled);
        }
        let activity = Activity { kind: Kind::Inference, evidence, stats, ..Activity::default() };
        let form = place(&activity);
        let medians = self.form(form, &activity).compiled.medians(&activity);
        Valued { rates: self, form, medians, bill }
    }

    /// One request of at most so many tokens: the dearer of fresh input and input that is written to a prompt cache.
    pub(crate) fn most(&self, input_tokens: i64, output_tokens: i64) -> Valued<'_> {
        let output = Counts { requests: Some(1), output_tokens: Some(output_tokens), cache_read_tokens: Some(0), ..Counts::default() };
        let mut fresh = Counts { input_tokens: Some(input_tokens), ..output.clone() };
        fresh.fill_context();
        let written = Counts { input_tokens: Some(0), cache_write_tokens: Some(input_tokens), ..fresh.clone() };
        let mut valued = self.valued(&fresh, Evidence::Counted, "");
        let other = self.valued(&written, Evidence::Counted, "");
        for (most, other) in valued.medians.iter_mut().zip(other.medians) {
            *most = most.zip(other).map(|(one, other)| if one >= other { one } else { other });
        }
        valued
    }

    fn form(&self, place: usize, activity: &Activity) -> &Form {
        self.forms[place].get_or_init(|| Form {
            compiled: Compiled::new(activity, &self.deployment, &self.factors, Profile::Full),
            high: OnceLock::new(),
        })
    }

    /// High end over median at the reference request of a form.
    fn high(&self, place: usize) -> [Option<f64>; Indicator::ALL.len()] {
        let find = || {
            let Ok(impact) = lca::evaluate(&reference(place), &self.deployment, &self.factors, Profile::Full) else {
                return [None; Indicator::ALL.len()];
            };
            let mut ratios = [None; Indicator::ALL.len()];
            for (ratio, indicator) in ratios.iter_mut().zip(Indicator::ALL) {
                let Some([_, median, high]) = impact.impacts.row(*indicator) else { continue };
                let (median, high) = (median.get(), high.get());
                *ratio = match median > 0.0 {
                    true => Some((high / median).max(1.0)),
                    // What costs nothing costs nothing at its high end.
                    false => (high == 0.0).then_some(1.0),
                };
            }
            ratios
        };
        match self.forms[place].get() {
            Some(form) => *form.high.get_or_init(find),
            None => find(),
        }
    }
}

impl Valued<'_> {
    /// The amount in the unit of a metric that is not counted but valued.
    fn value(&self, metric: Metric, compare: Compare) -> Option<f64> {
        let indicator = match metric {
            Metric::Kwh => Indicator::EnergyKwh,
            Metric::KgCo2e => Indicator::GwpKgco2e,
            Metric::Litres => Indicator::WaterL,
            Metric::Eur => Indicator::Cost,
            Metric::Tokens | Metric::Requests => return None,
        };
        let exchange = &self.rates.exchange;
        if metric == Metric::Eur
            && let Some((cost_micro, currency)) = self.bill
        {
            // zero: a bill is an exact integer, and the float holds it to 15 digits
            let (rate, spread) = exchange.to_euro(currency, &self.rates.factors)?;
            return Some(cost_micro as f64 / 1e6 * rate * if compare == Compare::High { spread } else { 1.0 });
        }
        let mut value = self.medians[indicator as usize]?.get();
        let mut spread = 1.0;
        if compare == Compare::High {
            spread = self.rates.high(self.form)[indicator as usize]?;
        }
        if metric == Metric::Eur {
            let (rate, of_rate) = exchange.of_prices?;
            value *= rate;
            if compare == Compare::High {
                spread = joint(spread, of_rate);
            }
        }
        Some(value * spread)
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

/// The place of an activity's form.
fn place(activity: &Activity) -> usize {
    let stats = &activity.stats;
    let stated = [
        stats.images > stats.images_as_tokens,
        stats.videos > 0,
        stats.audio_ms > stats.audio_ms_as_tokens,
        stats.tokens_all() > 0 || stats.requests_input_unknown > 0 || stats.requests_output_unknown > 0,
    ];
    let metered = match activity.evidence {
        Evidence::Counted | Evidence::Estimated => 0,
        Evidence::Plug => 1,
        Evidence::Counter => 2,
        Evidence::Share => 3,
    };
    stated.iter().fold(metered, |place, stated| place * 2 + usize::from(*stated))
}

/// The request at which the spread of a form is taken.
fn reference(place: usize) -> Activity {
    let stated = |bit: usize, amount: i64| (place >> (3 - bit) & 1 == 1).then_some(amount);
    let mut counts = Counts {
        requests: Some(1),
        images: stated(0, 1),
        videos: stated(1, 1),
        audio_ms: stated(2, 60_000),
        input_tokens: stated(3, 1_000),
        output_tokens: stated(3, 500),
        cache_read_tokens: Some(0),
        ..Counts::default()
    };
    let evidence = [Evidence::Counted, Evidence::Plug, Evidence::Counter, Evidence::Share][place >> 4 & 3];
    if evidence != Evidence::Counted {
        counts.energy_nj = Some(3_600_000_000_000);
    }
    counts.fill_context();
    Activity { kind: Kind::Inference, evidence, stats: Stats::of(&counts), ..Activity::default() }
}
