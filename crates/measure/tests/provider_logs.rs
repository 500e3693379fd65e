//! Bedrock invocation logs and Langfuse observations.
#![allow(clippy::unwrap_used)]

mod common;

use books::Rank;
use common::{fails, ok};
use measure::{Format, detect};

const BEDROCK: &str = r#"{"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"2025-04-09T23:00:17Z","accountId":"111122223333","identity":{"arn":"arn:aws:sts::x"},"region":"us-east-1","inferenceRegion":"us-west-2","requestId":"915a6a04","operation":"Converse","modelId":"us.anthropic.claude-x","input":{"inputContentType":"application/json","inputBodyJson":{"messages":["a secret"]},"inputTokenCount":35},"output":{"outputContentType":"application/json","outputBodyJson":{"output":{"message":"a secret"},"metrics":{"latencyMs":3640},"usage":{"inputTokens":35,"outputTokens":446,"cacheReadInputTokens":7,"cacheReadInputTokenCount":7,"cacheWriteInputTokens":2}},"outputTokenCount":446},"requestMetadata":{"traceId":"b956002a"}}"#;

#[test]
fn bedrock() {
    assert_eq!(detect(BEDROCK.as_bytes(), "x.json").unwrap(), Format::BedrockInvocation);
    let told = ok(BEDROCK, Format::BedrockInvocation);
    let entry = &told.entries[0];
    assert_eq!((entry.rank, entry.external_id.as_deref(), &*entry.region), (Rank::Bucket, Some("915a6a04"), "us-west-2"));
    assert_eq!(&*entry.model_reported, "us.anthropic.claude-x");
    assert_eq!(&*entry.labels, r#"{"project":"111122223333","user":"arn:aws:sts::x"}"#);
    let counts = &entry.counts;
    assert_eq!((counts.input_tokens, counts.cache_read_tokens, counts.cache_write_tokens), (Some(35), Some(7), Some(2)));
    assert_eq!((counts.output_tokens, counts.duration_ms, counts.requests_failed), (Some(446), Some(3640), Some(0)));
    assert_eq!(entry.time_end_ms - entry.time_start_ms, 3640);
    assert!(told.finding("cache_beside").is_none());
    assert!(!format!("{told:?}").contains("secret"));
    // A list, and lines as CloudWatch exports them, give the same.
    let escaped = serde_json::to_string(BEDROCK).unwrap();
    for text in [
        format!("[{BEDROCK}]"),
        format!("{BEDROCK}\n\n"),
        format!(r#"{{"timestamp":1744239617000,"message":{escaped}}}"#),
        format!(r#"[{{"timestamp":1744239617000,"message":{BEDROCK}}}]"#),
    ] {
        assert_eq!(detect(text.as_bytes(), "x").unwrap(), Format::BedrockInvocation, "{text}");
        assert_eq!(ok(&text, Format::BedrockInvocation).entries, told.entries);
    }
}

#[test]
fn bedrock_cache_errors_and_other_answers() {
    let told = |input: &str, rest: &str| {
        ok(
            &format!(
                r#"{{"timestamp":"2026-04-09T23:00:17Z","region":"eu-central-1","requestId":"r","modelId":"m-embed","input":{input}{rest}}}"#
            ),
            Format::BedrockInvocation,
        )
    };
    // The usage of the answer decides where the log counts the cache inside.
    let inside = told(
        r#"{"inputTokenCount":44,"cacheReadInputTokenCount":9}"#,
        r#","output":{"outputTokenCount":1,"outputBodyJson":{"usage":{"input_tokens":35,"cache_read_input_tokens":9}}}"#,
    );
    assert_eq!((inside.entries[0].counts.input_tokens, inside.entries[0].counts.cache_read_tokens), (Some(35), Some(9)));
    let unsure = told(r#"{"inputTokenCount":44,"cacheReadInputTokenCount":9}"#, r#","output":{"outputBodyJson":["a secret"]}"#);
    assert_eq!((unsure.entries[0].counts.input_tokens, unsure.finding("cache_beside").unwrap().rows), (Some(44), 1));
    assert_eq!(unsure.entries[0].counts.output_tokens, Some(0), "the answer is a vector");
    assert_eq!(&*unsure.entries[0].region, "eu-central-1");
    let refused = told("{}", r#","errorCode":"ThrottlingException""#);
    let counts = &refused.entries[0].counts;
    assert_eq!((counts.requests_failed, counts.input_tokens, counts.output_tokens), (Some(1), Some(0), Some(0)));
    let broken = told(r#"{"inputTokenCount":0}"#, r#","errorCode":"InternalServerException","output":{"outputTokenCount":0}"#);
    assert_eq!(broken.entries[0].counts.input_tokens, None, "0 of a failed call is unknown");
    let video = told("{}", r#","output":{"outputVideoDurationSeconds":6.0}"#);
    assert_eq!(video.entries[0].counts.videos, Some(1));
    let no_record = fails(b"{\"timestamp\":\"2026-04-09T23:00:17Z\"}", Format::BedrockInvocation);
    assert!(no_record.contains("line 1, column `modelId`: is missing"), "{no_record}");
}

const LANGFUSE: &str = r#"{"id":"o1","trace_id":"t1","project_id":"p1","type":"GENERATION","start_time":"2024-05-29 13:46:19.000","end_time":"2024-05-29 13:46:21.000","completion_start_time":"2024-05-29 13:46:19.500","name":"n","level":"DEFAULT","input":"a secret","output":"a secret","metadata":{"x":"a secret"},"provided_model_name":"gpt-4o","usage_details":{"input":60,"output":20,"total":130,"input_cached_tokens":40,"output_reasoning_tokens":10},"total_cost":0.0008,"environment":"production","user_id":"u1","tags":["team=blue"]}"#;

#[test]
fn langfuse() {
    assert_eq!(detect(LANGFUSE.as_bytes(), "x.jsonl").unwrap(), Format::Langfuse);
    let told = ok(LANGFUSE, Format::Langfuse);
    let entry = &told.entries[0];
    assert_eq!((entry.rank, entry.external_id.as_deref(), &*entry.model), (Rank::Span, Some("t1/o1"), "openai/gpt-4o"));
    let counts = &entry.counts;
    assert_eq!(
        (counts.input_tokens, counts.cache_read_tokens, counts.output_tokens, counts.reasoning_tokens),
        (Some(60), Some(40), Some(20), Some(10))
    );
    assert_eq!((counts.duration_ms, counts.ttft_ms, counts.itl_64), (Some(2000), Some(500), Some(30)));
    assert_eq!((counts.cost_micro, &*entry.currency), (Some(800), "USD"));
    assert_eq!(&*entry.labels, r#"{"project":"p1","tags":["team=blue","environment=production"],"user":"u1"}"#);
    assert!(!format!("{told:?}").contains("secret"));
    // The names of the API, a page of it, and the table give the same.
    let camel = LANGFUSE
        .replace("trace_id", "traceId")
        .replace("project_id", "projectId")
        .replace("start_time\":\"2024-05-29 13:46:19.000", "startTime\":\"2024-05-29 13:46:19.000")
        .replace("end_time", "endTime")
        .replace("completion_start_time", "completionStartTime")
        .replace("provided_model_name", "model")
        .replace("usage_details", "usageDetails")
        .replace("total_cost", "calculatedTotalCost")
        .replace("user_id", "userId");
    let page = format!(r#"{{"data":[{camel}],"meta":{{"page":1}}}}"#);
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let table = format!(
        "id,trace_id,project_id,type,start_time,end_time,completion_start_time,level,input,provided_model_name,usage_details,total_cost,environment,user_id,tags\n\
         o1,t1,p1,GENERATION,2024-05-29 13:46:19.000,2024-05-29 13:46:21.000,2024-05-29 13:46:19.500,DEFAULT,a secret,gpt-4o,{},0.0008,production,u1,{}\n",
        quoted(r#"{"input":60,"output":20,"total":130,"input_cached_tokens":40,"output_reasoning_tokens":10}"#),
        quoted(r#"["team=blue"]"#)
    );
    for text in [format!("[{LANGFUSE}]"), camel, page, table] {
        assert_eq!(detect(text.as_bytes(), "x").unwrap(), Format::Langfuse, "{text}");
        assert_eq!(ok(&text, Format::Langfuse).entries, told.entries, "{text}");
    }
}

#[test]
fn langfuse_steps_errors_and_writes() {
    for kind in ["SPAN", "AGENT", "EVENT", "TOOL"] {
        let told = ok(&LANGFUSE.replace("GENERATION", kind), Format::Langfuse);
        assert!(told.entries.is_empty() && told.finding("spans_skipped").is_some(), "{kind}");
    }
    let message = fails(LANGFUSE.replace("\"type\"", "\"kind\"").as_bytes(), Format::Langfuse);
    assert!(message.contains("column `type`: is missing"), "{message}");
    let usage = |details: &str, level: &str| {
        let start = LANGFUSE.find(r#"{"input":60"#).unwrap();
        let end = start + LANGFUSE[start..].find('}').unwrap() + 1;
        ok(&format!("{}{details}{}", &LANGFUSE[..start], &LANGFUSE[end..]).replace("DEFAULT", level), Format::Langfuse).entries[0]
            .counts
            .clone()
    };
    let failed = usage(r#"{"input":0,"output":0}"#, "ERROR");
    assert_eq!((failed.requests_failed, failed.input_tokens, failed.output_tokens), (Some(1), None, None));
    assert_eq!(usage(r#"{"input":0,"output":0}"#, "WARNING").input_tokens, Some(0));
    let writes = usage(r#"{"input":5,"input_cache_creation_5m":3,"input_cache_creation_1h":4,"output":1}"#, "DEFAULT");
    assert_eq!((writes.input_tokens, writes.cache_write_tokens, writes.cache_read_tokens), (Some(5), Some(7), None));
    let inside = usage(r#"{"input":100,"output":30,"total":130,"input_cached_tokens":40,"output_reasoning_tokens":10}"#, "DEFAULT");
    assert_eq!((inside.input_tokens, inside.output_tokens), (Some(60), Some(20)), "the total says that the parts are inside");
}

/// Names as the embedded factor set knows them.
struct SetNames(lca::FactorSet);

impl measure::Names for SetNames {
    fn model(&self, provider: &str, reported: &str) -> measure::ModelName {
        let name = self.0.resolve_model(provider, reported);
        measure::ModelName { provider: name.provider.into(), model: name.model.into(), known: name.known }
    }
    fn provider(&self, reported: &str) -> Option<std::sync::Arc<str>> {
        self.0.provider_id(reported).map(Into::into)
    }
    fn generation_us(&self, _: &str, _: i64, _: Option<i64>) -> Option<(i64, i64)> {
        None
    }
}

#[test]
fn the_examples_tell_the_same_traffic() {
    let (config, names) = (books::Config::default(), SetNames(lca::FactorSet::embedded().unwrap()));
    let told = |file: &str| {
        let path = format!("{}/../../examples/{file}", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(path).unwrap();
        let mut entries = Vec::new();
        let format = detect(&bytes, file).unwrap();
        let mapping = measure::Mapping::new(&config, &names, common::LATEST_MS);
        measure::read(&bytes[..], file, format, &mapping, &mut |_| {}, &mut |batch| {
            entries.extend(batch);
            Ok(())
        })
        .unwrap();
        entries
    };
    let requests = |file: &str| -> Vec<_> {
        let one = |entry: &books::Entry| {
            let counts = &entry.counts;
            let classes = (counts.input_tokens, counts.cache_read_tokens, counts.output_tokens);
            (entry.time_start_ms, entry.model.to_string(), classes, counts.requests, counts.duration_ms)
        };
        told(file).iter().map(one).collect()
    };
    let spans = requests("same-traffic/spans.otlp.jsonl");
    assert_eq!(spans.len(), 24);
    assert!(spans.iter().all(|span| span.1.starts_with("anthropic/claude-3-5")));
    for file in ["same-traffic/bedrock-invocation.jsonl", "same-traffic/langfuse.jsonl"] {
        assert_eq!(requests(file), spans, "{file}");
    }
    let outcomes = told("outcomes.csv");
    let sum = |pick: fn(&lca::Counts) -> Option<i64>| outcomes.iter().filter_map(|entry| pick(&entry.counts)).sum::<i64>();
    assert_eq!((sum(|counts| counts.outcomes_accepted), sum(|counts| counts.outcomes_rejected)), (6, 2));
}
