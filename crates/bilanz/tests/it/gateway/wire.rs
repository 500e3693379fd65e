//! HTTP/1 by hand: requests as bytes, answers as bytes, so that nothing between them is forgiving.

use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// The longest that a test waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A request before it is sent.
#[derive(Debug, Clone)]
pub struct Ask {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask {
    pub fn post(path: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { method: "POST", path: path.to_owned(), headers: Vec::new(), body: body.into() }
    }

    pub fn get(path: &str) -> Self {
        Self { method: "GET", path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a gateway key.
    pub fn key(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    /// With faults of the provider.
    pub fn fault(self, faults: &str) -> Self {
        if faults.is_empty() { self } else { self.header("x-mock-fault", faults) }
    }

    /// With a name that the provider's ledger and the entry both carry.
    pub fn named(self, name: &str) -> Self {
        self.header("x-request-id", name).header("x-bilanz-label-call", name)
    }

    /// The bytes, for the host `address`.
    pub fn bytes(&self, address: &str) -> Vec<u8> {
        let more: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let (method, path, length) = (self.method, &self.path, self.body.len());
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{more}content-length: {length}\r\n\r\n");
        [head.as_bytes(), &self.body].concat()
    }

    /// Sends and hears the whole answer.
    pub fn hear(&self, address: &str) -> Heard {
        exchange(address, &self.bytes(address))
    }
}

/// What came until the connection closed.
#[derive(Debug, Clone)]
pub struct Heard {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// The body without its framing.
    pub body: Vec<u8>,
    /// Whether the framing says that this was all.
    pub whole: bool,
}

impl Heard {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The id under which the books keep it.
    pub fn id(&self) -> String {
        self.header("x-bilanz-request-id").unwrap().to_owned()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The document, or nothing when it is none.
    pub fn json_or_null(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Expects a refusal of the gateway with this code.
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.header("x-bilanz-error")), (status, Some(code)), "{}", self.text());
        assert!(self.whole && self.json().is_object());
    }
}

/// Opens a connection on which nobody waits for ever.
pub fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends bytes, hears until the end.
pub fn exchange(address: &str, bytes: &[u8]) -> Heard {
    let mut stream = connect(address);
    // Who refuses early may close before all is sent.
    let _ = stream.write_all(bytes);
    hear(&mut stream)
}

/// Hears until the other side closes; a status of 0 says that nothing came.
pub fn hear(stream: &mut TcpStream) -> Heard {
    let mut all = Vec::new();
    let mut part = [0; 65_536];
    // A reset is an end too.
    while let Ok(count @ 1..) = stream.read(&mut part) {
        all.extend_from_slice(&part[..count]);
    }
    parse(&all)
}

/// An answer from its bytes; interim answers are left out.
pub fn parse(all: &[u8]) -> Heard {
    let Some(place) = all.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Heard { status: 0, headers: Vec::new(), body: all.to_vec(), whole: false };
    };
    let head = String::from_utf8_lossy(&all[..place]).into_owned();
    let raw = &all[place + 4..];
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    if (100..200).contains(&status) {
        return parse(raw);
    }
    let headers: Vec<(String, String)> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':').map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned())))
        .collect();
    let told = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let (body, whole) = if told("transfer-encoding") == Some("chunked") {
        dechunked(raw)
    } else {
        let whole = told("content-length").is_none_or(|length| length.parse() == Ok(raw.len()));
        (raw.to_vec(), whole)
    };
    Heard { status, headers, body, whole }
}

fn dechunked(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let Some(size) = std::str::from_utf8(&rest[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok()) else {
            return (body, false);
        };
        if size == 0 {
            return (body, rest.ends_with(b"\r\n\r\n"));
        }
        let Some(data) = rest.get(end + 2..end + 2 + size) else {
            body.extend_from_slice(&rest[end + 2..]);
            return (body, false);
        };
        body.extend_from_slice(data);
        rest = rest.get(end + 4 + size..).unwrap_or_default();
    }
    (body, false)
}

/// Sends a request, reads until so many events (or other frames ending in `ending`) came, and hangs up. Returns what came.
pub fn hang_up(address: &str, ask: &Ask, frames: usize, ending: &[u8]) -> Vec<u8> {
    let mut stream = connect(address);
    stream.write_all(&ask.bytes(address)).unwrap();
    let mut all = Vec::new();
    let mut part = [0; 4096];
    loop {
        let count = stream.read(&mut part).unwrap();
        assert!(count > 0, "the answer ended before the client did: {}", String::from_utf8_lossy(&all));
        all.extend_from_slice(&part[..count]);
        // Line ends of the head do not end a frame.
        let begin = all.windows(4).position(|four| four == b"\r\n\r\n").map_or(all.len(), |place| place + 4);
        if all[begin..].windows(ending.len()).filter(|window| *window == ending).count() >= frames {
            break;
        }
    }
    // Gone at once, in both directions.
    let _ = stream.shutdown(Shutdown::Both);
    all
}

/// Waits until something is so.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let begun = now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[expect(clippy::disallowed_methods, reason = "a test that hangs has to end")]
fn now() -> Instant {
    Instant::now()
}

/// A chat body of OpenAI's form.
pub fn chat(model: &str, more: &str) -> String {
    format!(
        "{{\"model\":\"{model}\"{more},\"messages\":[{{\"role\":\"user\",\"content\":\"What does the wind cost us, and who pays?\"}}]}}"
    )
}

/// A chat stream that asks for its usage itself.
pub const TOLD: &str = ",\"stream\":true,\"stream_options\":{\"include_usage\":true}";
/// Where chats go, behind the prefix of the upstream `mock`.
pub const CHAT: &str = "/mock/v1/chat/completions";
