//! Page, API, metrics and export are fed by hand and read as their readers do.

#[path = "../../../report/tests/fake/mod.rs"]
mod fake;

use super::snapshot::Desk;
use super::{ProcessUse, otlp, prometheus};
use crate::gateway::{Clock, End, Gateway, LiveKey, Secrets, Seen, Setup};
use crate::{House, Open, doors, shelf};
use books::{Entry, ImportRecord, Journal, Keeper, LedgerError};
use lca::{Counts, Evidence, FactorSet};
use quantity::Ratio;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex};

struct Still;

impl Clock for Still {
    fn now_us(&self) -> i64 {
        1_764_000_000_000_000
    }
}

impl Secrets for Still {
    fn get(&self, _: &str) -> Option<String> {
        None
    }
}

impl Keeper for Still {
    fn journal(&self) -> Result<Box<dyn Journal>, LedgerError> {
        Err(LedgerError("these books are not written".to_owned()))
    }
    fn seal(&self, _: i64) -> Result<Option<ImportRecord>, LedgerError> {
        Ok(None)
    }
    fn find(&self, _: &str, _: &str) -> Result<Option<Entry>, LedgerError> {
        Ok(None)
    }
    fn scan(&self, _: i64, _: i64, _: &mut dyn FnMut(&Entry)) -> Result<(), LedgerError> {
        Ok(())
    }
}

const NASTY: &str = "acme/\"quoted\\path\"";

fn gateway(rules: &str) -> Arc<Gateway> {
    let factors = Arc::new(FactorSet::embedded().unwrap());
    let config = Arc::new(books::Config::parse("bilanz.toml", rules).unwrap());
    let pricer = Arc::new(govern::Pricer::new(factors.clone(), config.clone()));
    let governor = Arc::new(govern::Governor::new(&config.rule, pricer).unwrap());
    let setup = Setup {
        config,
        factors,
        keeper: Arc::new(Still),
        governor,
        keys: govern::KeyRing::default(),
        clock: Arc::new(Still),
        secrets: Arc::new(Still),
        random: [7; 8],
        require_keys: false,
    };
    Gateway::new(setup).unwrap()
}

/// A house with this gateway and what it says.
fn open(gateway: Option<Arc<Gateway>>, said: Arc<Mutex<Vec<String>>>) -> Arc<Open> {
    let house = House {
        ledger: Arc::new(fake::Fake::empty()),
        factors: Arc::new(FactorSet::embedded().unwrap()),
        config: Arc::new(fake::config()),
        demo_note: None,
        gateway,
        own_use: Some(Arc::new(|| Some(ProcessUse { cpu_ms: 90_000, resident_bytes: 1 << 20 }))),
        say: Some(Arc::new(move |line| said.lock().unwrap().push(line.to_owned()))),
        assessments: None,
        books_dir_label: "books".to_owned(),
        version: "0.0.0".to_owned(),
    };
    Arc::new(Open { house, shelf: shelf::Shelf::default(), desk: Desk::default(), doors: doors::Doors { port: None, names: Vec::new() } })
}

fn quiet(gateway: Option<Arc<Gateway>>) -> Arc<Open> {
    open(gateway, Arc::default())
}

/// One call passes.
fn pass(gateway: &Gateway, account: &str, model: &str, end: End, tokens: Option<(i64, i64)>) {
    let (input, output) = (tokens.map(|tokens| tokens.0), tokens.map(|tokens| tokens.1));
    let counts =
        Counts { requests: Some(1), input_tokens: input, cache_read_tokens: input.map(|_| 0), output_tokens: output, ..Counts::default() };
    let seen = Seen {
        id: Arc::from("bz_1"),
        time_ms: gateway.now_ms(),
        account: Arc::from(account),
        upstream: Arc::from("openai"),
        model: Arc::from(model),
        status: if end == End::UpstreamFault { 0 } else { 200 },
        end,
        input_tokens: input,
        output_tokens: output,
        estimated: end == End::ClientGone,
        duration_ms: 1234,
        ttft_ms: Some(250),
        acted: Arc::from("warned <b>"),
    };
    let empty: Arc<str> = Arc::from("");
    let key = LiveKey {
        account: Arc::from(account),
        provider: Arc::from("openai"),
        model: Arc::from(model),
        region: empty.clone(),
        zone: empty.clone(),
        site: empty,
        evidence: Evidence::Counted,
    };
    gateway.live().note(seen, key, &counts);
}

