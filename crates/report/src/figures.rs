//! Figures for the reader: intervals, counts and shares, rounded and in their language.

use crate::messages::Msg;
use lca::{Impacts, Indicator};
use quantity::{Estimate, Grade, Lang, Quantity, Ratio, human_interval, human_number};

/// A figure with its interval, ready to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The low end.
    pub low: String,
    /// The median.
    pub median: String,
    /// The high end.
    pub high: String,
    /// The unit all three share.
    pub unit: String,
    /// Whether low and high are the same: nothing is uncertain.
    pub exact: bool,
    /// Grade.
    pub grade: Grade,
}

impl Figure {
    /// `median (low – high) unit`, or `median unit` when nothing is uncertain.
    #[must_use]
    pub fn line(&self) -> String {
        if self.exact {
            format!("{} {}", self.median, self.unit)
        } else {
            format!("{} ({} – {}) {}", self.median, self.low, self.high, self.unit)
        }
    }
    /// `low – high unit`.
    #[must_use]
    pub fn band(&self) -> String {
        if self.exact { format!("= {}", self.unit) } else { format!("{} – {} {}", self.low, self.high, self.unit) }
    }
}

/// The figure of an indicator; `None` is a gap.
#[must_use]
pub fn figure(impacts: &Impacts, indicator: Indicator, currency: &str, lang: Lang) -> Option<Figure> {
    match indicator {
        Indicator::EnergyKwh => impacts.energy_kwh.as_ref().map(|e| of(e, lang)),
        Indicator::GwpKgco2e => impacts.gwp_kgco2e.as_ref().map(|e| of(e, lang)),
        Indicator::WaterL => impacts.water_l.as_ref().map(|e| of(e, lang)),
        Indicator::AdpeKgsbeq => impacts.adpe_kgsbeq.as_ref().map(|e| of(e, lang)),
        Indicator::PeMj => impacts.pe_mj.as_ref().map(|e| of(e, lang)),
        Indicator::EwasteKg => impacts.ewaste_kg.as_ref().map(|e| of(e, lang)),
        Indicator::Cost => impacts.cost.as_ref().map(|cost| {
            let mut figure = of(cost, lang);
            currency.clone_into(&mut figure.unit);
            // Cents, unless the whole amount is but a part of one.
            if figure.exact && cost.median().as_amount() >= 1.0 {
                figure.median = human_number(cost.median().as_amount(), 2, lang);
            }
            figure
        }),
    }
}

/// The figure of an estimate.
#[must_use]
pub fn of<Q: Quantity>(estimate: &Estimate<Q>, lang: Lang) -> Figure {
    let (low, median, high, unit) = human_interval(estimate, lang);
    let exact = estimate.low() == estimate.high();
    Figure { low, median, high, unit: unit.to_owned(), exact, grade: estimate.grade() }
}

/// The figure per so many of something that is counted exactly, such as a thousand requests.
#[must_use]
pub fn figure_per(impacts: &Impacts, indicator: Indicator, count: Ratio, currency: &str, lang: Lang) -> Option<Figure> {
    fn per<Q: Quantity>(estimate: &Option<Estimate<Q>>, count: Ratio) -> Option<Estimate<Q>> {
        let part = |quantity: Q| Q::from_base(quantity.base() / count.get());
        let estimate = estimate.as_ref().filter(|_| count.get() > 0.0)?;
        Some(Estimate::new(
            part(estimate.low()),
            part(estimate.median()),
            part(estimate.high()),
            estimate.grade(),
            estimate.basis().clone(),
        ))
    }
    let part = Impacts {
        energy_kwh: per(&impacts.energy_kwh, count),
        gwp_kgco2e: per(&impacts.gwp_kgco2e, count),
        water_l: per(&impacts.water_l, count),
        adpe_kgsbeq: per(&impacts.adpe_kgsbeq, count),
        pe_mj: per(&impacts.pe_mj, count),
        ewaste_kg: per(&impacts.ewaste_kg, count),
        cost: per(&impacts.cost, count),
    };
    figure(&part, indicator, currency, lang)
}

/// The figure in one line, or the word for a gap.
#[must_use]
pub fn line(impacts: &Impacts, indicator: Indicator, currency: &str, lang: Lang) -> String {
    figure(impacts, indicator, currency, lang).map_or_else(|| Msg::Gap.text(lang).to_owned(), |figure| figure.line())
}

