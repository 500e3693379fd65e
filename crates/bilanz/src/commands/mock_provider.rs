//! `bilanz mock-provider`: a made-up provider for tests and load tests.

use crate::cli::JsonFlag;
use crate::{clock, output};
use anyhow::Context as _;
use clap::Args;
use serve::mock::{FaultMix, Mock, Options, Tls};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct MockProvider {
    /// Address to answer on; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4849")]
    listen: String,
    /// Threads that answer.
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    threads: usize,
    /// Wait before each answer, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency_ms: u64,
    /// Wait between the frames of a stream, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    token_ms: u64,
    /// Faults that happen by chance, as FAULT:CHANCE,...
    #[arg(long, value_name = "LIST")]
    faults: Option<String>,
    /// Seed of chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// File that gets a line of JSON for every request: what was truly used, and how it ended.
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// How many of the last requests are kept in memory; 0 is the fastest.
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    remember: usize,
    /// Certificate chain (PEM), for HTTPS.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Private key (PEM), for HTTPS.
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    #[command(flatten)]
    json: JsonFlag,
}

/// Answers until interrupted.
pub(crate) fn run(flags: &MockProvider) -> anyhow::Result<()> {
    let faults = FaultMix::parse(flags.faults.as_deref().unwrap_or_default())?;
    let listener = listen(&flags.listen)?;
    let tls = match (&flags.tls_certificate, &flags.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls { certificate_pem: read(certificate)?, key_pem: read(key)? }),
        _ => None,
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let options = Options {
        threads: flags.threads,
        latency_ms: flags.latency_ms,
        token_ms: flags.token_ms,
        faults,
        seed: flags.seed,
        created_s: clock::now_ms() / 1000,
        ledger: flags.ledger.clone(),
        remember: flags.remember,
        tls,
    };
    let mock = Mock::start(listener, options).context("the mock cannot start")?;
    let url = format!("{scheme}://{}", mock.address());
    if flags.json.json {
        output::json(&serde_json::json!({ "url": url }))?;
    } else {
        output::data(&format!("Mock provider: {url}   (Ctrl-C ends it)"))?;
    }
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        // Without a signal handler the process simply ends with the signal.
        let _ = tokio::signal::ctrl_c().await;
    });
    mock.stop();
    Ok(())
}

fn listen(address: &str) -> anyhow::Result<TcpListener> {
    let address: SocketAddr =
        address.replace("localhost", "127.0.0.1").parse().with_context(|| format!("`{address}` is no address; write 127.0.0.1:4849"))?;
    TcpListener::bind(address).with_context(|| format!("cannot listen on {address}; name another with --listen 127.0.0.1:PORT"))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