fn busy() -> Arc<Gateway> {
    let gateway = gateway("[[rule]]\nname = \"a-day\"\nmetric = \"kWh\"\nwindow = \"day\"\nsoft = 0.001\nhard = 0.01\n");
    for _ in 0..3 {
        pass(&gateway, "acme/support", "openai/gpt-4o", End::Complete, Some((1000, 200)));
    }
    pass(&gateway, NASTY, "openai/gpt-4o-mini", End::ClientGone, Some((50, 3)));
    pass(&gateway, "acme/dark", "openai/gpt-4o", End::UpstreamFault, None);
    gateway.live().refuse("a-day");
    gateway
}

/// A parsed exposition: by name and labels; fails on whatever a scraper would not read.
fn parsed(text: &str) -> BTreeMap<(String, BTreeMap<String, String>), f64> {
    let (mut types, mut helped, mut rows) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            assert!(helped.insert(rest.split(' ').next().unwrap().to_owned()), "{line} twice");
            continue;
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind) && helped.contains(name), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            types.insert(name.to_owned(), kind.to_owned());
            continue;
        }
        let end = line.find(['{', ' ']).unwrap();
        let (name, mut rest) = line.split_at(end);
        let mut labels = BTreeMap::new();
        if let Some(inner) = rest.strip_prefix('{') {
            let mut letters = inner.char_indices();
            let mut start = 0;
            loop {
                let (equals, _) = letters.find(|(_, letter)| *letter == '=').unwrap();
                let label = inner[start..equals].to_owned();
                assert!(label.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{line}");
                assert_eq!(letters.next().unwrap().1, '"');
                let mut value = String::new();
                loop {
                    match letters.next().unwrap().1 {
                        '"' => break,
                        '\\' => value.push(match letters.next().unwrap().1 {
                            'n' => '\n',
                            other @ ('\\' | '"') => other,
                            other => panic!("\\{other} is no escape: {line}"),
                        }),
                        letter => value.push(letter),
                    }
                }
                assert!(labels.insert(label, value).is_none(), "{line}");
                let (place, next) = letters.next().unwrap();
                start = place + 1;
                if next == '}' {
                    rest = &inner[start..];
                    break;
                }
                assert_eq!(next, ',');
            }
        }
        let base = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .filter(|base| types.contains_key(*base))
            .unwrap_or(name);
        assert!(types.contains_key(base), "{line} has no type");
        let value: f64 = rest.trim().parse().unwrap();
        assert!(value.is_finite() && value >= 0.0, "{line}");
        assert!(rows.insert((name.to_owned(), labels), value).is_none(), "{line} twice");
    }
    rows
}

fn find(rows: &BTreeMap<(String, BTreeMap<String, String>), f64>, name: &str, labels: &[(&str, &str)]) -> Vec<f64> {
    rows.iter()
        .filter(|((known, have), _)| {
            known == name && labels.iter().all(|(label, value)| have.get(*label).is_some_and(|have| have == value))
        })
        .map(|(_, value)| *value)
        .collect()
}

fn exposed(open: &Open) -> BTreeMap<(String, BTreeMap<String, String>), f64> {
    parsed(&prometheus::text(&super::families::all(open).unwrap()))
}

