//! The sources page: what every figure of the range rests on.

use crate::Open;
use crate::page::{self, Page, View};
use crate::problem::Problem;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use lca::{Factor, SourceNote};
use maud::{Markup, html};
use report::figures;
use report::messages::Msg;
use std::sync::Arc;

/// The page `/sources`.
pub async fn show(State(open): State<Arc<Open>>, uri: Uri, headers: HeaderMap) -> Response {
    page::answer(open, uri, headers, "/sources", build).await
}

fn build(view: &View) -> Result<Page, Problem> {
    let valued = view.statement(report::By::Account)?;
    let statement = &valued.statement;
    let name = view.say(Msg::SourcesTitle);
    let main = html! {
        (page::title(view, name, &html! { (page::days(view)) " · " (view.say(Msg::SourcesLead)) }))
        section.block {
            p.small { (view.say(Msg::FactorSet)) " " code { (statement.factor_set) } " · " (view.say(Msg::Method)) " " code { (statement.method) } }
            @if statement.sources.is_empty() { p { (view.say(Msg::NoSources)) } }
            @if !statement.factor_overrides.is_empty() {
                h2 { (view.say(Msg::Overrides)) }
                ul.list { @for line in &statement.factor_overrides { li { (line) } } }
            }
        }
        @for source in &statement.sources { (one(view, source)) }
    };
    Ok(Page { title: name.to_owned(), main })
}

fn one(view: &View, source: &SourceNote) -> Markup {
    let set = &view.open.house.factors;
    let url = set
        .source(&source.id)
        .and_then(|source| source.url.clone())
        .filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    let factors: Vec<&Factor> = source.factors.iter().filter_map(|id| set.factor(id)).collect();
    let rest: Vec<&String> = source.factors.iter().filter(|id| set.factor(id).is_none()).collect();
    html! {
        section.block.cited id=(source.id) {
            h2 { (source.citation) }
            p.small.soft {
                code { (source.id) } " · " (view.say(Msg::Licence)) ": " (source.licence) " · " (view.say(Msg::Retrieved)) " " (source.retrieved)
                @if let Some(url) = &url { " · " a href=(url) rel="noreferrer external" { (url) } }
            }
            @if !source.factors.is_empty() { details {
                summary { (view.say(Msg::FactorsUsed)) ": " (source.factors.len()) }
                div.scroll tabindex="0" role="region" aria-label={ (view.say(Msg::FactorsUsed)) " " (source.id) } { table.data {
                    thead { tr {
                        th scope="col" { (view.say(Msg::FactorId)) } th.num scope="col" { (view.say(Msg::FactorValue)) }
                        th.num scope="col" { (view.say(Msg::FactorSpread)) } th scope="col" { (view.say(Msg::Unit)) } th scope="col" { (view.say(Msg::FactorPlace)) }
                    } }
                    tbody {
                        @for factor in factors {
                            @let (low, high) = factor.distribution.ends();
                            tr {
                                th.long scope="row" { code { (factor.id) } }
                                td.num { (figures::digits(factor.distribution.median(), view.lang)) }
                                td.num { @if factor.distribution.is_exact() { (view.say(Msg::WidthExact)) } @else { (figures::digits(low, view.lang)) " – " (figures::digits(high, view.lang)) } }
                                td { (factor.unit) } td.long { (factor.geography) ", " (factor.period) "; " (factor.place) }
                            }
                        }
                        @for id in rest { tr { th.long scope="row" { code { (id) } } td {} td {} td {} td {} } }
                    }
                } }
            } }
        }
    }
}
