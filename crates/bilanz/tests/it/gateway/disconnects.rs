//! Clients that go away: the entry is there all the same, by estimate when the upstream was stopped, counted when it was
//! heard to its end.

use super::rig::Rig;
use super::wire::{Ask, TOLD, chat, connect, hang_up, until};
use std::io::Write as _;

const UPSTREAMS: &str = "
[upstream.stops]
base_url = \"http://MOCK\"
on_disconnect = \"abort\"
retries = 0
[upstream.listens]
base_url = \"http://MOCK\"
on_disconnect = \"drain\"
retries = 0
";

/// Path behind the upstream, body, what ends a frame of its stream.
fn streams() -> [(&'static str, String, &'static [u8]); 6] {
    let silent = ",\"stream\":true";
    let contents = r#"{"contents":[{"parts":[{"text":"What does the wind cost us, and who pays?"}]}]}"#.to_owned();
    [
        ("/v1/chat/completions", chat("m", TOLD), b"\n\n"),
        ("/v1/chat/completions", chat("m", silent), b"\n\n"),
        ("/v1/messages", chat("m", ",\"max_tokens\":99,\"stream\":true"), b"\n\n"),
        ("/v1beta/models/m:streamGenerateContent?alt=sse", contents, b"responseId"),
        ("/model/m/converse-stream", chat("m", ""), b"contentBlockDelta"),
        ("/api/chat", chat("m", ""), b"}\n"),
    ]
}

/// 24 words, the truth of every answer here.
const TRUTH: i64 = 24;

#[test]
fn a_client_that_leaves_within_a_stream_is_kept_in_the_books() {
    let mut rig = Rig::new(UPSTREAMS);
    let mut asked = Vec::new();
    std::thread::scope(|scope| {
        for (place, (path, body, ending)) in streams().into_iter().enumerate() {
            for frames in [1, 2, 5, 9] {
                for upstream in ["stops", "listens"] {
                    let name = format!("{upstream}-{place}-{frames}");
                    let ask = Ask::post(&format!("/{upstream}{path}"), body.clone()).fault("slow=40").named(&name);
                    let ask = ask.header("x-mock-usage", &format!("input=31,output={TRUTH}")).key(&rig.key);
                    asked.push((name, upstream == "listens", frames));
                    let address = rig.address();
                    scope.spawn(move || hang_up(&address, &ask, frames, ending));
                }
            }
        }
    });
    // The provider sees the end of each by itself, long before its own last word where it was stopped.
    let records: Vec<_> = asked.iter().map(|(name, ..)| rig.mock.record(name)).collect();
    let entries = rig.by_call();
    assert_eq!(entries.len(), asked.len());
    for ((name, listens, frames), record) in asked.iter().zip(records) {
        let entry = &entries[name];
        assert_eq!(entry.tag("end").as_deref(), Some("client_gone"), "{}", entry.0);
        assert_eq!(entry.count("requests_failed"), 0, "{}", entry.0);
        if *listens {
            assert!(record["complete"] == true && record["client_aborted"] == false, "{record}");
            entry.equals(&record);
            continue;
        }
        assert!(record["complete"] == false && record["client_aborted"] == true, "the upstream went on: {record}");
        entry.estimated();
        let (kept, sent) = (entry.count("output_tokens"), record["tokens_sent"].as_i64().unwrap());
        assert!(kept <= TRUTH + 8 && kept <= 2 * sent + 8, "{name}: estimated {kept}, sent {sent}");
        if *frames >= 5 {
            assert!(kept > 0 && kept * 4 >= sent, "{name}: estimated {kept}, sent {sent}");
        }
    }
}

#[test]
fn a_client_that_leaves_before_or_within_a_whole_answer_is_kept_in_the_books() {
    let mut rig = Rig::with(UPSTREAMS, &["--latency-ms", "1500"]);
    let mut names = Vec::new();
    for upstream in ["stops", "listens"] {
        for (way, fault) in [("before", ""), ("within", "slow=60")] {
            let name = format!("{upstream}-{way}");
            let ask = Ask::post(&format!("/{upstream}/v1/chat/completions"), chat("m", "")).named(&name).fault(fault);
            let ask = ask.key(&rig.key);
            if way == "before" {
                // The one that asks counts too.
                let active = || Ask::get("/mock/stats").hear(&rig.mock.address).json()["active"].as_u64();
                until("the provider has done with what was before", || active() == Some(1));
                let mut stream = connect(&rig.address());
                stream.write_all(&ask.bytes(&rig.address())).unwrap();
                until("the provider has the call", || active() == Some(2));
                drop(stream);
            } else {
                // The first of eight parts of the document.
                hang_up(&rig.address(), &ask, 1, b"{\"id\"");
            }
            names.push((name, upstream == "listens" && way == "within"));
        }
    }
    let records: Vec<_> = names.iter().map(|(name, _)| rig.mock.record(name)).collect();
    let entries = rig.by_call();
    assert_eq!(entries.len(), names.len());
    for ((name, counted), record) in names.iter().zip(records) {
        let entry = &entries[name];
        assert_eq!(entry.tag("end").as_deref(), Some("client_gone"), "{}", entry.0);
        if *counted {
            entry.equals(&record);
        } else {
            entry.estimated();
            assert_eq!(record["complete"], false, "{record}");
        }
    }
}

#[test]
fn a_gateway_that_ends_waits_for_the_answers_that_nobody_hears_any_more() {
    let mut rig = Rig::new(UPSTREAMS);
    let ask = Ask::post("/listens/v1/chat/completions", chat("m", TOLD)).fault("slow=400").named("last").key(&rig.key);
    hang_up(&rig.address(), &ask.header("x-mock-usage", "input=31,output=24"), 2, b"\n\n");
    let entries = rig.by_call();
    // Heard to its end or given up: it is there, and what was heard by then counts.
    let entry = &entries["last"];
    assert_eq!(entry.tag("end").as_deref(), Some("client_gone"), "{}", entry.0);
    assert!((1..=TRUTH + 8).contains(&entry.count("output_tokens")), "{}", entry.0);
}
