//! A made-up provider: an upstream that speaks the dialects of LLM providers for tests, the demo and load tests.
//!
//! Answers are deterministic: the same body gives the same words and the same usage; only ids differ. What was truly
//! used is in the mock's own ledger, so that a test can join it with that of the gateway. No word of a request is kept.

mod answer;
mod anthropic;
mod ask;
mod bedrock;
mod body;
mod encode;
mod errors;
mod event_stream;
mod faults;
mod gemini;
mod handle;
mod heads;
mod lists;
mod ollama;
mod openai;
mod record;
mod responses;
mod route;
mod shape;
mod tls;
mod tokens;
mod worker;

#[cfg(test)]
mod tests;

pub use faults::{FaultError, FaultMix};
pub use record::{Counts, Record};
pub use tokens::TrueUsage;

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;

/// How the mock behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Worker threads, each with a runtime of its own; at least 1.
    pub threads: usize,
    /// Wait before the head of each answer, in milliseconds.
    pub latency_ms: u64,
    /// Wait between the frames of a stream, in milliseconds.
    pub token_ms: u64,
    /// Faults that happen by chance.
    pub faults: FaultMix,
    /// Seed of chance.
    pub seed: u64,
    /// What answers tell as the time they were made, in seconds since 1970-01-01 UTC.
    pub created_s: i64,
    /// File that gets a line of JSON for every request; it is appended to.
    pub ledger: Option<PathBuf>,
    /// How many of the last requests are kept in memory for `GET /mock/ledger`.
    pub remember: usize,
    /// Certificate and key, for HTTPS.
    pub tls: Option<Tls>,
}

/// A certificate chain and its private key, both as PEM.
#[derive(Clone)]
pub struct Tls {
    /// The chain, leaf first.
    pub certificate_pem: Vec<u8>,
    /// The private key.
    pub key_pem: Vec<u8>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls(..)")
    }
}

impl Default for Options {
    /// One thread, no waits, no faults, no file, the last 1,000 requests in memory.
    fn default() -> Self {
        Self {
            threads: 1,
            latency_ms: 0,
            token_ms: 0,
            faults: FaultMix::default(),
            seed: 1,
            created_s: 1_767_225_600,
            ledger: None,
            remember: 1000,
            tls: None,
        }
    }
}

/// A mock that runs on threads of its own; it ends when dropped.
#[derive(Debug)]
pub struct Mock {
    address: SocketAddr,
    shared: Arc<record::Shared>,
    stop: watch::Sender<bool>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Mock {
    /// Starts answering on a bound listener (port 0 picks a free one) and returns at once.
    ///
    /// # Errors
    /// When the listener or the ledger file cannot be used, certificate or key are not readable, or no thread starts.
    pub fn start(listener: TcpListener, options: Options) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let tls = options.tls.as_ref().map(tls::acceptor).transpose()?;
        let shared = Arc::new(record::Shared::new(options)?);
        let (stop, stopped) = watch::channel(false);
        let threads = worker::start(listener, tls, &shared, &stopped)?;
        Ok(Self { address, shared, stop, threads })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Counters since the start.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// The last requests that ended, oldest first; as many as [`Options::remember`] says.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.shared.records()
    }

    /// Ends it: open connections are cut and get their line in the ledger, then all threads are gone.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.shared.stopping.store(true, std::sync::atomic::Ordering::Relaxed);
        // A worker that is gone already has nothing left to stop.
        let _ = self.stop.send(true);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.end();
    }
}

/// Answers on `listener` until `shutdown` completes; the work is done on threads of its own.
///
/// # Errors
/// As [`Mock::start`].
pub async fn run<F>(listener: tokio::net::TcpListener, options: Options, shutdown: F) -> io::Result<()>
where
    F: Future<Output = ()> + Send,
{
    let mock = Mock::start(listener.into_std()?, options)?;
    shutdown.await;
    mock.stop();
    Ok(())
}
