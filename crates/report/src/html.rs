//! HTML: one page that needs nothing else, to read, to print and to file.

use crate::messages::{Msg, fill};
use crate::{Group, Statement, chart, codes, figures, names, outline};
use lca::Indicator;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use quantity::{Lang, Ratio};

/// The statement as a page.
pub fn html(statement: &Statement, lang: Lang) -> String {
    let say = |message: Msg| message.text(lang);
    let page = html! {
        (DOCTYPE)
        html lang=(if lang == Lang::De { "de" } else { "en" }) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (say(Msg::Title)) " · " (outline::period(statement, lang)) }
                style { (PreEscaped(crate::CSS)) }
            }
            body {
                main.page {
                    header.title {
                        h1 { @if statement.organisation.is_empty() { (say(Msg::Title)) } @else { (statement.organisation) ": " (say(Msg::Title)) } }
                        p.soft {
                            (outline::period(statement, lang)) " · " (say(Msg::Profile)) " " (say(names::profile(statement.profile)))
                            @if let Some(account) = &statement.account { " · " (say(Msg::Account)) " " (account) }
                            " · " (outline::count_exact(statement.total.requests, lang)) " " (say(Msg::RequestsOf))
                            " · " (outline::count_exact(statement.total.tokens, lang)) " " (say(Msg::TokensOf))
                        }
                    }
                    (total(statement, lang))
                    p { strong { (say(Msg::Outcomes)) } ": " (outline::outcomes(statement, lang)) }
                    (groups(statement, lang))
                    (below(statement, lang))
                }
            }
        }
    };
    format!("{}\n", page.into_string())
}

fn total(statement: &Statement, lang: Lang) -> Markup {
    let say = |message: Msg| message.text(lang);
    html! {
        section.block {
            h2 { (say(Msg::Total)) }
            div.scroll { table.data {
                thead { tr {
                    th scope="col" { (say(Msg::Indicator)) } th.num scope="col" { (say(Msg::Median)) }
                    th.num scope="col" { (say(names::band(statement.profile))) } th scope="col" { (say(Msg::Unit)) } th scope="col" { (say(Msg::Grade)) }
                } }
                tbody { @for indicator in Indicator::ALL { tr {
                    th scope="row" { (say(names::indicator(*indicator))) " " span.soft { "· " (say(names::indicator_long(*indicator))) } }
                    @match figures::figure(&statement.total.impacts, *indicator, &statement.currency, lang) {
                        Some(figure) => {
                            td.num { (figure.median) }
                            td.num { @if figure.exact { "=" } @else { (figure.low) " – " (figure.high) } }
                            td { (figure.unit) }
                            td { (figure.grade) " " span.soft { (say(names::grade(figure.grade))) } }
                        }
                        None => { td.num.gap { (say(Msg::Gap)) } td {} td {} td {} }
                    }
                } } }
            } }
        }
    }
}

fn groups(statement: &Statement, lang: Lang) -> Markup {
    let say = |message: Msg| message.text(lang);
    let row_of = |group: &Group| group.impacts.row(Indicator::GwpKgco2e);
    let shown = outline::shown(statement);
    let longest = shown.iter().filter_map(row_of).map(|row| row[2].get()).fold(0.0, f64::max);
    let row = |group: &Group, key: String, sum: bool| {
        let count =
            |value: Option<i128>| value.map_or_else(|| outline::no_count(statement, group, lang), |value| figures::count(value, lang));
        let line = |indicator| figures::line(&group.impacts, indicator, &statement.currency, lang);
        html! { tr.sum[sum] {
            th.label scope="row" { (key) }
            td.bar { @if !sum { (chart::bar(row_of(group), Ratio::new(longest))) } }
            td.num { (count(group.requests)) } td.num { (count(group.tokens)) }
            td.num { (line(Indicator::EnergyKwh)) } td.num { (line(Indicator::GwpKgco2e)) } td.num { (group.grade) }
        } }
    };
    html! {
        section.block {
            h2 { (fill(Msg::Groups, lang, &[&names::by_within(statement.by, lang)])) }
            div.scroll { table.rank.small {
                thead { tr {
                    th scope="col" { (say(names::by(statement.by))) } th.bar scope="col" { (say(Msg::Ghg)) }
                    th.num scope="col" { (say(Msg::Requests)) } th.num scope="col" { (say(Msg::Tokens)) }
                    th.num scope="col" { (say(Msg::Energy)) } th.num scope="col" { (say(Msg::Ghg)) } th.num scope="col" { (say(Msg::Grade)) }
                } }
                tbody {
                    @for group in shown { (row(group, names::key(&group.key, statement.by, lang), false)) }
                    (row(&statement.total, say(Msg::Total).to_owned(), true))
                }
            } }
            @if let Some(rest) = outline::rest(statement, lang) { p.small.soft { (rest) } }
            @if let Some(note) = outline::sums(statement, lang) { p.small.soft { (note) } }
        }
    }
}

