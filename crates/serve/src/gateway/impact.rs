//! What an answer cost, told to the caller: energy, greenhouse gas and water with interval and grade.

use super::attempt::Request;
use books::Entry;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use lca::{Activity, Compiled, Impact, Indicator, Profile, Stats};

/// What is told: name, indicator, and how many of the unit told make one of the indicator's.
const TOLD: [(&str, Indicator, f64); 3] =
    [("energy-wh", Indicator::EnergyKwh, 1000.0), ("ghg-g", Indicator::GwpKgco2e, 1000.0), ("water-ml", Indicator::WaterL, 1000.0)];

/// The footprint of one entry, in closed form.
fn value(request: &Request, entry: &Entry) -> Impact {
    let gateway = &request.gateway;
    let place = books::place(&entry.zone, &entry.site, &entry.region, &gateway.config);
    let mut deployment = books::deployment(&entry.model, &entry.provider, place, &entry.site, &gateway.config);
    let stats = Stats::of(&entry.counts);
    deployment.inter_token_ms = stats.inter_token_ms();
    let activity = Activity { kind: entry.kind, stage: entry.stage, evidence: entry.evidence, currency: entry.currency.to_string(), stats };
    Compiled::new(&activity, &deployment, &gateway.factors, Profile::Full).closed_form(&activity, &gateway.factors)
}

/// `name` and `low median high` of what is known.
fn figures(impact: &Impact) -> impl Iterator<Item = (&'static str, String)> + '_ {
    TOLD.into_iter().filter_map(|(name, indicator, scale)| {
        let row = impact.impacts.row(indicator)?;
        let [low, median, high] = row.map(|value| quantity::six_digits(value.get() * scale));
        Some((name, format!("{median}; low={low}; high={high}")))
    })
}

/// Headers for an answer that is no stream.
pub fn headers(request: &Request, entry: &Entry, headers: &mut HeaderMap) {
    let impact = value(request, entry);
    for (name, text) in figures(&impact) {
        let name = HeaderName::from_bytes(format!("x-bilanz-{name}").as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(text)) {
            headers.insert(name, value);
        }
    }
    if let Ok(grade) = HeaderValue::try_from(impact.grade.to_string()) {
        headers.insert("x-bilanz-grade", grade);
    }
}

/// A comment for the end of a stream; readers of server-sent events pass over it.
pub fn comment(request: &Request, entry: &Entry) -> Option<Bytes> {
    use std::fmt::Write as _;
    let impact = value(request, entry);
    let mut text = String::from(":");
    for (name, figure) in figures(&impact) {
        // Writing to a String cannot fail.
        let _ = write!(text, " bilanz-{name}={};", figure.replace(' ', ""));
    }
    let _ = write!(text, " grade={}; factor-set={}; method={}\n\n", impact.grade, gateway_set(request), impact.method);
    Some(Bytes::from(text))
}

fn gateway_set(request: &Request) -> &str {
    request.gateway.factors.name()
}
