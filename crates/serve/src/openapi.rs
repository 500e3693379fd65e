//! The description of the API, OpenAPI 3.1, with every schema.

use lca::{Indicator, Profile, Stage};
use report::By;
use serde_json::{Map, Value, json};

/// The whole document.
pub fn document(version: &str) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Bilanz",
            "version": version,
            "summary": "What AI costs the planet, and what it gives back, from your own books.",
            "description": "Read-only. Every figure is an estimate {low, median, high, grade}; null is a gap, never zero. The same books, factors and question give the same bytes.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
        },
        "servers": [{"url": "/", "description": "This house"}],
        "paths": paths(),
        "components": {"schemas": schemas()}
    })
}

fn parameter(name: &str, about: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "required": false, "description": about, "schema": schema})
}

fn parameters(names: &[&str]) -> Vec<Value> {
    let words = |list: Vec<&str>| json!({"type": "string", "enum": list});
    let one = |name: &&str| {
        let (about, schema) = match *name {
            "from" => ("First day, UTC; without it the first day of the books.", json!({"type": "string", "format": "date"})),
            "to" => ("Last day, UTC, included; without it the last day of the books.", json!({"type": "string", "format": "date"})),
            "by" => ("Grouping; a series takes day or month.", words(By::ALL.iter().map(|by| by.as_str()).collect())),
            "profile" => ("Which stages and which accounting count.", words(Profile::ALL.iter().map(|profile| profile.as_str()).collect())),
            "account" => ("Only this account and those below it.", json!({"type": "string"})),
            "name" => ("File of the assessment without `.toml`; without it the first.", json!({"type": "string"})),
            "format" => ("Format of the answer.", words(vec!["json", "csv", "text", "md"])),
            _ => ("Language of text and md.", words(vec!["en", "de"])),
        };
        parameter(name, about, schema)
    };
    names.iter().map(one).collect()
}

fn operation(id: &str, summary: &str, names: &[&str], schema: &str) -> Value {
    let problem = json!({"description": "What was wrong and what to do", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}});
    let mut kinds = Map::new();
    kinds.insert("application/json".to_owned(), json!({"schema": {"$ref": format!("#/components/schemas/{schema}")}}));
    if names.contains(&"format") {
        for kind in ["text/csv", "text/plain", "text/markdown"] {
            kinds.insert(kind.to_owned(), json!({"schema": {"type": "string"}}));
        }
    }
    json!({"get": {
        "operationId": id,
        "summary": summary,
        "parameters": parameters(names),
        "responses": {"200": {"description": summary, "content": kinds}, "400": problem, "421": problem, "500": problem}
    }})
}

fn paths() -> Value {
    json!({
        "/api/v1/statement/footprint": operation("footprint", "The footprint of a period, the same bytes as `bilanz report footprint --json`", crate::api::FOOTPRINT, "Statement"),
        "/api/v1/series": operation("series", "The footprint in steps of days or months", crate::api::SERIES, "Series"),
        "/api/v1/lifecycle": operation("lifeCycle", "An assessment in the books, stage by stage, the same bytes as `bilanz evaluate --file FILE --json`", crate::api::LIFE_CYCLE, "LifeCycle"),
        "/api/v1/live": operation("live", "What passes the gateway of this process right now: the last calls, sums since the start, budgets, gaps", &[], "Live"),
        "/api/v1/health": operation("health", "That the house is open, and on which books", &[], "Health"),
        "/api/v1/openapi.json": operation("description", "This description", &[], "Description"),
    })
}

