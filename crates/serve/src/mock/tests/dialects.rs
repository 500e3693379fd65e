//! Every dialect, whole and streamed: the usage an answer tells is the one of the ledger, and so is its id.

use super::super::event_stream;
use super::{CHAT, Heard, ask, chat, mock, record};
use crate::mock::{Options, Record, TrueUsage};
use base64::Engine as _;
use serde_json::Value;

/// The messages of an AWS event stream as (event or exception, payload); both sums of each are checked.
fn messages(bytes: &[u8]) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let number = |at: usize| u32::from_be_bytes(rest[at..at + 4].try_into().unwrap()) as usize;
        let (total, head) = (number(0), number(4));
        let mut kind = String::new();
        let mut headers = Vec::new();
        let mut place = &rest[12..12 + head];
        while let Some((&name_length, after)) = place.split_first() {
            let (name, after) = after.split_at(name_length as usize);
            assert_eq!(after[0], 7);
            let length = u16::from_be_bytes([after[1], after[2]]) as usize;
            let value = String::from_utf8(after[3..3 + length].to_vec()).unwrap();
            let name = String::from_utf8(name.to_vec()).unwrap();
            if name == ":event-type" || name == ":exception-type" {
                kind = value.clone();
            }
            headers.push((name, value));
            place = &after[3 + length..];
        }
        let payload = &rest[12 + head..total - 4];
        let pairs: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        // The writer is checked against the AWS test suite beside it; the same bytes mean the same sums.
        assert_eq!(event_stream::message(&pairs, payload)[..], rest[..total]);
        found.push((kind, serde_json::from_slice(payload).unwrap()));
        rest = &rest[total..];
    }
    found
}

fn count(block: &Value, name: &str) -> u64 {
    block[name].as_u64().unwrap_or_else(|| panic!("{name} in {block}"))
}

fn openai(block: &Value) -> TrueUsage {
    let read = count(&block["prompt_tokens_details"], "cached_tokens");
    let reasoning = block["completion_tokens_details"]["reasoning_tokens"].as_u64().unwrap_or_default();
    assert_eq!(count(block, "total_tokens"), count(block, "prompt_tokens") + count(block, "completion_tokens"));
    TrueUsage {
        input_uncached: count(block, "prompt_tokens") - read,
        cache_read: read,
        cache_write: 0,
        output_visible: count(block, "completion_tokens") - reasoning,
        reasoning,
    }
}

fn responses(block: &Value) -> TrueUsage {
    let read = count(&block["input_tokens_details"], "cached_tokens");
    let reasoning = count(&block["output_tokens_details"], "reasoning_tokens");
    TrueUsage {
        input_uncached: count(block, "input_tokens") - read,
        cache_read: read,
        cache_write: 0,
        output_visible: count(block, "output_tokens") - reasoning,
        reasoning,
    }
}

fn anthropic(block: &Value) -> TrueUsage {
    TrueUsage {
        input_uncached: count(block, "input_tokens"),
        cache_read: count(block, "cache_read_input_tokens"),
        cache_write: count(block, "cache_creation_input_tokens"),
        output_visible: count(block, "output_tokens"),
        reasoning: 0,
    }
}

fn gemini(block: &Value) -> TrueUsage {
    let read = count(block, "cachedContentTokenCount");
    TrueUsage {
        input_uncached: count(block, "promptTokenCount") - read,
        cache_read: read,
        cache_write: 0,
        output_visible: count(block, "candidatesTokenCount"),
        reasoning: count(block, "thoughtsTokenCount"),
    }
}

fn bedrock(block: &Value) -> TrueUsage {
    TrueUsage {
        input_uncached: count(block, "inputTokens"),
        cache_read: count(block, "cacheReadInputTokens"),
        cache_write: count(block, "cacheWriteInputTokens"),
        output_visible: count(block, "outputTokens"),
        reasoning: 0,
    }
}

