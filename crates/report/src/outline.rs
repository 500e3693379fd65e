//! The parts every readable format shares: the two tables and the sentences below them.

use crate::messages::{Msg, fill};
use crate::table::{Table, shorten};
use crate::{By, Group, Statement, boundary, codes, figures, names};
use lca::Indicator;
use quantity::{Lang, Weakness};
use std::collections::BTreeMap;

/// Groups a readable format lists; the rest stands in JSON and CSV.
pub const GROUPS_SHOWN: usize = 40;

/// `2026-01-01 to 2026-03-31`, or the word for no entries.
pub fn period(statement: &Statement, lang: Lang) -> String {
    match (statement.period.from, statement.period.to) {
        (Some(from), Some(to)) => format!("{from} {} {to}", Msg::To.text(lang)),
        _ => Msg::PeriodEmpty.text(lang).to_owned(),
    }
}

/// The total by indicator.
pub fn total(statement: &Statement, lang: Lang) -> Table {
    let text = |message: Msg| message.text(lang);
    let band = text(names::band(statement.profile));
    let mut table = Table::new([text(Msg::Indicator), text(Msg::Median), band, text(Msg::Unit), text(Msg::Grade)], &[1, 2]);
    for indicator in Indicator::ALL {
        let star = if partial(statement, *indicator, lang).is_some() { " *" } else { "" };
        let name = format!("{}{star}", text(names::indicator(*indicator)));
        table.row(match figures::figure(&statement.total.impacts, *indicator, &statement.currency, lang) {
            Some(figure) if figure.exact => [name, figure.median, "=".to_owned(), figure.unit, figure.grade.to_string()],
            Some(figure) => [name, figure.median, format!("{} – {}", figure.low, figure.high), figure.unit, figure.grade.to_string()],
            None => [name, text(Msg::Gap).to_owned(), String::new(), String::new(), String::new()],
        });
    }
    table
}

/// The groups, as far as they are shown.
pub fn groups(statement: &Statement, lang: Lang, key_width: usize) -> Table {
    let text = |message: Msg| message.text(lang);
    let head = [text(names::by(statement.by)), text(Msg::Requests), text(Msg::Tokens), text(Msg::Energy), text(Msg::Ghg), text(Msg::Grade)];
    let mut table = Table::new(head, &[1, 2, 3, 4]);
    let row = |group: &Group, key: String| {
        let count = |value: Option<i128>| value.map_or_else(|| no_count(statement, group, lang), |value| figures::count(value, lang));
        let line = |indicator| figures::line(&group.impacts, indicator, &statement.currency, lang);
        let (energy, ghg) = (line(Indicator::EnergyKwh), line(Indicator::GwpKgco2e));
        [shorten(&key, key_width), count(group.requests), count(group.tokens), energy, ghg, group.grade.to_string()]
    };
    for group in shown(statement) {
        table.row(row(group, names::key(&group.key, statement.by, lang)));
    }
    table.row(row(&statement.total, text(Msg::Total).to_owned()));
    table
}

/// What stands for a count that is missing: a dash where there is nothing to count, else the word for a gap.
#[must_use]
pub fn no_count(statement: &Statement, group: &Group, lang: Lang) -> String {
    let of_stage = statement.by == By::Stage && group.key != statement.total.key;
    if of_stage { "–".to_owned() } else { Msg::Gap.text(lang).to_owned() }
}

/// An exact count in a sentence, or the word for a gap.
#[must_use]
pub fn count_exact(value: Option<i128>, lang: Lang) -> String {
    value.map_or_else(|| Msg::Gap.text(lang).to_owned(), |value| figures::count_exact(value, lang))
}

/// The note below the groups that medians do not add up; `None` where they do, or where there is nothing to add.
#[must_use]
pub fn sums(statement: &Statement, lang: Lang) -> Option<&'static str> {
    // The compatible profile has ranges with a midpoint, and midpoints add up.
    (statement.groups.len() > 1 && statement.profile != lca::Profile::Ecologits).then(|| Msg::Sums.text(lang))
}

/// The groups that are listed: all of them for stages and months, the first forty else.
pub fn shown(statement: &Statement) -> &[Group] {
    let few = matches!(statement.by, By::Stage | By::Month) || statement.groups.len() <= GROUPS_SHOWN + 1;
    if few { &statement.groups } else { &statement.groups[..GROUPS_SHOWN] }
}

/// `12 more groups …`, when some are not listed.
pub fn rest(statement: &Statement, lang: Lang) -> Option<String> {
    let rest = statement.groups.len() - shown(statement).len();
    (rest > 0).then(|| fill(Msg::GroupsShown, lang, &[&rest.to_string()]))
}