#[test]
fn metrics_say_what_passed_and_nothing_of_what_is_unknown() {
    let rows = exposed(&quiet(Some(busy())));
    let support = [("account", "acme/support"), ("model", "openai/gpt-4o")];
    let with = |label, value| [support[0], support[1], (label, value)];
    assert_eq!(find(&rows, "bilanz_requests_total", &with("end", "complete")), [3.0]);
    assert_eq!(find(&rows, "bilanz_requests_total", &[("account", NASTY), ("end", "client_gone")]), [1.0]);
    assert_eq!(find(&rows, "bilanz_tokens_total", &with("class", "input")), [3000.0]);
    assert_eq!(find(&rows, "bilanz_tokens_total", &with("class", "output")), [600.0]);
    assert_eq!(find(&rows, "bilanz_tokens_total", &[("account", "acme/dark")]), [0.0; 0], "unknown is absent, not zero");
    for name in ["bilanz_energy_joules_total", "bilanz_ghg_grams_total", "bilanz_water_litres_total", "bilanz_cost_total"] {
        let [low, median, high] = ["low", "median", "high"].map(|bound| find(&rows, name, &with("bound", bound))[0]);
        assert!(0.0 < low && low <= median && median <= high, "{name}: {low} {median} {high}");
    }
    assert_eq!(find(&rows, "bilanz_refusals_total", &[("reason", "a-day")]), [1.0]);
    assert_eq!(find(&rows, "bilanz_gaps_total", &[]).len(), 4);
    assert_eq!(find(&rows, "process_cpu_seconds_total", &[]), [90.0]);
    assert_eq!(find(&rows, "process_resident_memory_bytes", &[]), [1_048_576.0]);
    assert_eq!(find(&rows, "bilanz_own_energy_joules_total", &[]).len(), 3);
    // 1.234 s lies in the class up to 1.28 s, and in all above it.
    assert_eq!(find(&rows, "bilanz_request_duration_seconds_bucket", &[("le", "0.64")]), [0.0]);
    assert_eq!(find(&rows, "bilanz_request_duration_seconds_bucket", &[("le", "1.28")]), [5.0]);
    assert_eq!(find(&rows, "bilanz_request_duration_seconds_bucket", &[("le", "+Inf")]), [5.0]);
    assert_eq!(find(&rows, "bilanz_request_duration_seconds_count", &[]), [5.0]);
}

#[test]
fn a_gateway_at_rest_and_a_house_without_one_make_nothing_up() {
    let rows = exposed(&quiet(Some(gateway(""))));
    assert!(find(&rows, "bilanz_requests_total", &[]).is_empty() && find(&rows, "bilanz_energy_joules_total", &[]).is_empty());
    assert_eq!(find(&rows, "bilanz_requests_active", &[]), [0.0]);
    let rows = exposed(&quiet(None));
    assert_eq!(
        rows.keys().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["process_cpu_seconds_total", "process_resident_memory_bytes"]
    );
}

#[test]
fn a_counter_never_falls() {
    let desk = Desk::default();
    let shown: Vec<f64> = [2.0, 3.0, 2.5, 4.0].map(|value| desk.mark("a".to_owned(), Ratio::new(value)).get()).into();
    assert_eq!(shown, [2.0, 3.0, 3.0, 4.0]);
}

async fn get(open: &Arc<Open>, path: &str) -> String {
    use http_body_util::BodyExt as _;
    let router = crate::routes(Arc::clone(open));
    let request = http::Request::get(path).header("host", "127.0.0.1").body(axum::body::Body::empty()).unwrap();
    let response = tower_call(router, request).await;
    assert_eq!(response.status(), 200, "{path}");
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

async fn tower_call(router: axum::Router, request: http::Request<axum::body::Body>) -> axum::response::Response {
    let service = hyper_util::service::TowerToHyperService::new(router);
    hyper::service::Service::call(&service, request).await.unwrap()
}

#[tokio::test]
async fn the_page_shows_intervals_gaps_and_ends_in_both_languages() {
    let open = quiet(Some(busy()));
    let page = get(&open, "/live?lang=en").await;
    for word in [
        "acme/support",
        "What passes right now",
        "the upstream broke off",
        "estimated",
        "Grade",
        "none",
        "a-day",
        "warned &lt;b&gt;",
        "not metered",
    ] {
        assert!(page.contains(word) || page.replace("<wbr>", "").contains(word), "{word} is not on the page");
    }
    assert!(!page.contains("warned <b>") && !page.contains(">NaN"));
    let page = get(&open, "/live?lang=de").await;
    assert!(
        page.contains("Was gerade durchläuft") && page.contains("der Client ging") && page.contains("geschätzt") && page.contains("keine")
    );
    let page = get(&quiet(None), "/live?lang=en").await;
    assert!(page.contains("No gateway runs in this process") && page.contains("--listen 127.0.0.1:4748"));
}

#[tokio::test]
async fn the_api_has_the_fields_of_its_description() {
    let open = quiet(Some(busy()));
    let live: Value = serde_json::from_str(&get(&open, "/api/v1/live").await).unwrap();
    let document: Value = serde_json::from_str(&get(&open, "/api/v1/openapi.json").await).unwrap();
    let same = |value: &Value, schema: &str| {
        let have: Vec<&String> = value.as_object().unwrap().keys().collect();
        let described: Vec<&String> = document["components"]["schemas"][schema]["properties"].as_object().unwrap().keys().collect();
        assert_eq!(have, described, "{schema}");
    };
    same(&live, "Live");
    same(&live["requests"][0], "LiveRequest");
    same(&live["own"], "LiveOwn");
    same(&live["accounts"][0], "Group");
    assert_eq!(live["requests"][0]["input_tokens"], Value::Null, "unknown is no zero");
    assert_eq!(live["ended"]["complete"], 3);
    let energy = &live["total"]["impacts"]["energy_kwh"];
    assert!(energy["low"].as_f64() < energy["median"].as_f64() && energy["median"].as_f64() < energy["high"].as_f64());
    assert!(live["own"]["energy_share"][1].as_f64() > Some(0.0));
    let off: Value = serde_json::from_str(&get(&quiet(None), "/api/v1/live").await).unwrap();
    assert_eq!(off["running"], false);
}

/// Takes one request, answers with a status, returns head and body.
fn collector(status: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/metrics", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
        loop {
            let count = stream.read(&mut part).unwrap();
            bytes.extend_from_slice(&part[..count]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let length =
                text.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(usize::MAX, |value| value.parse().unwrap());
            if text.split_once("\r\n\r\n").is_some_and(|(head, _)| bytes.len() >= head.len() + 4 + length) {
                write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}").unwrap();
                return text;
            }
        }
    });
    (url, thread)
}

