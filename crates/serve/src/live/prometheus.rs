//! `/metrics`: the metrics in Prometheus' text format 0.0.4.

use super::families::{Family, Shape, Value, all, bounds_s};
use crate::Open;
use crate::problem::Problem;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;
use std::sync::Arc;

/// The door `/metrics`.
pub async fn metrics(State(open): State<Arc<Open>>) -> Response {
    match tokio::task::spawn_blocking(move || all(&open).map(|families| text(&families))).await {
        Ok(Ok(text)) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response(),
        Ok(Err(error)) => Problem::failed(error).into_response(),
        Err(error) => Problem::failed(error.to_string()).into_response(),
    }
}

/// All families as text.
pub fn text(families: &[Family]) -> String {
    let mut out = String::new();
    for family in families {
        let kind = match family.shape {
            Shape::Counter => "counter",
            Shape::Gauge => "gauge",
            Shape::Histogram => "histogram",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "# HELP {} {}\n# TYPE {} {kind}", family.name, family.help.replace('\\', "\\\\"), family.name);
        for point in &family.points {
            let labels: Vec<String> = point.labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
            line(&mut out, family.name, &labels, &point.value);
        }
    }
    out
}

fn line(out: &mut String, name: &str, labels: &[String], value: &Value) {
    let braces = |labels: &[String]| if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    // Writing to a String cannot fail.
    let _ = match value {
        Value::Count(count) => writeln!(out, "{name}{} {count}", braces(labels)),
        Value::Real(value) => writeln!(out, "{name}{} {}", braces(labels), value.get()),
        Value::Times(classes, sum_ms) => {
            let mut count = 0;
            let bounds = bounds_s().map(|bound| bound.get().to_string()).chain(std::iter::once("+Inf".to_owned()));
            for (class, bound) in classes.iter().zip(bounds) {
                count += class;
                let mut labels = labels.to_vec();
                labels.push(format!("le=\"{bound}\""));
                let _ = writeln!(out, "{name}_bucket{} {count}", braces(&labels));
            }
            writeln!(out, "{name}_sum{} {}\n{name}_count{} {count}", braces(labels), *sum_ms as f64 / 1000.0, braces(labels))
        }
    };
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
