//! An answer on its way to the client: the same bytes, looked at as they pass; the record is written before the last are released.

use super::answer::BrokenOff;
use super::attempt::Attempt;
use super::impact;
use super::live::End;
use super::pool::Line;
use books::Entry;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use measure::usage::{Meter, Progress};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Sleep;

/// The longest an abandoned answer is read on.
const DRAIN_TIME: Duration = Duration::from_secs(120);
/// The most bytes of an abandoned answer that are read on.
const DRAIN_BYTES: u64 = 16 << 20;

/// A metered answer.
pub struct Metered {
    parts: Option<Parts>,
    out: VecDeque<Bytes>,
    /// What the last bytes wait for.
    wait: Option<oneshot::Receiver<()>>,
    /// What was written down, once the answer has ended.
    entry: Option<Box<Entry>>,
    /// Bytes that the client still gets, where the head says so.
    left: Option<u64>,
    /// Whether a comment with the impact follows the stream.
    comment: bool,
    ended: bool,
}

/// What reads the answer; goes on alone when the client is gone.
struct Parts {
    upstream: Incoming,
    line: Option<Line>,
    meter: Meter,
    attempt: Attempt,
    /// Bytes that the upstream still owes, where its head says so.
    owed: Option<u64>,
    idle: Option<Pin<Box<Sleep>>>,
}

impl Metered {
    /// Over the body of an answer whose head has come. `comment` adds what it cost at the end of the stream.
    pub fn new(upstream: Incoming, line: Line, meter: Meter, attempt: Attempt, comment: bool) -> Self {
        let owed = upstream.size_hint().exact();
        let left = owed;
        let parts = Parts { upstream, line: Some(line), meter, attempt, owed, idle: None };
        Self { parts: Some(parts), out: VecDeque::new(), wait: None, entry: None, left, comment, ended: false }
    }
}

impl Metered {
    /// What was written down; `None` before the body has been read to its end.
    pub fn entry(&self) -> Option<&Entry> {
        self.entry.as_deref()
    }
}

impl Parts {
    /// Takes what came. Returns what the last bytes wait for, when these are the last.
    fn take(&mut self, data: Bytes, out: &mut VecDeque<Bytes>) -> Option<oneshot::Receiver<()>> {
        if let Some(owed) = &mut self.owed {
            *owed = owed.saturating_sub(data.len() as u64);
        }
        let progress = self.meter.push(data, out);
        if self.meter.usage().output_begun {
            self.attempt.first_token();
        }
        if progress == Progress::Answered || self.owed == Some(0) { self.finish() } else { None }
    }

    /// The answer is whole.
    fn finish(&mut self) -> Option<oneshot::Receiver<()>> {
        let usage = self.meter.usage();
        let failed = !usage.error.is_empty() || self.attempt.status() >= 400;
        self.attempt.end(usage, if failed { End::Failed } else { End::Complete })
    }

    /// The connection has nothing more to say: another request may have it.
    fn give_back(&mut self) {
        if let Some(line) = self.line.take() {
            let upstream = self.attempt.upstream().clone();
            self.attempt.request().worker.pool.give_back(&upstream, line);
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ()>>> {
        match Pin::new(&mut self.upstream).poll_frame(context) {
            Poll::Ready(frame) => {
                self.idle = None;
                Poll::Ready(frame.map(|frame| frame.map_err(|_| ())))
            }
            Poll::Pending => {
                let patience = u64::from(self.attempt.upstream().config.idle_timeout_s);
                let idle = self.idle.get_or_insert_with(|| Box::pin(tokio::time::sleep(Duration::from_secs(patience))));
                match idle.as_mut().poll(context) {
                    Poll::Ready(()) => Poll::Ready(Some(Err(()))),
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        // The gateway ends while an answer is read on for nobody: what was heard of it by then still counts.
        if !self.attempt.has_ended() {
            self.attempt.end(self.meter.usage(), End::ClientGone);
        }
    }
}

impl Body for Metered {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let this = self.get_mut();
        loop {
            if let Some(wait) = &mut this.wait {
                match Pin::new(wait).poll(context) {
                    Poll::Pending => return Poll::Pending,
                    // The disk may have refused; that is counted there, and the answer is paid for.
                    Poll::Ready(_) => this.wait = None,
                }
            }
            if let Some(bytes) = this.out.pop_front() {
                if bytes.is_empty() {
                    continue;
                }
                if let Some(left) = &mut this.left {
                    *left = left.saturating_sub(bytes.len() as u64);
                }
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            if this.ended {
                this.entry = this.parts.take().map(|parts| Box::new(parts.attempt.entry().clone()));
                return Poll::Ready(None);
            }
            let Some(parts) = &mut this.parts else { return Poll::Ready(None) };
            match parts.poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => this.wait = parts.take(data, &mut this.out),
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                Poll::Ready(Some(Err(()))) => {
                    this.ended = true;
                    parts.attempt.end(parts.meter.usage(), End::UpstreamFault);
                    return Poll::Ready(Some(Err(BrokenOff)));
                }
                Poll::Ready(None) => {
                    this.ended = true;
                    parts.meter.end(&mut this.out);
                    this.wait = parts.finish();
                    parts.give_back();
                    // A stated length leaves no room for a comment.
                    if this.comment && this.left.is_none() {
                        this.out.extend(impact::comment(parts.attempt.request(), parts.attempt.entry()));
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended && self.out.is_empty() && self.wait.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        let Some(mut parts) = self.parts.take() else { return };
        if parts.attempt.has_ended() {
            // With a stated length nobody asks for the end of the body: the connection is good all the same.
            if parts.owed == Some(0) {
                parts.give_back();
            }
            return;
        }
        if parts.attempt.upstream().drains && tokio::runtime::Handle::try_current().is_ok() {
            drain(parts);
        } else {
            parts.attempt.end(parts.meter.usage(), End::ClientGone);
        }
    }
}

/// Reads an answer on whose client is gone, so that what the provider bills is known.
#[expect(
    clippy::disallowed_methods,
    reason = "nobody is left to wait for it; it is bounded in time and bytes, and writes its own end down"
)]
fn drain(mut parts: Parts) {
    tokio::spawn(async move {
        let mut bytes = 0;
        let reading = async {
            let mut out = VecDeque::new();
            while let Some(Ok(frame)) = std::future::poll_fn(|context| parts.poll(context)).await {
                let Ok(data) = frame.into_data() else { continue };
                bytes += data.len() as u64;
                if let Some(owed) = &mut parts.owed {
                    *owed = owed.saturating_sub(data.len() as u64);
                }
                let progress = parts.meter.push(data, &mut out);
                out.clear();
                if progress == Progress::Answered || parts.owed == Some(0) || bytes > DRAIN_BYTES {
                    break;
                }
            }
        };
        // Whatever was found by then is written down.
        let _ = tokio::time::timeout(DRAIN_TIME, reading).await;
        parts.attempt.end(parts.meter.usage(), End::ClientGone);
    });
}
