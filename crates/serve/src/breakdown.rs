//! The breakdown: one grouping, every group, with its interval.

use crate::Open;
use crate::figure::{Figure, choose_indicator, figure, finding, rank, table};
use crate::page::{self, Page, View};
use crate::problem::Problem;
use crate::trend::trend;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use maud::html;
use report::messages::Msg;
use report::{By, figures, names, outline};
use std::sync::Arc;

/// Groups drawn; the table holds all of them.
const SHOWN: usize = 40;

/// The page `/breakdown`.
pub async fn show(State(open): State<Arc<Open>>, uri: Uri, headers: HeaderMap) -> Response {
    page::answer(open, uri, headers, "/breakdown", build).await
}

fn build(view: &View) -> Result<Page, Problem> {
    let by = view.query.request.by;
    let valued = view.statement(by)?;
    let statement = &valued.statement;
    let name = view.fill(Msg::FigTop, &[view.say(names::indicator(view.query.show)), &names::by_within(by, view.lang)]);
    let lead =
        html! { (page::days(view)) " · " (figures::line(&statement.total.impacts, view.query.show, &statement.currency, view.lang)) };
    let finding = finding(view, statement);
    let query = view.query.by(by);
    let api = "/api/v1/statement/footprint";
    let picture = html! {
        (choose_indicator(view))
        nav.tabs aria-label=(view.say(Msg::ByLabel)) {
            @for other in By::ALL { a href=(view.query.by(other).href("/breakdown")) aria-current=[(other == by).then_some("true")] { (view.say(names::by(other))) } }
        }
        (rank(view, statement, SHOWN, true))
        @if let Some(note) = outline::sums(statement, view.lang) { p.small.soft { (note) } }
    };
    let parts = Figure {
        id: "breakdown",
        title: view.say(Msg::AllGroups),
        finding: &finding,
        picture,
        table: table(view, statement, &query.href(api)),
        query: &query,
        api,
    };
    let main = html! {
        (page::title(view, &name, &lead))
        @if view.head.days.is_none() { p.block { (page::prose(view.say(Msg::SheetEmpty))) } }
        (figure(view, &parts))
        @if matches!(by, By::Day | By::Month) && view.head.days.is_some() { (trend(view, false)?) }
    };
    Ok(Page { title: name, main })
}
