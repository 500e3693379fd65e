//! Hostile clients and absurd upstreams: refused or bounded, never a panic, never a wrong account.

use super::rig::Rig;
use super::wire::{Ask, CHAT, Heard, TOLD, chat, connect, exchange, parse, until};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

/// What was heard until the gateway itself ended the connection.
fn ended(stream: &mut TcpStream) -> Heard {
    let mut all = Vec::new();
    if let Err(error) = stream.read_to_end(&mut all) {
        assert!(
            !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
            "never cut off, heard {}",
            String::from_utf8_lossy(&all)
        );
    }
    parse(&all)
}

/// After whatever came before, an honest call is served and kept for its account.
fn still_well(rig: &Rig, name: &str) {
    let heard = rig.ask(Ask::post(CHAT, chat("m", TOLD)).named(name));
    assert_eq!((heard.status, heard.whole), (200, true), "{name}: {}", heard.text());
}

#[test]
fn requests_that_are_framed_wrongly_are_refused_and_reach_nobody() {
    let mut rig = Rig::new("[gateway]\nrequire_keys = true\nhead_timeout_s = 1\nbody_timeout_s = 1\nmax_body_mib = 1\nworkers = 2\n");
    let (address, key) = (rig.address(), rig.key.clone());
    let body = chat("m", "");
    let length = body.len();
    let head =
        |more: &str| format!("POST {CHAT} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n{more}\r\n");
    let smuggled = format!("{body}POST {CHAT} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 0\r\n\r\n");
    let cases = [
        ("two lengths", format!("{}{smuggled}", head(&format!("content-length: {length}\r\ncontent-length: {}\r\n", length + 1)))),
        ("a list of lengths", format!("{}{smuggled}", head(&format!("content-length: {length}, {}\r\n", length + 1)))),
        ("a negative length", format!("{}{body}", head("content-length: -1\r\n"))),
        ("a length with a sign", format!("{}{body}", head(&format!("content-length: +{length}\r\n")))),
        ("an endless length", format!("{}{body}", head("content-length: 99999999999999999999999\r\n"))),
        ("a long length", format!("{}{body}", head("content-length: 99999999999\r\n"))),
        ("no size", format!("{}zz\r\n{body}\r\n0\r\n\r\n", head("transfer-encoding: chunked\r\n"))),
        ("a huge size", format!("{}fffffffffffffffff\r\n{body}", head("transfer-encoding: chunked\r\n"))),
        ("a size that is not kept", format!("{}5\r\n{body}\r\n0\r\n\r\n", head("transfer-encoding: chunked\r\n"))),
        ("another coding", format!("{}{body}", head("transfer-encoding: chunked, identity\r\n"))),
        ("a space in a name", format!("{}{body}", head(&format!("content-length : {length}\r\n")))),
        ("no name", format!("{}{body}", head(": x\r\n"))),
        ("a control letter", format!("{}{body}", head("x-a: \u{1}\r\n"))),
        ("no host", format!("POST {CHAT} HTTP/1.1\r\nauthorization: Bearer {key}\r\ncontent-length: {length}\r\n\r\n{body}")),
        ("two hosts", format!("{}{body}", head(&format!("host: {address}\r\ncontent-length: {length}\r\n")))),
        ("a huge header", format!("{}{body}", head(&format!("x-a: {}\r\ncontent-length: {length}\r\n", "a".repeat(200_000))))),
        ("many headers", format!("{}{body}", head(&"x-a: 1\r\n".repeat(5_000)))),
        ("a long path", format!("POST {CHAT}{} HTTP/1.1\r\nhost: {address}\r\n\r\n", "a".repeat(200_000))),
        ("noise", "\u{0}\u{1}\u{2}\r\n\r\n".to_owned()),
        ("another protocol", "SSH-2.0-OpenSSH_9.6\r\n\r\n".to_owned()),
        ("a big body", format!("{}{}", head(&format!("content-length: {}\r\n", (1 << 20) + 1)), " ".repeat((1 << 20) + 1))),
        (
            "a big body in chunks",
            format!("{}{}", head("transfer-encoding: chunked\r\n"), format!("10000\r\n{}\r\n", " ".repeat(65_536)).repeat(17)),
        ),
        ("half a body", format!("{}{}", head(&format!("content-length: {length}\r\n")), &body[..10])),
        ("half a head", format!("POST {CHAT} HTTP/1.1\r\nhost: {address}\r\nauth")),
        ("nothing", String::new()),
        ("half a protocol", "PRI * HT".to_owned()),
    ];
    std::thread::scope(|scope| {
        for (name, bytes) in &cases {
            let address = &address;
            scope.spawn(move || {
                // Who waits for more is left to wait: the gateway has to end it by itself.
                let mut stream = connect(address);
                let _ = stream.write_all(bytes.as_bytes());
                let heard = ended(&mut stream);
                assert!(heard.status == 0 || (400..600).contains(&heard.status), "{name}: {} {}", heard.status, heard.text());
            });
        }
    });
    assert_eq!(rig.mock.records().len(), 0, "something of that reached the provider: {:?}", rig.mock.records());
    // Both framings at once: where it is taken at all, it is one request, by its chunks.
    let both = format!(
        "{}{length:x}\r\n{body}\r\n0\r\n\r\nPOST {CHAT} HTTP/1.1\r\nhost: {address}\r\n\r\n",
        head("x-bilanz-label-call: both\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n")
    );
    let heard = exchange(&address, both.as_bytes());
    assert!(heard.status == 200 || heard.status == 400, "{}", heard.status);
    still_well(&rig, "well");
    let seen = rig.mock.records().len();
    assert!(seen <= 2);
    assert_eq!(rig.by_call().len(), seen);
}

