//! List prices, and the exchange rate of a bill.

use super::Builder;
use crate::params::Param;

/// Fills the list prices of the model.
pub(super) fn list(b: &mut Builder<'_>) {
    let model = b.plan.model.model.clone();
    let mut found = true;
    for (param, name) in [(Param::PriceInput, "input"), (Param::PriceOutput, "output")] {
        found &= b.fill(param, &[format!("price.{model}.{name}")]);
    }
    for (param, name) in [(Param::PriceCacheRead, "cache_read"), (Param::PriceCacheWrite, "cache_write")] {
        b.fill(param, &[format!("price.{model}.{name}"), format!("price.{model}.input")]);
    }
    if !found && b.plan.billed_currency.is_none() {
        b.weak(
            "price_unknown",
            if model.is_empty() { "model not stated" } else { &model },
            "no list price and no billed cost; the cost is a gap",
        );
    }
}

/// Fills the exchange rate of a bill.
pub(super) fn bill(b: &mut Builder<'_>) {
    let Some(currency) = b.plan.billed_currency.clone() else { return };
    if currency == b.set.currency() {
        b.known(Param::Exchange, 1.0);
    } else if !b.fill(Param::Exchange, &[format!("fx.{currency}")]) {
        b.weak("currency_unknown", &currency, "no exchange rate in the factor set; the billed cost is a gap");
    }
}
