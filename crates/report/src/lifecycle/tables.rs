//! The parts that text and Markdown share: tables of the total, the stages and the activities, and the lists below.

use super::chart::{no_figure, share, stage_name};
use super::{LifeCycle, Part, PerUnit, value};
use crate::messages::{Msg, fill};
use crate::table::{Table, shorten};
use crate::{boundary, codes, figures, names, outline};
use lca::{Indicator, Stage};
use quantity::Lang;

/// The total by indicator, and what falls on one functional unit.
pub(super) fn total(life: &LifeCycle, lang: Lang) -> Table {
    let say = |message: Msg| message.text(lang);
    let head = [say(Msg::Indicator), say(Msg::Median), say(names::band(life.profile)), say(Msg::Unit), say(Msg::Grade)];
    let mut table = Table::new(head, &[1, 2]);
    for indicator in Indicator::ALL {
        let name = total_name(life, *indicator, lang);
        table.row(match figures::figure(&life.total.impacts, *indicator, &life.currency, lang) {
            Some(figure) if figure.exact => [name, figure.median, "=".to_owned(), figure.unit, figure.grade.to_string()],
            Some(figure) => [name, figure.median, format!("{} – {}", figure.low, figure.high), figure.unit, figure.grade.to_string()],
            None => [name, say(Msg::Gap).to_owned(), String::new(), String::new(), String::new()],
        });
    }
    table
}

/// The name of an indicator, with a star where its total lacks an activity.
pub(super) fn total_name(life: &LifeCycle, indicator: Indicator, lang: Lang) -> String {
    let star = if life.gaps.contains_key(&indicator) { " *" } else { "" };
    format!("{}{star}", names::indicator(indicator).text(lang))
}

/// What the totals lack, one line per indicator.
pub(super) fn gaps(life: &LifeCycle, lang: Lang) -> Vec<String> {
    let line =
        |(indicator, parts): (&Indicator, &Vec<String>)| format!("* {}: {}", names::indicator(*indicator).text(lang), parts.join(", "));
    life.gaps.iter().map(line).collect()
}

/// What falls on one functional unit, one line per indicator.
pub(super) fn per_unit(life: &LifeCycle, lang: Lang) -> Option<(String, Vec<String>)> {
    let unit = life.functional_unit.as_ref()?;
    let title = per_title(unit, lang);
    let line = |indicator: &Indicator| {
        format!("{}: {}", names::indicator(*indicator).text(lang), figures::line(&unit.impacts, *indicator, &life.currency, lang))
    };
    Some((title, Indicator::ALL.iter().map(line).collect()))
}

/// `Per answered question (1,200,000 in all)`.
pub(super) fn per_title(unit: &PerUnit, lang: Lang) -> String {
    let whole = unit.quantity.get().fract() == 0.0 && unit.quantity.get() < 1e15;
    let quantity = if whole { figures::count_exact(unit.quantity.get() as i128, lang) } else { figures::digits(unit.quantity, lang) };
    fill(Msg::LifePer, lang, &[&unit.name, &quantity])
}

/// One indicator by stage and then by activity.
pub(super) fn parts(life: &LifeCycle, list: &[Part], head: Msg, indicator: Indicator, lang: Lang) -> Table {
    let say = |message: Msg| message.text(lang);
    let mut table = Table::new(
        [say(head), say(Msg::Median), say(names::band(life.profile)), say(Msg::Unit), say(Msg::LifeShare), say(Msg::Grade)],
        &[1, 2, 4],
    );
    for part in list {
        let name = shorten(&name(part, lang), 40);
        let share = share(part, indicator, lang).map(|share| share.replace(['\u{a0}', '\u{2060}'], " ")).unwrap_or_default();
        table.row(match figures::figure(&part.impacts, indicator, &life.currency, lang) {
            Some(figure) => {
                let band = if figure.exact { "=".to_owned() } else { format!("{} – {}", figure.low, figure.high) };
                [name, figure.median, band, figure.unit, share.replace("–  ", "– "), part.grade.to_string()]
            }
            None => [name, say(no_figure(part)).to_owned(), String::new(), String::new(), String::new(), String::new()],
        });
    }
    table
}

/// A stage by its name, an activity with its kind.
pub(super) fn name(part: &Part, lang: Lang) -> String {
    match part.kind {
        Some(kind) => format!("{} ({})", part.key, value::kind(kind).text(lang)),
        None => stage_name(&part.key, lang),
    }
}

/// The amortised training with its figures, one line each.
pub(super) fn amortised(life: &LifeCycle, lang: Lang) -> Vec<String> {
    let line = |part: &Part| {
        let figures: Vec<String> = [Indicator::EnergyKwh, Indicator::GwpKgco2e, Indicator::WaterL]
            .iter()
            .map(|indicator| {
                format!("{} {}", names::indicator(*indicator).text(lang), figures::line(&part.impacts, *indicator, &life.currency, lang))
            })
            .collect();
        let against = share(part, Indicator::GwpKgco2e, lang).map(|share| format!(" · {share} {}", Msg::LifeAgainst.text(lang)));
        format!("{}: {}{}", part.key, figures.join(", "), against.unwrap_or_default())
    };
    life.amortised.iter().map(line).collect()
}

/// The stages that are left out, joined where the reason is the same.
pub(super) fn left_out(life: &LifeCycle, lang: Lang) -> Vec<String> {
    let mut reasons: Vec<(Msg, Vec<&str>)> = Vec::new();
    for (stage, _) in &life.left_out {
        let (reason, name) = (value::reason(*stage, life.profile), names::stage(*stage).text(lang));
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((reason, vec![name])),
        }
    }
    reasons.into_iter().map(|(reason, names)| format!("{}: {}", names.join(", "), reason.text(lang))).collect()
}

/// The boundary in the reader's language.
pub(super) fn boundary(life: &LifeCycle, lang: Lang) -> String {
    let included: Vec<Stage> = life.stages.iter().filter_map(|part| part.key.parse().ok()).collect();
    boundary::sentence(life.profile, &included, lang)
}

/// What makes the interval of a part wide, in one line.
pub(super) fn drivers(part: &Part, lang: Lang) -> Option<String> {
    let list: Vec<String> =
        part.drivers.iter().take(3).map(|driver| format!("{} {}", figures::percent(driver.share, lang), driver.factor)).collect();
    (!list.is_empty()).then(|| list.join(", "))
}

/// What weakens the total and the amortised training, with the activities it concerns.
pub(super) fn weaknesses(life: &LifeCycle, lang: Lang) -> Vec<String> {
    let mut lines: Vec<String> = outline::weaknesses(&life.total.weaknesses, lang)
        .into_iter()
        .map(|(text, about)| format!("{text} ({})", outline::about(&about, lang)))
        .collect();
    for part in &life.amortised {
        let own = part.weaknesses.iter().filter(|weakness| !life.total.weaknesses.contains(weakness));
        lines.extend(own.map(|weakness| format!("{}: {}", part.key, codes::weakness_text(weakness, lang))));
    }
    lines
}

/// The sources, one line each.
pub(super) fn sources(life: &LifeCycle, lang: Lang) -> Vec<String> {
    life.sources
        .iter()
        .map(|source| {
            format!("[{}] {} ({}, {} {})", source.id, source.citation, source.licence, Msg::Retrieved.text(lang), source.retrieved)
        })
        .collect()
}

/// What is needed to recompute it.
pub(super) fn pins(life: &LifeCycle, lang: Lang) -> Vec<String> {
    [(Msg::FactorSet, &life.factor_set), (Msg::Method, &life.method)].map(|(name, value)| format!("{}: {value}", name.text(lang))).to_vec()
}
