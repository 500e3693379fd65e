//! The event stream of AWS: raw bytes, and payloads in right frames (cut at line feeds).
#![no_main]

mod common;

use libfuzzer_sys::fuzz_target;

fn crc(bytes: &[u8]) -> [u8; 4] {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum().to_be_bytes()
}

fn frame(part: &[u8]) -> Vec<u8> {
    let cut = part.first().map_or(0, |byte| usize::from(*byte) % 64).min(part.len());
    let (headers, payload) = part.split_at(cut);
    let mut frame = Vec::new();
    frame.extend_from_slice(&(16 + part.len() as u32).to_be_bytes());
    frame.extend_from_slice(&(headers.len() as u32).to_be_bytes());
    frame.extend_from_slice(&crc(&frame));
    frame.extend_from_slice(headers);
    frame.extend_from_slice(payload);
    frame.extend_from_slice(&crc(&frame));
    frame
}

fuzz_target!(|data: &[u8]| {
    if let [mode, step, body @ ..] = data {
        let operation =
            if mode & 1 == 1 { measure::usage::Operation::InvokeModelStream } else { measure::usage::Operation::ConverseStream };
        let framed;
        let body = if mode & 2 == 2 {
            framed = body.split(|byte| *byte == b'\n').flat_map(frame).collect::<Vec<u8>>();
            &framed
        } else {
            body
        };
        common::check(operation, &common::head("application/vnd.amazon.eventstream"), false, *step, body);
    }
});
