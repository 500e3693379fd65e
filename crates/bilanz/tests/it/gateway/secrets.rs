//! What passes is not kept: prompts, answers, keys and credentials are nowhere in the books, the journals or the output.

use super::rig::{Rig, Server};
use super::wire::{Ask, CHAT, TOLD, chat, hang_up};
use crate::house::{binary, files};

const PROMPT: &str = "xyzzyPROMPTxyzzy";
const SYSTEM: &str = "xyzzySYSTEMxyzzy";
const OWN_KEY: &str = "sk-xyzzyPROVIDERKEYxyzzy";
const HELD_KEY: &str = "sk-xyzzyHELDKEYxyzzy";
const QUERY_KEY: &str = "AIzaXyzzyQUERYKEYxyzzy";
const COOKIE: &str = "session=xyzzyCOOKIExyzzy";

fn body(more: &str) -> String {
    chat("m", more)
        .replace("\"messages\":[", &format!("\"messages\":[{{\"role\":\"system\",\"content\":\"{SYSTEM}\"}},"))
        .replace("What does", PROMPT)
}

/// Reads everything below the folder and fails where one of `words` stands.
fn nowhere(folder: &std::path::Path, words: &[&str]) {
    let mut all = Vec::new();
    files(folder, &mut all);
    assert!(!all.is_empty());
    for path in all.iter().filter(|path| path.extension().is_none_or(|kind| kind != "toml" && kind != "jsonl")) {
        let bytes = std::fs::read(path).unwrap();
        for word in words {
            assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word} stands in {}", path.display());
        }
    }
}

#[test]
fn nothing_that_passes_is_kept_or_said() {
    let mut rig = Rig::new("[upstream.gone]\nbase_url = \"http://127.0.0.1:9\"\n");
    rig.stop();
    let path = rig.house.books().join("bilanz.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let held = format!("[upstream.held]\nbase_url = \"http://{}\"\ncredential_env = \"MOCK_KEY\"\nretries = 0\n", rig.mock.address);
    std::fs::write(path, config + &held).unwrap();
    let mut command = rig.serve();
    command.env("MOCK_KEY", HELD_KEY);
    rig.start_as(command);
    let own =
        |ask: Ask| ask.header("x-bilanz-key", &rig.key).header("authorization", &format!("Bearer {OWN_KEY}")).header("cookie", COOKIE);
    let mut answers = Vec::new();
    for fault in ["", "no-usage", "429", "error-in-stream", "reset", "bad-usage", "gzip"] {
        for more in ["", TOLD, ",\"stream\":true"] {
            answers.push(own(Ask::post(CHAT, body(more)).fault(fault)).hear(&rig.address()));
            answers.push(rig.ask(Ask::post("/held/v1/messages", body(more)).fault(fault)));
        }
    }
    let contents = format!("{{\"contents\":[{{\"parts\":[{{\"text\":\"{PROMPT}\"}}]}}]}}");
    let path = format!("/mock/v1beta/models/m:streamGenerateContent?alt=sse&key={QUERY_KEY}");
    answers.push(Ask::post(&path, contents).header("x-bilanz-key", &rig.key).hear(&rig.address()));
    // What is not understood, not allowed or not reached is not repeated either.
    for ask in [
        Ask::post(CHAT, format!("{{\"model\":\"m\",\"messages\":\"{PROMPT}")),
        Ask::post("/gone/v1/chat/completions", body("")),
        Ask::post(&format!("/nobody/{PROMPT}?key={QUERY_KEY}"), body("")),
        Ask::post(CHAT, body("")).header("x-bilanz-label-a.b", PROMPT),
        Ask::post(CHAT, body("")).header("content-encoding", "gzip"),
    ] {
        let heard = own(ask).hear(&rig.address());
        assert!(
            heard.status >= 400 && !heard.text().contains(PROMPT) && !heard.text().contains(OWN_KEY) && !heard.text().contains(&rig.key),
            "{}",
            heard.text()
        );
        answers.push(heard);
    }
    let unknown = Ask::post(CHAT, body("")).header("x-bilanz-key", "blz_xyzzyUNKNOWNxyzzy").hear(&rig.address());
    assert!(unknown.status == 401 && !unknown.text().contains("xyzzyUNKNOWN"), "{}", unknown.text());
    hang_up(&rig.address(), &own(Ask::post(CHAT, body(TOLD)).fault("slow=20")), 3, b"\n\n");
    // Some words of the answers, as they stood.
    let spoken: Vec<String> = answers
        .iter()
        .filter(|heard| heard.status == 200)
        .filter_map(|heard| heard.json_or_null().pointer("/choices/0/message/content").and_then(|text| text.as_str()).map(str::to_owned))
        .filter(|text| text.len() > 20)
        .collect();
    assert!(!spoken.is_empty());
    let key = rig.key.clone();
    let mut words = vec![PROMPT, SYSTEM, OWN_KEY, HELD_KEY, QUERY_KEY, COOKIE, "xyzzyUNKNOWNxyzzy", key.as_str()];
    words.extend(spoken.iter().map(String::as_str));
    let house = rig.house.path().to_owned();
    // While the journals lie open, and once they are sealed; the provider's ledger and its output are not ours.
    nowhere(&house, &words);
    rig.stop();
    nowhere(&house, &words);
    // The segments are compressed; so the rows themselves, too.
    for entry in rig.entries() {
        let row = entry.0.to_string();
        assert!(words.iter().all(|word| !row.contains(word)), "{row}");
    }
    let keys = std::fs::read_to_string(rig.house.books().join("keys.toml")).unwrap();
    assert!(!keys.contains(&key), "the key stands in keys.toml");
    for arguments in [&["keys", "list"][..], &["report", "footprint"], &["verify"]] {
        let said = rig.house.ok(arguments);
        assert!(words.iter().all(|word| !said.contains(word)), "{arguments:?}: {said}");
    }
}

