//! `bilanz mock-provider`: a made-up provider for tests and load tests.

use crate::cli::MockProvider;
use crate::{clock, output};
use anyhow::Context as _;
use serve::mock::{FaultMix, Mock, Options, Tls};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

/// Answers until interrupted.
pub(crate) fn run(flags: &MockProvider) -> anyhow::Result<()> {
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
        faults: FaultMix::parse(flags.faults.as_deref().unwrap_or_default())?,
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
