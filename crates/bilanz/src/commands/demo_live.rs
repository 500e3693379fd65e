//! The demo's live part: made-up callers, a real gateway, a made-up provider, and books of their own.

use super::gateway::{self, Openness, Running};
use super::keys;
use crate::{clock, context, demo};
use anyhow::{Context as _, ensure};
use books::Keeper as _;
use lca::FactorSet;
use ledger::Store;
use serve::callers::Callers;
use serve::gateway::Gateway;
use serve::mock::{FaultMix, Mock, Options};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Folder of the live books within the demo's books.
const FOLDER: &str = "live";
/// What goes wrong now and then, so that the page has gaps to show.
const FAULTS: &str = "no-usage:0.01,status=503:0.005,reset:0.005";
/// Calls of a check.
const CHECKED: u64 = 60;

/// Callers, gateway and provider at work.
pub(crate) struct Live {
    callers: Callers,
    running: Running,
    provider: Mock,
    store: Store,
    start_ms: i64,
}

/// Starts all three on free ports of this machine. With `check` a fixed number of quick calls is made, and nothing goes wrong.
pub(crate) fn open(books: &Path, set: &Arc<FactorSet>, check: bool) -> anyhow::Result<Live> {
    let folder: PathBuf = books.join(FOLDER);
    let store = Store::open_or_create(&folder)?;
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port on this machine")?;
    let start_ms = clock::now_ms();
    let options = Options {
        latency_ms: if check { 0 } else { 150 },
        token_ms: if check { 0 } else { 10 },
        faults: FaultMix::parse(if check { "" } else { FAULTS })?,
        created_s: start_ms / 1000,
        ..Options::default()
    };
    let provider = Mock::start(listener, options).context("the made-up provider cannot start")?;
    let config = folder.join(context::CONFIG_FILE);
    let text = demo::live_config_toml(&format!("http://{}", provider.address()));
    std::fs::write(&config, text).with_context(|| format!("cannot write {}", config.display()))?;
    let secrets = issue(&folder)?;
    let config = Arc::new(context::config(&folder)?);
    let running = gateway::open(&folder, &store, set, &config, "127.0.0.1:0", Openness::default())?;
    let (most, scale) = if check { (Some(CHECKED), 0.02) } else { (None, 1.0) };
    let callers = Callers::start(&running.url(), demo::calls(&secrets, most, scale)).context("the made-up callers cannot start")?;
    Ok(Live { callers, running, provider, store, start_ms })
}

/// New keys for every run: only their hashes are kept.
fn issue(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut ring = govern::KeyRing::default();
    let mut secrets = Vec::new();
    for account in demo::LIVE_ACCOUNTS {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
        let name = account.rsplit('/').next().unwrap_or(account);
        let (_, secret) = ring.create(name, account, random, clock::now_ms(), None)?;
        secrets.push(secret);
    }
    keys::save(folder, &ring)?;
    Ok(secrets)
}

impl Live {
    /// The gateway, for the page.
    pub(crate) fn gateway(&self) -> &Arc<Gateway> {
        &self.running.gateway
    }

    /// Where the gateway is.
    pub(crate) fn url(&self) -> String {
        self.running.url()
    }

    /// Ends all three; answers on their way are cut.
    pub(crate) fn close(self) -> anyhow::Result<()> {
        drop(self.callers);
        self.provider.stop();
        self.running.close()
    }

    /// Waits for the calls of a check, and holds the books against the provider's own ledger.
    pub(crate) fn check(self) -> anyhow::Result<u64> {
        let outcomes = self.callers.finish();
        ensure!(outcomes.failed == 0, "{} calls through the gateway failed", outcomes.failed);
        ensure!(outcomes.answered + outcomes.refused == CHECKED, "{CHECKED} calls were made, and {outcomes:?} came of them");
        let refused: u64 = self.running.gateway.live().refused().values().sum();
        ensure!(refused == outcomes.refused, "the gateway counts {refused} refusals, the callers {}", outcomes.refused);
        self.running.close()?;
        let mut truth: Vec<[i64; 3]> = Vec::new();
        for record in self.provider.records() {
            let usage = record.usage.with_context(|| format!("the provider ran no model for {}", record.operation))?;
            truth
                .push([usage.input_uncached, usage.cache_read, usage.output_visible].map(|count| i64::try_from(count).unwrap_or(i64::MAX)));
        }
        self.provider.stop();
        let mut metered: Vec<[i64; 3]> = Vec::new();
        self.store.scan(self.start_ms, i64::MAX, &mut |entry| {
            let counts = &entry.counts;
            // A class that does not occur in a form is none; one that is missing shows as a difference.
            metered.push([counts.input_tokens, counts.cache_read_tokens, counts.output_tokens].map(|count| count.unwrap_or(0)));
        })?;
        truth.sort_unstable();
        metered.sort_unstable();
        ensure!(truth.len() as u64 == outcomes.answered, "{} calls were answered, and the provider saw {}", outcomes.answered, truth.len());
        ensure!(
            metered == truth,
            "the books do not hold what the provider used: {} entries against {} answers, {:?} against {:?} tokens in, cached and out",
            metered.len(),
            truth.len(),
            sums(&metered),
            sums(&truth)
        );
        Ok(outcomes.answered)
    }
}

fn sums(rows: &[[i64; 3]]) -> [i64; 3] {
    rows.iter().fold([0; 3], |sum, row| std::array::from_fn(|place| sum[place] + row[place]))
}
