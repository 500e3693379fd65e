//! A comparison as text, Markdown and as a page.

use super::{Claim, Comparison, Difference};
use crate::messages::{Msg, fill};
use crate::table::{Table, escape, shorten, wrap};
use crate::{figures, names};
use lca::Indicator;
use maud::{DOCTYPE, PreEscaped, html as page};
use quantity::{Lang, Ratio, human_number};

/// As text.
pub(super) fn text(comparison: &Comparison, lang: Lang) -> String {
    let lines: Vec<String> = notes(comparison, lang).iter().map(|line| wrap(line, 100, 0)).collect();
    format!(
        "{}\n{}\n\n{}\n{}",
        title(comparison, lang),
        lines.join("\n"),
        figures_table(comparison, lang).text(),
        table(comparison, lang).text()
    )
}

/// As Markdown.
pub(super) fn markdown(comparison: &Comparison, lang: Lang) -> String {
    let lines: Vec<String> = notes(comparison, lang).iter().map(|line| escape(line)).collect();
    format!(
        "# {}\n\n{}\n\n{}\n{}",
        escape(&title(comparison, lang)),
        lines.join("\n\n"),
        figures_table(comparison, lang).markdown(),
        table(comparison, lang).markdown()
    )
}

/// As one page that needs nothing else.
pub(super) fn html(comparison: &Comparison, lang: Lang) -> String {
    let title = title(comparison, lang);
    let cells = |table: &Table| {
        page! { div.scroll tabindex="0" role="region" aria-label=(title) { table.data {
            @for (place, row) in table.rows().iter().enumerate() {
                tr { @for (column, cell) in row.iter().enumerate() { @if place == 0 { th scope="col" { (cell) } } @else if column == 0 { th scope="row" { (cell) } } @else { td { (cell) } } } }
            }
        } } }
    };
    let markup = page! {
        (DOCTYPE)
        html lang=(if lang == Lang::De { "de" } else { "en" }) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(crate::CSS)) }
            }
            body { main.page {
                header.title { h1 { (title) } @for line in notes(comparison, lang) { p.soft { (line) } } }
                section.block { (cells(&figures_table(comparison, lang))) (cells(&table(comparison, lang))) }
            } }
        }
    };
    format!("{}\n", markup.into_string())
}

fn title(comparison: &Comparison, lang: Lang) -> String {
    fill(Msg::CompareTitle, lang, &[&comparison.first, &comparison.second])
}

fn notes(comparison: &Comparison, lang: Lang) -> Vec<String> {
    let per = comparison.per.as_ref();
    let basis = per.map_or_else(|| Msg::CompareTotals.text(lang).to_owned(), |unit| fill(Msg::ComparePer, lang, &[unit]));
    let profile = format!("{} {} · {}", Msg::Profile.text(lang), comparison.profile, names::profile(comparison.profile).text(lang));
    let pins = format!("{} {} · {} {}", Msg::FactorSet.text(lang), comparison.factor_set, Msg::Method.text(lang), comparison.method);
    vec![profile, basis, Msg::CompareRule.text(lang).to_owned(), pins]
}

/// The figures of both.
fn figures_table(comparison: &Comparison, lang: Lang) -> Table {
    let say = |message: Msg| message.text(lang);
    let head = |name: Msg, title: &str| format!("{}: {}", say(name), shorten(title, 30));
    let heads = [head(Msg::CompareFirstName, &comparison.first), head(Msg::CompareSecondName, &comparison.second)];
    let mut table = Table::new([say(Msg::Indicator), &heads[0], say(Msg::Grade), &heads[1], say(Msg::Grade)], &[]);
    for indicator in Indicator::ALL {
        let cells = [&comparison.first_impacts, &comparison.second_impacts].map(|impacts| {
            match figures::figure(impacts, *indicator, &comparison.currency, lang) {
                Some(figure) => (figure.line(), figure.grade.to_string()),
                None => (say(Msg::Gap).to_owned(), String::new()),
            }
        });
        let [(first, grade), (second, other)] = cells;
        table.row([say(names::indicator(*indicator)).to_owned(), first, grade, second, other]);
    }
    table
}

/// Difference, ratio, probability and what may be said.
fn table(comparison: &Comparison, lang: Lang) -> Table {
    let say = |message: Msg| message.text(lang);
    let heads = [Msg::Indicator, Msg::CompareDifference, Msg::CompareRatio, Msg::CompareBelow, Msg::CompareClaim].map(say);
    let mut table = Table::new(heads, &[1, 2, 3]);
    for row in &comparison.indicators {
        let probability = row.first_below.map_or_else(|| "–".to_owned(), |share| figures::percent(share, lang));
        let claim = match row.claim {
            Claim::FirstBelow => Msg::CompareFirst,
            Claim::SecondBelow => Msg::CompareSecond,
            Claim::Tie => Msg::CompareTie,
        };
        let ratio = row.ratio.map_or_else(|| say(Msg::Gap).to_owned(), |ratio| interval(ratio, Ratio::new(1.0), lang));
        table.row([
            say(names::indicator(row.indicator)).to_owned(),
            difference(row, &comparison.currency, lang),
            ratio,
            probability,
            say(claim).to_owned(),
        ]);
    }
    table
}

fn difference(row: &Difference, currency: &str, lang: Lang) -> String {
    let widest = row.difference.iter().map(|value| value.get().abs()).fold(0.0, f64::max);
    if widest == 0.0 {
        return "=".to_owned();
    }
    let (size, unit) = figures::axis_unit(row.indicator, Ratio::new(widest), currency);
    format!("{} {unit}", interval(row.difference, size, lang))
}

/// `median (low – high)` at three digits of the widest end.
fn interval(row: [Ratio; 3], size: Ratio, lang: Lang) -> String {
    let values = row.map(|value| value.get() / size.get());
    let widest = values.iter().map(|value| value.abs()).fold(0.0, f64::max);
    let whole = if widest > 0.0 { libm::floor(libm::log10(widest)) as i32 + 1 } else { 1 };
    let places = usize::try_from(3 - whole).unwrap_or(0).min(6);
    let [low, median, high] = values.map(|value| {
        let text = human_number(value.abs(), places, lang);
        if value < 0.0 && text.chars().any(|letter| ('1'..='9').contains(&letter)) { format!("−{text}") } else { text }
    });
    if low == high { median } else { format!("{median} ({low} – {high})") }
}
