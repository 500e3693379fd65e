//! `bilanz evaluate hardware`: accelerators bought, by part and from both sides of the books.

use super::checks::{check_accelerator, positive};
use super::print::indicators;
use crate::cli::{JsonFlag, LangFlag};
use crate::{context, output};
use anyhow::{Context as _, bail};
use clap::Args;
use lca::{Activity, Counts, Deployment, HardwarePart, Impact, Impacts, Indicator, Kind, Purchase, Stats};
use quantity::{Lang, Ratio};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Hardware {
    /// Accelerator, such as H100.
    #[arg(long)]
    pub(crate) accelerator: String,
    /// Accelerators bought.
    #[arg(long, allow_negative_numbers = true, value_name = "N", default_value_t = 1)]
    pub(crate) count: i64,
    /// Their servers and their share of the network were bought with them.
    #[arg(long)]
    pub(crate) with_server: bool,
    /// Years of service.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) years: Option<f64>,
    /// Folder with factors of your own, laid over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) factors: Option<PathBuf>,
    /// Language of the text: de or en.
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: LangFlag,
    #[command(flatten)]
    pub(crate) json: JsonFlag,
}

/// Both sides of a purchase.
#[derive(Serialize)]
struct Answer<'a> {
    accelerator: &'a str,
    count: i64,
    with_server: bool,
    parts: BTreeMap<HardwarePart, Impacts>,
    inventory: Impact,
    attribution: Attribution,
    note: &'static str,
}

#[derive(Serialize)]
struct Attribution {
    per_year: Impact,
    per_reserved_hour: Impact,
}

const NOTE: &str = "inventory and attribution are two views of one purchase and are never added; \
    the share of the building is borne by use alone and is not part of the purchase";
const NOTE_DE: &str = "Inventar und Zurechnung sind zwei Sichten auf einen Kauf und werden nie addiert; \
    den Anteil am Gebäude trägt die Nutzung allein, er gehört nicht zum Kauf";

/// Values it.
pub(super) fn run(flags: &Hardware) -> anyhow::Result<()> {
    if !(1..=1_000_000_000).contains(&flags.count) {
        bail!("--count is {}; it must lie between 1 and 10^9", flags.count);
    }
    positive("years", flags.years)?;
    if flags.years.is_some_and(|years| years > 50.0) {
        bail!("--years lies above 50; no accelerator serves that long");
    }
    let set = context::factors(None, flags.factors.as_deref())?;
    check_accelerator(&set, &flags.accelerator)?;
    let counts = Counts { devices: Some(flags.count), ..Counts::default() };
    let activity = Activity { kind: Kind::Hardware, stats: Stats::of(&counts), ..Activity::default() };
    let deployment = Deployment {
        accelerator: Some(flags.accelerator.clone()),
        with_server: Some(flags.with_server),
        lifetime_years: flags.years.map(Ratio::new),
        ..Deployment::default()
    };
    let purchase = Purchase::new(&activity, &deployment, &set)?;
    let answer = Answer {
        accelerator: set.accelerator(&flags.accelerator).map_or(flags.accelerator.as_str(), |row| row.id.as_str()),
        count: flags.count,
        with_server: flags.with_server,
        parts: purchase.parts.iter().map(|(part, sample)| (*part, sample.impact().impacts)).collect(),
        inventory: purchase.inventory.impact(),
        attribution: Attribution { per_year: purchase.per_year.impact(), per_reserved_hour: purchase.per_reserved_hour.impact() },
        note: NOTE,
    };
    if flags.json.json {
        return output::json(&answer);
    }
    output::data(&text(&answer, flags.lang.into())).context("cannot print the result")
}

const fn name(part: HardwarePart, lang: Lang) -> &'static str {
    let (en, de) = match part {
        HardwarePart::Die => ("chips", "Chips"),
        HardwarePart::Memory => ("memory", "Speicher"),
        HardwarePart::Package => ("package", "Gehäuse der Chips"),
        HardwarePart::Board => ("board and cooling", "Platine und Kühlung"),
        HardwarePart::Unsplit => ("accelerator, not split", "Beschleuniger, ungeteilt"),
        HardwarePart::Server => ("server", "Server"),
        HardwarePart::Network => ("share of the network", "Anteil am Netz"),
        HardwarePart::Transport => ("transport", "Transport"),
        HardwarePart::Building => ("share of the building", "Anteil am Gebäude"),
    };
    match lang {
        Lang::De => de,
        Lang::En => en,
    }
}

fn text(answer: &Answer<'_>, lang: Lang) -> String {
    let words = |en: &'static str, de: &'static str| if lang == Lang::De { de } else { en };
    let currency = &answer.inventory.currency;
    let mut text =
        format!("{} x {}\n\n{}\n", answer.count, answer.accelerator, words("By part (greenhouse gas)", "Nach Teilen (Treibhausgas)"));
    for (part, impacts) in answer.parts.iter().filter(|(_, impacts)| impacts.gwp_kgco2e.is_some()) {
        text.push_str(&format!("  {:<24} {}\n", name(*part, lang), report::figures::line(impacts, Indicator::GwpKgco2e, currency, lang)));
    }
    for (title, impact) in [
        (words("Inventory: in full, in the year of the purchase", "Inventar: voll, im Jahr des Kaufs"), &answer.inventory),
        (words("Attribution: per year of service", "Zurechnung: je Jahr der Nutzung"), &answer.attribution.per_year),
        (
            words("Attribution: per hour that one accelerator is reserved", "Zurechnung: je Stunde, die ein Beschleuniger belegt ist"),
            &answer.attribution.per_reserved_hour,
        ),
    ] {
        text.push_str(&format!("\n{title}\n{}", indicators(&impact.impacts, currency, lang)));
    }
    text.push_str(&format!("\n{}\n", words(NOTE, NOTE_DE)));
    text.push_str(words("\nWhat weakens it\n", "\nWas es schwächt\n"));
    text.push_str(&super::print::weaknesses(&answer.inventory.basis.weaknesses, lang));
    text.push_str(words("\nSources\n", "\nQuellen\n"));
    for source in &answer.inventory.sources {
        text.push_str(&format!("  {} ({}, {} {})\n", source.citation, source.licence, words("retrieved", "abgerufen"), source.retrieved));
    }
    text
}
