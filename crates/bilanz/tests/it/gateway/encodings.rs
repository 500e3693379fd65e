//! Other ways to speak: compressed and chunked bodies, HTTP/1.0, HTTP/2, interim answers, trailers. The words and the
//! counts are the same in all of them.

use super::h2;
use super::rig::Rig;
use super::wire::{Ask, CHAT, TOLD, chat, connect, exchange, hear, parse};
use std::io::{Read as _, Write as _};

/// gzip with one stored block.
fn gzip(data: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (0u32.wrapping_sub(crc & 1)));
        }
    }
    let length = u16::try_from(data.len()).unwrap();
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(data);
    out.extend_from_slice(&(!crc).to_le_bytes());
    out.extend_from_slice(&u32::from(length).to_le_bytes());
    out
}

/// zstd with one raw block.
fn zstd(data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000];
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&((length << 3) | 1).to_le_bytes()[..3]);
    out.extend_from_slice(data);
    out
}

/// Brotli with one stored meta-block and an empty last one.
fn brotli(data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap() - 1;
    assert!(length < 1 << 16);
    // One bit: window of 16. Then: not the last, four nibbles of length, stored.
    let head = (length << 4) | (1 << 20);
    let mut out = head.to_le_bytes()[..3].to_vec();
    out.extend_from_slice(data);
    out.push(3);
    out
}

#[test]
fn a_compressed_request_is_read_and_passed_on() {
    let mut rig = Rig::new("");
    type Coder = fn(&[u8]) -> Vec<u8>;
    for (name, code) in [("gzip", gzip as Coder), ("zstd", zstd), ("br", brotli), ("identity", <[u8]>::to_vec)] {
        for more in ["", TOLD, ",\"stream\":true"] {
            let body = chat("m-cache-reason", more);
            let ask = Ask::post(CHAT, code(body.as_bytes())).named(&format!("{name}{}", more.len())).header("content-encoding", name);
            let heard = rig.ask(ask);
            // The provider itself reads no compressed bodies; only one that the gateway edits, or none, is plain.
            let reads = name == "identity" || more == ",\"stream\":true";
            assert_eq!((heard.status == 200, heard.whole), (reads, true), "{name}{more}: {}", heard.text());
        }
        let broken = rig.ask(Ask::post(CHAT, "{\"model\":\"m\"").header("content-encoding", name));
        broken.refused(400, "bad_request");
    }
    let other = rig.ask(Ask::post(CHAT, chat("m", "")).header("content-encoding", "compress"));
    other.refused(400, "bad_request");
    for (name, entry) in rig.by_call() {
        let record = rig.mock.record(&name);
        if record["status"] == 200 {
            entry.equals(&record);
            assert_eq!(entry.text("model_reported"), "m-cache-reason");
        } else {
            assert_eq!((entry.tag("status").as_deref(), entry.count("input_tokens")), (Some("400"), 0));
        }
    }
}

#[test]
fn a_bomb_is_refused_before_it_unfolds() {
    let mut rig = Rig::new("[gateway]\nrequire_keys = true\nmax_body_mib = 1\n");
    // 64 blocks of 128 kB, each one byte repeated.
    let mut bomb = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0x58];
    for place in 0..64 {
        let head: u32 = (131_072 << 3) | (1 << 1) | u32::from(place == 63);
        bomb.extend_from_slice(&head.to_le_bytes()[..3]);
        bomb.push(b' ');
    }
    rig.ask(Ask::post(CHAT, bomb).header("content-encoding", "zstd")).refused(400, "bad_request");
    rig.ask(Ask::post(CHAT, vec![b' '; (1 << 20) + 1])).refused(413, "too_large");
    assert_eq!(rig.by_call().len(), 0);
}