/// A count: exact below ten million, three digits and a word above.
#[must_use]
pub fn count(value: i128, lang: Lang) -> String {
    let (divisor, word) = match value.abs() {
        0..10_000_000 => return human_number(value as f64, 0, lang),
        10_000_000..1_000_000_000 => (1e6, Msg::Million),
        1_000_000_000..1_000_000_000_000 => (1e9, Msg::Billion),
        _ => (1e12, Msg::Trillion),
    };
    let short = value as f64 / divisor;
    let places = if short < 10.0 { 2 } else { usize::from(short < 100.0) };
    format!("{} {}", human_number(short, places, lang), word.text(lang))
}

/// The exact count with grouped thousands.
#[must_use]
pub fn count_exact(value: i128, lang: Lang) -> String {
    let digits = value.unsigned_abs().to_string();
    let group = if lang == Lang::De { '.' } else { ',' };
    let mut out = String::new();
    if value < 0 {
        out.push('−');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(group);
        }
        out.push(digit);
    }
    out
}

/// A share in percent; neither nothing nor everything is claimed by rounding.
#[must_use]
pub fn percent(share: Ratio, lang: Lang) -> String {
    let value = share.get() * 100.0;
    match value {
        v if v > 0.0 && v < 0.5 => "< 1 %".to_owned(),
        v if v > 99.5 && v < 100.0 => "> 99 %".to_owned(),
        v => format!("{} %", human_number(v, 0, lang)),
    }
}

/// A change in percent with its sign.
#[must_use]
pub fn signed_percent(change: Ratio, lang: Lang) -> String {
    let value = change.get() * 100.0;
    let places = usize::from(value.abs() < 9.95);
    let text = human_number(value.abs(), places, lang);
    if value > 0.0 { format!("+{text} %") } else { format!("−{text} %") }
}

const MONTHS_EN: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTHS_DE: [&str; 12] =
    ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"];

fn month_name(month: i8, lang: Lang) -> &'static str {
    let names = if lang == Lang::De { MONTHS_DE } else { MONTHS_EN };
    usize::try_from(month - 1).ok().and_then(|place| names.get(place).copied()).unwrap_or_default()
}

/// `3 Feb 2026`, `3. Februar 2026`.
#[must_use]
pub fn day(day: books::Day, lang: Lang) -> String {
    let date = day.date();
    let point = if lang == Lang::De { "." } else { "" };
    format!("{}{point} {} {}", date.day(), month_name(date.month(), lang), date.year())
}

/// `3 Feb – 9 Mar 2026`: the year once when both days share it.
#[must_use]
pub fn days(from: books::Day, to: books::Day, lang: Lang) -> String {
    let (first, last) = (day(from, lang), day(to, lang));
    if from == to {
        return last;
    }
    let year = format!(" {}", to.date().year());
    format!("{} – {last}", first.strip_suffix(&year).unwrap_or(&first))
}

/// A step of a series as the reader says it: a day, or a month with its year.
#[must_use]
pub fn step(key: &str, lang: Lang) -> String {
    if let Ok(date) = books::parse_day(key) {
        return day(date, lang);
    }
    match books::parse_day(&format!("{key}-01")) {
        Ok(first) => format!("{} {}", month_name(first.date().month(), lang), first.date().year()),
        Err(_) => key.to_owned(),
    }
}

/// A number with all its digits, in the reader's notation.
#[must_use]
pub fn digits(value: Ratio, lang: Lang) -> String {
    let text = quantity::six_digits(value.get()).to_string();
    if lang == Lang::De { text.replace('.', ",") } else { text }
}

/// Base units in one unit of an axis that reaches `highest`, and the name of that unit.
#[must_use]
pub fn axis_unit(indicator: Indicator, highest: Ratio, currency: &str) -> (Ratio, String) {
    fn of<Q: Quantity>(highest: Ratio) -> (Ratio, String) {
        let (size, unit) = quantity::unit_for(Q::from_base(highest.get()));
        (Ratio::new(size.base()), unit.to_owned())
    }
    match indicator {
        Indicator::EnergyKwh => of::<quantity::Energy>(highest),
        Indicator::GwpKgco2e => of::<quantity::Co2e>(highest),
        Indicator::WaterL => of::<quantity::Water>(highest),
        Indicator::AdpeKgsbeq => of::<quantity::Adpe>(highest),
        Indicator::PeMj => of::<quantity::PrimaryEnergy>(highest),
        Indicator::EwasteKg => of::<quantity::Ewaste>(highest),
        Indicator::Cost => (Ratio::new(1.0), currency.to_owned()),
    }
}