fn ollama(line: &Value) -> TrueUsage {
    assert_eq!(line["done"], true);
    let read = count(line, "prompt_eval_cached_count");
    TrueUsage {
        input_uncached: count(line, "prompt_eval_count") - read,
        cache_read: read,
        output_visible: count(line, "eval_count"),
        ..TrueUsage::default()
    }
}

/// The text that a stream of pieces makes.
fn joined(parts: &[Value], pointer: &str) -> String {
    parts.iter().filter_map(|part| part.pointer(pointer)?.as_str()).collect()
}

/// How often a text was made of words, one per visible token.
fn words(text: &str, record: &Record) {
    let count = text.split(' ').count() as u64;
    assert_eq!(Some(count), record.usage.map(|usage| usage.output_visible), "{text}");
}

type Reader = fn(&Heard, &Record) -> (TrueUsage, String);

const MESSAGES: &str =
    r#"{"model":"m-cache-reason","max_tokens":900,"messages":[{"role":"user","content":"What does the wind cost us?"}]}"#;
const STREAMED: &str =
    r#"{"model":"m-cache-reason","stream":true,"max_tokens":900,"messages":[{"role":"user","content":"What does the wind cost us?"}]}"#;
const CONTENTS: &str = r#"{"contents":[{"role":"user","parts":[{"text":"What does the wind cost us, and who pays?"}]}]}"#;
const INPUT: &str = r#"{"model":"m-cache-reason","input":"What does the wind cost us, and who pays for it?"}"#;
const INPUT_STREAMED: &str = r#"{"model":"m-cache-reason","stream":true,"input":"What does the wind cost us, and who pays for it?"}"#;
const WHOLE_LINES: &str = r#"{"model":"m-cache","stream":false,"prompt":"What does the wind cost us?","messages":[]}"#;
const LINES: &str = r#"{"model":"m-cache","prompt":"What does the wind cost us?","messages":[]}"#;

fn last(parts: &[Value]) -> Value {
    parts.last().cloned().unwrap()
}

fn own_id(value: &Value, name: &str, record: &Record) {
    assert_eq!(value[name], record.answer_id.as_str());
}

fn anthropic_events(events: &[Value], record: &Record) -> (TrueUsage, String) {
    own_id(&events[0]["message"], "id", record);
    assert_eq!(events[0]["message"]["usage"]["output_tokens"], 1);
    let delta = events.iter().rfind(|event| event["type"] == "message_delta").unwrap();
    (anthropic(&delta["usage"]), joined(events, "/delta/text"))
}

