//! The dual report and what a series said, beside the result of an evaluation.

use super::{Common, print::print as print_one};
use crate::output;
use anyhow::Context as _;
use lca::Impact;
use lca::electricity::{Category3, ContractShare, Dual};
use measure::{LoadSeries, Weighted};
use quantity::{Energy, Estimate, Lang, Quantity, Ratio, six_digits};
use serde::Serialize;

/// What the series said.
#[derive(Debug, Serialize)]
pub(super) struct Series {
    load_kwh: Energy,
    #[serde(skip_serializing_if = "Option::is_none")]
    grid_zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grid_gco2e_per_kwh: Option<Ratio>,
    /// Hours of load without an intensity, left out of the mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    hours_missing: Option<Ratio>,
    /// Load in these hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    kwh_missing: Option<Energy>,
    /// Hours of the load series that state no load.
    #[serde(skip_serializing_if = "Option::is_none")]
    load_hours_missing: Option<Ratio>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contracts: Vec<Covered>,
    /// Hours without a profile of generation; nothing is covered there.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_hours_missing: Option<Ratio>,
}

/// How far one contract covers the load.
#[derive(Debug, Serialize)]
struct Covered {
    contract: String,
    share: Ratio,
}

fn short(value: f64) -> Ratio {
    Ratio::new(six_digits(value))
}

impl Series {
    /// A load alone.
    pub(super) fn of(load: &LoadSeries) -> Self {
        Self {
            load_kwh: load.steps().into_iter().sum(),
            grid_zone: None,
            grid_gco2e_per_kwh: None,
            hours_missing: None,
            kwh_missing: None,
            load_hours_missing: None,
            contracts: Vec::new(),
            profile_hours_missing: None,
        }
    }

    /// A load set against a zone.
    pub(super) fn weighted(load: &LoadSeries, zone: &str, weighted: &Weighted) -> Self {
        Self {
            grid_zone: Some(zone.to_owned()),
            grid_gco2e_per_kwh: Some(short(weighted.intensity.as_kg_per_kwh() * 1000.0)),
            hours_missing: Some(weighted.hours_missing),
            kwh_missing: Some(Energy::kwh(six_digits(weighted.energy_missing.as_kwh()))),
            load_hours_missing: Some(weighted.load_hours_missing),
            ..Self::of(load)
        }
    }

    /// Notes what the contracts cover.
    pub(super) fn covered(&mut self, texts: &[String], shares: &[ContractShare], missing: Ratio) {
        let one = |(text, share): (&String, &ContractShare)| Covered { contract: text.clone(), share: short(share.share.get()) };
        self.contracts = texts.iter().zip(shares).map(one).collect();
        self.profile_hours_missing = (missing.get() > 0.0).then_some(missing);
    }

    /// The whole load.
    pub(super) fn energy(&self) -> Energy {
        self.load_kwh
    }

    /// Says on stderr what was missing.
    pub(super) fn remark(&self) {
        let said = |hours: Option<Ratio>| hours.map(Ratio::get).filter(|hours| *hours > 0.0);
        if let Some(hours) = said(self.hours_missing) {
            let kwh = self.kwh_missing.map_or_else(String::new, |kwh| format!(" ({} kWh)", kwh.as_kwh()));
            output::note(&format!(
                "note: {hours} hours of load{kwh} have no intensity of the grid; they are valued at the mean of the others"
            ));
        }
        if let Some(hours) = said(self.load_hours_missing) {
            output::note(&format!("note: {hours} hours of the load series state no load; they are left out"));
        }
        if let Some(hours) = said(self.profile_hours_missing) {
            output::note(&format!("note: {hours} hours have no profile of generation; no contract covers them"));
        }
    }

