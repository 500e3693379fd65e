//! Event streams of AWS, built after the format.
#![allow(clippy::unwrap_used)]

use base64::Engine;

/// A frame with these headers (name, value) and payload.
pub fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(u8::try_from(name.len()).unwrap());
        head.extend_from_slice(name.as_bytes());
        head.push(7);
        head.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        head.extend_from_slice(value.as_bytes());
    }
    let total = u32::try_from(16 + head.len() + payload.len()).unwrap();
    let mut frame = Vec::new();
    frame.extend_from_slice(&total.to_be_bytes());
    frame.extend_from_slice(&u32::try_from(head.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(&crc(&frame).to_be_bytes());
    frame.extend_from_slice(&head);
    frame.extend_from_slice(payload);
    frame.extend_from_slice(&crc(&frame).to_be_bytes());
    frame
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// An event of this type.
pub fn event(kind: &str, payload: &str) -> Vec<u8> {
    frame(&[(":event-type", kind), (":content-type", "application/json"), (":message-type", "event")], payload.as_bytes())
}

/// A chunk of `InvokeModelWithResponseStream`.
pub fn chunk(document: &str) -> Vec<u8> {
    let bytes = base64::engine::general_purpose::STANDARD.encode(document);
    event("chunk", &format!(r#"{{"bytes":"{bytes}","p":"abcdefgh"}}"#))
}

/// A conversation.
pub fn converse() -> Vec<u8> {
    [
        event("messageStart", r#"{"p":"abcd","role":"assistant"}"#),
        event("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"text":"Hi \"usage\""},"p":"ab"}"#),
        event("contentBlockStop", r#"{"contentBlockIndex":0}"#),
        event("messageStop", r#"{"stopReason":"end_turn"}"#),
        event(
            "metadata",
            r#"{"metrics":{"latencyMs":700},"usage":{"inputTokens":30,"outputTokens":9,"totalTokens":44,"cacheReadInputTokens":5}}"#,
        ),
    ]
    .concat()
}

/// A stream of a maker's own documents.
pub fn invoke() -> Vec<u8> {
    [
        chunk(r#"{"type":"message_start","message":{"id":"m","model":"claude-haiku-4-5","usage":{"input_tokens":20,"output_tokens":1}}}"#),
        chunk(r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello ä"}}"#),
        chunk(r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":10}}"#),
        chunk(r#"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":21,"outputTokenCount":11,"invocationLatency":900,"firstByteLatency":200,"cacheReadInputTokenCount":7}}"#),
    ]
    .concat()
}