const CASES: [(&str, &str, Reader); 16] = [
    (CHAT, MESSAGES, |heard, record| {
        own_id(&heard.json(), "id", record);
        (openai(&heard.json()["usage"]), heard.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned())
    }),
    ("/openai/deployments/m-cache/chat/completions?api-version=2024-10-21", MESSAGES, |heard, record| {
        assert_eq!((record.dialect, record.model.as_str()), ("azure", "m-cache"));
        assert!(heard.header("apim-request-id").is_some());
        (openai(&heard.json()["usage"]), heard.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned())
    }),
    ("/v1/responses", INPUT, |heard, record| {
        own_id(&heard.json(), "id", record);
        (responses(&heard.json()["usage"]), heard.json()["output"][0]["content"][0]["text"].as_str().unwrap().to_owned())
    }),
    ("/v1/responses", INPUT_STREAMED, |heard, record| {
        let events = heard.events();
        assert!(events.iter().enumerate().all(|(number, event)| event["sequence_number"] == number));
        assert_eq!(last(&events)["type"], "response.completed");
        own_id(&last(&events)["response"], "id", record);
        (responses(&last(&events)["response"]["usage"]), joined(&events, "/delta"))
    }),
    ("/v1/messages", MESSAGES, |heard, record| {
        own_id(&heard.json(), "id", record);
        assert!(heard.header("request-id").is_some());
        (anthropic(&heard.json()["usage"]), heard.json()["content"][0]["text"].as_str().unwrap().to_owned())
    }),
    ("/v1/messages", STREAMED, |heard, record| anthropic_events(&heard.events(), record)),
    ("/v1beta/models/m-cache-reason:generateContent", CONTENTS, |heard, record| {
        own_id(&heard.json(), "responseId", record);
        let text = heard.json()["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap().to_owned();
        (gemini(&heard.json()["usageMetadata"]), text)
    }),
    ("/v1beta/models/m-cache-reason:streamGenerateContent?alt=sse", CONTENTS, |heard, record| {
        own_id(&last(&heard.events()), "responseId", record);
        (gemini(&last(&heard.events())["usageMetadata"]), joined(&heard.events(), "/candidates/0/content/parts/0/text"))
    }),
    ("/v1beta/models/m-cache-reason:streamGenerateContent", CONTENTS, |heard, record| {
        let list = heard.json().as_array().cloned().unwrap();
        own_id(&last(&list), "responseId", record);
        (gemini(&last(&list)["usageMetadata"]), joined(&list, "/candidates/0/content/parts/0/text"))
    }),
    ("/model/m-cache/converse", MESSAGES, |heard, record| {
        assert_eq!(heard.header("x-amzn-requestid"), Some(record.answer_id.as_str()));
        (bedrock(&heard.json()["usage"]), heard.json()["output"]["message"]["content"][0]["text"].as_str().unwrap().to_owned())
    }),
    ("/model/m-cache/converse-stream", MESSAGES, |heard, _| {
        let (kinds, parts): (Vec<String>, Vec<Value>) = messages(&heard.bytes()).into_iter().unzip();
        assert_eq!((kinds[0].as_str(), kinds[kinds.len() - 1].as_str()), ("messageStart", "metadata"));
        (bedrock(&last(&parts)["usage"]), joined(&parts, "/delta/text"))
    }),
    ("/model/m-cache%3A0/invoke", MESSAGES, |heard, record| {
        assert_eq!(record.model, "m-cache:0");
        let header = |name: &str| heard.header(&format!("x-amzn-bedrock-{name}-token-count")).unwrap().parse::<u64>().unwrap();
        let told = anthropic(&heard.json()["usage"]);
        assert_eq!(
            (header("input"), header("cache-read-input"), header("cache-write-input")),
            (told.input_uncached, told.cache_read, told.cache_write)
        );
        assert_eq!(header("output"), told.output_visible);
        (told, heard.json()["content"][0]["text"].as_str().unwrap().to_owned())
    }),
    ("/model/m-cache/invoke-with-response-stream", MESSAGES, |heard, record| {
        let events: Vec<Value> = messages(&heard.bytes())
            .into_iter()
            .map(|(_, part)| {
                let bytes = base64::engine::general_purpose::STANDARD.decode(part["bytes"].as_str().unwrap()).unwrap();
                serde_json::from_slice(&bytes).unwrap()
            })
            .collect();
        let metrics = &last(&events)["amazon-bedrock-invocationMetrics"];
        let (told, text) = anthropic_events(&events, record);
        assert_eq!((count(metrics, "inputTokenCount"), count(metrics, "outputTokenCount")), (told.input_uncached, told.output_visible));
        (told, text)
    }),
    ("/api/chat", LINES, |heard, _| {
        let lines: Vec<Value> = heard.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (ollama(&last(&lines)), joined(&lines, "/message/content"))
    }),
    ("/api/generate", LINES, |heard, _| {
        let lines: Vec<Value> = heard.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (ollama(&last(&lines)), joined(&lines, "/response"))
    }),
    ("/api/generate", WHOLE_LINES, |heard, _| (ollama(&heard.json()), heard.json()["response"].as_str().unwrap().to_owned())),
];

#[test]
fn each_answer_tells_the_usage_and_the_id_of_the_ledger() {
    let mock = mock(Options::default());
    for (number, (path, body, read)) in CASES.iter().enumerate() {
        let id = format!("case-{number}");
        let heard = ask(&mock, path, &[("x-request-id", &id)], body);
        assert_eq!(heard.status(), 200, "{path}");
        let record = record(&mock, &id);
        let (told, text) = read(&heard, &record);
        assert_eq!(Some(told), record.usage, "{path}");
        assert!(told.cache_read > 0 && told.input_uncached > 0, "{path}: {told:?}");
        words(&text, &record);
        assert!(record.complete && record.usage_told && !record.client_aborted, "{path}: {record:?}");
        assert_eq!(record.bytes, heard.bytes().len() as u64, "{path}");
    }
    assert_eq!(mock.counts().complete, CASES.len() as u64);
}

#[test]
fn a_chat_stream_tells_usage_only_when_asked() {
    let mock = mock(Options::default());
    let heard = ask(&mock, CHAT, &[("x-request-id", "asked")], &chat("m-cache-reason", true));
    let events = heard.events();
    assert!(heard.text().ends_with("data: [DONE]\n\n"));
    assert_eq!(last(&events)["choices"], serde_json::json!([]));
    let asked = record(&mock, "asked");
    assert_eq!(Some(openai(&last(&events)["usage"])), asked.usage);
    assert!(events[..events.len() - 1].iter().all(|event| event.get("usage") == Some(&Value::Null)));
    words(&joined(&events, "/choices/0/delta/content"), &asked);
    let plain = chat("m-cache-reason", true).replace("true}", "false}");
    let heard = ask(&mock, CHAT, &[("x-request-id", "plain")], &plain);
    assert!(heard.events().iter().all(|event| event.get("usage").is_none()) && heard.whole());
    let plain = record(&mock, "plain");
    assert!(!plain.usage_told && plain.usage == asked.usage && plain.complete);
    let mistral = ask(&mock, CHAT, &[], &chat("mistral-cache", true).replace("true}", "false}")).events();
    assert!(last(&mistral)["usage"]["prompt_tokens"].is_u64() && last(&mistral)["choices"][0]["finish_reason"] == "stop");
}

#[test]
fn embeddings_have_input_alone() {
    let mock = mock(Options::default());
    let several = r#"{"model":"m","input":["one","two","three"]}"#;
    let heard = ask(&mock, "/v1/embeddings", &[("x-request-id", "openai")], several).json();
    assert_eq!(heard["data"].as_array().map(Vec::len), Some(3));
    let usage = record(&mock, "openai").usage.unwrap();
    assert_eq!((heard["usage"]["prompt_tokens"].as_u64(), usage.output_visible), (Some(usage.input_uncached), 0));
    let heard = ask(&mock, "/v1/embeddings", &[], &several.replace("\"model\"", "\"encoding_format\":\"base64\",\"model\"")).json();
    assert!(heard["data"][2]["embedding"].is_string());
    let heard = ask(&mock, "/v1/embeddings", &[], r#"{"model":"m","input":[1,2,3]}"#).json();
    assert_eq!(heard["data"].as_array().map(Vec::len), Some(1));
    let heard = ask(&mock, "/api/embed", &[], several).json();
    assert_eq!(heard["embeddings"].as_array().map(Vec::len), Some(3));
    assert_eq!(heard["prompt_eval_count"].as_u64(), Some(usage.input_uncached));
    let batch = r#"{"requests":[{"content":{"parts":[{"text":"one"}]}},{"content":{"parts":[{"text":"two"}]}}]}"#;
    let heard = ask(&mock, "/v1beta/models/m:batchEmbedContents", &[], batch).json();
    assert_eq!(heard["embeddings"].as_array().map(Vec::len), Some(2));
    let heard = ask(&mock, "/v1beta/models/m:embedContent", &[], r#"{"content":{"parts":[{"text":"one"}]}}"#).json();
    assert!(heard["embedding"]["values"].is_array());
}
