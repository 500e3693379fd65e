//! The mock driven over a loopback socket.

mod dialects;
mod failures;
mod keeping;
mod protocols;

use super::{Mock, Options, Record};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

/// A mock on a free port.
fn mock(options: Options) -> Mock {
    Mock::start(TcpListener::bind("127.0.0.1:0").unwrap(), options).unwrap()
}

/// What came over the socket until it closed.
struct Heard {
    head: String,
    /// Everything behind the head, as it was sent.
    raw: Vec<u8>,
}

impl Heard {
    fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
    }

    fn length(&self) -> Option<usize> {
        self.header("content-length").map(|length| length.parse().unwrap())
    }

    /// The chunks of a chunked body, and whether its end was told; a body with a length is one chunk.
    fn chunks(&self) -> (Vec<Vec<u8>>, bool) {
        if self.header("transfer-encoding") != Some("chunked") {
            return (vec![self.raw.clone()], self.length().is_none_or(|length| length == self.raw.len()));
        }
        let (mut chunks, mut rest) = (Vec::new(), &self.raw[..]);
        while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
            let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
            if size == 0 {
                return (chunks, true);
            }
            chunks.push(rest[end + 2..end + 2 + size].to_vec());
            rest = &rest[end + 4 + size..];
        }
        (chunks, false)
    }

    fn whole(&self) -> bool {
        self.chunks().1
    }

    fn bytes(&self) -> Vec<u8> {
        self.chunks().0.concat()
    }

    fn text(&self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes()).unwrap()
    }

    /// The data of the events that are JSON.
    fn events(&self) -> Vec<Value> {
        self.text().lines().filter_map(|line| line.strip_prefix("data: ")).filter_map(|data| serde_json::from_str(data).ok()).collect()
    }
}

fn send(mock: &Mock, path: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let method = if body.is_empty() { "GET" } else { "POST" };
    let head = format!("{method} {path} HTTP/1.1\r\nhost: mock\r\nconnection: close\r\n{more}content-length: {length}\r\n\r\n{body}");
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn hear(mut stream: TcpStream) -> Heard {
    let mut all = Vec::new();
    // A reset at the end is an end too.
    let _ = stream.read_to_end(&mut all);
    let place = all.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, raw) = place.map_or((Vec::new(), Vec::new()), |place| (all[..place].to_vec(), all[place + 4..].to_vec()));
    Heard { head: String::from_utf8(head).unwrap(), raw }
}

fn ask(mock: &Mock, path: &str, headers: &[(&str, &str)], body: &str) -> Heard {
    hear(send(mock, path, headers, body))
}

/// An OpenAI chat body.
fn chat(model: &str, stream: bool) -> String {
    let options = if stream { ",\"stream\":true,\"stream_options\":{\"include_usage\":true}" } else { "" };
    format!("{{\"model\":\"{model}\"{options},\"messages\":[{{\"role\":\"user\",\"content\":\"What does the sea cost?\"}}]}}")
}

const CHAT: &str = "/v1/chat/completions";

/// The record of a request, once it is there.
fn record(mock: &Mock, id: &str) -> Record {
    for _ in 0..20_000 {
        if let Some(record) = mock.records().into_iter().find(|record| record.id == id) {
            return record;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("no record of {id}");
}
