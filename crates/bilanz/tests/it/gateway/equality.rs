//! Ledger equality: for every operation and every way to send it, the books say what the provider's own ledger says, and
//! the client gets what it would have got without a gateway.

use super::rig::{Mock, Rig};
use super::wire::{Ask, CHAT, Heard, chat};
use crate::house::House;

const CONTENTS: &str = r#"{"contents":[{"role":"user","parts":[{"text":"What does the wind cost us, and who pays?"}]}]}"#;
const MESSAGES: &str =
    r#"{"model":"m-cache","max_tokens":900,"messages":[{"role":"user","content":"What does the wind cost us, and who pays?"}]}"#;
const INPUT: &str = r#"{"model":"m-cache-reason","input":"What does the wind cost us, and who pays for it?"}"#;
const LINES: &str = r#"{"model":"m-cache","prompt":"What does the wind cost us?","messages":[]}"#;
const CONTENT: &str = r#"{"content":{"parts":[{"text":"one and two"}]}}"#;
const BATCH: &str = r#"{"requests":[{"content":{"parts":[{"text":"one"}]}},{"content":{"parts":[{"text":"two"}]}}]}"#;

fn streamed(body: &str) -> String {
    body.replacen('{', "{\"stream\":true,", 1)
}

/// One operation: path, body, whether the gateway asks for the usage on its own, whether the answer is a stream.
struct Case {
    path: &'static str,
    body: String,
    spliced: bool,
    streams: bool,
}

