//! The API: the same bytes as the command line, for programs.

use crate::Open;
use crate::openapi;
use crate::problem::Problem;
use crate::query::Query;
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use quantity::Lang;
use report::{By, Format};
use serde_json::json;
use std::sync::Arc;

const JSON: &str = "application/json";

/// What the footprint may be asked.
pub const FOOTPRINT: &[&str] = &["from", "to", "by", "profile", "account", "format", "lang"];
/// What the series may be asked.
pub const SERIES: &[&str] = &["from", "to", "by", "profile", "account"];
/// What a life cycle may be asked.
pub const LIFE_CYCLE: &[&str] = &["name", "profile", "format", "lang"];

/// `/api/v1/statement/footprint`: the bytes of `bilanz report footprint --json`.
pub async fn footprint(State(open): State<Arc<Open>>, uri: Uri) -> Response {
    answer(open, move |open| {
        let query = Query::parse(uri.query(), FOOTPRINT)?;
        let head = open.house.ledger.head().map_err(|error| Problem::failed(error.to_string()))?;
        let valued = open.shelf.statement(&open.house, &head, &query.request)?;
        let (format, kind) = match query.format.unwrap_or(Format::Json) {
            Format::Json => (Format::Json, JSON),
            Format::Csv => (Format::Csv, "text/csv; charset=utf-8; header=present"),
            Format::Text => (Format::Text, "text/plain; charset=utf-8"),
            Format::Md => (Format::Md, "text/markdown; charset=utf-8"),
            Format::Html => {
                return Err(Problem::bad_query(
                    "`html` brings its own style, which the policy of this house keeps out; use `bilanz report footprint --format html`",
                ));
            }
        };
        let text = report::render(&valued.statement, format, query.lang.unwrap_or(Lang::En));
        Ok((kind, text.map_err(|error| Problem::failed(error.to_string()))?))
    })
    .await
}

/// `/api/v1/series`: the statement in steps of days or months.
pub async fn series(State(open): State<Arc<Open>>, uri: Uri) -> Response {
    answer(open, move |open| {
        let query = Query::parse(uri.query(), SERIES)?;
        let head = open.house.ledger.head().map_err(|error| Problem::failed(error.to_string()))?;
        let step = match query.request.by {
            By::Day | By::Month => query.request.by,
            _ if query.by_named => {
                return Err(Problem::bad_query("a series goes by `day` or by `month`; leave `by` out to let the length decide"));
            }
            _ => report::step(&query.request, &head),
        };
        let valued = open.shelf.statement(&open.house, &head, &query.request.by(step))?;
        let text = report::json(&report::series(&valued.statement));
        Ok((JSON, text.map_err(|error| Problem::failed(error.to_string()))?))
    })
    .await
}

/// `/api/v1/lifecycle`: the bytes of `bilanz evaluate --file` for an assessment in the books.
pub async fn life_cycle(State(open): State<Arc<Open>>, uri: Uri) -> Response {
    answer(open, move |open| {
        let query = Query::parse(uri.query(), LIFE_CYCLE)?;
        let (format, kind) = match query.format.unwrap_or(Format::Json) {
            Format::Json => (Format::Json, JSON),
            Format::Text => (Format::Text, "text/plain; charset=utf-8"),
            Format::Md => (Format::Md, "text/markdown; charset=utf-8"),
            Format::Csv | Format::Html => return Err(Problem::bad_query("an assessment is given as `json`, `text` or `md`")),
        };
        let valued = crate::lifecycle::asked(&open.house, query.name.as_deref(), query.request.profile)?;
        let text = report::lifecycle::render(&valued.life, format, query.lang.unwrap_or(Lang::En));
        Ok((kind, text.map_err(|error| Problem::failed(error.to_string()))?))
    })
    .await
}

/// `/api/v1/health`: that the house is open, and on what.
pub async fn health(State(open): State<Arc<Open>>, uri: Uri) -> Response {
    answer(open, move |open| {
        Query::parse(uri.query(), &[])?;
        let head = open.house.ledger.head().map_err(|error| Problem::failed(error.to_string()))?;
        let body = json!({
            "status": "ok",
            "version": open.house.version,
            "ledger_head": head.digest,
            "links": head.links,
            "entries": head.entries,
            "days": head.days,
            "factor_set": open.house.factors.name(),
            "method": lca::METHOD,
        });
        Ok((JSON, report::json(&body).map_err(|error| Problem::failed(error.to_string()))?))
    })
    .await
}

/// `/api/v1/openapi.json`: the description of all this.
pub async fn description(State(open): State<Arc<Open>>) -> Response {
    answer(open, |open| {
        let text = report::json(&openapi::document(&open.house.version));
        Ok((JSON, text.map_err(|error| Problem::failed(error.to_string()))?))
    })
    .await
}

/// Works off the async threads and answers with a body or a problem.
async fn answer<F>(open: Arc<Open>, work: F) -> Response
where
    F: FnOnce(&Open) -> Result<(&'static str, String), Problem> + Send + 'static,
{
    match tokio::task::spawn_blocking(move || work(&open)).await {
        Ok(Ok((kind, body))) => ([(header::CONTENT_TYPE, kind)], body).into_response(),
        Ok(Err(problem)) => problem.into_response(),
        Err(error) => Problem::failed(error.to_string()).into_response(),
    }
}
