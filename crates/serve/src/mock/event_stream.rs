//! AWS event-stream framing: length, headers, payload, and a CRC-32 of the prelude and of the whole.

use bytes::Bytes;

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// A message with text headers.
pub(super) fn message(headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(name.len() as u8);
        head.extend_from_slice(name.as_bytes());
        head.push(7); // a string
        head.extend_from_slice(&(value.len() as u16).to_be_bytes());
        head.extend_from_slice(value.as_bytes());
    }
    let total = 12 + head.len() + payload.len() + 4;
    let mut out = Vec::with_capacity(total);
    out.extend_from_slice(&(total as u32).to_be_bytes());
    out.extend_from_slice(&(head.len() as u32).to_be_bytes());
    out.extend_from_slice(&crc32(&out).to_be_bytes());
    out.extend_from_slice(&head);
    out.extend_from_slice(payload);
    out.extend_from_slice(&crc32(&out).to_be_bytes());
    out.into()
}

/// An event of a stream.
pub(super) fn event(kind: &str, payload: &str) -> Bytes {
    message(&[(":event-type", kind), (":content-type", "application/json"), (":message-type", "event")], payload.as_bytes())
}

/// An error after the head was sent.
pub(super) fn exception(kind: &str, payload: &str) -> Bytes {
    message(&[(":exception-type", kind), (":content-type", "application/json"), (":message-type", "exception")], payload.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn an_empty_message_is_that_of_the_aws_test_suite() {
        let expected = [0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff];
        assert_eq!(message(&[], b"")[..], expected);
    }
}