#[test]
fn clients_that_drip_are_cut_off_and_hold_nobody_up() {
    let mut rig = Rig::new("[gateway]\nrequire_keys = true\nhead_timeout_s = 1\nbody_timeout_s = 1\nworkers = 1\n");
    let address = rig.address();
    // Heads that never end, and bodies that pause for ever.
    let mut slow: Vec<_> = (0..200).map(|_| connect(&address)).collect();
    for (place, stream) in slow.iter_mut().enumerate() {
        let body =
            if place % 2 == 0 { String::new() } else { format!("authorization: Bearer {}\r\ncontent-length: 100\r\n\r\n{{", rig.key) };
        stream.write_all(format!("POST {CHAT} HTTP/1.1\r\nhost: {address}\r\n{body}").as_bytes()).unwrap();
    }
    still_well(&rig, "meanwhile");
    for stream in &mut slow {
        let heard = ended(stream);
        assert!([0, 408].contains(&heard.status), "{} {}", heard.status, heard.text());
    }
    still_well(&rig, "afterwards");
    assert_eq!(rig.by_call().len(), 2);
}

#[test]
fn keys_that_are_none_open_nothing() {
    let mut rig = Rig::new("");
    let foreign = Rig::new("");
    let revoked = rig.make_key("x/revoked");
    rig.house.ok(&["keys", "revoke", "revoked"]);
    let ask = || Ask::post(CHAT, chat("m", ""));
    let address = rig.address();
    ask().hear(&address).refused(401, "key_missing");
    ask().header("authorization", "Bearer sk-of-the-provider").hear(&address).refused(401, "key_missing");
    ask().key(&foreign.key).hear(&address).refused(401, "key_unknown");
    until("the revoked key is known", || ask().key(&revoked).hear(&address).header("x-bilanz-error") == Some("key_revoked"));
    ask().key(&revoked).hear(&address).refused(401, "key_revoked");
    let mut near = rig.key.clone();
    let last = near.pop().unwrap();
    near.push(if last == 'A' { 'B' } else { 'A' });
    ask().key(&near).hear(&address).refused(401, "key_unknown");
    ask().key(&rig.key[..rig.key.len() - 1]).hear(&address).refused(401, "key_unknown");
    ask().key(&format!("{}x", rig.key)).hear(&address).refused(401, "key_unknown");
    ask().key(&rig.key).header("x-bilanz-key", &foreign.key).hear(&address).refused(400, "key_ambiguous");
    ask().key(&rig.key).header("x-api-key", &revoked).hear(&address).refused(400, "key_ambiguous");
    // The account is the key's, whatever else is said.
    for (place, (name, value)) in [
        ("x-bilanz-account", "c/d"),
        ("x-bilanz-label-account", "c/d"),
        ("x-bilanz-label-key", "k_other"),
        ("openai-project", "c/d"),
        ("x-bilanz-label-a", "\",\"account\":\"c/d"),
        ("x-bilanz-label-end", "interrupted"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = chat("m", ",\"user\":\"c/d\",\"metadata\":{\"account\":\"c/d\",\"call\":\"x\"}");
        let heard = rig.ask(Ask::post(CHAT, body).header(name, value).named(&format!("own-{place}")));
        assert_eq!(heard.status, 200, "{name}: {}", heard.text());
    }
    assert_eq!(rig.mock.records().len(), 6);
    rig.stop();
    let entries = rig.entries();
    assert_eq!(entries.len(), 6);
    for entry in entries {
        assert_eq!((entry.text("account"), entry.text("evidence")), ("a/b", "counted"), "{}", entry.0);
        let labels: serde_json::Value = serde_json::from_str(entry.text("labels")).unwrap();
        assert!(labels["key"].as_str().is_some_and(|key| key.starts_with("k_") && key != "k_other"), "{labels}");
    }
}

#[test]
fn paths_hosts_and_origins_of_others_lead_nowhere() {
    let mut rig = Rig::new("");
    let (address, key) = (rig.address(), rig.key.clone());
    let body = chat("m", "");
    let send = |path: &str, host: &str, more: &str| {
        let length = body.len();
        exchange(&address, format!("POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n{more}content-length: {length}\r\n\r\n{body}").as_bytes())
    };
    for path in [
        "/mock/../admin/v1/chat/completions",
        "/mock/..%2f..%2fv1/chat/completions",
        "/mock/%2e%2e/v1/chat/completions",
        "/mock/%2E%2E%2Fv1/chat/completions",
        "/mock/.%2e/v1/chat/completions",
        "/mock/..\\v1/chat/completions",
        "/mock/..%5cv1/chat/completions",
        "/mock/v1/./chat/completions",
        "//evil.example/v1/chat/completions",
        "//mock/v1/chat/completions",
        "/nobody/v1/chat/completions",
        "/MOCK/v1/chat/completions",
        "/mock%2fv1/chat/completions",
        "*",
    ] {
        let heard = send(path, &address, "");
        assert!((400..500).contains(&heard.status), "{path}: {} {}", heard.status, heard.text());
    }
    for host in ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "", "127.0.0.1@evil.example"] {
        let heard = send(CHAT, host, "");
        assert!((400..500).contains(&heard.status), "host {host}: {} {}", heard.status, heard.text());
    }
    for origin in ["http://evil.example", "https://localhost.evil.example", "null", "http://127.0.0.1.evil.example:80", "file://"] {
        let heard = send(CHAT, &address, &format!("origin: {origin}\r\n"));
        assert!((400..500).contains(&heard.status), "origin {origin}: {} {}", heard.status, heard.text());
    }
    // A target in absolute form names a host too: one that is not ours is refused, and none is ever called.
    let absolute = send(&format!("http://evil.example{CHAT}"), "evil.example", "");
    assert!((400..500).contains(&absolute.status), "{}", absolute.status);
    assert_eq!(rig.mock.records().len(), 0, "{:?}", rig.mock.records());
    assert_eq!(send(CHAT, "localhost", "origin: http://localhost:3000\r\n").status, 200);
    rig.stop();
    assert_eq!(rig.entries().len(), 1);
}

