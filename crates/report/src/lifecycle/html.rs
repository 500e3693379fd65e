//! The life cycle as one page that needs nothing else, and the parts of it that the dashboard shows too.

use super::chart::{figure, grade, picture, share, stage_name};
use super::{LifeCycle, Part, tables, value};
use crate::messages::Msg;
use crate::{figures, names};
use lca::Indicator;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use quantity::Lang;

/// The whole page.
pub(super) fn html(life: &LifeCycle, lang: Lang) -> String {
    let say = |message: Msg| message.text(lang);
    let page = html! {
        (DOCTYPE)
        html lang=(if lang == Lang::De { "de" } else { "en" }) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (life.title) " · " (say(Msg::LifeTitle)) }
                style { (PreEscaped(crate::CSS)) }
            }
            body { main.page {
                header.title {
                    h1 { (life.title) }
                    p.soft { (say(Msg::LifeTitle)) " · " (say(Msg::Profile)) " " (say(names::profile(life.profile))) }
                }
                @for indicator in Indicator::ALL.iter().filter(|indicator| life.total.impacts.row(**indicator).is_some()) {
                    (picture(life, *indicator, lang))
                }
                (below(life, lang))
            } }
        }
    };
    format!("{}\n", page.into_string())
}

/// What stands below the pictures: totals, parts, boundary, reasons, sources.
#[must_use]
pub fn below(life: &LifeCycle, lang: Lang) -> Markup {
    let say = |message: Msg| message.text(lang);
    let list = |title: Msg, lines: Vec<String>| {
        html! { @if !lines.is_empty() { section.block { h2 { (say(title)) } ul.list { @for line in lines { li { (line) } } } } } }
    };
    let drivers = life.total.drivers.iter().map(|driver| format!("{}  {}", figures::percent(driver.share, lang), driver.factor)).collect();
    html! {
        section.block { h2 { (say(Msg::Total)) } (total(life, lang)) }
        (list(Msg::LifeGaps, tables::gaps(life, lang)))
        section.block { h2 { (say(Msg::LifeActivity)) } (activities(life, lang)) }
        @if !life.amortised.is_empty() {
            section.block {
                h2 { (say(Msg::LifeAmortised)) }
                p { (say(Msg::LifeAmortisedWhy)) }
                ul.list { @for line in tables::amortised(life, lang) { li { (line) } } }
            }
        }
        section.block { h2 { (say(Msg::Boundary)) } p { (tables::boundary(life, lang)) } }
        (list(Msg::StagesOut, tables::left_out(life, lang)))
        (list(Msg::LifeDrivers, drivers))
        (list(Msg::Weaknesses, tables::weaknesses(life, lang)))
        section.block {
            h2 { (say(Msg::Sources)) }
            ul.list { @for source in &life.sources { li { (source.citation) small { (source.id) " · " (source.licence) " · " (say(Msg::Retrieved)) " " (source.retrieved) " · " (source.factors.join(", ")) } } } }
        }
        (list(Msg::Overrides, life.factor_overrides.clone()))
        section.block { h2 { (say(Msg::Evidence)) } dl.pins { dt { (say(Msg::FactorSet)) } dd { (life.factor_set) } dt { (say(Msg::Method)) } dd { (life.method) } } }
    }
}

/// The total by indicator, with what falls on one functional unit.
fn total(life: &LifeCycle, lang: Lang) -> Markup {
    let say = |message: Msg| message.text(lang);
    let per = life.functional_unit.as_ref();
    let title = per.map(|unit| tables::per_title(unit, lang));
    html! {
        div.scroll tabindex="0" role="region" aria-label=(say(Msg::Total)) { table.data {
            thead { tr {
                th scope="col" { (say(Msg::Indicator)) } th.num scope="col" { (say(Msg::Median)) } th.num scope="col" { (say(names::band(life.profile))) }
                th scope="col" { (say(Msg::Unit)) } th scope="col" { (say(Msg::Grade)) }
                @if let Some(title) = &title { th.num scope="col" { (title) } }
            } }
            tbody { @for indicator in Indicator::ALL { tr {
                th scope="row" { (tables::total_name(life, *indicator, lang)) " " span.soft { "· " (say(names::indicator_long(*indicator))) } }
                @match figures::figure(&life.total.impacts, *indicator, &life.currency, lang) {
                    Some(figure) => {
                        td.num { (figure.median) } td.num { @if figure.exact { "=" } @else { (figure.low) " – " (figure.high) } } td { (figure.unit) }
                        td { (figure.grade) " " span.soft { (say(names::grade(figure.grade))) } }
                    }
                    None => { td.num.gap { (say(Msg::Gap)) } td {} td {} td {} }
                }
                @if let Some(unit) = per { td.num { (figures::line(&unit.impacts, *indicator, &life.currency, lang)) } }
            } } }
        } }
    }
}

