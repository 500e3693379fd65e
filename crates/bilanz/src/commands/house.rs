//! `bilanz serve`: the dashboard and the API on this machine.

use crate::cli::Serve;
use crate::{browser, context, output};
use anyhow::{Context as _, bail};
use ledger::Store;
use serve::{DemoNote, House};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

/// Serves until interrupted.
pub(crate) fn run(flags: &Serve) -> anyhow::Result<()> {
    let listener = listen(&flags.house, false)?;
    let house = furnish(&flags.books.books, flags.factors.as_deref(), None)?;
    let url = format!("http://{}", listener.local_addr()?);
    if flags.json.json {
        output::json(&serde_json::json!({ "url": url }))?;
    } else {
        output::data(&format!("Dashboard: {url}   (Ctrl-C ends it)"))?;
    }
    if flags.open {
        browser::open(&url);
    }
    open_doors(listener, house)
}

/// A listener on loopback; with `any_port`, another port when this one is busy.
pub(crate) fn listen(address: &str, any_port: bool) -> anyhow::Result<TcpListener> {
    let address: SocketAddr =
        address.replace("localhost", "127.0.0.1").parse().with_context(|| format!("`{address}` is no address; write 127.0.0.1:4747"))?;
    if !address.ip().is_loopback() {
        bail!("{address} is not on this machine: without sign-in the dashboard is served on loopback only; use 127.0.0.1 and a tunnel");
    }
    match TcpListener::bind(address) {
        Ok(listener) => Ok(listener),
        Err(_) if any_port => TcpListener::bind(SocketAddr::new(address.ip(), 0)).context("no free port on this machine"),
        Err(error) => Err(error).with_context(|| format!("cannot listen on {address}; name another with --house 127.0.0.1:PORT")),
    }
}

/// What the pages need, from the books.
pub(crate) fn furnish(books: &Path, factors: Option<&Path>, demo_note: Option<DemoNote>) -> anyhow::Result<House> {
    let store = Store::open(books)?;
    let set = context::factors(Some(books), factors)?;
    if let Err(error) = context::keep(&store, &set) {
        output::note(&format!("warning: the factor set could not be kept in the books: {error}"));
    }
    Ok(House {
        ledger: Arc::new(store),
        factors: Arc::new(set),
        config: Arc::new(context::config(books)?),
        demo_note,
        assessments: Some(books.join(context::ASSESSMENTS_FOLDER)),
        books_dir_label: books.display().to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// Serves until Ctrl-C.
pub(crate) fn open_doors(listener: TcpListener, house: House) -> anyhow::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        serve::run(listener, house, async {
            // Without a signal handler the process simply ends with the signal.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
        Ok(())
    })
}
