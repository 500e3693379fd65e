//! HTTP/2 by hand, as far as a test needs it: one stream after another, literal headers, nothing compressed.

use super::wire::connect;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// A client that knew before that the other side speaks HTTP/2.
pub struct Client {
    stream: TcpStream,
    address: String,
    next: u32,
}

impl Client {
    pub fn connect(address: &str) -> Self {
        let mut client = Self { stream: connect(address), address: address.to_owned(), next: 1 };
        client.stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        client.send(SETTINGS, 0, 0, &[]);
        client.send(WINDOW_UPDATE, 0, 0, &0x0fff_ffffu32.to_be_bytes());
        client
    }

    fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = vec![length[1], length[2], length[3], kind, flags];
        frame.extend_from_slice(&stream.to_be_bytes());
        frame.extend_from_slice(payload);
        self.stream.write_all(&frame).unwrap();
    }

    fn receive(&mut self) -> (u8, u8, u32, Vec<u8>) {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head).unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).unwrap();
        (head[3], head[4], u32::from_be_bytes([head[5], head[6], head[7], head[8]]), payload)
    }

    /// Status and body; 0 when the stream was reset.
    pub fn post(&mut self, path: &str, headers: &[(&str, String)], body: &[u8]) -> (u16, Vec<u8>) {
        let stream = self.next;
        self.next += 2;
        let mut block = Vec::new();
        let address = self.address.clone();
        let length = body.len().to_string();
        let pseudo = [(":method", "POST"), (":scheme", "http"), (":authority", &address), (":path", path), ("content-length", &length)];
        for (name, value) in pseudo.into_iter().chain(headers.iter().map(|(name, value)| (*name, value.as_str()))) {
            // Literal, never indexed, no Huffman code.
            block.push(0x10);
            for text in [name, value] {
                assert!(text.len() < 127);
                block.push(text.len() as u8);
                block.extend_from_slice(text.as_bytes());
            }
        }
        self.send(HEADERS, END_HEADERS, stream, &block);
        self.send(DATA, END_STREAM, stream, body);
        let (mut status, mut heard) = (0, Vec::new());
        loop {
            let (kind, flags, of, payload) = self.receive();
            match kind {
                SETTINGS if flags & 1 == 0 => self.send(SETTINGS, 1, 0, &[]),
                HEADERS if of == stream => status = status_of(&payload),
                DATA if of == stream => heard.extend_from_slice(&payload),
                RST_STREAM if of == stream => return (0, heard),
                GOAWAY => panic!("the connection ends: {}", String::from_utf8_lossy(&payload)),
                _ => {}
            }
            if of == stream && matches!(kind, HEADERS | DATA) && flags & END_STREAM != 0 {
                return (status, heard);
            }
        }
    }
}

/// The status stands first: indexed (RFC 7541, appendix A), or as a literal of three digits.
fn status_of(block: &[u8]) -> u16 {
    const INDEXED: [u16; 7] = [200, 204, 206, 304, 400, 404, 500];
    // The size of the table may be told before.
    let block = if block[0] & 0xe0 == 0x20 { &block[1..] } else { block };
    match block[0] {
        first @ 0x88..=0x8e => INDEXED[usize::from(first - 0x88)],
        _ => panic!("a status that this client cannot read: {:x?}", &block[..8.min(block.len())]),
    }
}
