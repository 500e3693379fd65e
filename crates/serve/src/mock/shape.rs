//! From an answer to the steps of its body: faults of framing, of time and of the connection.

use super::answer::{Answer, Framing, Piece};
use super::body::Step;
use super::errors;
use super::faults::Faults;
use super::route::Dialect;
use bytes::Bytes;
use std::collections::VecDeque;
use std::io;

/// A body ready to be sent.
#[derive(Debug)]
pub(super) struct Shaped {
    pub(super) steps: VecDeque<Step>,
    /// Length that the head tells, and that holds unless a fault breaks it.
    pub(super) length: Option<u64>,
    /// A length that is not true.
    pub(super) wrong_length: Option<u64>,
    /// Whether the usage is still told at the end.
    pub(super) usage_told: bool,
}

/// Shapes a body.
///
/// # Errors
/// When compression fails.
pub(super) fn shape(answer: Answer, dialect: Dialect, faults: &Faults, token_ms: u64) -> io::Result<Shaped> {
    let Answer { framing, mut pieces, mut usage_told, .. } = answer;
    if *faults == Faults::default() && token_ms == 0 {
        let length = (framing == Framing::Plain).then(|| pieces.iter().map(|piece| piece.bytes.len() as u64).sum());
        let steps = pieces.into_iter().map(|piece| Step::Data(piece.bytes, piece.tokens)).collect();
        return Ok(Shaped { steps, length, wrong_length: None, usage_told });
    }
    if faults.error_in_stream && framing != Framing::Plain {
        pieces.truncate(pieces.len() / 2);
        pieces.push(Piece::new(errors::in_stream(dialect, framing), 0));
        usage_told = false;
    }
    if faults.comments && framing == Framing::Sse {
        let comment = || Piece::new(Bytes::from_static(b": keep-alive\n\n"), 0);
        pieces = pieces.into_iter().flat_map(|piece| [comment(), piece]).collect();
    }
    if faults.crlf && matches!(framing, Framing::Sse | Framing::Lines) {
        for piece in &mut pieces {
            piece.bytes = String::from_utf8_lossy(&piece.bytes).replace('\n', "\r\n").into();
        }
    }
    if let Some(coding) = faults.coding {
        let encoded = coding.encode(pieces.iter().map(|piece| piece.bytes.clone()).collect())?;
        for (piece, bytes) in pieces.iter_mut().zip(encoded) {
            piece.bytes = bytes;
        }
    }
    let total: u64 = pieces.iter().map(|piece| piece.bytes.len() as u64).sum();
    // A document has one piece; to stall or break in the middle it needs several.
    if framing == Framing::Plain && !faults.one_byte && (faults.stall_ms.is_some() || faults.slow_ms.is_some() || faults.cuts()) {
        let parts = if faults.slow_ms.is_some() { 8 } else { 2 };
        pieces = pieces.into_iter().flat_map(|piece| split(&piece, (piece.bytes.len().div_ceil(parts)).max(1))).collect();
    }
    let between_ms = faults.slow_ms.unwrap_or(if framing == Framing::Plain { 0 } else { token_ms });
    let middle = pieces.len() / 2;
    let mut steps = VecDeque::new();
    for (place, piece) in pieces.into_iter().enumerate() {
        if place == middle && place > 0 {
            if let Some(stall_ms) = faults.stall_ms {
                steps.push_back(Step::Wait(stall_ms));
            }
            if faults.reset {
                // What was sent before has to reach the caller first.
                steps.extend([Step::Wait(2), Step::Break]);
                usage_told = false;
                break;
            }
        }
        if place > 0 && between_ms > 0 {
            steps.push_back(Step::Wait(between_ms));
        }
        let size = if faults.one_byte { 1 } else { piece.bytes.len().max(1) };
        steps.extend(split(&piece, size).into_iter().map(|piece| Step::Data(piece.bytes, piece.tokens)));
    }
    let told = framing == Framing::Plain && !faults.chunked && !faults.one_byte && !faults.http10 && !faults.wrong_length;
    Ok(Shaped { steps, length: told.then_some(total), wrong_length: faults.wrong_length.then_some(total + 64), usage_told })
}

/// A piece in parts of `size` bytes; its tokens count with the last.
fn split(piece: &Piece, size: usize) -> Vec<Piece> {
    let length = piece.bytes.len();
    (0..length)
        .step_by(size)
        .map(|start| {
            let end = (start + size).min(length);
            Piece::new(piece.bytes.slice(start..end), if end == length { piece.tokens } else { 0 })
        })
        .collect()
}