/// Every activity with every indicator, its share, its grade and what makes it uncertain.
fn activities(life: &LifeCycle, lang: Lang) -> Markup {
    let say = |message: Msg| message.text(lang);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(say(Msg::LifeActivity)) { table.data {
            thead { tr {
                th scope="col" { (say(Msg::LifeActivity)) }
                @for indicator in Indicator::ALL { th.num scope="col" { (say(names::indicator(*indicator))) } }
                th.num scope="col" { (say(Msg::LifeShare)) } th scope="col" { (say(Msg::Grade)) } th scope="col" { (say(Msg::Drivers)) } th scope="col" { (say(Msg::Sources)) }
            } }
            tbody { @for (place, part) in life.activities.iter().enumerate() { (activity(life, part, place + 1, lang)) } }
        } }
        @for part in life.activities.iter().filter(|part| part.note.is_some()) { p.small { (part.key) ": " (part.note.as_deref().unwrap_or_default()) } }
    }
}

fn activity(life: &LifeCycle, part: &Part, number: usize, lang: Lang) -> Markup {
    html! { tr {
        th scope="row" { (number) " · " (part.key) @if let Some(kind) = part.kind { small { " " (value::kind(kind).text(lang)) } } }
        @for indicator in Indicator::ALL { td.num { (figure(life, part, *indicator, lang)) } }
        td.num { @if let Some(share) = share(part, Indicator::GwpKgco2e, lang) { (share) } }
        td { (grade(part, lang)) } td.long { (tables::drivers(part, lang).unwrap_or_default()) } td.long { (part.sources.join(", ")) }
    } }
}

/// What each activity adds to each stage: the table behind the picture, with all digits.
///
/// `api` is the address that gives the same figures.
#[must_use]
pub fn matrix(life: &LifeCycle, indicator: Indicator, api: &str, lang: Lang) -> Markup {
    let unit = if indicator == Indicator::Cost { &life.currency } else { names::base_unit(indicator) };
    html! {
        table.data data-api=(api) data-indicator=(indicator.as_str()) {
            thead { tr {
                th scope="col" { (Msg::ByStage.text(lang)) }
                @for name in [Msg::Low, Msg::Median, Msg::High] { th.num scope="col" { (name.text(lang)) " " (unit) } }
                th scope="col" { (Msg::Grade.text(lang)) }
                @for part in &life.activities { th.num scope="col" { (part.key) } }
            } }
            tbody { @for part in &life.stages { tr data-key=(part.key) {
                th scope="row" { (stage_name(&part.key, lang)) }
                @match part.impacts.row(indicator) {
                    Some(row) => { @for value in row { td.num data-value=(quantity::six_digits(value.get())) { (figures::digits(value, lang)) } } }
                    None => { td.num.gap colspan="3" data-value="null" { (Msg::Gap.text(lang)) } }
                }
                td { (part.grade) }
                @for activity in &life.activities { td.num { (piece(part, &activity.key, indicator, lang)) } }
            } } }
        }
        p.small.soft { (Msg::LifePart.text(lang)) }
    }
}

fn piece(part: &Part, key: &str, indicator: Indicator, lang: Lang) -> String {
    let pieces = part.made_of.get(&indicator).map(Vec::as_slice).unwrap_or_default();
    pieces.iter().find(|(name, _)| name == key).map_or_else(|| "–".to_owned(), |(_, value)| figures::digits(*value, lang))
}
