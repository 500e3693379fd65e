//! A single result, as text or JSON.

use super::Common;
use crate::output;
use anyhow::Context as _;
use lca::{Impact, Impacts, Indicator};
use quantity::{Lang, Weakness};

/// Prints a result.
pub(super) fn print(impact: &Impact, common: &Common) -> anyhow::Result<()> {
    if common.json.json {
        return output::json(impact);
    }
    output::data(&text(impact, common.lang.into())).context("cannot print the result")
}

/// The indicators of a result, one per line.
pub(super) fn indicators(impacts: &Impacts, currency: &str, lang: Lang) -> String {
    Indicator::ALL
        .iter()
        .map(|indicator| {
            let name = report::names::indicator(*indicator).text(lang);
            format!("{name:<26} {}\n", report::figures::line(impacts, *indicator, currency, lang))
        })
        .collect()
}

/// A result as text.
pub(super) fn text(impact: &Impact, lang: Lang) -> String {
    let mut text = indicators(&impact.impacts, &impact.currency, lang);
    let words = |en: &'static str, de: &'static str| if lang == Lang::De { de } else { en };
    text.push_str(&format!(
        "\n{} {}   {} {}   {} {}   {} {}\n",
        words("Grade", "Güte"),
        impact.grade,
        words("profile", "Profil"),
        impact.profile,
        words("factor set", "Faktorsatz"),
        impact.factor_set,
        words("method", "Methode"),
        impact.method
    ));
    text.push_str(words("\nWhat makes it uncertain\n", "\nWas es unsicher macht\n"));
    for driver in &impact.basis.drivers {
        text.push_str(&format!("  {:>4}  {}\n", report::figures::percent(driver.share, lang), driver.factor));
    }
    text.push_str(words("\nWhat weakens it\n", "\nWas es schwächt\n"));
    text.push_str(&weaknesses(&impact.basis.weaknesses, lang));
    text.push_str(words("\nSources\n", "\nQuellen\n"));
    for source in &impact.sources {
        text.push_str(&format!("  {} ({}, {} {})\n", source.citation, source.licence, words("retrieved", "abgerufen"), source.retrieved));
    }
    text
}

/// Weaknesses, one per line; what reads the same stands once.
pub(super) fn weaknesses(list: &[Weakness], lang: Lang) -> String {
    let mut lines: Vec<String> = list
        .iter()
        .map(|weakness| format!("  {}: {}\n", report::about_text(&weakness.about, lang), report::weakness_text(weakness, lang)))
        .collect();
    lines.dedup();
    lines.concat()
}