/// An object whose properties are all required.
fn object(about: &str, properties: Value) -> Value {
    let required: Vec<String> = properties.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
    json!({"type": "object", "description": about, "properties": properties, "required": required})
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn list(of: &Value) -> Value {
    json!({"type": "array", "items": of})
}

fn nullable(of: &Value) -> Value {
    json!({"oneOf": [of, {"type": "null"}]})
}

/// The schemas of an assessment's life cycle.
fn life_cycle(add: &mut dyn FnMut(&str, Value) -> Option<Value>) {
    let (text, share) = (json!({"type": "string"}), json!({"type": "number"}));
    let by_indicator = |of: Value| json!({"type": "object", "description": "By indicator", "additionalProperties": of});
    let pair = |first: Value, second: &Value| json!({"type": "array", "prefixItems": [first, second], "minItems": 2, "maxItems": 2});
    let triple = json!({"type": "array", "items": share, "minItems": 3, "maxItems": 3});
    add(
        "Part",
        object(
            "One stage, one activity, or the total",
            json!({
                "key": text, "kind": nullable(&text), "note": nullable(&text), "impacts": reference("Impacts"), "shares": by_indicator(triple),
                "made_of": by_indicator(list(&pair(text.clone(), &share))), "grade": reference("Grade"),
                "grade_shares": {"type": "object", "description": "Share of the energy by grade", "additionalProperties": share},
                "drivers": list(&reference("Driver")), "weaknesses": list(&reference("Weakness")), "sources": list(&text)
            }),
        ),
    );
    add("PerUnit", object("The total per functional unit", json!({"name": text, "quantity": share, "impacts": reference("Impacts")})));
    let place = json!({"key": text, "place": {"type": "integer", "minimum": 1}, "above_next": nullable(&share)});
    add("Place", object("A place in an order, largest first; those that cannot be told apart share one", place));
    let profile = json!({"type": "string", "enum": Profile::ALL.iter().map(|profile| profile.as_str()).collect::<Vec<_>>()});
    let parts = list(&reference("Part"));
    add(
        "LifeCycle",
        object(
            "A whole system of activities, stage by stage",
            json!({
                "statement": {"const": "life_cycle"}, "title": text, "profile": profile, "currency": text, "total": reference("Part"),
                "functional_unit": nullable(&reference("PerUnit")), "stages": parts, "activities": parts, "amortised": parts,
                "ranking": by_indicator(list(&reference("Place"))), "activity_ranking": by_indicator(list(&reference("Place"))),
                "gaps": by_indicator(list(&text)), "left_out": list(&pair(reference("Stage"), &text)), "boundary": text, "sources": list(&reference("Source")),
                "factor_set": text, "method": text, "factor_overrides": list(&text)
            }),
        ),
    );
}

fn schemas() -> Value {
    let (text, count, share) = (json!({"type": "string"}), json!({"type": "integer", "minimum": 0}), json!({"type": "number"}));
    let day = json!({"type": ["string", "null"], "format": "date"});
    let indicators: Map<String, Value> =
        Indicator::ALL.iter().map(|name| (name.as_str().to_owned(), nullable(&reference("Estimate")))).collect();
    let mut schemas = Map::new();
    let mut add = |name: &str, schema: Value| schemas.insert(name.to_owned(), schema);
    add(
        "Grade",
        json!({"type": "string", "enum": ["A", "B", "C", "D", "E", "F"], "description": "A metered at the plug, B by counter, C share of a metered whole, D modelled with known hardware, E modelled with guesses, F default"}),
    );
    add(
        "Estimate",
        object(
            "A figure with its 90 % interval; low <= median <= high, six significant digits",
            json!({"low": share, "median": share, "high": share, "grade": reference("Grade")}),
        ),
    );
    add("Impacts", object("One estimate per indicator; null is a gap", Value::Object(indicators)));
    add("Stage", json!({"type": "string", "enum": Stage::ALL.iter().map(|stage| stage.as_str()).collect::<Vec<_>>()}));
    add("Period", object("Days covered, both included; null for empty books", json!({"from": day, "to": day})));
    add(
        "Tokens",
        object(
            "Exact token sums by class",
            json!({"input": count, "cache_read": count, "cache_write": count, "output": count, "reasoning": count, "image": count, "audio": count}),
        ),
    );
    let maybe_count = json!({"type": ["integer", "null"]});
    add(
        "Group",
        object(
            "One group, or the total",
            json!({
                "key": text, "requests": maybe_count, "tokens": maybe_count, "token_classes": nullable(&reference("Tokens")),
                "impacts": reference("Impacts"), "grade": reference("Grade"),
                "grade_shares": {"type": "object", "description": "Share of the energy by grade", "additionalProperties": share},
                "outcomes": {"type": ["array", "null"], "description": "Accepted, rejected", "items": count, "minItems": 2, "maxItems": 2}
            }),
        ),
    );
    let maybe_share = nullable(&share);
    let pair = |first: &Value, second: &Value| json!({"type": "array", "prefixItems": [first, second], "minItems": 2, "maxItems": 2});
    add(
        "Coverage",
        object(
            "What is covered and what is not",
            json!({
                "entries": count, "model_known": share, "zone_known": share, "cache_known": share, "metered": share, "days_without_entries": count,
                "stages_included": list(&reference("Stage")), "stages_excluded": list(&pair(&reference("Stage"), &text)),
                "gaps": list(&pair(&text, &text)), "partial": list(&pair(&text, &maybe_share))
            }),
        ),
    );
    add("Driver", object("A factor that makes the interval wide", json!({"factor": text, "share": share})));
    add("Weakness", object("A default, a guess or a gap", json!({"code": text, "about": text, "text": text})));
    add(
        "Disclosure",
        object(
            "What a provider tells, and what was inferred",
            json!({"provider": text, "energy_share": share, "discloses": list(&text), "withholds": list(&text), "inferred": list(&text)}),
        ),
    );
    add(
        "Finding",
        object(
            "What was noticed, with what to do",
            json!({"code": text, "severity": {"type": "string", "enum": ["note", "warning", "error"]}, "about": text, "text": text, "rows": count}),
        ),
    );
    add(
        "Source",
        object("A cited source", json!({"id": text, "citation": text, "licence": text, "retrieved": text, "factors": list(&text)})),
    );
    let by = json!({"type": "string", "enum": By::ALL.iter().map(|by| by.as_str()).collect::<Vec<_>>()});
    let profile = json!({"type": "string", "enum": Profile::ALL.iter().map(|profile| profile.as_str()).collect::<Vec<_>>()});
    let branch = json!({"type": ["string", "null"]});
    add(
        "Statement",
        object(
            "A report with everything needed to follow and to recompute it",
            json!({
                "statement": {"const": "footprint"}, "organisation": text, "period": reference("Period"), "by": by, "profile": profile, "account": branch,
                "currency": text, "groups": list(&reference("Group")), "total": reference("Group"),
                "stages": {"type": "object", "propertyNames": reference("Stage"), "additionalProperties": reference("Impacts")},
                "drivers": list(&reference("Driver")), "weaknesses": list(&reference("Weakness")), "coverage": reference("Coverage"), "boundary": text,
                "disclosures": list(&reference("Disclosure")), "findings": list(&reference("Finding")), "sources": list(&reference("Source")),
                "ledger_head": text, "factor_set": text, "method": text, "factor_overrides": list(&text)
            }),
        ),
    );
    add(
        "Point",
        object(
            "One step; a step without entries is missing, never zero",
            json!({"key": text, "from": day, "to": day, "partial": {"type": "boolean"}, "requests": maybe_count, "tokens": maybe_count, "impacts": reference("Impacts"), "grade": reference("Grade")}),
        ),
    );
    add(
        "Series",
        object(
            "The footprint in steps of time",
            json!({
                "series": {"const": "footprint"}, "period": reference("Period"), "step": by, "profile": profile, "account": branch, "currency": text,
                "points": list(&reference("Point")), "ledger_head": text, "factor_set": text, "method": text
            }),
        ),
    );
    life_cycle(&mut add);
    add(
        "Health",
        object(
            "State of the house",
            json!({
                "status": {"const": "ok"}, "version": text, "ledger_head": text, "links": count, "entries": count,
                "days": {"type": ["array", "null"], "items": {"type": "string", "format": "date"}, "minItems": 2, "maxItems": 2}, "factor_set": text, "method": text
            }),
        ),
    );
    crate::live::schemas(&mut add);
    add("Description", json!({"type": "object", "description": "An OpenAPI 3.1 document"}));
    add(
        "Problem",
        object("An error as RFC 9457 problem", json!({"type": text, "title": text, "status": {"type": "integer"}, "detail": text})),
    );
    Value::Object(schemas)
}
