//! Euros: by the exchange rates of the factor set, with their spread.

use lca::FactorSet;

/// The currency of limits.
const EURO: &str = "EUR";

/// Euros per unit of the currency that prices are in, and how far the high end lies above the median.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchange {
    /// `None` when the factor set has no rate.
    pub(crate) of_prices: Option<(f64, f64)>,
}

impl Exchange {
    pub(crate) fn new(factors: &FactorSet) -> Self {
        let mut exchange = Self { of_prices: None };
        exchange.of_prices = exchange.to_euro(factors.currency(), factors);
        exchange
    }

    /// Euros per unit of a currency, and the ratio of the high end to it; `None` when the factor set has no rate.
    pub(crate) fn to_euro(self, currency: &str, factors: &FactorSet) -> Option<(f64, f64)> {
        if currency == EURO {
            return Some((1.0, 1.0));
        }
        if let Some(known) = self.of_prices.filter(|_| currency == factors.currency()) {
            return Some(known);
        }
        // A factor `fx.X` is the price of one X in the currency of the set.
        let (price, high, _) = rate(currency, factors)?;
        let (euro, _, low) = rate(EURO, factors)?;
        Some((price / euro, joint(high / price, euro / low)))
    }
}

/// Median, high and low end of the price of a currency in that of the set.
fn rate(currency: &str, factors: &FactorSet) -> Option<(f64, f64, f64)> {
    if currency == factors.currency() {
        return Some((1.0, 1.0, 1.0));
    }
    let distribution = &factors.factor(&format!("fx.{currency}"))?.distribution;
    let (low, high) = distribution.ends();
    let median = distribution.median().get();
    (median > 0.0 && low.get() > 0.0).then_some((median, high.get(), low.get()))
}

/// The ratio of high end to median of a product of two independent lognormals.
pub(crate) fn joint(one: f64, other: f64) -> f64 {
    let (one, other) = (libm::log(one), libm::log(other));
    libm::exp((one * one + other * other).sqrt())
}