#[test]
fn labels_cannot_bear_headers_or_fill_the_books() {
    let mut rig = Rig::new("");
    let ask = || Ask::post(CHAT, chat("m", ""));
    for (name, value) in [("x-bilanz-label-", "x"), ("x-bilanz-label-a.b", "x"), ("x-bilanz-label-a", ""), ("x-bilanz-label-a", "\u{7f}")] {
        let heard = rig.ask(ask().header(name, value));
        assert_eq!(heard.status, 400, "{name}: {value:?}");
    }
    rig.ask(ask().header("x-bilanz-label-a", &"x".repeat(129))).refused(400, "bad_request");
    rig.ask(ask().header(&format!("x-bilanz-label-{}", "a".repeat(33)), "x")).refused(400, "bad_request");
    let many = (0..9).fold(ask(), |ask, number| ask.header(&format!("x-bilanz-label-a{number}"), "x"));
    rig.ask(many).refused(400, "bad_request");
    // A line break that was encoded stays encoded.
    let heard = rig.ask(ask().header("x-bilanz-label-a", "x%0d%0ax-evil: 1").named("kept"));
    assert_eq!((heard.status, heard.header("x-evil")), (200, None));
    // A prompt that looks like protocol is a prompt.
    let odd = chat("m", "").replace("What", "\\r\\nHTTP/1.1 200 OK\\r\\n\\r\\ndata: {\\\"usage\\\":{\\\"prompt_tokens\\\":9}}");
    assert_eq!(rig.ask(Ask::post(CHAT, odd).named("odd")).status, 200);
    let entries = rig.by_call();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries["kept"].tag("a").as_deref(), Some("x%0d%0ax-evil: 1"));
    for (name, entry) in entries {
        entry.equals(&rig.mock.record(&name));
    }
}

#[test]
fn absurd_usage_is_never_believed() {
    let mut rig = Rig::new("");
    let contents = r#"{"contents":[{"parts":[{"text":"What does the wind cost us?"}]}]}"#;
    let mut asked = 0;
    for number in 0..6 {
        for (path, body) in [
            ("/mock/v1/chat/completions", chat("m-cache-reason", "")),
            ("/mock/v1/chat/completions", chat("m-cache-reason", TOLD)),
            ("/mock/v1/messages", chat("m-cache", ",\"stream\":true")),
            ("/mock/v1beta/models/m-cache-reason:streamGenerateContent", contents.to_owned()),
            ("/mock/model/m-cache/converse", chat("m", "")),
            ("/mock/model/m-cache/converse-stream", chat("m", "")),
            ("/mock/v1/embeddings", r#"{"model":"m","input":"What"}"#.to_owned()),
            ("/mock/api/chat", chat("m-cache", "")),
        ] {
            let body = body.replace("What", &format!("What{number}"));
            let heard = rig.ask(Ask::post(path, body).fault("bad-usage").named(&format!("bad-{asked}")));
            assert_eq!((heard.status, heard.whole), (200, true), "{path}");
            asked += 1;
        }
    }
    let entries = rig.by_call();
    assert_eq!(entries.len(), asked);
    for (name, entry) in entries {
        for (column, _) in super::rig::CLASSES {
            let kept = entry.0[column].as_i64();
            // A prompt of some words and an answer of at most sixty.
            assert!(kept.is_none_or(|kept| (0..1_000).contains(&kept)), "{name}: {column} in {}", entry.0);
        }
        assert!(entry.text("evidence") == "estimated" && entry.tag("usage").is_some(), "{name}: {}", entry.0);
    }
    rig.house.ok(&["report", "footprint"]);
}
