//! No change of any byte makes a reader panic: every file is either read or refused in words.
#![allow(clippy::unwrap_used)]

mod common;

use books::Config;
use common::take;
use measure::{Format, detect};
use proptest::prelude::*;

const SAMPLES: [(Format, &str); 14] = [
    (
        Format::BilanzUsage,
        "time_start;time_end;model;requests;output_tokens;energy_kwh;cost;currency;tags\n2026-03-01T10:00:00+01:00;1772359200000;gpt-4o;10,0;3;1,5e-3;1.234,5;EUR;\"a;b\"\n01.03.2026 10:00:00;;gpt-4o;1;7;;;;\n",
    ),
    (
        Format::OpenaiExport,
        "start_time,end_time,num_model_requests,x,project_id,batch,model,input_tokens,output_tokens,input_cached_tokens\n1759622400,1759708800.5,10.0,,p,FALSE,gpt-4o,59200.0,10646.0,5760.0\n1759622400,1759708800,,,,,,,,\n",
    ),
    (
        Format::OpenaiUsage,
        r#"{"object":"page","data":[{"start_time":1759622400,"end_time":1759708800,"results":[{"object":"organization.usage.completions.result","input_tokens":59200,"output_tokens":10646,"input_cached_tokens":5760,"num_model_requests":10,"model":"gpt-4o","batch":false}]}],"has_more":true}"#,
    ),
    (
        Format::AnthropicUsage,
        r#"{"data":[{"starting_at":"2026-09-01T00:00:00Z","ending_at":"2026-09-02T00:00:00Z","results":[{"model":"claude-x","uncached_input_tokens":1200,"cache_read_input_tokens":9000,"cache_creation":{"ephemeral_1h_input_tokens":3},"output_tokens":800}]}],"has_more":false}"#,
    ),
    (
        Format::LitellmSpend,
        "{\"request_id\":\"c\",\"call_type\":\"a\",\"api_key\":\"8\",\"spend\":0.00021,\"prompt_tokens\":100,\"completion_tokens\":30,\"startTime\":\"2026-09-01T10:00:00Z\",\"endTime\":\"2026-09-01T10:00:02Z\",\"completionStartTime\":\"2026-09-01T10:00:01Z\",\"model\":\"gpt-4o\",\"request_tags\":[\"u:7\"],\"metadata\":{\"usage_object\":{\"prompt_tokens_details\":{\"cached_tokens\":4}}}}\n{\"request_id\":\"d\",\"startTime\":1772359200,\"cache_hit\":\"True\"}\n",
    ),
    (
        Format::LitellmSpend,
        "request_id,call_type,spend,prompt_tokens,completion_tokens,startTime,endTime,model,cache_hit,metadata,request_tags,x\nc,a,0.00021,100,30,2026-09-01 10:00:00.123,2026-09-01T10:00:02Z,gpt-4o,False,\"{\"\"usage_object\"\":{\"\"prompt_tokens_details\"\":{\"\"cached_tokens\"\":4}}}\",\"[\"\"u:7\"\"]\",\nd,,,,,1772359200,None,,True,{},,\n",
    ),
    (
        Format::OtlpSpans,
        r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"scopeSpans":[{"spans":[{"traceId":"5b","spanId":"ee","startTimeUnixNano":"1756720800000000000","endTimeUnixNano":"1756720801200000000","attributes":[{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"100"}},{"key":"gen_ai.usage.output_tokens","value":{"doubleValue":18.0}}]}]}]}]}"#,
    ),
    (
        Format::BedrockInvocation,
        r#"{"schemaType":"ModelInvocationLog","timestamp":"2026-04-09T23:00:17Z","accountId":"1","identity":{"arn":"a"},"region":"us-east-1","requestId":"9","operation":"Converse","modelId":"anthropic.claude-x","input":{"inputTokenCount":35,"cacheReadInputTokenCount":4},"output":{"outputBodyJson":{"output":{"message":"x"},"metrics":{"latencyMs":40},"usage":{"inputTokens":35}},"outputTokenCount":446}}"#,
    ),
    (
        Format::BedrockInvocation,
        r#"[{"timestamp":1775775617000,"message":"{\"schemaType\":\"ModelInvocationLog\",\"timestamp\":\"2026-04-09T23:00:17Z\",\"requestId\":\"9\",\"modelId\":\"m\",\"input\":{\"inputTokenCount\":35}}"}]"#,
    ),
    (
        Format::Langfuse,
        r#"[{"id":"o1","trace_id":"t1","type":"GENERATION","start_time":"2026-05-29 13:46:19.963000","end_time":"2026-05-29 13:46:21.1","completion_start_time":"2026-05-29 13:46:20","provided_model_name":"gpt-4o","usage_details":{"input":100,"output":20,"total":120,"input_cached_tokens":4},"total_cost":0.0008,"environment":"production","user_id":"u1","tags":["a"]}]"#,
    ),
    (
        Format::Langfuse,
        "id,trace_id,type,start_time,end_time,provided_model_name,usage_details,total_cost,tags,level\no1,t1,GENERATION,2026-05-29 13:46:19.963,2026-05-29 13:46:21,gpt-4o,\"{\"\"input\"\":100,\"\"output\"\":20}\",0.1,\"[\"\"a\"\"]\",ERROR\n",
    ),
    (
        Format::BilanzOutcomes,
        "time,request_id,accepted,value,currency,account,model\n2026-03-01T10:00:00Z,r1,yes,1.5,EUR,a,gpt-4o\n2026-03-01T10:00:00Z,r2,0,,,,\n",
    ),
    (
        Format::AzureLlmTrace,
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04.0319600,3180,8",
    ),
    (
        Format::MooncakeTrace,
        "{\"timestamp\": 0, \"input_length\": 6758, \"output_length\": 500, \"hash_ids\": [0, 1]}\n{\"timestamp\": 27, \"input_length\": 1, \"output_length\": 5}\n",
    ),
];

