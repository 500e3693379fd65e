//! The description of `/api/v1/live`.

use crate::gateway::End;
use books::Metric;
use serde_json::{Map, Value, json};

/// Adds the schemas of what passes right now.
pub fn schemas(add: &mut dyn FnMut(&str, Value) -> Option<Value>) {
    let (text, count) = (json!({"type": "string"}), json!({"type": "integer", "minimum": 0}));
    let (whole, time) = (json!({"type": ["integer", "null"]}), json!({"type": "integer", "description": "Milliseconds since 1970 UTC"}));
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let list = |of: Value| json!({"type": "array", "items": of});
    let object = |about: &str, properties: Value, required: &[&str]| {
        let all: Vec<String> = properties.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
        let required: Vec<&str> = if required.is_empty() { all.iter().map(String::as_str).collect() } else { required.to_vec() };
        json!({"type": "object", "description": about, "properties": properties, "required": required})
    };
    let end = json!({"type": "string", "enum": End::ALL.map(End::as_str)});
    add(
        "LiveRequest",
        object(
            "One call of an upstream as it passed; null is unknown, never zero",
            json!({
                "id": text, "time_ms": time, "account": text, "model": text, "upstream": text, "status": whole, "end": end,
                "input_tokens": whole, "output_tokens": whole, "estimated": {"type": "boolean"}, "duration_ms": count, "ttft_ms": whole, "acted": text
            }),
            &[],
        ),
    );
    let micro = json!({"type": ["integer", "null"], "description": "Millionths of the metric's unit"});
    add(
        "LiveBudget",
        object(
            "A counter in the window that is open",
            json!({
                "rule": text, "whose": text, "metric": {"type": "string", "enum": Metric::ALL.map(Metric::as_str)}, "from_ms": time, "to_ms": time,
                "spent_micro": micro, "reserved_micro": micro, "soft_micro": micro, "hard_micro": micro, "overshoot_micro": micro,
                "refused": count, "unvalued": count
            }),
            &[],
        ),
    );
    let share = json!({"type": ["array", "null"], "description": "Low, median, high; null is a gap", "items": {"type": "number"}, "minItems": 3, "maxItems": 3});
    add(
        "LiveOwn",
        object(
            "What the process of the gateway itself costs",
            json!({
                "cpu_ms": count, "resident_bytes": count, "site": {"type": ["string", "null"]}, "impacts": reference("Impacts"), "grade": reference("Grade"),
                "energy_share": share, "ghg_share": share, "weaknesses": list(reference("Weakness")), "sources": list(reference("Source"))
            }),
            &[],
        ),
    );
    let gaps = json!({"usage_missing": count, "usage_doubtful": count, "operation_unknown": count, "records_waiting": count, "records_lost": count});
    let ended: Map<String, Value> = End::ALL.iter().map(|end| (end.as_str().to_owned(), count.clone())).collect();
    add(
        "Live",
        object(
            "What passes the gateway right now; without one, `running` is false and nothing else is told",
            json!({
                "live": {"const": "gateway"}, "running": {"type": "boolean"}, "time_ms": time, "active": count,
                "ended": object("Calls since the start, by how they ended", Value::Object(ended), &[]), "upstreams": list(text.clone()),
                "requests": list(reference("LiveRequest")), "total": reference("Group"), "accounts": list(reference("Group")), "models": list(reference("Group")),
                "currency": text, "budgets": list(reference("LiveBudget")), "gaps": object("What could not be metered or kept", gaps, &[]),
                "refused": {"type": "object", "description": "Refusals by rule or reason", "additionalProperties": count},
                "export_fault": {"type": ["string", "null"], "description": "Why the last export of metrics failed"},
                "own": {"oneOf": [reference("LiveOwn"), {"type": "null"}]}, "factor_set": text, "method": text
            }),
            &["live", "running"],
        ),
    );
}