    fn text(&self, lang: Lang) -> String {
        let mut text = String::new();
        if let (Some(zone), Some(grams)) = (&self.grid_zone, self.grid_gco2e_per_kwh) {
            let word = pick(lang, "Grid over the hours of the load", "Netz über die Stunden der Last");
            text.push_str(&format!("\n{word}: {zone}, {} g CO₂e/kWh\n", quantity::human_number(grams.get(), 1, lang)));
        }
        for covered in &self.contracts {
            let percent = quantity::human_number(covered.share.get() * 100.0, 1, lang);
            text.push_str(&format!("  {} {} {percent} %\n", covered.contract, pick(lang, "covers", "deckt")));
        }
        text
    }
}

/// A result with what stands beside it.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    impact: &'a Impact,
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<&'a Series>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dual: Option<&'a Dual>,
}

/// Prints a result, and beside it the dual report and the series where there are any.
pub(super) fn print(impact: &Impact, dual: Option<&Dual>, series: Option<&Series>, common: &Common) -> anyhow::Result<()> {
    if common.json.json {
        return output::json(&Whole { impact, series, dual });
    }
    print_one(impact, common)?;
    let lang: Lang = common.lang.into();
    let mut text = series.map(|series| series.text(lang)).unwrap_or_default();
    if let Some(dual) = dual {
        text.push_str(&table(dual, lang));
    }
    if text.is_empty() { Ok(()) } else { output::data(&text).context("cannot print the dual report") }
}

fn pick(lang: Lang, en: &'static str, de: &'static str) -> &'static str {
    if lang == Lang::De { de } else { en }
}

fn line<Q: Quantity>(name: &str, estimate: Option<&Estimate<Q>>, lang: Lang) -> String {
    let text = match estimate {
        None => pick(lang, "not known", "nicht bekannt").to_owned(),
        Some(estimate) if estimate.high() == Q::default() => "0".to_owned(),
        Some(estimate) => report::figures::of(estimate, lang).line(),
    };
    format!("  {name:<44} {text}\n")
}

fn table(dual: &Dual, lang: Lang) -> String {
    let word = |en: &'static str, de: &'static str| pick(lang, en, de);
    let mut text = format!("\n{} ({})\n", word("By place and by contract", "Nach Ort und nach Vertrag"), dual.zone);
    text += &line(word("Electricity at the site's meter", "Strom am Zähler des Standorts"), Some(&dual.energy_kwh), lang);
    if dual.scope1_kgco2e.is_some() {
        text += &line(word("Scope 1, own generation", "Scope 1, eigene Erzeugung"), dual.scope1_kgco2e.as_ref(), lang);
    }
    text += &line(word("Scope 2, location-based", "Scope 2, ortsbasiert"), dual.scope2_location_kgco2e.as_ref(), lang);
    text += &line(word("Scope 2, market-based", "Scope 2, marktbasiert"), dual.scope2_market_kgco2e.as_ref(), lang);
    text += &category3(&dual.category3_location, word("location-based", "ortsbasiert"), lang);
    text += &category3(&dual.category3_market, word("market-based", "marktbasiert"), lang);
    text += &line(word("Water, on site", "Wasser, am Standort"), dual.water.on_site_l.as_ref(), lang);
    text += &line(word("Water, off site", "Wasser, im Kraftwerk"), dual.water.off_site_l.as_ref(), lang);
    text += &line(word("Water, weighted by scarcity", "Wasser, nach Knappheit gewichtet"), dual.water.scarcity_m3_world_eq.as_ref(), lang);
    text += &super::print::weaknesses(&dual.weaknesses, lang);
    text
}

fn category3(category: &Category3, accounting: &str, lang: Lang) -> String {
    let name = |en: &'static str, de: &'static str| format!("{}, {accounting}", pick(lang, en, de));
    let upstream = if category.upstream_kgco2e.is_some() {
        line(&name("Category 3, upstream", "Kategorie 3, Vorkette"), category.upstream_kgco2e.as_ref(), lang)
    } else {
        format!(
            "  {:<44} {}\n",
            name("Category 3, upstream", "Kategorie 3, Vorkette"),
            pick(lang, "within scope 2", "in Scope 2 enthalten")
        )
    };
    upstream + &line(&name("Category 3, losses", "Kategorie 3, Verluste"), category.losses_kgco2e.as_ref(), lang)
}
