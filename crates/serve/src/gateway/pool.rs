//! Connections to upstreams: each thread keeps its own, so that no request wakes another thread.

use super::client_body::UpBody;
use super::upstream::Upstream;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;

/// Idle connections kept per upstream and thread.
const MOST_IDLE: usize = 512;

/// Why no answer began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No connection: the request was never sent.
    Unreachable,
    /// The certificate is not good.
    Certificate,
    /// The request may have been sent, and no answer came.
    Broken,
    /// No answer in time.
    TimedOut,
}

type Http1 = http1::SendRequest<UpBody>;
type Http2 = http2::SendRequest<UpBody>;

/// The connections of one thread.
pub struct Pool {
    lines: Vec<Mutex<Lines>>,
}

#[derive(Default)]
struct Lines {
    idle: Vec<Http1>,
    shared: Option<Http2>,
}

/// A connection in use; give it back when the answer has been read to its end.
pub enum Line {
    /// One request at a time.
    One(Http1),
    /// Shared by many.
    Shared,
}

enum Opened {
    One(Http1),
    Shared(Http2),
}

impl Pool {
    /// For so many upstreams.
    pub fn new(upstreams: usize) -> Self {
        Self { lines: (0..upstreams).map(|_| Mutex::default()).collect() }
    }

    fn lines(&self, upstream: &Upstream) -> Option<std::sync::MutexGuard<'_, Lines>> {
        Some(self.lines.get(upstream.index)?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a connection back that has read its answer to the end.
    pub fn give_back(&self, upstream: &Upstream, line: Line) {
        if let (Line::One(sender), Some(mut lines)) = (line, self.lines(upstream))
            && lines.idle.len() < MOST_IDLE
            && !sender.is_closed()
        {
            lines.idle.push(sender);
        }
    }

    /// Sends a request and waits for the head of its answer.
    pub async fn send(&self, upstream: &Arc<Upstream>, mut request: Request<UpBody>) -> Result<(Response<Incoming>, Line), Fault> {
        let patience = Duration::from_secs(u64::from(upstream.config.idle_timeout_s));
        // A connection that the upstream closed while it was idle shows itself before anything is sent.
        loop {
            let Some(mut sender) = self.lines(upstream).and_then(|mut lines| lines.idle.pop()) else { break };
            if sender.ready().await.is_err() {
                continue;
            }
            match tokio::time::timeout(patience, sender.try_send_request(request)).await {
                Err(_) => return Err(Fault::TimedOut),
                Ok(Ok(response)) => return Ok((response, Line::One(sender))),
                Ok(Err(mut error)) => match error.take_message() {
                    // Never sent: another connection may take it.
                    Some(unsent) => request = unsent,
                    None => return Err(Fault::Broken),
                },
            }
        }
        let shared = self.lines(upstream).and_then(|lines| lines.shared.clone()).filter(|shared| !shared.is_closed());
        let opened = match shared {
            Some(shared) => Opened::Shared(shared),
            None => open(upstream).await?,
        };
        match opened {
            Opened::One(mut sender) => {
                let response = tokio::time::timeout(patience, sender.send_request(request)).await.map_err(|_| Fault::TimedOut)?;
                Ok((response.map_err(|_| Fault::Broken)?, Line::One(sender)))
            }
            Opened::Shared(mut sender) => {
                if let Some(mut lines) = self.lines(upstream) {
                    lines.shared = Some(sender.clone());
                }
                // HTTP/2 carries the host in its target, and knows no Host header.
                *request.version_mut() = http::Version::HTTP_2;
                absolute(upstream, &mut request);
                let response = tokio::time::timeout(patience, sender.send_request(request)).await.map_err(|_| Fault::TimedOut)?;
                Ok((response.map_err(|_| Fault::Broken)?, Line::Shared))
            }
        }
    }
}

fn absolute(upstream: &Upstream, request: &mut Request<UpBody>) {
    request.headers_mut().remove(http::header::HOST);
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = Some(if upstream.https { http::uri::Scheme::HTTPS } else { http::uri::Scheme::HTTP });
    parts.authority = Some(upstream.authority.clone());
    // Scheme, authority and path are each valid, so together they are.
    *request.uri_mut() = http::Uri::from_parts(parts).unwrap_or_default();
}

async fn open(upstream: &Arc<Upstream>) -> Result<Opened, Fault> {
    let wait = Duration::from_millis(u64::from(upstream.config.connect_timeout_ms));
    tokio::time::timeout(wait, connect(upstream)).await.map_err(|_| Fault::Unreachable)?
}

async fn connect(upstream: &Arc<Upstream>) -> Result<Opened, Fault> {
    let stream = TcpStream::connect((upstream.host.as_str(), upstream.port)).await.map_err(|_| Fault::Unreachable)?;
    // Without it the last frame of a stream may wait 40 ms for an acknowledgement.
    stream.set_nodelay(true).map_err(|_| Fault::Unreachable)?;
    let Some(tls) = &upstream.tls else {
        return plain(TokioIo::new(stream)).await;
    };
    let name = rustls::pki_types::ServerName::try_from(upstream.host.clone()).map_err(|_| Fault::Certificate)?;
    let stream = tokio_rustls::TlsConnector::from(tls.clone()).connect(name, stream).await.map_err(|error| {
        let refused = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
        if refused { Fault::Certificate } else { Fault::Unreachable }
    })?;
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| Fault::Unreachable)?;
        drive(connection);
        return Ok(Opened::Shared(sender));
    }
    plain(TokioIo::new(stream)).await
}

async fn plain<S>(stream: S) -> Result<Opened, Fault>
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(stream).await.map_err(|_| Fault::Unreachable)?;
    drive(connection);
    Ok(Opened::One(sender))
}

/// Runs a connection beside the requests that use it.
#[expect(clippy::disallowed_methods, reason = "a connection ends with its socket; its failure reaches the request that uses it")]
fn drive<F>(connection: F)
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    tokio::spawn(connection);
}
