//! The page about the API, written from its own description.

use crate::page::{self, Page, View, prose};
use crate::problem::Problem;
use crate::{Open, openapi};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use maud::{Markup, html};
use report::messages::Msg;
use serde_json::Value;
use std::sync::Arc;

/// The page `/api`.
pub async fn show(State(open): State<Arc<Open>>, uri: Uri, headers: HeaderMap) -> Response {
    page::answer(open, uri, headers, "/api", build).await
}

fn build(view: &View) -> Result<Page, Problem> {
    let document = openapi::document(&view.open.house.version);
    let name = view.say(Msg::ApiTitle);
    let main = html! {
        div.title { h1 { (name) } p.soft { (prose(view.say(Msg::ApiLead))) } }
        p.block { a href="/api/v1/openapi.json" { (view.say(Msg::ApiSpec)) } }
        @if let Some(paths) = document["paths"].as_object() {
            @for (path, item) in paths { (one(view, path, &item["get"])) }
        }
    };
    Ok(Page { title: name.to_owned(), main })
}

fn one(view: &View, path: &str, operation: &Value) -> Markup {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let href = if parameters.is_empty() { path.to_owned() } else { view.query.plain().href(path) };
    html! {
        section.block lang="en" {
            h2 { code { "GET " (path) } }
            p { (prose(&text(&operation["summary"]))) "." }
            @if !parameters.is_empty() {
                div.scroll tabindex="0" role="region" aria-label=(path) { table.data {
                    thead { tr { th scope="col" lang=(crate::query::code(view.lang)) { (view.say(Msg::ApiParameter)) } th scope="col" lang=(crate::query::code(view.lang)) { (view.say(Msg::ApiMeaning)) } } }
                    tbody { @for parameter in &parameters {
                        @let words: Vec<String> = parameter["schema"]["enum"].as_array().map(|list| list.iter().map(text).collect()).unwrap_or_default();
                        tr { th scope="row" { code { (text(&parameter["name"])) } } td { (text(&parameter["description"])) @if !words.is_empty() { " " code { (words.join(", ")) } } } }
                    } }
                } }
            }
            p.small lang=(crate::query::code(view.lang)) { (view.say(Msg::ApiTry)) ": " a href=(href) { code { (href) } } }
        }
    }
}
