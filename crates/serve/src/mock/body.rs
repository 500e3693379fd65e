//! The body of an answer: frames, waits between them, and perhaps a break, told to the ledger when it is dropped.

use super::record::Guard;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::Sleep;

/// What a body does next.
#[derive(Debug)]
pub(super) enum Step {
    /// Sends bytes that hold so many visible tokens.
    Data(Bytes, u32),
    /// Waits, in milliseconds.
    Wait(u64),
    /// Breaks the connection.
    Break,
}

/// A body that follows steps.
#[derive(Debug)]
pub(super) struct MockBody {
    steps: VecDeque<Step>,
    sleep: Option<Pin<Box<Sleep>>>,
    /// Bytes left, when the length is told.
    left: Option<u64>,
    guard: Guard,
}

impl MockBody {
    /// A body; with `length` its head tells a content length.
    pub(super) fn new(steps: VecDeque<Step>, length: Option<u64>, guard: Guard) -> Self {
        Self { steps, sleep: None, left: length, guard }
    }
}

impl Body for MockBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            if let Some(sleep) = &mut self.sleep {
                ready!(sleep.as_mut().poll(context));
                self.sleep = None;
            }
            match self.steps.pop_front() {
                None => return Poll::Ready(None),
                Some(Step::Wait(wait_ms)) => self.sleep = Some(Box::pin(tokio::time::sleep(Duration::from_millis(wait_ms)))),
                Some(Step::Break) => {
                    self.guard.cut = true;
                    self.steps.clear();
                    return Poll::Ready(Some(Err(io::Error::other("broken on demand"))));
                }
                Some(Step::Data(bytes, tokens)) => {
                    let length = bytes.len() as u64;
                    self.left = self.left.map(|left| left.saturating_sub(length));
                    self.guard.note(|record| {
                        record.bytes += length;
                        record.tokens_sent += u64::from(tokens);
                    });
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty() && self.sleep.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map(SizeHint::with_exact).unwrap_or_default()
    }
}

impl Drop for MockBody {
    fn drop(&mut self) {
        let complete = self.is_end_stream();
        self.guard.note(|record| record.complete = complete);
    }
}