#[tokio::test]
async fn metrics_reach_a_collector_and_a_failure_is_said_once() {
    let said: Arc<Mutex<Vec<String>>> = Arc::default();
    let open = open(Some(busy()), Arc::clone(&said));
    let (url, thread) = collector("200 OK");
    otlp::once(&open, &url, 1_000).await;
    let text = thread.join().unwrap();
    assert!(text.starts_with("POST /v1/metrics HTTP/1.1") && text.contains("content-type: application/json"));
    let body: Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
    let metrics = body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap();
    let metric = |name: &str| metrics.iter().find(|metric| metric["name"] == name).unwrap_or_else(|| panic!("{name} is missing"));
    let attribute = |point: &Value, key: &str| {
        let list = point["attributes"].as_array().unwrap();
        list.iter().find(|one| one["key"] == key).map(|one| one["value"]["stringValue"].as_str().unwrap().to_owned())
    };
    let points = metric("gen_ai.client.inference.usage.input_tokens")["sum"]["dataPoints"].as_array().unwrap();
    let support = points.iter().find(|point| attribute(point, "bilanz.account").as_deref() == Some("acme/support")).unwrap();
    assert_eq!((support["asInt"].as_str(), support["startTimeUnixNano"].as_str()), (Some("3000"), Some("1000000000")));
    assert!(!points.iter().any(|point| attribute(point, "bilanz.account").as_deref() == Some("acme/dark")), "unknown is absent");
    let bounds: BTreeSet<_> = metric("bilanz.energy")["sum"]["dataPoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| attribute(point, "bilanz.bound").unwrap())
        .collect();
    assert_eq!(bounds.into_iter().collect::<Vec<_>>(), ["high", "low", "median"]);
    assert_eq!(metric("bilanz.energy")["sum"]["aggregationTemporality"], 2);
    let times = &metric("bilanz.request.duration")["histogram"]["dataPoints"][0];
    assert_eq!(times["bucketCounts"].as_array().unwrap().len(), times["explicitBounds"].as_array().unwrap().len() + 1);
    assert!(said.lock().unwrap().is_empty() && open.desk.fault().is_none());
    for _ in 0..2 {
        let (url, thread) = collector("503 Service Unavailable");
        otlp::once(&open, &url, 1_000).await;
        thread.join().unwrap();
    }
    assert_eq!(said.lock().unwrap().len(), 1, "{said:?}");
    assert!(open.desk.fault().is_some_and(|fault| fault.contains("503")));
    let (url, thread) = collector("200 OK");
    otlp::once(&open, &url, 1_000).await;
    thread.join().unwrap();
    assert_eq!((said.lock().unwrap().len(), open.desk.fault()), (2, None));
    otlp::once(&open, "ftp://nowhere", 1_000).await;
    assert!(open.desk.fault().is_some_and(|fault| fault.contains("https://")));
}
