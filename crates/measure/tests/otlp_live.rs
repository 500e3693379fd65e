//! Spans as they are sent: protobuf and JSON give the same entries, whatever instrumentation wrote them.
#![allow(clippy::unwrap_used)]

mod common;

use books::Config;
use common::{FewNames, LATEST_MS, ok};
use measure::otlp_live::{OtlpError, OtlpTaken, entries_from_otlp};
use measure::{Format, Mapping};
use proptest::prelude::*;
use std::fmt::Write;

/// Written by the official Python package `opentelemetry-proto`: events, links, lists and a message text among it.
const OFFICIAL: &str = "0add030a2a0a100a09686f73742e6e616d6512030a01680a160a0c736572766963652e6e616d6512060a0473686f7012ab030a060a017812013112a0030a035b8eff1202eee11a01612201012a0b63686174206770742d346f30033900408a95422061184100cc10dd422061184a1f0a1567656e5f61692e6f7065726174696f6e2e6e616d6512060a04636861744a200a1467656e5f61692e70726f76696465722e6e616d6512080a066f70656e61694a230a1567656e5f61692e696e7075742e6d65737361676573120a0a0861207365637265744a200a1467656e5f61692e726571756573742e6d6f64656c12080a066770742d346f4a1f0a1967656e5f61692e75736167652e696e7075745f746f6b656e73120218644a270a1a67656e5f61692e75736167652e6f75747075745f746f6b656e7312092100000000008066404a1b0a1567656e5f61692e726571756573742e73747265616d120210014a2c0a1e67656e5f61692e726573706f6e73652e66696e6973685f726561736f6e73120a2a080a060a0473746f7050015a35090100000000000000121367656e5f61692e757365722e6d6573736167651a150a07636f6e74656e74120a0a0861207365637265746a060a01311201327a081204626f6f6d18028501010000001a0175";

/// The same in JSON, as far as it is read.
const SAME: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5B8EFF","spanId":"EEE1","startTimeUnixNano":"1756720800000000000","endTimeUnixNano":1756720801200000000,"status":{"code":2},"attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"100"}},{"key":"gen_ai.usage.output_tokens","value":{"doubleValue":180}}]}]}],"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]}}]}"#;

