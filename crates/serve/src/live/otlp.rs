//! Metrics to an OpenTelemetry collector: OTLP over HTTP as JSON, once a minute; a failure is said once and never holds anything up.

use super::families::{Family, Point, Shape, Value, all, bounds_s};
use super::snapshot::{Snapshot, look};
use crate::Open;
use crate::outbound;
use lca::Stats;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Between two exports.
const PERIOD: Duration = Duration::from_secs(60);
/// The longest that an export may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends the metrics once a minute, for ever; does nothing without an address or a gateway.
pub async fn export(open: Arc<Open>) {
    let url = open.house.config.gateway.otlp_metrics_url.clone();
    let Some((url, gateway)) = url.zip(open.house.gateway.clone()) else { return std::future::pending().await };
    let start_ms = gateway.now_ms();
    loop {
        tokio::time::sleep(PERIOD).await;
        once(&open, &url, start_ms).await;
    }
}

/// One export; how it went is on the live page, and said when that changes.
pub async fn once(open: &Arc<Open>, url: &str, start_ms: i64) {
    let desk = Arc::clone(open);
    let body =
        tokio::task::spawn_blocking(move || document(&desk, start_ms)).await.map_err(|error| error.to_string()).and_then(|body| body);
    let sent = match body {
        Ok(body) => tokio::time::timeout(PATIENCE, post(url, body))
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs()))),
        Err(error) => Err(error),
    };
    let fault = sent.err();
    let news = open.desk.note(fault.clone());
    if let Some(say) = open.house.say.as_ref().filter(|_| news) {
        match fault {
            Some(fault) => say(&format!(
                "warning: metrics cannot be sent to the otlp_metrics_url of [gateway], and are tried again each minute: {fault}"
            )),
            None => say("Metrics are sent again."),
        }
    }
}

/// The body of an export.
///
/// # Errors
/// When the method refuses an activity.
pub fn document(open: &Open, start_ms: i64) -> Result<String, String> {
    let families = all(open)?;
    let Some(now) = look(open) else { return Err("no gateway runs in this process".to_owned()) };
    let times = Times { start: nanos(start_ms), now: nanos(now.time_ms) };
    let mut metrics: Vec<Json> = families.iter().map(|family| metric(family, &times)).collect();
    metrics.extend(usage(&now, &times));
    let body = json!({ "resourceMetrics": [{
        "resource": { "attributes": [attribute("service.name", "bilanz"), attribute("service.version", &open.house.version)] },
        "scopeMetrics": [{ "scope": { "name": "bilanz", "version": open.house.version }, "metrics": metrics }],
    }] });
    Ok(body.to_string())
}

struct Times {
    start: String,
    now: String,
}

fn nanos(time_ms: i64) -> String {
    (i128::from(time_ms) * 1_000_000).to_string()
}

fn attribute(key: &str, value: &str) -> Json {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// Names of labels, as OpenTelemetry has them where it has one.
fn key(label: &str) -> String {
    match label {
        "model" => "gen_ai.request.model".to_owned(),
        "provider" => "gen_ai.provider.name".to_owned(),
        other => format!("bilanz.{other}"),
    }
}

fn metric(family: &Family, times: &Times) -> Json {
    let points: Vec<Json> = family.points.iter().map(|point| data_point(point, times)).collect();
    let data = match family.shape {
        Shape::Counter => ("sum", json!({ "aggregationTemporality": 2, "isMonotonic": true, "dataPoints": points })),
        Shape::Gauge => ("gauge", json!({ "dataPoints": points })),
        Shape::Histogram => ("histogram", json!({ "aggregationTemporality": 2, "dataPoints": points })),
    };
    json!({ "name": family.dotted, "unit": family.unit, "description": family.help, data.0: data.1 })
}

fn data_point(point: &Point, times: &Times) -> Json {
    let attributes: Vec<Json> = point.labels.iter().map(|(label, value)| attribute(&key(label), value)).collect();
    let mut json = json!({ "attributes": attributes, "startTimeUnixNano": times.start, "timeUnixNano": times.now });
    match &point.value {
        Value::Count(count) => json["asInt"] = json!(count.to_string()),
        Value::Real(value) => json["asDouble"] = json!(value.get()),
        Value::Times(classes, sum_ms) => {
            json["count"] = json!(classes.iter().sum::<u64>().to_string());
            json["sum"] = json!(*sum_ms as f64 / 1000.0);
            json["bucketCounts"] = classes.iter().map(u64::to_string).collect();
            json["explicitBounds"] = bounds_s().map(quantity::Ratio::get).collect();
        }
    }
    json
}

/// The names of the conventions for generative AI: input with what a cache held, output with reasoning.
fn usage(now: &Snapshot, times: &Times) -> Vec<Json> {
    type Take = fn(&Stats) -> Option<i128>;
    let takes: [(&str, Take); 5] = [
        ("input_tokens", |stats| {
            told(stats, stats.requests_input_unknown, stats.input_tokens + stats.cache_read_tokens + stats.cache_write_tokens)
        }),
        ("output_tokens", |stats| told(stats, stats.requests_output_unknown, stats.output_tokens + stats.reasoning_tokens)),
        ("cache_read.input_tokens", |stats| told(stats, stats.requests_cache_unknown, stats.cache_read_tokens)),
        ("cache_write.input_tokens", |stats| (stats.cache_write_tokens > 0).then_some(stats.cache_write_tokens)),
        ("reasoning.output_tokens", |stats| (stats.reasoning_tokens > 0).then_some(stats.reasoning_tokens)),
    ];
    let of = |(name, take): (&str, Take)| {
        let mut rows: BTreeMap<[&str; 3], i128> = BTreeMap::new();
        for (key, stats) in &now.sums {
            if let Some(count) = take(stats) {
                *rows.entry([&key.account, &key.provider, &key.model]).or_insert(0) += count; // zero: the neutral element of a sum
            }
        }
        let point = |([account, provider, model], count): ([&str; 3], i128)| {
            let attributes = [
                attribute("bilanz.account", account),
                attribute("gen_ai.provider.name", provider),
                attribute("gen_ai.request.model", model),
                attribute("gen_ai.token.modality", "text"),
            ];
            json!({ "attributes": attributes, "startTimeUnixNano": times.start, "timeUnixNano": times.now, "asInt": count.to_string() })
        };
        let points: Vec<Json> = rows.into_iter().map(point).collect();
        (!points.is_empty()).then(|| {
            json!({
                "name": format!("gen_ai.client.inference.usage.{name}"), "unit": "{token}",
                "sum": { "aggregationTemporality": 2, "isMonotonic": true, "dataPoints": points },
            })
        })
    };
    takes.into_iter().filter_map(of).collect()
}

/// A count that at least one request stated.
fn told(stats: &Stats, unknown: i128, count: i128) -> Option<i128> {
    (count > 0 || unknown < stats.requests).then_some(count)
}

async fn post(url: &str, body: String) -> Result<(), String> {
    let answered = outbound::post(url, "/v1/metrics", &[], body).await?;
    if answered.status.is_success() { Ok(()) } else { Err(format!("the collector answered {}", answered.status)) }
}
