//! `bilanz demo`: a year of made-up usage, from nothing to the dashboard.

use super::{demo_live, house};
use crate::cli::Demo;
use crate::{browser, clock, context, demo, output};
use anyhow::{Context as _, bail, ensure};
use books::Ledger as _;
use ledger::{ImportMeta, Store};
use report::{By, Request};
use serve::DemoNote;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An assessment for the life-cycle page.
const ASSESSMENT: &str = include_str!("../../../../examples/assessment.toml");

/// Builds the books when they are not there yet, then shows them.
pub(crate) fn run(flags: &Demo) -> anyhow::Result<()> {
    let books = flags.books.clone().unwrap_or_else(default_folder);
    let started_ms = clock::now_ms();
    let entries = build(&books)?;
    let seconds = (clock::now_ms() - started_ms) as u64 / 1000;
    if flags.check {
        check(&books, entries)?;
        let answered = demo_live::open(&books, &Arc::new(context::factors(None, None)?), true)?.check()?;
        return output::data(&format!(
            "The demo is well: {entries} entries in {}, ready after {seconds} s; {answered} calls through the gateway are metered as the provider used them.",
            books.display()
        ));
    }
    let listener = house::listen(&flags.house, true)?;
    let url = format!("http://{}", listener.local_addr()?);
    let mut house =
        house::furnish(&books, &Store::open(&books)?, None, Some(DemoNote { en: demo::NOTE_EN.to_owned(), de: demo::NOTE_DE.to_owned() }))?;
    // The year is worth showing without the live part too.
    let live = demo_live::open(&books, &house.factors, false)
        .inspect_err(|error| output::note(&format!("note: the page Live stays still, since its gateway could not start: {error:#}")))
        .ok();
    house.gateway = live.as_ref().map(|live| live.gateway().clone());
    let gateway = live.as_ref().map(demo_live::Live::url);
    if flags.json.json {
        output::json(&serde_json::json!({ "url": url, "gateway": gateway, "books": books, "entries": entries }))?;
    } else {
        output::data(&format!(
            "{}\n\n{entries} entries, ready after {seconds} s. Books: {}\nDashboard: {url}   (Ctrl-C ends it)\nLive:      {url}/live{}",
            demo::NOTE_EN,
            books.display(),
            gateway.map(|url| format!("   (gateway at {url})")).unwrap_or_default()
        ))?;
    }
    if !flags.no_open {
        browser::open(&url);
    }
    let ended = house::open_doors(listener, house);
    if let Some(live) = live {
        live.close()?;
    }
    ended
}

/// One folder per state of the data, so that an older demo is never mistaken for this one.
fn default_folder() -> PathBuf {
    let digest = demo::entries().fold(0u128, |sum, entry| sum.rotate_left(1) ^ books::identify(&entry).content);
    std::env::temp_dir().join(format!("bilanz-demo-{:08x}", digest as u32))
}

fn build(books: &Path) -> anyhow::Result<u64> {
    let store = Store::open_or_create(books)?;
    let config = books.join(context::CONFIG_FILE);
    if !config.exists() {
        std::fs::write(&config, demo::config_toml()).with_context(|| format!("cannot write {}", config.display()))?;
    }
    let imports = store.imports()?;
    if imports.iter().any(|record| record.source != demo::SOURCE) {
        bail!("{} holds books of its own; the demo does not mix with them: name another folder with --books", books.display());
    }
    let assessment = books.join(context::ASSESSMENTS_FOLDER).join("support-assistant.toml");
    if !assessment.exists() {
        std::fs::create_dir_all(books.join(context::ASSESSMENTS_FOLDER))
            .and_then(|()| std::fs::write(&assessment, ASSESSMENT))
            .with_context(|| format!("cannot write {}", assessment.display()))?;
    }
    if imports.iter().any(|record| !record.reverted && record.imported > 0) {
        return Ok(store.head()?.entries);
    }
    output::note("Making a year of made-up usage ...");
    let meta = ImportMeta { file: "demo".to_owned(), format: "demo".to_owned(), source: demo::SOURCE.to_owned() };
    let mut session = store.begin_import(meta, &mut || output::note("Another demo is being made; waiting for it to end."))?;
    let mut rows = 0;
    let mut batch = Vec::with_capacity(8192);
    for entry in demo::entries() {
        batch.push(entry);
        rows += 1;
        if batch.len() == 8192 {
            session.push(std::mem::replace(&mut batch, Vec::with_capacity(8192)))?;
        }
    }
    session.push(batch)?;
    Ok(session.commit(clock::now_ms(), rows, 0, Vec::new())?.imported)
}

/// What a person would look at, asked by the program itself.
fn check(books: &Path, entries: u64) -> anyhow::Result<()> {
    let store = Store::open(books)?;
    ensure!(entries > 0 && entries <= 200_000, "the demo has {entries} entries; between 1 and 200,000 are wanted");
    let problems = store.verify()?.problems;
    ensure!(problems.is_empty(), "the demo's books do not verify: {}", problems[0].text);
    let set = context::factors(Some(books), None)?;
    let config = context::config(books)?;
    for by in By::ALL {
        let request = Request { by, ..Request::default() };
        let statement = report::build(&request, store.sums(None, None)?, &store.head()?, &store.imports()?, &config, &set)?;
        ensure!(!statement.groups.is_empty(), "the statement by {} has no groups", by.as_str());
        ensure!(statement.total.impacts.gwp_kgco2e.is_some(), "the statement by {} has no GHG", by.as_str());
    }
    Ok(())
}
