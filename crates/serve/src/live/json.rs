//! `/api/v1/live`: what passes right now, for programs.

use super::snapshot::{Grouped, Own, Snapshot, look};
use crate::Open;
use crate::gateway::Seen;
use crate::problem::Problem;
use crate::query::Query;
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use govern::BudgetState;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Calls that are told.
pub const SHOWN: usize = 50;

/// The door `/api/v1/live`.
pub async fn api(State(open): State<Arc<Open>>, uri: Uri) -> Response {
    let built = tokio::task::spawn_blocking(move || {
        Query::parse(uri.query(), &[])?;
        let value = document(&open).map_err(Problem::failed)?;
        report::json(&value).map_err(|error| Problem::failed(error.to_string()))
    });
    match built.await {
        Ok(Ok(text)) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Ok(Err(problem)) => problem.into_response(),
        Err(error) => Problem::failed(error.to_string()).into_response(),
    }
}

fn document(open: &Open) -> Result<Value, String> {
    let Some(now) = look(open) else {
        return Ok(json!({ "live": "gateway", "running": false }));
    };
    let (accounts, models) = (now.valued(Grouped::Accounts)?, now.valued(Grouped::Models)?);
    let statement = &accounts.statement;
    let ended: Map<String, Value> = now.ended.iter().map(|(end, count)| (end.as_str().to_owned(), json!(count))).collect();
    let upstreams = open.house.gateway.as_ref().map(|gateway| gateway.upstream_names()).unwrap_or_default();
    Ok(json!({
        "live": "gateway", "running": true, "time_ms": now.time_ms, "active": now.active, "ended": ended,
        "upstreams": upstreams.iter().map(|name| &**name).collect::<Vec<_>>(),
        "requests": now.recent.iter().take(SHOWN).map(request).collect::<Vec<_>>(),
        "total": statement.total, "accounts": statement.groups, "models": models.statement.groups, "currency": statement.currency,
        "budgets": now.budgets.iter().map(budget).collect::<Vec<_>>(),
        "gaps": gaps(&now), "refused": now.refused, "export_fault": open.desk.fault(),
        "own": now.own()?.as_ref().map(own),
        "factor_set": statement.factor_set, "method": statement.method,
    }))
}

fn request(seen: &Seen) -> Value {
    json!({
        "id": &*seen.id, "time_ms": seen.time_ms, "account": &*seen.account, "model": &*seen.model, "upstream": &*seen.upstream,
        "status": (seen.status > 0).then_some(seen.status), "end": seen.end.as_str(),
        "input_tokens": seen.input_tokens, "output_tokens": seen.output_tokens, "estimated": seen.estimated,
        "duration_ms": seen.duration_ms, "ttft_ms": seen.ttft_ms, "acted": &*seen.acted,
    })
}

fn budget(state: &BudgetState) -> Value {
    json!({
        "rule": state.rule, "whose": state.whose, "metric": state.metric.as_str(), "from_ms": state.from_ms, "to_ms": state.to_ms,
        "spent_micro": state.spent_micro, "reserved_micro": state.reserved_micro, "soft_micro": state.soft_micro, "hard_micro": state.hard_micro,
        "overshoot_micro": state.overshoot_micro, "refused": state.refused, "unvalued": state.unvalued,
    })
}

fn gaps(now: &Snapshot) -> Value {
    let gaps = &now.gaps;
    json!({
        "usage_missing": gaps.usage_missing, "usage_doubtful": gaps.usage_doubtful, "operation_unknown": gaps.operation_unknown,
        "records_waiting": gaps.records_waiting, "records_lost": gaps.records_lost,
    })
}

fn own(own: &Own) -> Value {
    let share = |row: Option<[quantity::Ratio; 3]>| row.map(|row| row.map(|value| quantity::six_digits(value.get())));
    let impact = &own.impact;
    json!({
        "cpu_ms": own.used.cpu_ms, "resident_bytes": own.used.resident_bytes, "site": own.site, "impacts": impact.impacts, "grade": impact.grade,
        "energy_share": share(own.energy_share), "ghg_share": share(own.ghg_share), "weaknesses": impact.basis.weaknesses, "sources": impact.sources,
    })
}
