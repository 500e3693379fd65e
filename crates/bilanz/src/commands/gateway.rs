//! The gateway, wired: books, keys, rules, clock and secrets; opened, looked after, closed.

use crate::commands::keys;
use crate::{clock, output};
use anyhow::{Context as _, bail};
use books::{Config, Keeper};
use govern::{Governor, Pricer};
use lca::FactorSet;
use ledger::Store;
use serve::gateway::{Clock, Gateway, GatewayDoor, Secrets, Setup};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

/// How far a door may be open to other machines.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Openness {
    /// Without TLS, off loopback too.
    pub(crate) without_tls: bool,
    /// Without keys, off loopback too.
    pub(crate) without_keys: bool,
}

/// An open gateway, with the thread that seals its journals and reads its keys.
pub(crate) struct Running {
    pub(crate) gateway: Arc<Gateway>,
    door: GatewayDoor,
    stop: mpsc::Sender<()>,
    housekeeper: JoinHandle<()>,
    /// Keeps other processes from metering into the same books.
    _lock: ledger::GatewayLock,
}

struct SystemClock;

impl Clock for SystemClock {
    fn now_us(&self) -> i64 {
        clock::now_us()
    }
}

struct Environment;

impl Secrets for Environment {
    #[expect(clippy::disallowed_methods, reason = "credentials belong into the environment, not into books that are reviewed like code")]
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// Opens the gateway on an address.
pub(crate) fn open(
    books: &Path,
    store: &Store,
    set: &Arc<FactorSet>,
    config: &Arc<Config>,
    address: &str,
    openness: Openness,
) -> anyhow::Result<Running> {
    let address: SocketAddr =
        address.replace("localhost", "127.0.0.1").parse().with_context(|| format!("`{address}` is no address; write 127.0.0.1:4748"))?;
    let require_keys = check_openness(address, config, openness)?;
    let lock = store.gateway_lock()?;
    let ring = keys::load(books)?;
    if require_keys && ring.keys().is_empty() {
        output::note("note: keys are required and there is none yet; make one with `bilanz keys create --account team/use-case`");
    }
    let listener =
        TcpListener::bind(address).with_context(|| format!("cannot listen on {address}; name another with --listen 127.0.0.1:PORT"))?;
    let pricer = Arc::new(Pricer::new(set.clone(), config.clone()));
    let governor = Arc::new(Governor::new(&config.rule, pricer)?);
    // What a process that died left behind belongs to the books before budgets are read from them.
    let now_ms = clock::now_ms();
    if let Some(record) = store.seal(now_ms)? {
        output::note(&format!("Sealed {} entries that an earlier gateway left in its journal.", record.imported));
    }
    if let Some(from_ms) = governor.earliest_window_ms(now_ms) {
        store.scan(from_ms, i64::MAX, &mut |entry| governor.charge(entry))?;
    }
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    let gateway = Gateway::new(Setup {
        config: config.clone(),
        factors: set.clone(),
        keeper: Arc::new(store.clone()),
        governor,
        keys: ring,
        clock: Arc::new(SystemClock),
        secrets: Arc::new(Environment),
        random,
        require_keys,
    })?;
    let door = serve::gateway::serve(&gateway, listener)?;
    let (stop, stopped) = mpsc::channel();
    let housekeeper = housekeeping(gateway.clone(), books.to_owned(), config.gateway.seal_every_s, stopped);
    Ok(Running { gateway, door, stop, housekeeper, _lock: lock })
}

/// Whether keys are required; refuses a door that is open to other machines unless somebody said so.
fn check_openness(address: SocketAddr, config: &Config, openness: Openness) -> anyhow::Result<bool> {
    let local = address.ip().is_loopback();
    let required = config.gateway.require_keys.unwrap_or(!local);
    if local {
        return Ok(required && !openness.without_keys);
    }
    if config.gateway.tls_certificate.is_none() && !openness.without_tls {
        bail!(
            "{address} can be reached from other machines, and prompts and keys would travel in the clear: \
             name tls_certificate and tls_key in [gateway] of bilanz.toml, or say --without-tls (behind a proxy that does TLS)"
        );
    }
    if !required && !openness.without_keys {
        bail!(
            "{address} can be reached from other machines, and bilanz.toml says require_keys = false: take that out, or say --without-keys too"
        );
    }
    Ok(!openness.without_keys)
}

impl Running {
    /// Where clients find it.
    pub(crate) fn url(&self) -> String {
        self.door.url()
    }

    /// Lets requests on their way end, then seals.
    pub(crate) fn close(self) -> anyhow::Result<()> {
        self.door.close();
        // The housekeeper has ended already when nobody listens.
        let _ = self.stop.send(());
        if self.housekeeper.join().is_err() {
            output::note("warning: the thread that seals the journals had died; `bilanz serve` seals what is left at its next start");
        }
        self.gateway.seal().context("the journals could not be sealed; nothing is lost, the next start seals them")?;
        Ok(())
    }
}

/// Reads keys that changed each second, and seals from time to time.
fn housekeeping(gateway: Arc<Gateway>, books: PathBuf, seal_every_s: u32, stopped: mpsc::Receiver<()>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut seen = keys::stamp(&books);
        let mut waited_s = 0;
        while let Err(mpsc::RecvTimeoutError::Timeout) = stopped.recv_timeout(Duration::from_secs(1)) {
            let now = keys::stamp(&books);
            if now != seen {
                match keys::load(&books) {
                    Ok(ring) => gateway.set_keys(ring),
                    Err(error) => {
                        output::note(&format!("warning: the keys could not be read again, the old ones stay in force: {error:#}"))
                    }
                }
                seen = now;
            }
            waited_s += 1;
            if waited_s >= seal_every_s.max(1) {
                waited_s = 0;
                if let Err(error) = gateway.seal() {
                    output::note(&format!("warning: the journals could not be sealed, and wait: {error}"));
                }
            }
        }
    })
}
