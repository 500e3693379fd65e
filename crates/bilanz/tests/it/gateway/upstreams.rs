//! Upstreams that fail: every attempt has one entry that says how it ended, and the client gets an error it can read.

use super::rig::{Entry, Mock, Rig};
use super::wire::{Ask, CHAT, TOLD, chat};
use crate::house::House;

fn ends(entry: &Entry) -> (Option<String>, Option<String>) {
    (entry.tag("end"), entry.tag("status"))
}

fn some(end: &str, status: &str) -> (Option<String>, Option<String>) {
    let word = |word: &str| (!word.is_empty()).then(|| word.to_owned());
    (word(end), word(status))
}

#[test]
fn answers_that_break_off_or_stall_are_estimated_and_break_off_for_the_client_too() {
    let mut rig = Rig::new("[upstream.hasty]\nbase_url = \"http://MOCK\"\nretries = 0\nidle_timeout_s = 1\n");
    let stream = chat("m", TOLD);
    let contents = r#"{"contents":[{"parts":[{"text":"What does the wind cost us, and who pays?"}]}]}"#.to_owned();
    let cases = [
        ("reset-whole", "/mock/v1/chat/completions", chat("m", ""), "reset"),
        ("reset-stream", "/mock/v1/chat/completions", stream.clone(), "reset"),
        ("reset-silent", "/mock/v1/chat/completions", chat("m", ",\"stream\":true"), "reset"),
        ("reset-messages", "/mock/v1/messages", chat("m", ",\"stream\":true"), "reset"),
        ("reset-gemini", "/mock/v1beta/models/m:streamGenerateContent", contents, "reset"),
        ("reset-bedrock", "/mock/model/m/converse-stream", chat("m", ""), "reset"),
        ("reset-ollama", "/mock/api/chat", chat("m", ""), "reset"),
        ("length-whole", "/mock/v1/chat/completions", chat("m", ""), "wrong-length"),
        ("length-stream", "/mock/v1/messages", chat("m", ",\"stream\":true"), "wrong-length"),
        ("stall-whole", "/hasty/v1/chat/completions", chat("m", ""), "stall"),
        ("stall-stream", "/hasty/v1/chat/completions", stream, "stall"),
    ];
    for (name, path, body, fault) in &cases {
        let heard = rig.ask(Ask::post(path, body.clone()).named(name).fault(fault));
        assert_eq!((heard.status, heard.whole), (200, false), "{name}: {}", heard.text());
        assert!(!heard.body.is_empty(), "{name}");
    }
    let entries = rig.by_call();
    assert_eq!(entries.len(), cases.len());
    for (name, ..) in &cases {
        let entry = &entries[*name];
        // With all bytes of the answer there, a wrong length breaks only what comes behind them.
        if name.starts_with("length") && entry.text("evidence") == "counted" {
            entry.equals(&rig.mock.record(name));
        } else if *name == "reset-gemini" {
            // Each of its frames tells what was used so far.
            assert_eq!((ends(entry), entry.text("evidence")), (some("upstream_fault", ""), "counted"), "{}", entry.0);
            assert_eq!(Some(entry.count("output_tokens")), rig.mock.record(name)["tokens_sent"].as_i64());
        } else {
            assert_eq!(ends(entry), some("upstream_fault", ""), "{name}: {}", entry.0);
            assert_eq!(entry.count("requests_failed"), 1, "{name}");
            entry.estimated();
        }
    }
}