#[test]
fn chunks_trailers_old_clients_and_interim_answers_are_understood() {
    let mut rig = Rig::new("");
    let (address, key) = (rig.address(), rig.key.clone());
    let head = |version: &str, name: &str, more: &str| {
        format!(
            "POST {CHAT} HTTP/{version}\r\nhost: {address}\r\nauthorization: Bearer {key}\r\nx-request-id: {name}\r\nx-bilanz-label-call: {name}\r\n{more}\r\n"
        )
    };
    let body = chat("m", TOLD);
    let (front, back) = body.split_at(20);
    let chunks = format!("{:x};note=1\r\n{front}\r\n{:X}\r\n{back}\r\n0\r\nx-checksum: 1\r\n\r\n", front.len(), back.len());
    let chunked = exchange(
        &address,
        format!("{}{chunks}", head("1.1", "chunked", "connection: close\r\ntransfer-encoding: chunked\r\ntrailer: x-checksum\r\n"))
            .as_bytes(),
    );
    assert_eq!((chunked.status, chunked.whole), (200, true), "{}", chunked.text());
    // One byte at a time, as the slowest of clients.
    let mut stream = connect(&address);
    for byte in format!("{}{body}", head("1.1", "drops", &format!("connection: close\r\ncontent-length: {}\r\n", body.len()))).bytes() {
        stream.write_all(&[byte]).unwrap();
    }
    let drops = hear(&mut stream);
    // An old client gets no chunks: the end of the connection ends the answer.
    let old = exchange(&address, format!("{}{body}", head("1.0", "old", &format!("content-length: {}\r\n", body.len()))).as_bytes());
    assert_eq!((old.status, old.header("transfer-encoding")), (200, None), "{}", old.text());
    // A careful client sends its body only when it is asked to.
    let mut stream = connect(&address);
    let expects = head("1.1", "careful", &format!("connection: close\r\nexpect: 100-continue\r\ncontent-length: {}\r\n", body.len()));
    stream.write_all(expects.as_bytes()).unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(body.as_bytes()).unwrap();
    let careful = hear(&mut stream);
    // Two requests in one breath are answered in order.
    let first = head("1.1", "first", &format!("content-length: {}\r\n", body.len()));
    let second = head("1.1", "second", &format!("connection: close\r\ncontent-length: {}\r\n", body.len()));
    let mut stream = connect(&address);
    stream.write_all(format!("{first}{body}{second}{body}").as_bytes()).unwrap();
    let mut both = Vec::new();
    stream.read_to_end(&mut both).unwrap();
    let place = both.windows(9).rposition(|window| window == b"HTTP/1.1 ").unwrap();
    let (one, two) = (parse(&both[..place]), parse(&both[place..]));
    // Only the ids differ.
    let words = |text: &str| -> String {
        text.lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line.strip_prefix("data: ")?).ok())
            .map(|event| event["choices"].to_string())
            .collect()
    };
    for heard in [&drops, &old, &careful, &one, &two] {
        assert_eq!((heard.status, heard.whole, words(&heard.text())), (200, true, words(&chunked.text())));
    }
    let entries = rig.by_call();
    assert_eq!(entries.len(), 6);
    for (name, entry) in entries {
        entry.equals(&rig.mock.record(&name));
    }
}

#[test]
fn a_client_may_speak_http2() {
    let mut rig = Rig::new("");
    let direct = Ask::post("/v1/chat/completions", chat("m-cache-reason", TOLD)).hear(&rig.mock.address).text();
    let mut client = h2::Client::connect(&rig.address());
    let calls = [("two-told", TOLD), ("two-silent", ",\"stream\":true"), ("two-whole", "")];
    for (name, more) in calls {
        let headers =
            [("authorization", format!("Bearer {}", rig.key)), ("x-request-id", name.to_owned()), ("x-bilanz-label-call", name.to_owned())];
        let (status, body) = client.post(CHAT, &headers, chat("m-cache-reason", more).as_bytes());
        assert_eq!(status, 200, "{name}");
        let text = String::from_utf8(body).unwrap();
        if more == TOLD {
            assert_eq!(text.lines().count(), direct.lines().count());
        }
        assert!(text.contains("[DONE]") || more.is_empty());
    }
    // Without a key: refused, and the connection goes on.
    let (status, body) = client.post("/nobody/v1/chat/completions", &[], chat("m", "").as_bytes());
    assert_eq!(status, 404, "{}", String::from_utf8_lossy(&body));
    let entries = rig.by_call();
    assert_eq!(entries.len(), calls.len());
    for (name, entry) in entries {
        entry.equals(&rig.mock.record(&name));
    }
}