/// What came of it, or that nothing is known of it.
pub fn outcomes(statement: &Statement, lang: Lang) -> String {
    let Some((accepted, rejected)) = statement.total.outcomes else { return Msg::OutcomesUnknown.text(lang).to_owned() };
    let all = accepted + rejected;
    let share = quantity::Ratio::new(if all > 0 { accepted as f64 / all as f64 } else { 0.0 });
    fill(Msg::OutcomesOf, lang, &[&figures::count(accepted, lang), &figures::count(all, lang), &figures::percent(share, lang)])
}

/// Weaknesses with one text per code and all that it concerns.
pub fn weaknesses(list: &[Weakness], lang: Lang) -> Vec<(String, Vec<String>)> {
    let mut merged: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    for weakness in list {
        let about = merged.entry((&weakness.code, codes::weakness_text(weakness, lang))).or_default();
        if !about.contains(&weakness.about) {
            about.push(weakness.about.clone());
        }
    }
    let mut list: Vec<_> = merged.into_iter().map(|((_, text), about)| (text, about)).collect();
    list.sort_by_key(|(_, about)| std::cmp::Reverse(about.len()));
    list
}

/// What a weakness concerns, at most six names.
pub fn about(list: &[String], lang: Lang) -> String {
    let mut names: Vec<String> = list.iter().filter(|name| !name.is_empty()).take(6).map(|name| codes::about_text(name, lang)).collect();
    if list.len() > 6 {
        names.push(fill(Msg::More, lang, &[&(list.len() - 6).to_string()]));
    }
    names.join(", ")
}

/// The shares of the coverage, with their names.
pub fn shares(statement: &Statement, lang: Lang) -> [(&'static str, quantity::Ratio); 4] {
    let coverage = &statement.coverage;
    [
        (Msg::CoverModel.text(lang), coverage.model_known),
        (Msg::CoverZone.text(lang), coverage.zone_known),
        (Msg::CoverCache.text(lang), coverage.cache_known),
        (Msg::CoverMetered.text(lang), coverage.metered),
    ]
}

/// The stages that are counted.
pub fn stages_in(statement: &Statement, lang: Lang) -> String {
    let names: Vec<&str> = statement.coverage.stages_included.iter().map(|stage| names::stage(*stage).text(lang)).collect();
    if names.is_empty() { Msg::NoStages.text(lang).to_owned() } else { names.join(", ") }
}

/// The stages that are left out, joined where the reason is the same.
pub fn stages_out(statement: &Statement, lang: Lang) -> Vec<String> {
    let mut reasons: Vec<(Msg, Vec<&str>)> = Vec::new();
    for (stage, _) in &statement.coverage.stages_excluded {
        let reason = boundary::stage_reason(*stage, statement.profile);
        let name = names::stage(*stage).text(lang);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, stages)) => stages.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    reasons.into_iter().map(|(reason, stages)| format!("{}: {}", stages.join(", "), reason.text(lang))).collect()
}

/// The gaps with their reasons, then the figures that lack a part.
pub fn gaps(statement: &Statement, lang: Lang) -> Vec<String> {
    let whole = boundary::gaps(&statement.total.impacts).map(|indicator| {
        let reason = boundary::gap_reason(indicator, statement.coverage.entries == 0);
        format!("{}: {}", names::indicator(indicator).text(lang), reason.text(lang))
    });
    let part = Indicator::ALL
        .iter()
        .filter_map(|indicator| Some(format!("{}: {}", names::indicator(*indicator).text(lang), partial(statement, *indicator, lang)?)));
    whole.chain(part).collect()
}

/// What an indicator's total lacks, when it lacks a part.
pub fn partial(statement: &Statement, indicator: Indicator, lang: Lang) -> Option<String> {
    let (_, share) = statement.coverage.partial.iter().find(|(partial, _)| *partial == indicator)?;
    Some(
        share
            .map_or_else(|| Msg::PartialUnknown.text(lang).to_owned(), |share| fill(Msg::Partial, lang, &[&figures::percent(share, lang)])),
    )
}

/// The boundary in the reader's language.
pub fn boundary(statement: &Statement, lang: Lang) -> String {
    boundary::sentence(statement.profile, &statement.coverage.stages_included, lang)
}

/// What one provider tells and does not.
pub fn disclosure(disclosure: &crate::Disclosure, lang: Lang) -> String {
    let list = |name: Msg, words: &[String]| (!words.is_empty()).then(|| format!("{}: {}", name.text(lang), words.join(", ")));
    let told = [
        list(Msg::Discloses, &disclosure.discloses),
        list(Msg::Withholds, &disclosure.withholds),
        list(Msg::Inferred, &disclosure.inferred),
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    let unknown = disclosure.discloses.is_empty() && disclosure.withholds.is_empty();
    let note = if unknown { format!("{}; ", Msg::NothingTold.text(lang)) } else { String::new() };
    format!("{note}{}", told.join("; "))
}