#[test]
fn errors_within_an_answer_are_failures_and_pass_as_they_are() {
    let mut rig = Rig::new("");
    let contents = r#"{"contents":[{"parts":[{"text":"What does the wind cost us?"}]}]}"#.to_owned();
    let cases = [
        ("chat", "/mock/v1/chat/completions", chat("m", TOLD)),
        ("silent", "/mock/v1/chat/completions", chat("m", ",\"stream\":true")),
        ("responses", "/mock/v1/responses", r#"{"model":"m","stream":true,"input":"What does it cost?"}"#.to_owned()),
        ("messages", "/mock/v1/messages", chat("m", ",\"stream\":true")),
        ("gemini", "/mock/v1beta/models/m:streamGenerateContent?alt=sse", contents),
        ("converse", "/mock/model/m/converse-stream", chat("m", "")),
        ("invoke", "/mock/model/m/invoke-with-response-stream", chat("m", "")),
        ("ollama", "/mock/api/chat", chat("m", "")),
    ];
    for (name, path, body) in &cases {
        let through = rig.ask(Ask::post(path, body.clone()).named(name).fault("error-in-stream"));
        assert_eq!((through.status, through.whole), (200, true), "{name}: {}", through.text());
        let text = through.text().to_ascii_lowercase();
        assert!(text.contains("error") || text.contains("exception"), "{name}: {text}");
    }
    let entries = rig.by_call();
    for (name, ..) in &cases {
        let entry = &entries[*name];
        assert_eq!(ends(entry), some("failed", ""), "{name}: {}", entry.0);
        assert_eq!((entry.count("requests"), entry.count("requests_failed")), (1, 1), "{name}");
        // What came before the error was worked for.
        entry.estimated();
    }
}

#[test]
fn a_status_that_says_no_passes_as_it_is_and_is_kept_with_it() {
    let mut rig = Rig::new("");
    for status in [400, 401, 404, 429, 500, 503, 529] {
        for (dialect, path, body) in [
            ("chat", "/mock/v1/chat/completions", chat("m", "")),
            ("silent", "/mock/v1/chat/completions", chat("m", TOLD)),
            ("messages", "/mock/v1/messages", chat("m", "")),
            ("bedrock", "/mock/model/m/converse", chat("m", "")),
        ] {
            let name = format!("{dialect}-{status}");
            let heard = rig.ask(Ask::post(path, body).named(&name).fault(&status.to_string()));
            assert_eq!((heard.status, heard.whole), (status, true), "{name}");
            assert_eq!(heard.header("x-bilanz-error"), None, "{name}: the provider said it, not the gateway");
            assert!(heard.json().is_object());
        }
    }
    for (name, entry) in rig.by_call() {
        let status = name.rsplit('-').next().unwrap();
        assert_eq!(ends(&entry), some("failed", status), "{name}: {}", entry.0);
        assert_eq!((entry.count("requests"), entry.count("requests_failed")), (1, 1), "{name}");
        // No model ran, by the provider's own word; after other failures nobody knows.
        if status != "500" {
            assert_eq!((entry.count("input_tokens"), entry.count("output_tokens")), (0, 0), "{name}");
        }
    }
}

#[test]
fn a_route_takes_the_next_upstream_and_every_attempt_has_its_entry() {
    let mut config = "[upstream.gone]\nbase_url = \"http://127.0.0.1:9\"\nretries = 1\n".to_owned();
    let faults = ["status=429", "status=500", "status=503", "status=529", "reset-before"];
    for fault in faults {
        config.push_str(&format!("[[route]]\nmodel = \"by-{fault}\"\nto = [\"mock/m+{fault}\", \"mock/good\"]\n"));
    }
    config.push_str("[[route]]\nmodel = \"by-gone\"\nto = [\"gone/m\", \"mock/m+status=500\", \"mock/good\"]\n");
    config.push_str("[[route]]\nmodel = \"none\"\nto = [\"mock/m+status=500\", \"mock/m+status=529\"]\n");
    let mut rig = Rig::new(&config);
    let mut ids = Vec::new();
    for fault in faults {
        for more in ["", TOLD] {
            let heard = rig.ask(Ask::post(CHAT, chat(&format!("by-{fault}"), more)).named(fault));
            assert_eq!((heard.status, heard.whole), (200, true), "{fault}: {}", heard.text());
            ids.push((heard.id(), fault));
        }
    }
    let gone = rig.ask(Ask::post(CHAT, chat("by-gone", "")).named("gone"));
    assert_eq!(gone.status, 200, "{}", gone.text());
    let none = rig.ask(Ask::post(CHAT, chat("none", "")).named("none"));
    assert_eq!(none.status, 529, "the last word of the last upstream passes: {}", none.text());
    let records = rig.mock.records();
    rig.stop();
    let entries = rig.entries();
    let of = |id: &str| -> Vec<&Entry> { entries.iter().filter(|entry| entry.text("external_id").split('.').next() == Some(id)).collect() };
    for (id, fault) in ids {
        let attempts = of(&id);
        assert_eq!(attempts.len(), 2, "{fault}: {attempts:?}");
        let first = attempts.iter().find(|entry| entry.text("external_id") == id).unwrap();
        let second = attempts.iter().find(|entry| entry.text("external_id") != id).unwrap();
        let expected = match fault.split_once('=') {
            Some((_, status)) => some("failed", status),
            None => some("upstream_fault", "0"),
        };
        assert_eq!(ends(first), expected, "{}", first.0);
        assert_eq!((ends(second), second.text("model_reported")), (some("", ""), "good"), "{}", second.0);
        assert_eq!(second.text("evidence"), "counted");
    }
    let attempts = of(&gone.id());
    // Twice in vain, once refused, once answered.
    assert_eq!(attempts.len(), 4, "{attempts:?}");
    assert_eq!(attempts.iter().filter(|entry| ends(entry) == some("upstream_fault", "0")).count(), 2);
    assert_eq!(of(&none.id()).len(), 2);
    // What the provider saw, and what it never saw, is what the books hold.
    assert_eq!(entries.len(), records.len() + 2);
    let answered = records.iter().filter(|record| record["complete"] == true && record["status"] == 200);
    let truth: i64 = answered.map(|record| record["usage"]["output_visible"].as_i64().unwrap()).sum();
    let counted = entries.iter().filter(|entry| entry.text("model_reported") == "good");
    assert_eq!(counted.map(|entry| entry.count("output_tokens")).sum::<i64>(), truth);
}

/// Valid until 2126; the keys protect nothing.
const AUTHORITY: &str = "\
-----BEGIN CERTIFICATE-----
MIIBiTCCAS+gAwIBAgIUFw1S10h+abFzUUIMlYviYibEqZowCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTI0MDMzMTAxWhgPMjEy
NjEwMzEwMzMxMDFaMBkxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEt/BpKOPKu94RvUG8IyA8zCcPpQn6Fv3Dp1fou39K
FSnk9G/PZQlY1Hd1SCN4YRIEUbwk4Q0u62G4pERKLAerxaNTMFEwHQYDVR0OBBYE
FLKKAvpEQv3F3PxtekgFlEx24haPMB8GA1UdIwQYMBaAFLKKAvpEQv3F3PxtekgF
lEx24haPMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgXOPcZ6F6
dxpU8isbm/oMGTjq1rD9MdpPEVIdeefVI8wCIQDVtNr1fIrrC/WSa0GOL8x6cqld
3alxdJdWGVv9ydi38Q==
-----END CERTIFICATE-----
";
const LEAF: &str = "\
-----BEGIN CERTIFICATE-----
MIIBrzCCAVWgAwIBAgIUD+ljH7ci3W69wNXmygAfMHSYdtMwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTI0MDMzMTAxWhgPMjEy
NjEwMzEwMzMxMDFaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEG
CCqGSM49AwEHA0IABBQT/6fP5YBoAUAAfKneLjcUFp2CmiiPAprg7NpTlyqYwVfj
uU7bbhqXIAwuh8Zgy44n5V2GYhE7NcHnnxdUkdejfjB8MBoGA1UdEQQTMBGCCWxv
Y2FsaG9zdIcEfwAAATAJBgNVHRMEAjAAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0G
A1UdDgQWBBRCDHDQIQAodn7xkOC5tZKi2bWvGTAfBgNVHSMEGDAWgBSyigL6REL9
xdz8bXpIBZRMduIWjzAKBggqhkjOPQQDAgNIADBFAiApYImXryGJMZm6AZMaOpkB
VJQe7+6IyaImmG3+39GvtwIhAJb7vIg3Oa41in65/mUigEbnoMNr4WgrqmkM6yAM
e5GQ
-----END CERTIFICATE-----
";
const LEAF_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0tLEWy6hGCtuWucT
TfReW7LkP5n/6WVa0wIwF3MAukqhRANCAAQUE/+nz+WAaAFAAHyp3i43FBadgpoo
jwKa4OzaU5cqmMFX47lO224alyAMLofGYMuOJ+VdhmIROzXB558XVJHX
-----END PRIVATE KEY-----
";

#[test]
fn an_upstream_that_cannot_be_reached_or_believed_is_told_in_the_form_of_the_dialect() {
    let house = House::new();
    let authority = house.write("authority.pem", AUTHORITY);
    house.write("tls.pem", LEAF);
    house.write("tls.key", LEAF_KEY);
    let mock = Mock::start(&house, "mock", &["--tls-certificate", "tls.pem", "--tls-key", "tls.key"]);
    let mut config = "[upstream.secret]\nbase_url = \"https://MOCK\"\n[upstream.gone]\nbase_url = \"http://127.0.0.1:9\"\n".to_owned();
    config.push_str(&format!("[upstream.believed]\nbase_url = \"https://MOCK\"\nca_file = {authority:?}\n"));
    let mut rig = Rig::over(house, mock, &config);
    for (upstream, code) in [("secret", "upstream_certificate"), ("gone", "upstream_unreachable")] {
        for (path, body, message) in [
            ("/v1/chat/completions", chat("m", TOLD), "/error/message"),
            ("/v1/messages", chat("m", ""), "/error/message"),
            ("/v1beta/models/m:generateContent", r#"{"contents":[]}"#.to_owned(), "/error/message"),
            ("/model/m/converse", chat("m", ""), "/message"),
            ("/api/chat", chat("m", ""), "/error"),
        ] {
            let name = format!("{upstream}{path}");
            let heard = rig.ask(Ask::post(&format!("/{upstream}{path}"), body).named(&name));
            heard.refused(502, code);
            assert!(heard.json().pointer(message).unwrap().is_string(), "{name}: {}", heard.text());
        }
    }
    let believed = rig.ask(Ask::post("/believed/v1/chat/completions", chat("m", TOLD)).named("believed"));
    assert_eq!((believed.status, believed.whole), (200, true), "{}", believed.text());
    rig.stop();
    let entries = rig.entries();
    // Five dialects: once each where trying again cannot help, twice where it may.
    assert_eq!(entries.len(), 5 + 10 + 1);
    for entry in &entries {
        if entry.call() == "believed" {
            entry.equals(&rig.mock.record("believed"));
        } else {
            assert_eq!(ends(entry), some("upstream_fault", "0"), "{}", entry.0);
            assert_eq!((entry.count("input_tokens"), entry.count("output_tokens")), (0, 0), "nothing was sent: {}", entry.0);
        }
    }
}
