//! The overview: the balance sheet, the trend, and where it comes from.

use crate::figure::{Figure, figure, finding, rank, table};
use crate::page::{self, Page, View};
use crate::problem::Problem;
use crate::{Open, sheet, trend};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use maud::{Markup, html};
use report::messages::Msg;
use report::{By, Statement, figures, names};
use std::sync::Arc;

/// Groups shown per figure.
const SHOWN: usize = 6;

/// The page `/`.
pub async fn show(State(open): State<Arc<Open>>, uri: Uri, headers: HeaderMap) -> Response {
    page::answer(open, uri, headers, "/", build).await
}

fn counted(view: &View, count: Option<i128>) -> String {
    count.map_or_else(|| view.say(Msg::Gap).to_owned(), |count| figures::count(count, view.lang))
}

fn build(view: &View) -> Result<Page, Problem> {
    let now = view.statement(By::Account)?;
    let statement = &now.statement;
    let name = view.say(Msg::SheetTitle);
    let lead = html! {
        (page::days(view)) " · " (counted(view, statement.total.requests)) " " (view.say(Msg::RequestsOf))
        " · " (counted(view, statement.total.tokens)) " " (view.say(Msg::TokensOf))
    };
    let empty = view.head.days.is_none();
    let before = sheet::before(view)?;
    let main = html! {
        (page::title(view, name, &lead))
        @if empty { p.block { (page::prose(view.say(Msg::SheetEmpty))) } }
        (sheet::sheet(view, &now, before.as_deref()))
        @if !empty {
            (trend::trend(view, true)?)
            div.pair {
                (top(view, By::Account, "accounts")?)
                (top(view, By::Model, "models")?)
                (top(view, By::Stage, "stages")?)
                (evidence(view, statement))
            }
        }
    };
    Ok(Page { title: name.to_owned(), main })
}

fn top(view: &View, by: By, id: &str) -> Result<Markup, Problem> {
    let valued = view.statement(by)?;
    let statement = &valued.statement;
    let title = view.fill(Msg::FigTop, &[view.say(names::indicator(view.query.show)), &names::by_within(by, view.lang)]);
    let finding = finding(view, statement);
    let query = view.query.by(by);
    let api = "/api/v1/statement/footprint";
    let parts = Figure {
        id,
        title: &title,
        finding: &finding,
        picture: rank(view, statement, if by == By::Stage { 10 } else { SHOWN }, false),
        table: table(view, statement, &query.href(api)),
        query: &query,
        api,
    };
    Ok(figure(view, &parts))
}

fn evidence(view: &View, statement: &Statement) -> Markup {
    let pins = [(Msg::LedgerHead, &statement.ledger_head), (Msg::FactorSet, &statement.factor_set), (Msg::Method, &statement.method)];
    html! {
        section.block aria-labelledby="evidence" {
            h2 #evidence { (view.say(Msg::Evidence)) }
            dl.pins { @for (name, value) in pins { dt { (view.say(name)) } dd { (value) } } }
            p.small { (report::outline::boundary(statement, view.lang)) }
            p.small {
                a href=(view.query.plain().href("/quality")) { (view.say(Msg::QualityTitle)) } " · "
                a href=(view.query.plain().href("/sources")) { (view.say(Msg::SourcesTitle)) }
            }
        }
    }
}