#[test]
fn a_credential_of_the_gateway_goes_to_its_upstream_alone() {
    // A plain listener in place of a provider: what reaches it is seen byte by byte.
    let mut rig = Rig::new("");
    rig.stop();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let config = format!(
        "[gateway]\nrequire_keys = true\n[upstream.seen]\nbase_url = \"http://{address}\"\ncredential_env = \"MOCK_KEY\"\nretries = 0\n[upstream.bare]\nbase_url = \"http://{address}\"\nretries = 0\n"
    );
    std::fs::write(rig.house.books().join("bilanz.toml"), config).unwrap();
    let mut command = rig.serve();
    command.env("MOCK_KEY", HELD_KEY);
    rig.gateway = Some(Server::start(command, &rig.house.path().join("gateway.stderr")));
    assert!(binary().ends_with("bilanz"));
    for (path, held) in [("/seen/v1/chat/completions", true), ("/bare/v1/chat/completions", false), ("/seen/v1/models", true)] {
        let ask = Ask::post(path, body(""))
            .header("x-bilanz-key", &rig.key)
            .header("x-bilanz-label-team", "t")
            .header("authorization", &format!("Bearer {OWN_KEY}"));
        let bytes = ask.bytes(&rig.address());
        let gateway = rig.address();
        let client = std::thread::spawn(move || super::wire::exchange(&gateway, &bytes));
        let (mut stream, _) = listener.accept().unwrap();
        let seen = read_request(&mut stream);
        drop(stream);
        client.join().unwrap();
        assert!(seen.contains(PROMPT), "{seen}");
        assert!(!seen.contains(&rig.key) && !seen.to_ascii_lowercase().contains("x-bilanz-"), "{seen}");
        assert_eq!((seen.contains(HELD_KEY), seen.contains(OWN_KEY)), (held, !held), "{seen}");
        assert!(seen.contains(&format!("host: {address}")), "{seen}");
    }
    rig.stop();
}

fn read_request(stream: &mut std::net::TcpStream) -> String {
    use std::io::Read as _;
    stream.set_read_timeout(Some(super::wire::PATIENCE)).unwrap();
    let mut all = Vec::new();
    let mut part = [0; 4096];
    loop {
        let count = stream.read(&mut part).unwrap();
        all.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&all).into_owned();
        let length =
            text.to_ascii_lowercase().split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse::<usize>().ok());
        if count == 0 || text.split_once("\r\n\r\n").is_some_and(|(_, body)| length.is_some_and(|length| body.len() >= length)) {
            return text;
        }
    }
}