fn survive(bytes: &[u8], format: Format) {
    let _ = detect(bytes, "file");
    for keep_going in [false, true] {
        let outcome = take(
            bytes,
            format,
            |mapping| {
                mapping.keep_going = keep_going;
                mapping.time_origin_ms = Some(1_760_000_000_000);
            },
            &Config::default(),
        );
        match outcome {
            // What was taken satisfies what every entry must.
            Ok(outcome) => outcome.entries.iter().for_each(|entry| books::validate(entry, common::LATEST_MS).unwrap()),
            Err(error) => assert!(error.to_string().starts_with("file"), "{error}"),
        }
    }
}

#[test]
fn samples_are_valid() {
    for (format, text) in SAMPLES {
        assert_eq!(detect(text.as_bytes(), "file").unwrap(), format);
        let outcome =
            take(text.as_bytes(), format, |mapping| mapping.time_origin_ms = Some(1_760_000_000_000), &Config::default()).unwrap();
        assert!(!outcome.entries.is_empty(), "{format}");
    }
}

#[test]
fn cut_anywhere() {
    for (format, text) in SAMPLES {
        for length in 0..text.len() {
            survive(&text.as_bytes()[..length], format);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn changed_bytes(sample in 0usize..14, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..4), 1..6)) {
        let (format, text) = SAMPLES[sample];
        let mut bytes = text.as_bytes().to_vec();
        for (place, byte, how) in changes {
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes[at] = b"0123456789-+.eE\",;{}[]\n\\ "[usize::from(byte) % 25],
                2 => bytes.insert(at, b"0123456789-+.eE\",;{}[]\n\\ "[usize::from(byte) % 25]),
                _ => drop(bytes.remove(at)),
            }
            if bytes.is_empty() {
                break;
            }
        }
        survive(&bytes, format);
    }

    #[test]
    fn any_bytes(sample in 0usize..14, bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        survive(&bytes, SAMPLES[sample].0);
    }
}