fn take(body: &[u8], protobuf: bool) -> Result<OtlpTaken, OtlpError> {
    let (config, names) = (Config::default(), FewNames::default());
    entries_from_otlp(body, protobuf, &Mapping::new(&config, &names, LATEST_MS))
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn official_protobuf() {
    let taken = take(&unhex(OFFICIAL), true).unwrap();
    assert_eq!((taken.spans, taken.rejected, taken.first_reason.as_str()), (1, 0, ""));
    let entry = &taken.entries[0];
    assert_eq!((entry.external_id.as_deref(), &*entry.model), (Some("5b8effeee1"), "openai/gpt-4o"));
    assert_eq!((entry.counts.input_tokens, entry.counts.output_tokens, entry.counts.requests_failed), (Some(100), Some(180), Some(1)));
    assert_eq!((entry.counts.duration_ms, &*entry.labels), (Some(1200), r#"{"service":"shop"}"#));
    assert!(!format!("{taken:?}").contains("secret"));
    assert_eq!(take(SAME.as_bytes(), false).unwrap(), taken);
    // A file gives the same, but for a resource that stands behind its spans.
    assert_eq!(ok(&SAME.replace("\"resourceSpans\":[{\"scope", "\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"shop\"}}]},\"scope").replace(",\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"shop\"}}]}}]}", "}]}"), Format::OtlpSpans).entries, taken.entries);
}

#[test]
fn empty_and_broken_bodies() {
    for (body, protobuf) in [(&b""[..], true), (b"{}", false), (br#"{"resourceSpans":[]}"#, false), (br#"{"resourceSpans":null}"#, false)] {
        assert_eq!(take(body, protobuf).unwrap(), OtlpTaken::default());
    }
    for (body, protobuf) in
        [(&b"{"[..], false), (b"", false), (b"[]", false), (br#"{"resourceSpans":3}"#, false), (b"{}", true), (b"\x0a\xff", true)]
    {
        assert!(take(body, protobuf).unwrap_err().to_string().starts_with("the body is no OTLP request"), "{body:?}");
    }
}

#[test]
fn one_bad_span_leaves_the_others() {
    let bad = SAME.replace("\"100\"", "\"some\"");
    let both = format!("{},{}", &SAME[..SAME.len() - 2], &bad[r#"{"resourceSpans":["#.len()..]);
    let taken = take(both.as_bytes(), false).unwrap();
    assert_eq!((taken.entries.len(), taken.spans, taken.rejected), (1, 2, 1));
    assert!(taken.first_reason.contains("`gen_ai.usage.input_tokens`: `some` is no whole number"), "{}", taken.first_reason);
    // Broken bytes of one span, valid around it.
    let broken = frame(1, &frame(2, &[frame(2, &[0x0a, 0xff]), frame(2, &frame(1, b"x"))].concat()));
    assert_eq!(take(&broken, true).map(|taken| (taken.spans, taken.rejected)).unwrap(), (2, 1));
}

/// A span as both encoders take it.
#[derive(Debug, Clone)]
struct Told {
    id: [u8; 4],
    start_ns: u64,
    length_ns: u64,
    error: bool,
    attributes: Vec<(&'static str, Plain)>,
}

#[derive(Debug, Clone)]
enum Plain {
    Text(String),
    Int(i64),
    Double(f64),
    Bool(bool),
    List,
}

const KEYS: [&str; 24] = [
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.system",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.audio.input_tokens",
    "gen_ai.response.time_to_first_chunk",
    "gen_ai.input.messages",
    "gen_ai.agent.name",
    "llm.token_count.prompt",
    "llm.token_count.completion",
    "llm.model_name",
    "openinference.span.kind",
    "ai.operationId",
    "ai.usage.promptTokens",
    "ai.model.id",
    "ai.response.msToFirstChunk",
    "user.id",
    "error.type",
    "server.address",
];

fn plain() -> impl Strategy<Value = Plain> {
    prop_oneof![
        6 => prop::sample::select(vec!["chat", "gpt-4o", "openai", "openai.chat", "LLM", "CHAIN", "ai.generateText", "ai.generateText.doGenerate", "invoke_agent", "12", "", "ä\"\n"]).prop_map(|text| Plain::Text(text.to_owned())),
        6 => prop_oneof![0i64..5000, any::<i64>()].prop_map(Plain::Int),
        2 => prop_oneof![(0i64..5000).prop_map(|whole| whole as f64), // Quarters: a JSON parser may differ in the last digit of other numbers.
            (0i64..12).prop_map(|quarters| quarters as f64 / 4.0)].prop_map(Plain::Double),
        1 => any::<bool>().prop_map(Plain::Bool),
        1 => Just(Plain::List),
    ]
}

fn told() -> impl Strategy<Value = Told> {
    let time = prop_oneof![9 => 1_700_000_000_000_000_000u64..1_790_000_000_000_000_000, 1 => any::<u64>().prop_map(|ns| ns.max(1))];
    let attributes = prop::collection::vec((prop::sample::select(KEYS.to_vec()), plain()), 0..9);
    (any::<[u8; 4]>(), time, 0u64..5_000_000_000, any::<bool>(), attributes).prop_map(|(id, start_ns, length_ns, error, attributes)| Told {
        id,
        start_ns,
        length_ns,
        error,
        attributes,
    })
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn frame(field: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn key_value(key: &str, value: &Plain) -> Vec<u8> {
    let value = match value {
        Plain::Text(text) => frame(1, text.as_bytes()),
        Plain::Bool(value) => [varint(2 << 3), varint(u64::from(*value))].concat(),
        Plain::Int(value) => [varint(3 << 3), varint(value.cast_unsigned())].concat(),
        Plain::Double(value) => [varint(4 << 3 | 1), value.to_le_bytes().to_vec()].concat(),
        Plain::List => frame(5, &frame(1, &frame(1, b"x"))),
    };
    [frame(1, key.as_bytes()), frame(2, &value)].concat()
}

fn protobuf(spans: &[Told]) -> Vec<u8> {
    let mut scope = Vec::new();
    for span in spans {
        let mut bytes = [frame(1, &span.id), frame(2, &span.id), frame(5, b"call")].concat();
        for (field, time) in [(7, span.start_ns), (8, span.start_ns.saturating_add(span.length_ns))] {
            bytes.extend([varint(field << 3 | 1), time.to_le_bytes().to_vec()].concat());
        }
        span.attributes.iter().for_each(|(key, value)| bytes.extend(frame(9, &key_value(key, value))));
        bytes.extend(frame(15, &[varint(3 << 3), varint(if span.error { 2 } else { 1 })].concat()));
        scope.extend(frame(2, &bytes));
    }
    let resource = frame(1, &frame(1, &key_value("service.name", &Plain::Text("shop".to_owned()))));
    frame(1, &[resource, frame(2, &scope)].concat())
}

fn json(spans: &[Told]) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let attribute = |key: &str, value: &Plain| {
        let value = match value {
            Plain::Text(value) => format!(r#""stringValue":{}"#, text(value)),
            Plain::Bool(value) => format!(r#""boolValue":{value}"#),
            Plain::Int(value) => format!(r#""intValue":"{value}""#),
            Plain::Double(value) => format!(r#""doubleValue":{value:?}"#),
            Plain::List => r#""arrayValue":{"values":[{"stringValue":"x"}]}"#.to_owned(),
        };
        format!(r#"{{"key":"{key}","value":{{{value}}}}}"#)
    };
    let mut list = Vec::new();
    for span in spans {
        let id = span.id.iter().fold(String::new(), |mut id, byte| {
            write!(id, "{byte:02X}").unwrap();
            id
        });
        let attributes: Vec<String> = span.attributes.iter().map(|(key, value)| attribute(key, value)).collect();
        list.push(format!(
            r#"{{"traceId":"{id}","spanId":"{id}","name":"call","startTimeUnixNano":"{}","endTimeUnixNano":"{}","status":{{"code":{}}},"attributes":[{}]}}"#,
            span.start_ns,
            span.start_ns.saturating_add(span.length_ns),
            if span.error { 2 } else { 1 },
            attributes.join(",")
        ));
    }
    let service = attribute("service.name", &Plain::Text("shop".to_owned()));
    format!(r#"{{"resourceSpans":[{{"resource":{{"attributes":[{service}]}},"scopeSpans":[{{"spans":[{}]}}]}}]}}"#, list.join(","))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn both_encodings_say_the_same(spans in prop::collection::vec(told(), 0..5)) {
        let (left, right) = (take(&protobuf(&spans), true).unwrap(), take(json(&spans).as_bytes(), false).unwrap());
        prop_assert_eq!(left.spans, spans.len() as u64);
        prop_assert_eq!(left, right);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), spans in prop::collection::vec(told(), 1..3), at in any::<prop::sample::Index>()) {
        let mut changed = protobuf(&spans);
        let place = at.index(changed.len());
        changed[place] = bytes.first().copied().unwrap_or_default();
        for protobuf in [false, true] {
            let _ = take(&bytes, protobuf);
        }
        if let Ok(taken) = take(&changed, true) {
            taken.entries.iter().for_each(|entry| books::validate(entry, LATEST_MS).unwrap());
        }
    }
}

fn span(name: &str, attributes: &[(&'static str, Plain)]) -> OtlpTaken {
    let told =
        Told { id: [1; 4], start_ns: 1_756_720_800_000_000_000, length_ns: 2_000_000_000, error: false, attributes: attributes.to_vec() };
    take(json(&[told]).replace("\"name\":\"call\"", &format!("\"name\":\"{name}\"")).as_bytes(), false).unwrap()
}

fn text(value: &str) -> Plain {
    Plain::Text(value.to_owned())
}

#[test]
fn openinference() {
    let call = [
        ("openinference.span.kind", text("LLM")),
        ("llm.model_name", text("gpt-4o")),
        ("llm.provider", text("openai")),
        ("llm.token_count.prompt", Plain::Int(100)),
        ("llm.token_count.prompt_details.cache_read", Plain::Int(40)),
        ("llm.token_count.completion", Plain::Int(30)),
        ("llm.token_count.completion_details.reasoning", Plain::Int(10)),
    ];
    let counts = &span("chat", &call).entries[0].counts;
    assert_eq!(
        (counts.input_tokens, counts.cache_read_tokens, counts.output_tokens, counts.reasoning_tokens),
        (Some(60), Some(40), Some(20), Some(10))
    );
    // The chain around it may repeat the counts.
    let mut chain = call;
    chain[0].1 = text("CHAIN");
    let taken = span("chain", &chain);
    assert!(taken.entries.is_empty() && taken.findings.iter().any(|finding| finding.code == "spans_skipped"));
}

#[test]
fn vercel_counts_the_inner_span_alone() {
    let usage = |operation: &str| {
        [
            ("ai.operationId", text(operation)),
            ("ai.model.id", text("gpt-4o")),
            ("ai.model.provider", text("openai.chat")),
            ("ai.usage.promptTokens", Plain::Int(100)),
            ("ai.usage.completionTokens", Plain::Int(30)),
            ("ai.response.msToFirstChunk", Plain::Double(500.4)),
            ("ai.telemetry.functionId", text("summary")),
        ]
    };
    assert!(span("ai.streamText summary", &usage("ai.streamText")).entries.is_empty());
    assert!(span("ai.streamText summary", &usage("ai.streamText")[1..]).entries.is_empty(), "the name of the span tells too");
    let taken = span("ai.streamText.doStream summary", &usage("ai.streamText.doStream"));
    let entry = &taken.entries[0];
    assert_eq!(
        (&*entry.provider, &*entry.model, &*entry.labels),
        ("openai", "openai/gpt-4o", r#"{"service":"shop","tags":["task=summary"]}"#)
    );
    assert_eq!((entry.counts.input_tokens, entry.counts.output_tokens, entry.counts.ttft_ms), (Some(100), Some(30), Some(500)));
}

#[test]
fn openllmetry() {
    let taken = span(
        "openai.chat",
        &[
            ("gen_ai.system", text("OpenAI")),
            ("gen_ai.request.model", text("gpt-4o")),
            ("llm.usage.prompt_tokens", Plain::Int(7)),
            ("gen_ai.usage.completion_tokens", Plain::Int(3)),
            ("traceloop.workflow.name", text("triage")),
            ("traceloop.entity.name", text("classify")),
            ("traceloop.association.properties.user_id", Plain::Int(5)),
        ],
    );
    assert_eq!(&*taken.entries[0].labels, r#"{"service":"shop","tags":["task=classify","workflow=triage"],"user":"5"}"#);
    assert_eq!(taken.entries[0].counts.input_tokens, Some(7));
    assert!(
        span("triage.workflow", &[("traceloop.span.kind", text("workflow")), ("llm.usage.prompt_tokens", Plain::Int(7))])
            .entries
            .is_empty()
    );
    assert!(
        span("late", &[("gen_ai.operation.name", text("fetch_response")), ("gen_ai.usage.input_tokens", Plain::Int(7))]).entries.is_empty()
    );
}

#[test]
fn a_failure_with_no_tokens_is_unknown_and_not_zero() {
    let zero = [
        ("gen_ai.request.model", text("gpt-4o")),
        ("gen_ai.usage.input_tokens", Plain::Int(0)),
        ("gen_ai.usage.output_tokens", Plain::Int(0)),
    ];
    let with = |more: (&'static str, Plain)| span("chat", &[&zero[..], &[more]].concat()).entries[0].counts.clone();
    for more in [("error.type", text("timeout")), ("gen_ai.token.modality", text("unknown"))] {
        let counts = with(more);
        assert_eq!((counts.requests, counts.input_tokens, counts.output_tokens), (Some(1), None, None));
    }
    assert_eq!(with(("gen_ai.token.modality", text("text"))).input_tokens, Some(0));
    let mut some = zero.clone();
    some[1].1 = Plain::Int(9);
    let counts = &span("chat", &[&some[..], &[("error.type", text("timeout"))]].concat()).entries[0].counts;
    assert_eq!((counts.input_tokens, counts.output_tokens, counts.requests_failed), (Some(9), Some(0), Some(1)));
}

#[test]
fn modalities_are_parts_of_the_input() {
    let counts = &span(
        "chat",
        &[
            ("gen_ai.request.model", text("gpt-4o")),
            ("gen_ai.usage.input_tokens", Plain::Int(100)),
            ("gen_ai.usage.cache_read.input_tokens", Plain::Int(60)),
            ("gen_ai.usage.audio.input_tokens", Plain::Int(80)),
            ("gen_ai.usage.output_tokens", Plain::Int(10)),
        ],
    )
    .entries[0]
        .counts;
    // Of the audio at least 40 came from the cache.
    assert_eq!((counts.input_tokens, counts.cache_read_tokens, counts.audio_input_tokens), (Some(0), Some(60), Some(40)));
}
