//! `bilanz serve`: the dashboard and the API on this machine.

use crate::cli::Serve;
use crate::commands::gateway::{self, Openness};
use crate::{browser, context, output, process};
use anyhow::{Context as _, bail};
use ledger::Store;
use serve::{DemoNote, House};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

/// Serves until interrupted.
pub(crate) fn run(flags: &Serve) -> anyhow::Result<()> {
    let listener = listen(&flags.house, false)?;
    let store = Store::open(&flags.books.books)?;
    let mut house = furnish(&flags.books.books, &store, flags.factors.as_deref(), None)?;
    let openness = Openness { without_tls: flags.without_tls, without_keys: flags.without_keys };
    let running = match &flags.listen {
        Some(address) => Some(gateway::open(&flags.books.books, &store, &house.factors, &house.config, address, openness)?),
        None => None,
    };
    house.gateway = running.as_ref().map(|running| running.gateway.clone());
    let doors = Doors::ready()?;
    let url = format!("http://{}", listener.local_addr()?);
    let gateway_url = running.as_ref().map(gateway::Running::url);
    if flags.json.json {
        output::json(&serde_json::json!({ "url": url, "gateway": gateway_url }))?;
    } else {
        let gateway = gateway_url.map(|url| format!("Gateway:   {url}\n")).unwrap_or_default();
        output::data(&format!("{gateway}Dashboard: {url}   (Ctrl-C ends it)"))?;
    }
    if flags.open {
        browser::open(&url);
    }
    let ended = doors.open(listener, house);
    if let Some(running) = running {
        running.close()?;
    }
    ended
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
pub(crate) fn furnish(books: &Path, store: &Store, factors: Option<&Path>, demo_note: Option<DemoNote>) -> anyhow::Result<House> {
    let set = context::factors(Some(books), factors)?;
    if let Err(error) = context::keep(store, &set) {
        output::note(&format!("warning: the factor set could not be kept in the books: {error}"));
    }
    Ok(House {
        ledger: Arc::new(store.clone()),
        factors: Arc::new(set),
        config: Arc::new(context::config(books)?),
        demo_note,
        gateway: None,
        own_use: Some(Arc::new(process::used)),
        say: Some(Arc::new(output::note)),
        assessments: Some(books.join(context::ASSESSMENTS_FOLDER)),
        books_dir_label: books.display().to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// Serves until Ctrl-C.
pub(crate) fn open_doors(listener: TcpListener, house: House) -> anyhow::Result<()> {
    Doors::ready()?.open(listener, house)
}

/// The doors before they open: from here on a signal ends the process in order.
pub(crate) struct Doors {
    runtime: tokio::runtime::Runtime,
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

impl Doors {
    /// Listens for signals. Call it before telling anyone that the process is up.
    pub(crate) fn ready() -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        #[cfg(unix)]
        let signals = {
            use tokio::signal::unix::{SignalKind, signal};
            let _inside = runtime.enter();
            [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?]
        };
        Ok(Self {
            runtime,
            #[cfg(unix)]
            signals,
        })
    }

    /// Serves until Ctrl-C, or the signal by which service managers end a process.
    pub(crate) fn open(self, listener: TcpListener, house: House) -> anyhow::Result<()> {
        listener.set_nonblocking(true)?;
        #[cfg(unix)]
        let [mut interrupted, mut terminated] = self.signals;
        self.runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            serve::run(listener, house, async move {
                #[cfg(unix)]
                tokio::select! {
                    _ = interrupted.recv() => {}
                    _ = terminated.recv() => {}
                }
                // Without a signal handler the process simply ends with the signal.
                #[cfg(not(unix))]
                let _ = tokio::signal::ctrl_c().await;
            })
            .await?;
            Ok(())
        })
    }
}
