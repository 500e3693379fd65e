//! The bodies that go to clients: short answers of our own, metered ones, and ones passed on.

use super::metered::Metered;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A body for the client.
pub enum Answer {
    /// Our own words.
    Own(Bytes),
    /// An answer of a provider, metered.
    Metered(Box<Metered>),
    /// An answer of a provider in which no model ran.
    Passing(Incoming),
}

/// The upstream broke off: the client is told by a broken connection, as without a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the upstream broke off")]
pub struct BrokenOff;

impl Body for Answer {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match self.get_mut() {
            Self::Own(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Own(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Metered(body) => Pin::new(&mut **body).poll_frame(context),
            Self::Passing(body) => Pin::new(body).poll_frame(context).map_err(|_| BrokenOff),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(bytes) => bytes.is_empty(),
            Self::Metered(body) => body.is_end_stream(),
            Self::Passing(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Metered(body) => body.size_hint(),
            Self::Passing(body) => body.size_hint(),
        }
    }
}
