//! The page `/live`: calls as they pass, sums, budgets, gaps, and what the gateway itself costs.

use super::snapshot::{Grouped, Own, Snapshot, look};
use super::tables;
use crate::Open;
use crate::figure::grade;
use crate::page::{self, Page, View, capital, prose};
use crate::problem::Problem;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use lca::Indicator;
use maud::{Markup, html};
use quantity::{Lang, Ratio};
use report::messages::Msg;
use report::{By, figures, names};
use std::sync::Arc;

/// The page `/live`.
pub async fn show(State(open): State<Arc<Open>>, uri: Uri, headers: HeaderMap) -> Response {
    page::answer(open, uri, headers, "/live", build).await
}

fn build(view: &View) -> Result<Page, Problem> {
    let name = view.say(Msg::LiveTitle);
    let Some(now) = look(&view.open) else { return Ok(off(view)) };
    let ended: u64 = now.ended.iter().map(|(_, count)| count).sum();
    let count = |count: u64| figures::count_exact(i128::from(count), view.lang);
    let accounts = now.valued(Grouped::Accounts).map_err(Problem::failed)?;
    let models = now.valued(Grouped::Models).map_err(Problem::failed)?;
    let main = html! {
        div.title {
            h1 { (name) }
            p.soft #live-state data-live { (view.fill(Msg::LiveLead, &[&count(now.active), &count(ended), &tables::time(now.time_ms)])) }
            p { button.quiet #live-pause type="button" hidden data-pause=(view.say(Msg::LivePause)) data-resume=(view.say(Msg::LiveResume)) aria-pressed="false" { (view.say(Msg::LivePause)) } }
        }
        section.block #live-total data-live { (total(view, &accounts.statement)) }
        section.block #live-budgets data-live { (tables::budgets(view, &now)) }
        section.block #live-calls data-live { (tables::calls(view, &now)) }
        section.block #live-accounts data-live { (tables::sums(view, &accounts.statement, By::Account)) }
        section.block #live-models data-live { (tables::sums(view, &models.statement, By::Model)) }
        div.pair {
            section.block #live-gaps data-live { (gaps(view, &now)) }
            section.block #live-refused data-live { (refused(view, &now)) }
        }
        section.block #live-own data-live { (own(view, now.own().map_err(Problem::failed)?.as_ref())) }
        p.block.small { span { a href="/api/v1/live" { (view.say(Msg::DataJson)) } " · " a href="/metrics" { "Prometheus" } } }
    };
    Ok(Page { title: name.to_owned(), main })
}

/// The page of a process without a gateway: what to do.
fn off(view: &View) -> Page {
    let title = view.say(Msg::LiveTitle).to_owned();
    let books = crate::query::shell(&view.open.house.books_dir_label);
    let main = html! {
        div.title { h1 { (title) } }
        section.block {
            h2 { (view.say(Msg::LiveOff)) }
            p { (view.say(Msg::LiveOffHow)) }
            pre tabindex="0" { "bilanz serve --books " (books) " --listen 127.0.0.1:4748\nOPENAI_BASE_URL=http://127.0.0.1:4748/openai/v1 python my-app.py" }
        }
    };
    Page { title, main }
}

/// The four figures of all that passed.
fn total(view: &View, statement: &report::Statement) -> Markup {
    let impacts = &statement.total.impacts;
    html! {
        h2 { (view.say(Msg::Total)) }
        @if statement.coverage.entries == 0 { p { (view.say(Msg::LiveNothing)) } } @else {
            dl.cards { @for indicator in tables::SHOWN {
                div {
                    dt { (view.say(names::indicator(indicator))) }
                    @match figures::figure(impacts, indicator, &statement.currency, view.lang) {
                        Some(figure) => { dd {
                            span.big { (figure.median) } " " (figure.unit) " " (grade(view, figure.grade))
                            small.soft { @if figure.exact { (view.say(Msg::WidthExact)) } @else { (figure.low) " – " (figure.high) " " (figure.unit) } }
                            @if let Some(lack) = report::outline::partial(statement, indicator, view.lang) { small.soft { (lack) } }
                        } }
                        None => { dd { span.gap { (view.say(Msg::Gap)) } small.soft { (view.say(report::gap_reason(indicator, false))) } } }
                    }
                }
            } }
        }
    }
}

fn number(view: &View, count: u64) -> Markup {
    html! { @if count == 0 { span.soft.nowrap { (view.say(Msg::LiveNone)) } } @else { strong.nowrap { (figures::count_exact(i128::from(count), view.lang)) } } }
}

fn gaps(view: &View, now: &Snapshot) -> Markup {
    let gaps = &now.gaps;
    let rows = [
        (Msg::LiveGapMissing, gaps.usage_missing),
        (Msg::LiveGapDoubtful, gaps.usage_doubtful),
        (Msg::LiveGapUnknown, gaps.operation_unknown),
        (Msg::LiveGapWaiting, gaps.records_waiting),
        (Msg::LiveGapLost, gaps.records_lost),
    ];
    html! {
        h2 { (view.say(Msg::Gaps)) }
        ul.list {
            @for (name, count) in rows { li.count { span { (view.say(name)) } (number(view, count)) } }
            @if let Some(fault) = view.open.desk.fault() { li { span.tag { (view.say(Msg::Warning)) } " " (view.fill(Msg::LiveExport, &[&fault])) } }
        }
    }
}

fn refused(view: &View, now: &Snapshot) -> Markup {
    html! {
        h2 { (view.say(Msg::LiveRefused)) }
        ul.list {
            @if now.refused.is_empty() { li { span.soft { (capital(view.say(Msg::LiveNone))) } } }
            @for (rule, count) in now.refused.iter().take(SHOWN_REFUSALS) { li.count { span { code { (rule) } } (number(view, *count)) } }
            @if now.refused.len() > SHOWN_REFUSALS { li.small { (view.fill(Msg::LiveMore, &[&(now.refused.len() - SHOWN_REFUSALS).to_string()])) } }
        }
    }
}

/// Reasons of refusals that are shown.
const SHOWN_REFUSALS: usize = 20;

/// A share as an interval in percent; `< 0.01 %` below that.
fn share(row: [Ratio; 3], lang: Lang) -> String {
    let text = |value: Ratio| {
        let percent = value.get() * 100.0;
        let places = if percent >= 10.0 { 0 } else { 2 };
        if percent > 0.0 && percent < 0.01 {
            format!("< {}", quantity::human_number(0.01, 2, lang))
        } else {
            quantity::human_number(percent, places, lang)
        }
    };
    format!("{} ({} – {}) %", text(row[1]), text(row[0]), text(row[2]))
}

fn own(view: &View, own: Option<&Own>) -> Markup {
    html! {
        h2 { (view.say(Msg::LiveOwn)) }
        @match own {
            None => { p { (view.say(Msg::LiveOwnNone)) } }
            Some(own) => {
                p { (view.fill(Msg::LiveOwnTime, &[&quantity::human_number(own.used.cpu_ms as f64 / 1000.0, 1, view.lang)])) ". "
                    @match &own.site { Some(site) => { (view.fill(Msg::LiveOwnSite, &[site])) } None => { (prose(view.say(Msg::LiveOwnWorld))) } }
                }
                div.scroll tabindex="0" role="region" aria-label=(view.say(Msg::LiveOwn)) { table.data {
                    thead { tr { th scope="col" { (view.say(Msg::Indicator)) } th.num scope="col" { (view.say(Msg::ColFigure)) } th scope="col" { (view.say(Msg::Grade)) } th.num scope="col" { (view.say(Msg::LiveOwnShare)) } } }
                    tbody { @for (indicator, part) in [(Indicator::EnergyKwh, own.energy_share), (Indicator::GwpKgco2e, own.ghg_share)] { tr {
                        th scope="row" { (view.say(names::indicator(indicator))) }
                        td.num { (figures::line(&own.impact.impacts, indicator, "", view.lang)) }
                        td { (grade(view, own.impact.grade)) }
                        td.num { @match part { Some(row) => { (share(row, view.lang)) } None => { span.gap { (view.say(Msg::Gap)) } } } }
                    } } }
                } }
                ul.list { @for (text, about) in report::outline::weaknesses(&own.impact.basis.weaknesses, view.lang) { li { (capital(&text)) small { (report::outline::about(&about, view.lang)) } } } }
                p.small.soft { @for source in &own.impact.sources { @if source.id == "ccf-methodology" { (source.citation) ", " (source.licence) "." } } }
            }
        }
    }
}
