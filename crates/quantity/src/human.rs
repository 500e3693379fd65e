//! Figures for people: units scaled, digits kept only as far as the interval allows.

use crate::{Adpe, Co2e, Energy, Estimate, Ewaste, Money, PrimaryEnergy, Quantity, Water, WaterScarcity};
use std::any::TypeId;

/// A language of the surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

/// A number at six significant digits, the precision of every printed result.
#[must_use]
pub fn six_digits(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    format!("{value:.5e}").parse().unwrap_or(value)
}

/// Units a quantity is shown in: (smallest base value for this unit, divisor, name).
fn ladder<Q: Quantity>() -> &'static [(f64, f64, &'static str)] {
    let id = TypeId::of::<Q>();
    if id == TypeId::of::<Energy>() {
        &[(1e6, 1e6, "GWh"), (1e3, 1e3, "MWh"), (1.0, 1.0, "kWh"), (1e-3, 1e-3, "Wh"), (0.0, 1e-6, "mWh")]
    } else if id == TypeId::of::<Co2e>() {
        &[(1e6, 1e6, "kt CO₂e"), (1e3, 1e3, "t CO₂e"), (1.0, 1.0, "kg CO₂e"), (1e-3, 1e-3, "g CO₂e"), (0.0, 1e-6, "mg CO₂e")]
    } else if id == TypeId::of::<Water>() {
        &[(1e6, 1e3, "m³"), (1e3, 1e3, "m³"), (1.0, 1.0, "L"), (0.0, 1e-3, "mL")]
    } else if id == TypeId::of::<WaterScarcity>() {
        &[(0.0, 1.0, "m³ world-eq")]
    } else if id == TypeId::of::<Adpe>() {
        &[(1.0, 1.0, "kg Sb eq"), (1e-3, 1e-3, "g Sb eq"), (1e-6, 1e-6, "mg Sb eq"), (0.0, 1e-9, "µg Sb eq")]
    } else if id == TypeId::of::<PrimaryEnergy>() {
        &[(1e6, 1e6, "TJ"), (1e3, 1e3, "GJ"), (1.0, 1.0, "MJ"), (0.0, 1e-3, "kJ")]
    } else if id == TypeId::of::<Ewaste>() {
        &[(1e3, 1e3, "t"), (1.0, 1.0, "kg"), (1e-3, 1e-3, "g"), (0.0, 1e-6, "mg")]
    } else if id == TypeId::of::<Money>() {
        &[(0.0, 1.0, "USD")]
    } else {
        &[(0.0, 1.0, "")]
    }
}

/// `median (low – high) unit`, rounded to what the interval supports.
///
/// The rounding step is the power of ten below a tenth of the interval, and
/// never finer than three significant digits of the median.
#[must_use]
pub fn human_interval<Q: Quantity>(estimate: &Estimate<Q>, lang: Lang) -> (String, String, String, &'static str) {
    let (low, median, high) = (estimate.low().base(), estimate.median().base(), estimate.high().base());
    let (_, divisor, unit) = ladder::<Q>().iter().find(|(from, _, _)| median.abs() >= *from).copied().unwrap_or((0.0, 1.0, ""));
    let (low, median, high) = (low / divisor, median / divisor, high / divisor);
    let spread = high - low;
    let finest = magnitude(median) - 2;
    let step = if spread > 0.0 { (magnitude(spread / 10.0)).max(finest) } else { finest };
    let places = usize::try_from(-step).unwrap_or(0).min(9);
    let round = |value: f64, step: i32| {
        let unit = libm::pow(10.0, f64::from(step));
        if step > 0 { libm::round(value / unit) * unit } else { value }
    };
    // A low end that would round to nothing keeps one digit of its own: never a silent zero.
    let low_step = if low > 0.0 { step.min(magnitude(low)) } else { step };
    let low_places = usize::try_from(-low_step).unwrap_or(0).min(9).max(places);
    let median_step = if median > 0.0 { step.min(magnitude(median)) } else { step };
    let median_places = usize::try_from(-median_step).unwrap_or(0).min(9).max(places);
    (
        human_number(round(low, low_step), low_places, lang),
        human_number(round(median, median_step), median_places, lang),
        human_number(round(high, step), places, lang),
        unit,
    )
}

/// The unit a quantity of this size is shown in, and its size in base units; for axes, which share one unit.
#[must_use]
pub fn unit_for<Q: Quantity>(value: Q) -> (Q, &'static str) {
    let (_, divisor, unit) = ladder::<Q>().iter().find(|(from, _, _)| value.base().abs() >= *from).copied().unwrap_or((0.0, 1.0, ""));
    (Q::from_base(divisor), unit)
}

fn magnitude(value: f64) -> i32 {
    if value == 0.0 || !value.is_finite() { 0 } else { libm::floor(libm::log10(value.abs())) as i32 }
}

/// A number with grouped thousands: `1,234.5` in English, `1.234,5` in German.
#[must_use]
pub fn human_number(value: f64, places: usize, lang: Lang) -> String {
    let (group, point) = match lang {
        Lang::En => (',', '.'),
        Lang::De => ('.', ','),
    };
    let plain = format!("{:.places$}", value.abs());
    let (whole, rest) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut out = String::with_capacity(plain.len() + 8);
    if value < 0.0 && plain.bytes().any(|digit| digit.is_ascii_digit() && digit != b'0') {
        out.push('−');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(group);
        }
        out.push(digit);
    }
    if !rest.is_empty() {
        out.push(point);
        out.push_str(rest);
    }
    out
}
