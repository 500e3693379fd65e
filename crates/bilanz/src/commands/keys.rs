//! `bilanz keys`: gateway keys, shown once, kept as hashes in `keys.toml` of the books.

use crate::cli::{BooksFlag, JsonFlag};
use crate::{clock, output};
use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use govern::{KeyRecord, KeyRing};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Name of the file in the books.
const FILE: &str = "keys.toml";

#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key; its secret is shown this once.
    #[command(
        after_help = "Example:\n  bilanz keys create --account acme/support --name chatbot\n\nA running gateway knows the key within a second."
    )]
    Create {
        /// Account that its requests belong to, such as acme/support/chatbot.
        #[arg(long, value_name = "PATH")]
        account: String,
        /// What it is for; the last part of the account when left out.
        #[arg(long)]
        name: Option<String>,
        /// Last day, YYYY-MM-DD (UTC); without end when left out.
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
        #[command(flatten)]
        books: BooksFlag,
        #[command(flatten)]
        json: JsonFlag,
    },
    /// List all keys, without their secrets.
    List {
        #[command(flatten)]
        books: BooksFlag,
        #[command(flatten)]
        json: JsonFlag,
    },
    /// Take a key back; a running gateway refuses it within a second.
    Revoke {
        /// Id or name, as `keys list` shows it.
        key: String,
        #[command(flatten)]
        books: BooksFlag,
        #[command(flatten)]
        json: JsonFlag,
    },
}

/// Makes, lists or revokes.
pub(crate) fn run(flags: &Keys) -> anyhow::Result<()> {
    match &flags.command {
        Command::Create { account, name, until, books, json } => {
            let expires_ms = until.as_deref().map(end_of_day).transpose()?;
            let name = name.as_deref().or_else(|| account.rsplit('/').next()).unwrap_or_default();
            let mut random = [0; 32];
            getrandom::fill(&mut random).map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
            let _lock = lock(&books.books)?;
            let mut ring = load(&books.books)?;
            let (record, secret) = ring.create(name, account, random, clock::now_ms(), expires_ms)?;
            save(&books.books, &ring)?;
            if json.json {
                return output::json(
                    &serde_json::json!({ "key": secret, "id": record.id, "name": record.name, "account": record.account }),
                );
            }
            output::note(&format!(
                "Key {} ({}) for the account {}. This is the only time that it is shown:",
                record.id, record.name, record.account
            ));
            output::data(&secret)
        }
        Command::List { books, json } => {
            let ring = load(&books.books)?;
            let now_ms = clock::now_ms();
            if json.json {
                let rows: Vec<_> = ring.keys().iter().map(|key| describe(key, now_ms)).collect();
                return output::json(&rows);
            }
            let mut text = format!("{:<12}  {:<20}  {:<10}  {:<20}  account\n", "id", "name", "state", "created (UTC)");
            for key in ring.keys() {
                text.push_str(&format!(
                    "{:<12}  {:<20}  {:<10}  {:<20}  {}\n",
                    key.id,
                    key.name,
                    state(key, now_ms),
                    time(key.created_ms),
                    key.account
                ));
            }
            output::data(&text)
        }
        Command::Revoke { key, books, json } => {
            let _lock = lock(&books.books)?;
            let mut ring = load(&books.books)?;
            let record = ring.revoke(key, clock::now_ms())?;
            save(&books.books, &ring)?;
            if json.json {
                return output::json(&describe(&record, clock::now_ms()));
            }
            output::data(&format!("Key {} ({}) is revoked; a running gateway refuses it within a second.", record.id, record.name))
        }
    }
}

fn describe(key: &KeyRecord, now_ms: i64) -> serde_json::Value {
    serde_json::json!({
        "id": key.id, "name": key.name, "account": key.account, "state": state(key, now_ms), "created": time(key.created_ms),
        "expires": key.expires_ms.map(time), "revoked": key.revoked_ms.map(time),
    })
}

fn state(key: &KeyRecord, now_ms: i64) -> &'static str {
    match key.check(now_ms) {
        Ok(()) => "live",
        Err(govern::KeyRefusal::Expired) => "expired",
        Err(_) => "revoked",
    }
}

fn time(time_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(time_ms).map_or_else(|_| "?".to_owned(), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn end_of_day(day: &str) -> anyhow::Result<i64> {
    let day = books::parse_day(day).map_err(|error| anyhow::anyhow!("--until: {error}"))?;
    Ok((i64::from(day.0) + 1) * 86_400_000)
}

/// The keys of these books; none when there is no file.
pub(crate) fn load(books: &Path) -> anyhow::Result<KeyRing> {
    let path = books.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(KeyRing::parse(&path.display().to_string(), &text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(KeyRing::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// What changes when the file changes.
pub(crate) fn stamp(books: &Path) -> Option<(SystemTime, u64)> {
    let about = std::fs::metadata(books.join(FILE)).ok()?;
    Some((about.modified().ok()?, about.len()))
}

/// Two people who make keys at once must not lose one of them.
fn lock(books: &Path) -> anyhow::Result<std::fs::File> {
    if !books.is_dir() {
        bail!("there are no books in {}; make some with `bilanz init --books {}`", books.display(), books.display());
    }
    let path = books.join("keys.lock");
    let file = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

/// Writes beside and renames: a reader sees the old keys or the new ones.
pub(crate) fn save(books: &Path, ring: &KeyRing) -> anyhow::Result<()> {
    let (path, beside): (PathBuf, PathBuf) = (books.join(FILE), books.join("keys.toml.new"));
    write_private(&beside, ring.to_text().as_bytes())
        .and_then(|()| std::fs::rename(&beside, &path))
        .with_context(|| format!("cannot write {}", path.display()))
}

fn write_private(path: &Path, text: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::File::options();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text)?;
    file.sync_all()
}