fn cases() -> Vec<Case> {
    let case = |path, body: &str, streams| Case { path, body: body.to_owned(), spliced: false, streams };
    let spliced = |path, body: String| Case { path, body, spliced: true, streams: true };
    let model = "m-cache-reason";
    let azure = "/openai/deployments/m-cache/chat/completions?api-version=2024-10-21";
    let told = format!(",\"max_tokens\":900{}", super::wire::TOLD);
    let silent = ",\"stream\":true";
    let prompt = |more: &str| format!("{{\"model\":\"{model}\"{more},\"prompt\":\"What does the wind cost us?\"}}");
    vec![
        case("/v1/chat/completions", &chat(model, ""), false),
        case("/v1/chat/completions", &chat(model, &told), true),
        spliced("/v1/chat/completions", chat(model, silent)),
        case("/v1/completions", &prompt(""), false),
        case("/v1/completions", &prompt(&told), true),
        spliced("/v1/completions", prompt(silent)),
        case(azure, &chat("m-cache", ""), false),
        case(azure, &chat("m-cache", &told), true),
        spliced(azure, chat("m-cache", silent)),
        case("/openai/v1/responses", INPUT, false),
        case("/openai/v1/responses", &streamed(INPUT), true),
        case("/v1/responses", INPUT, false),
        case("/v1/responses", &streamed(INPUT), true),
        case("/v1/embeddings", r#"{"model":"m","input":["one","two","three"]}"#, false),
        case("/v1/chat/completions", &chat("mistral-cache", ""), false),
        case("/v1/chat/completions", &chat("mistral-cache", &told), true),
        case("/v1/messages", MESSAGES, false),
        case("/v1/messages", &streamed(MESSAGES), true),
        case("/v1beta/models/m-cache-reason:generateContent", CONTENTS, false),
        case("/v1beta/models/m-cache-reason:streamGenerateContent?alt=sse", CONTENTS, true),
        case("/v1beta/models/m-cache-reason:streamGenerateContent", CONTENTS, true),
        case("/v1/projects/p/locations/l/publishers/google/models/m-cache:generateContent", CONTENTS, false),
        case("/v1beta/models/m:embedContent", CONTENT, false),
        case("/v1beta/models/m:batchEmbedContents", BATCH, false),
        case("/model/m-cache/converse", MESSAGES, false),
        case("/model/m-cache/converse-stream", MESSAGES, true),
        case("/model/m-cache%3A0/invoke", MESSAGES, false),
        case("/model/m-cache/invoke-with-response-stream", MESSAGES, true),
        case("/api/chat", &LINES.replacen('{', "{\"stream\":false,", 1), false),
        case("/api/chat", LINES, true),
        case("/api/generate", &LINES.replacen('{', "{\"stream\":false,", 1), false),
        case("/api/generate", LINES, true),
        case("/api/embed", r#"{"model":"m","input":["one","two","three"]}"#, false),
        case("/api/embeddings", r#"{"model":"m","prompt":"one"}"#, false),
    ]
}

/// Ways in which an answer may be sent, none of which changes what it says.
const WAYS: [&str; 12] =
    ["", "one-byte", "crlf", "comments", "usage-in-text", "choices-null", "chunked", "big=100", "http1.0", "gzip", "br", "zstd"];

/// A gateway before one provider, and a twin of it that is asked directly: equal down to ids and times.
fn twins() -> (Rig, Mock) {
    for _ in 0..20 {
        let house = House::new();
        let (mock, twin) = (Mock::start(&house, "mock", &[]), Mock::start(&house, "twin", &[]));
        let made = |address: &str| Ask::post("/v1/chat/completions", chat("m", "")).hear(address).json()["created"].clone();
        if made(&mock.address) == made(&twin.address) {
            return (Rig::over(house, mock, ""), twin);
        }
    }
    panic!("the second turned between two starts, twenty times");
}

/// The frames of an answer without the one that tells the usage, which nobody asked for.
fn without_usage(body: &[u8], crlf: bool) -> Vec<u8> {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let end = if crlf { "\r\n\r\n" } else { "\n\n" };
    let hides =
        |frame: &str| (frame.contains("\"choices\":[]") || frame.contains("\"choices\":null")) && frame.contains("\"total_tokens\"");
    let kept: String = text.split_inclusive(end).filter(|frame| !hides(frame)).collect();
    assert!(kept.len() < text.len(), "no frame told the usage: {text}");
    kept.into_bytes()
}

/// Headers of a direct answer that the gateway must hand on as they are.
fn kept_headers(direct: &Heard) -> impl Iterator<Item = &(String, String)> {
    const OWN: [&str; 5] = ["connection", "transfer-encoding", "date", "content-length", "keep-alive"];
    direct.headers.iter().filter(|(name, _)| !OWN.contains(&name.as_str()))
}

#[test]
fn every_operation_in_every_way_is_kept_as_the_provider_used_it_and_passed_as_it_sent_it() {
    let (mut rig, twin) = twins();
    let other = rig.make_key("c/d");
    let late = Ask::post(CHAT, chat("m", ""));
    // The key is known within a second; until then it is refused, and nothing reaches the provider.
    super::wire::until("the second key is known", || {
        let heard = late.clone().named("late").key(&other).hear(&rig.address());
        if heard.status == 200 {
            late_twin(&twin);
        }
        heard.status == 200
    });
    let mut asked = Vec::new();
    for (place, case) in cases().iter().enumerate() {
        for way in WAYS {
            let name = format!("{place}-{way}");
            let spliced = case.spliced && !["gzip", "br", "zstd"].contains(&way);
            let (account, key) = if asked.len() % 2 == 0 { ("a/b", &rig.key) } else { ("c/d", &other) };
            let through = Ask::post(&format!("/mock{}", case.path), case.body.clone()).fault(way).named(&name);
            let through = through.key(key).hear(&rig.address());
            let body = if case.spliced { case.body.replace("\"stream\":true", &super::wire::TOLD[1..]) } else { case.body.clone() };
            let direct = Ask::post(case.path, body).fault(way).header("x-request-id", &name).hear(&twin.address);
            assert_eq!((through.status, direct.status, through.whole), (200, 200, true), "{name} {}: {}", case.path, through.text());
            let expected = if spliced { without_usage(&direct.body, way == "crlf") } else { direct.body.clone() };
            assert!(through.body == expected, "{name} {}:\n{}\n---\n{}", case.path, through.text(), String::from_utf8_lossy(&expected));
            for (header, value) in kept_headers(&direct) {
                assert_eq!(through.header(header), Some(value.as_str()), "{name} {}: {header}", case.path);
            }
            if !case.streams && !["chunked", "one-byte", "http1.0"].contains(&way) {
                assert_eq!(through.header("content-length"), direct.header("content-length"), "{name} {}", case.path);
            }
            asked.push((name, account, through.id()));
        }
    }
    let records = rig.mock.records();
    let entries = rig.by_call();
    // The one that asked for the time, the one with the late key, and all others; none is missing, none is doubled.
    assert_eq!((records.len(), entries.len()), (asked.len() + 2, asked.len() + 1));
    for (name, account, id) in asked {
        let record = records.iter().find(|record| record["id"] == name.as_str()).unwrap();
        let entry = &entries[&name];
        assert_eq!((entry.text("account"), entry.text("external_id")), (account, id.as_str()), "{name}");
        assert!(record["complete"] == true && record["client_aborted"] == false, "{record}");
        if record["usage_told"] == false {
            // The oldest embeddings of Ollama alone say nothing of what they took.
            assert_eq!((record["operation"].as_str(), entry.tag("usage").as_deref()), (Some("ollama_embeddings"), Some("missing")));
            entry.estimated();
            continue;
        }
        entry.equals(record);
        assert_eq!((entry.tag("end"), entry.tag("status"), entry.tag("usage")), (None, None, None), "{}", entry.0);
        assert_eq!(entry.text("model_reported").split('/').next_back(), record["model"].as_str(), "{name}: {}", entry.0);
    }
}

/// Keeps the twin in step.
fn late_twin(twin: &Mock) {
    assert_eq!(Ask::post("/v1/chat/completions", chat("m", "")).named("late").hear(&twin.address).status, 200);
}

#[test]
fn an_answer_without_usage_is_kept_as_an_estimate_that_says_so() {
    let mut rig = Rig::new("");
    let mut names = Vec::new();
    for (place, case) in cases().iter().enumerate().filter(|(_, case)| !case.path.contains("mbed")) {
        let name = format!("silent-{place}");
        let heard = rig.ask(Ask::post(&format!("/mock{}", case.path), case.body.clone()).fault("no-usage").named(&name));
        assert_eq!((heard.status, heard.whole), (200, true), "{}", case.path);
        names.push((name, case.path));
    }
    let entries = rig.by_call();
    for (name, path) in names {
        let (entry, record) = (&entries[&name], rig.mock.record(&name));
        // What a head tells is told: Bedrock names the counts of whole answers there.
        if record["usage_told"] == true {
            entry.equals(&record);
            continue;
        }
        entry.estimated();
        assert_eq!(entry.tag("usage").as_deref(), Some("missing"), "{path}: {}", entry.0);
        let (kept, truth) = (entry.count("output_tokens"), record["usage"]["output_visible"].as_i64().unwrap());
        // A word of the made-up provider is about a token.
        assert!(kept * 3 >= truth && kept <= truth * 3, "{path}: estimated {kept}, truly {truth}");
    }
}