fn below(statement: &Statement, lang: Lang) -> Markup {
    let say = |message: Msg| message.text(lang);
    let list = |title: Msg, lines: Vec<Markup>| {
        html! { @if !lines.is_empty() { section.block { h2 { (say(title)) } ul.list { @for line in lines { li { (line) } } } } } }
    };
    let weak = outline::weaknesses(&statement.weaknesses, lang);
    let weak = weak.iter().map(|(text, about)| html! { (text) small { (outline::about(about, lang)) } }).collect();
    let drivers =
        statement.drivers.iter().take(5).map(|driver| html! { (figures::percent(driver.share, lang)) " " code { (driver.factor) } });
    let mut cover: Vec<Markup> =
        outline::shares(statement, lang).map(|(name, share)| html! { (name) ": " (figures::percent(share, lang)) }).to_vec();
    cover.push(html! { (say(Msg::CoverDays)) ": " (statement.coverage.days_without_entries) });
    cover.push(html! { (say(Msg::StagesIn)) ": " (outline::stages_in(statement, lang)) });
    cover.extend(outline::stages_out(statement, lang).into_iter().map(|line| html! { (say(Msg::StagesOut)) ": " (line) }));
    cover.extend(outline::gaps(statement, lang).into_iter().map(|line| html! { (say(Msg::Gap)) ": " (line) }));
    let told = statement.disclosures.iter().map(|row| {
        let name = names::key(&row.provider, crate::By::Provider, lang);
        html! { strong { (name) } " (" (figures::percent(row.energy_share, lang)) "): " (outline::disclosure(row, lang)) }
    });
    let found = statement.findings.iter().map(|finding| {
        html! { span.tag { (say(names::severity(finding.severity))) } " " (codes::finding_text(finding, lang)) small { (finding.rows) " × " (codes::about_text(&finding.about, lang)) } }
    });
    let cited = statement.sources.iter().map(|source| {
        html! { (source.citation) small { (source.id) " · " (source.licence) " · " (say(Msg::Retrieved)) " " (source.retrieved) " · " (source.factors.join(", ")) } }
    });
    let pins = [(Msg::LedgerHead, &statement.ledger_head), (Msg::FactorSet, &statement.factor_set), (Msg::Method, &statement.method)];
    html! {
        section.block { h2 { (say(Msg::Boundary)) } p { (outline::boundary(statement, lang)) } }
        (list(Msg::Drivers, drivers.collect()))
        (list(Msg::Weaknesses, weak))
        (list(Msg::Coverage, cover))
        (list(Msg::Disclosures, told.collect()))
        (list(Msg::Findings, found.collect()))
        (list(Msg::Sources, cited.collect()))
        (list(Msg::Overrides, statement.factor_overrides.iter().map(|line| html! { (line) }).collect()))
        section.block { h2 { (say(Msg::Evidence)) } dl.pins { @for (name, value) in pins { dt { (say(name)) } dd { (value) } } } }
    }
}
