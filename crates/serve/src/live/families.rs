//! The metrics, apart from how they are written: names, labels, values. What is not known is absent, never zero.

use super::snapshot::{Grouped, Own, Snapshot, look, parted};
use crate::Open;
use crate::gateway::Histogram;
use lca::{Indicator, Stats};
use quantity::Ratio;
use report::Group;
use std::collections::BTreeMap;

/// What kind of number a family holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// It only grows, until the process ends.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Times in classes.
    Histogram,
}

/// A value.
pub enum Value {
    /// A count.
    Count(i128),
    /// A quantity.
    Real(Ratio),
    /// Times in classes, and their sum in milliseconds.
    Times(Vec<u64>, u64),
}

/// One series.
pub struct Point {
    /// Names and values of its labels.
    pub labels: Vec<(&'static str, String)>,
    /// Its value.
    pub value: Value,
}

/// All series of one name.
pub struct Family {
    /// Name for Prometheus.
    pub name: &'static str,
    /// Name for OpenTelemetry.
    pub dotted: &'static str,
    /// Unit, by UCUM.
    pub unit: &'static str,
    /// What it counts.
    pub help: &'static str,
    /// What kind of number it is.
    pub shape: Shape,
    /// The series.
    pub points: Vec<Point>,
}

type Named = (&'static str, &'static str, &'static str, &'static str, Shape);

fn family((name, dotted, unit, help, shape): Named, points: Vec<Point>) -> Family {
    Family { name, dotted, unit, help, shape, points }
}

fn point(labels: &[(&'static str, &str)], value: Value) -> Point {
    Point { labels: labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(), value }
}

/// All families; none when no gateway runs in this process.
///
/// # Errors
/// When the method refuses an activity.
pub fn all(open: &Open) -> Result<Vec<Family>, String> {
    let Some(now) = look(open) else { return Ok(process(open.house.own_use.as_ref().and_then(|tell| tell()))) };
    let mut families = vec![build_info(open), requests(&now), tokens(&now)];
    families.extend(impacts(open, &now)?);
    families.extend(budgets(&now));
    families.extend(gaps(&now));
    families.extend(times(&now));
    families.extend(process(now.process));
    if let Some(own) = now.own()? {
        families.extend(own_impacts(open, &own));
    }
    families.retain(|family| !family.points.is_empty());
    Ok(families)
}

fn build_info(open: &Open) -> Family {
    let house = &open.house;
    let labels = [("version", house.version.as_str()), ("method", lca::METHOD), ("factor_set", house.factors.name())];
    let named = ("bilanz_build_info", "bilanz.build_info", "1", "Version, method and factor set; the value is always 1.", Shape::Gauge);
    family(named, vec![point(&labels, Value::Count(1))])
}

fn requests(now: &Snapshot) -> Family {
    let mut rows: BTreeMap<[&str; 4], u64> = BTreeMap::new();
    for (key, ends) in &now.ends {
        for (end, count) in ends.iter().filter(|(_, count)| *count > 0) {
            *rows.entry([&key.account, &key.provider, &key.model, end.as_str()]).or_insert(0) += count; // zero: the neutral element of a sum
        }
    }
    let points = rows.into_iter().map(|([account, provider, model, end], count)| {
        point(&[("account", account), ("provider", provider), ("model", model), ("end", end)], Value::Count(i128::from(count)))
    });
    let named =
        ("bilanz_requests_total", "bilanz.requests", "{request}", "Calls of upstreams that have ended, retries included.", Shape::Counter);
    family(named, points.collect())
}

/// Tokens by class that are known; a class that no request stated is absent.
pub fn classes(stats: &Stats) -> Vec<(&'static str, i128)> {
    let unknown = |count: i128, requests: i128| count == 0 && requests >= stats.requests && requests > 0;
    let mut list = Vec::new();
    if !unknown(stats.input_tokens, stats.requests_input_unknown) {
        list.push(("input", stats.input_tokens));
    }
    if !unknown(stats.output_tokens, stats.requests_output_unknown) {
        list.push(("output", stats.output_tokens));
    }
    if !unknown(stats.cache_read_tokens, stats.requests_cache_unknown) {
        list.push(("cache_read", stats.cache_read_tokens));
    }
    let seldom = [
        ("cache_write", stats.cache_write_tokens),
        ("reasoning", stats.reasoning_tokens),
        ("image_input", stats.image_input_tokens),
        ("image_output", stats.image_output_tokens),
        ("audio_input", stats.audio_input_tokens),
        ("audio_output", stats.audio_output_tokens),
    ];
    list.extend(seldom.into_iter().filter(|(_, count)| *count > 0));
    list
}

fn tokens(now: &Snapshot) -> Family {
    let mut rows: BTreeMap<[&str; 4], i128> = BTreeMap::new();
    for (key, stats) in &now.sums {
        for (class, count) in classes(stats) {
            *rows.entry([&key.account, &key.provider, &key.model, class]).or_insert(0) += count; // zero: the neutral element of a sum
        }
    }
    let points = rows.into_iter().map(|([account, provider, model, class], count)| {
        point(&[("account", account), ("provider", provider), ("model", model), ("class", class)], Value::Count(count))
    });
    let named = ("bilanz_tokens_total", "bilanz.tokens", "{token}", "Tokens by class; the classes do not overlap.", Shape::Counter);
    family(named, points.collect())
}

/// Names of the figures, and how many of their unit make one of the indicator's.
const FIGURES: [(Indicator, Named, f64); 3] = [
    (
        Indicator::EnergyKwh,
        (
            "bilanz_energy_joules_total",
            "bilanz.energy",
            "J",
            "Electricity at the site's meter; bound is low, median or high of the 90 % interval.",
            Shape::Counter,
        ),
        3_600_000.0,
    ),
    (
        Indicator::GwpKgco2e,
        (
            "bilanz_ghg_grams_total",
            "bilanz.ghg",
            "g",
            "Greenhouse gas, GWP100, location-based, with hardware; CO2 equivalents.",
            Shape::Counter,
        ),
        1000.0,
    ),
    (Indicator::WaterL, ("bilanz_water_litres_total", "bilanz.water", "L", "Water consumed, on site and off site.", Shape::Counter), 1.0),
];
const COST: Named = ("bilanz_cost_total", "bilanz.cost", "{currency}", "Money as billed, else by list price.", Shape::Counter);
const BOUNDS: [&str; 3] = ["low", "median", "high"];

fn impacts(open: &Open, now: &Snapshot) -> Result<Vec<Family>, String> {
    let valued = now.valued(Grouped::Pairs)?;
    let statement = &valued.statement;
    let bounded = |named: &Named, indicator: Indicator, scale: f64, currency: Option<&str>| -> Vec<Point> {
        let rows = |group: &Group| -> Vec<Point> {
            let (account, model) = parted(&group.key);
            let Some(row) = group.impacts.row(indicator) else { return Vec::new() };
            let of = |(bound, value): (&'static str, Ratio)| {
                let value = open.desk.mark(format!("{} {} {bound}", named.0, group.key), Ratio::new(value.get() * scale));
                let mut labels = vec![("account", account), ("model", model), ("bound", bound)];
                labels.extend(currency.map(|currency| ("currency", currency)));
                point(&labels, Value::Real(value))
            };
            BOUNDS.into_iter().zip(row).map(of).collect()
        };
        statement.groups.iter().flat_map(rows).collect()
    };
    let mut families: Vec<Family> =
        FIGURES.iter().map(|(indicator, named, scale)| family(*named, bounded(named, *indicator, *scale, None))).collect();
    families.push(family(COST, bounded(&COST, Indicator::Cost, 1.0, Some(&statement.currency))));
    Ok(families)
}

fn own_impacts(open: &Open, own: &Own) -> Vec<Family> {
    let of = |indicator: Indicator, named: Named, scale: f64| {
        let row = own.impact.impacts.row(indicator);
        let value = |(bound, value): (&'static str, Ratio)| {
            point(&[("bound", bound)], Value::Real(open.desk.mark(format!("{} {bound}", named.0), Ratio::new(value.get() * scale))))
        };
        family(named, row.map(|row| BOUNDS.into_iter().zip(row).map(value).collect()).unwrap_or_default())
    };
    let energy = (
        "bilanz_own_energy_joules_total",
        "bilanz.own.energy",
        "J",
        "Electricity of this process itself, from its processor time.",
        Shape::Counter,
    );
    let ghg = ("bilanz_own_ghg_grams_total", "bilanz.own.ghg", "g", "Greenhouse gas of this process itself.", Shape::Counter);
    vec![of(Indicator::EnergyKwh, energy, 3_600_000.0), of(Indicator::GwpKgco2e, ghg, 1000.0)]
}

fn budgets(now: &Snapshot) -> Vec<Family> {
    let micro = |value: i64| Value::Real(Ratio::new(value as f64 / 1e6));
    let (mut limits, mut spent, mut reserved, mut refused) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for state in &now.budgets {
        let labels = [("rule", state.rule.as_str()), ("whose", state.whose.as_str()), ("metric", state.metric.as_str())];
        for (kind, limit) in [("soft", state.soft_micro), ("hard", state.hard_micro)] {
            let labels = [labels[0], labels[1], labels[2], ("kind", kind)];
            limits.extend(limit.map(|limit| point(&labels, micro(limit))));
        }
        spent.push(point(&labels, micro(state.spent_micro)));
        reserved.push(point(&labels, micro(state.reserved_micro)));
        refused.push(point(&labels, Value::Count(i128::from(state.refused))));
    }
    let gauge = |name, dotted, unit, help, points| family((name, dotted, unit, help, Shape::Gauge), points);
    vec![
        gauge("bilanz_budget_limit", "bilanz.budget.limit", "1", "Limit of a budget in its metric, in the window that is open.", limits),
        gauge("bilanz_budget_spent", "bilanz.budget.spent", "1", "Spent in the window that is open.", spent),
        gauge("bilanz_budget_reserved", "bilanz.budget.reserved", "1", "Reserved for requests on their way.", reserved),
        gauge("bilanz_budget_refused", "bilanz.budget.refused", "{request}", "Requests refused in the window that is open.", refused),
    ]
}

fn gaps(now: &Snapshot) -> Vec<Family> {
    let count = |value: u64| Value::Count(i128::from(value));
    let gaps = &now.gaps;
    let rows = [
        ("usage_missing", gaps.usage_missing),
        ("usage_doubtful", gaps.usage_doubtful),
        ("operation_unknown", gaps.operation_unknown),
        ("records_lost", gaps.records_lost),
    ];
    let named = ("bilanz_gaps_total", "bilanz.gaps", "1", "What could not be metered or kept as it should.", Shape::Counter);
    let waiting =
        ("bilanz_records_waiting", "bilanz.records.waiting", "{record}", "Records that wait in memory for the journal.", Shape::Gauge);
    let active = ("bilanz_requests_active", "bilanz.requests.active", "{request}", "Calls of upstreams on their way.", Shape::Gauge);
    let refused = ("bilanz_refusals_total", "bilanz.refusals", "{request}", "Requests refused, by rule or reason.", Shape::Counter);
    vec![
        family(named, rows.into_iter().map(|(gap, value)| point(&[("gap", gap)], count(value))).collect()),
        family(waiting, vec![point(&[], count(gaps.records_waiting))]),
        family(active, vec![point(&[], count(now.active))]),
        family(refused, now.refused.iter().map(|(reason, value)| point(&[("reason", reason)], count(*value))).collect()),
    ]
}

fn times(now: &Snapshot) -> Vec<Family> {
    let of = |(classes, sum_ms): &(Vec<u64>, u64)| vec![point(&[], Value::Times(classes.clone(), *sum_ms))];
    let duration =
        ("bilanz_request_duration_seconds", "bilanz.request.duration", "s", "How long calls of upstreams took.", Shape::Histogram);
    let first = (
        "bilanz_time_to_first_token_seconds",
        "bilanz.request.time_to_first_token",
        "s",
        "How long the first token of streams took.",
        Shape::Histogram,
    );
    vec![family(duration, of(&now.durations)), family(first, of(&now.first_tokens))]
}

fn process(used: Option<super::ProcessUse>) -> Vec<Family> {
    let Some(used) = used else { return Vec::new() };
    let cpu = ("process_cpu_seconds_total", "process.cpu.time", "s", "Processor time of this process.", Shape::Counter);
    let memory = ("process_resident_memory_bytes", "process.memory.usage", "By", "Memory that this process holds.", Shape::Gauge);
    vec![
        family(cpu, vec![point(&[], Value::Real(Ratio::new(used.cpu_ms as f64 / 1000.0)))]),
        family(memory, vec![point(&[], Value::Count(i128::from(used.resident_bytes)))]),
    ]
}

/// Upper bounds of the classes of times, seconds.
pub fn bounds_s() -> impl Iterator<Item = Ratio> {
    Histogram::BOUNDS_MS.into_iter().map(|bound| Ratio::new(bound as f64 / 1000.0))
}
