//! The quality page: coverage, grades, drivers, weaknesses, findings, what providers tell.

use crate::Open;
use crate::figure::grade;
use crate::page::{self, Page, View, capital, prose};
use crate::problem::Problem;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use maud::{Markup, html};
use quantity::{Grade, Ratio};
use report::messages::Msg;
use report::{By, Statement, chart, figures, names, outline};
use std::sync::Arc;

/// The page `/quality`.
pub async fn show(State(open): State<Arc<Open>>, uri: Uri, headers: HeaderMap) -> Response {
    page::answer(open, uri, headers, "/quality", build).await
}

fn build(view: &View) -> Result<Page, Problem> {
    let valued = view.statement(By::Account)?;
    let statement = &valued.statement;
    let name = view.say(Msg::QualityTitle);
    let main = html! {
        (page::title(view, name, &html! { (page::days(view)) " · " (view.say(Msg::QualityLead)) }))
        div.pair { (grades(view, statement)) (coverage(view, statement)) }
        (drivers(view, statement))
        (weaknesses(view, statement))
        (findings(view, statement))
        (disclosures(view, statement))
        (boundary(view, statement))
    };
    Ok(Page { title: name.to_owned(), main })
}

fn meter(view: &View, label: &Markup, part: Ratio) -> Markup {
    html! { li.meter { span { (label) } (chart::share(part)) span.num { (figures::percent(part, view.lang)) } } }
}

fn grades(view: &View, statement: &Statement) -> Markup {
    let total = &statement.total;
    html! {
        section.block {
            h2 { (view.say(Msg::GradesTitle)) }
            p { @if total.grade_shares.is_empty() { (view.say(Msg::GradesNone)) } @else { (view.fill(Msg::GradesLead, &[&total.grade.to_string()])) } }
            ul.list { @for letter in Grade::ALL {
                @let share = total.grade_shares.get(&letter).copied().unwrap_or_default();
                (meter(view, &html! { (grade(view, letter)) " " (view.say(names::grade(letter))) }, share))
            } }
        }
    }
}

fn coverage(view: &View, statement: &Statement) -> Markup {
    let coverage = &statement.coverage;
    html! {
        section.block {
            h2 { (view.say(Msg::Coverage)) }
            p { (figures::count_exact(coverage.entries, view.lang)) " " (if view.lang == quantity::Lang::De { view.say(Msg::Entries).to_owned() } else { view.say(Msg::Entries).to_lowercase() }) " · " (view.say(Msg::CoverDays)) ": " (coverage.days_without_entries) }
            ul.list { @for (name, share) in outline::shares(statement, view.lang) { (meter(view, &html! { (name) }, share)) } }
        }
    }
}

fn drivers(view: &View, statement: &Statement) -> Markup {
    html! {
        @if !statement.drivers.is_empty() { section.block {
            h2 { (view.say(Msg::Drivers)) }
            p { (view.say(Msg::DriversLead)) }
            ul.list { @for driver in &statement.drivers { (meter(view, &html! { code { (driver.factor) } }, driver.share)) } }
        } }
    }
}

fn weaknesses(view: &View, statement: &Statement) -> Markup {
    let list = outline::weaknesses(&statement.weaknesses, view.lang);
    html! {
        section.block {
            h2 { (view.say(Msg::Weaknesses)) }
            @if list.is_empty() { p { (view.say(Msg::NoWeaknesses)) } }
            ul.list { @for (text, about) in list { li { (capital(&text)) small { (outline::about(&about, view.lang)) } } } }
        }
    }
}

fn findings(view: &View, statement: &Statement) -> Markup {
    html! {
        section.block {
            h2 { (view.say(Msg::Findings)) }
            @if statement.findings.is_empty() { p { (view.say(Msg::NoFindings)) } }
            ul.list { @for finding in &statement.findings { li {
                span.tag { (view.say(names::severity(finding.severity))) } " " (prose(&report::finding_text(finding, view.lang)))
                small { (report::about_text(&finding.about, view.lang)) " · " (finding.rows) " " (view.say(if finding.rows == 1 { Msg::RowsOne } else { Msg::Rows })) }
            } } }
        }
    }
}

fn disclosures(view: &View, statement: &Statement) -> Markup {
    let words = |list: &[String]| if list.is_empty() { "–".to_owned() } else { list.join(", ") };
    html! {
        @if !statement.disclosures.is_empty() { section.block {
            h2 { (view.say(Msg::Disclosures)) }
            div.scroll tabindex="0" role="region" aria-label=(view.say(Msg::Disclosures)) { table.data {
                thead { tr {
                    th scope="col" { (view.say(Msg::ByProvider)) } th.num scope="col" { (view.say(Msg::EnergyShare)) }
                    th scope="col" { (view.say(Msg::Discloses)) } th scope="col" { (view.say(Msg::Withholds)) } th scope="col" { (view.say(Msg::Inferred)) }
                } }
                tbody { @for row in &statement.disclosures { tr {
                    th scope="row" { (names::key(&row.provider, By::Provider, view.lang)) } td.num { (figures::percent(row.energy_share, view.lang)) }
                    td.long { @if row.discloses.is_empty() && row.withholds.is_empty() { (view.say(Msg::NothingTold)) } @else { (words(&row.discloses)) } }
                    td.long { (words(&row.withholds)) } td.long { (words(&row.inferred)) }
                } } }
            } }
        } }
    }
}

fn boundary(view: &View, statement: &Statement) -> Markup {
    let gaps = outline::gaps(statement, view.lang);
    html! {
        section.block {
            h2 { (view.say(Msg::Boundary)) }
            p { (outline::boundary(statement, view.lang)) }
            ul.list {
                @for line in outline::stages_out(statement, view.lang) { li { (capital(&line)) small { (view.say(Msg::StagesOut)) } } }
                @for line in &gaps { li { (line) small { (view.say(Msg::Gaps)) } } }
                @if gaps.is_empty() { li { (view.say(Msg::NoGaps)) small { (view.say(Msg::Gaps)) } } }
            }
        }
    }
}
