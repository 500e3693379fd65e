//! `bilanz rules`: what the rules cover, and what they would have done to traffic that is in the books.

use crate::cli::{BooksFlag, JsonFlag};
use crate::{clock, context, output};
use anyhow::{Context as _, bail};
use books::Keeper as _;
use clap::{Args, Subcommand};
use govern::{BudgetState, DryRunRow, Pricer};
use ledger::Store;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, mpsc};

/// Entries on their way from the books to the rules.
const AHEAD: usize = 4096;

#[derive(Debug, Args)]
pub(crate) struct Rules {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check all rules of bilanz.toml and say what each covers; exit status 1 when one is not sound.
    Check {
        #[command(flatten)]
        source: Source,
    },
    /// Replay the books through the rules: what would they have done?
    #[command(
        after_help = "Example:\n  bilanz rules dry-run --since 30d\n\nTry a rule before it is in force: copy bilanz.toml, add it there, and name the copy with --rules."
    )]
    DryRun {
        /// How far back, as 30d, 12h or a day YYYY-MM-DD (UTC).
        #[arg(long, value_name = "TIME", default_value = "30d")]
        since: String,
        #[command(flatten)]
        source: Source,
    },
}

#[derive(Debug, Args)]
struct Source {
    #[command(flatten)]
    books: BooksFlag,
    /// Another file with rules instead of bilanz.toml of the books.
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Folder with factors of your own, laid over the built-in ones.
    #[arg(long, value_name = "DIR")]
    factors: Option<PathBuf>,
    #[command(flatten)]
    json: JsonFlag,
}

/// Checks or replays.
pub(crate) fn run(flags: &Rules) -> anyhow::Result<ExitCode> {
    match &flags.command {
        Command::Check { source } => check(source),
        Command::DryRun { since, source } => dry_run(since, source),
    }
}

fn config(source: &Source) -> anyhow::Result<books::Config> {
    let books: &Path = &source.books.books;
    match &source.rules {
        None => context::config(books),
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            Ok(books::Config::parse(&file.display().to_string(), &text)?)
        }
    }
}

fn pricer(source: &Source, config: books::Config) -> anyhow::Result<Arc<Pricer>> {
    let set = context::factors(Some(&source.books.books), source.factors.as_deref())?;
    Ok(Arc::new(Pricer::new(Arc::new(set), Arc::new(config))))
}

fn check(source: &Source) -> anyhow::Result<ExitCode> {
    let config = config(source)?;
    let rules = config.rule.clone();
    let checked = govern::check(&rules, &*pricer(source, config)?);
    let sound = checked.iter().all(Result::is_ok);
    if source.json.json {
        let rows: Vec<_> = checked
            .iter()
            .map(|checked| match checked {
                Ok(checked) => {
                    serde_json::json!({ "rule": checked.rule, "sound": true, "covers": checked.sentence, "notes": checked.notes })
                }
                Err(error) => serde_json::json!({ "rule": error.rule, "sound": false, "error": error.message }),
            })
            .collect();
        output::json(&rows)?;
    } else if checked.is_empty() {
        output::data("There are no rules: everything passes. A rule is a [[rule]] in bilanz.toml; docs/gateway.md shows some.")?;
    } else {
        let mut text = String::new();
        for checked in &checked {
            match checked {
                Ok(checked) => {
                    text.push_str(&format!("{}: {}\n", checked.rule, checked.sentence));
                    for note in &checked.notes {
                        text.push_str(&format!("    note: {note}\n"));
                    }
                }
                Err(error) => text.push_str(&format!("{}: NOT SOUND: {}\n", error.rule, error.message)),
            }
        }
        output::data(&text)?;
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn dry_run(since: &str, source: &Source) -> anyhow::Result<ExitCode> {
    let now_ms = clock::now_ms();
    let from_ms = start(since, now_ms)?;
    let store = Store::open(&source.books.books)?;
    let config = config(source)?;
    let rules = config.rule.clone();
    if rules.is_empty() {
        bail!("there are no rules to try; write a [[rule]] into bilanz.toml, or name a file with --rules");
    }
    let pricer = pricer(source, config)?;
    // The books are read while the rules are asked, so that a month of traffic never lies in memory whole.
    let (sender, receiver) = mpsc::sync_channel(AHEAD);
    let (scanned, rows) = std::thread::scope(|scope| {
        let scan = scope.spawn(move || {
            store.scan(from_ms, now_ms, &mut |entry| {
                // The rules have stopped listening only when one of them is not sound, and that is said below.
                let _ = sender.send(entry.clone());
            })
        });
        let rows = govern::dry_run(&rules, pricer, receiver);
        (scan.join(), rows)
    });
    scanned.map_err(|_| anyhow::anyhow!("the books could not be read to their end"))??;
    let rows = rows?;
    if source.json.json {
        output::json(
            &serde_json::json!({ "since": time(from_ms), "until": time(now_ms), "rules": rows.iter().map(json).collect::<Vec<_>>() }),
        )?;
    } else {
        output::data(&text(&rows, from_ms, now_ms))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn text(rows: &[DryRunRow], from_ms: i64, to_ms: i64) -> String {
    let mut text = format!(
        "From {} to {} (UTC)\n\n{:<28} {:>10} {:>9} {:>9} {:>8} {:>11} {:>8}  first\n",
        time(from_ms),
        time(to_ms),
        "rule",
        "covered",
        "warned",
        "refused",
        "capped",
        "downgraded",
        "tagged"
    );
    for row in rows {
        text.push_str(&format!(
            "{:<28} {:>10} {:>9} {:>9} {:>8} {:>11} {:>8}  {}\n",
            row.rule,
            row.matched,
            row.warned,
            row.denied,
            row.capped,
            row.downgraded,
            row.tagged,
            row.first_ms.map_or_else(|| "never".to_owned(), time)
        ));
        if row.unvalued > 0 {
            text.push_str(&format!("    {} requests could not be valued\n", row.unvalued));
        }
        for counter in row.counters.iter().take(5) {
            text.push_str(&format!("    {}\n", counter_line(counter)));
        }
    }
    text
}

fn counter_line(counter: &BudgetState) -> String {
    let whose = if counter.whose.is_empty() { String::new() } else { format!(" {}", counter.whose) };
    let limit = counter.hard_micro.or(counter.soft_micro).map_or_else(String::new, |limit| format!(" of {}", amount(limit)));
    format!(
        "{} to {}{whose}: {}{limit} {}",
        time(counter.from_ms),
        time(counter.to_ms),
        amount(counter.spent_micro),
        counter.metric.as_str()
    )
}

/// Millionths as a number of the unit, to six significant digits.
fn amount(micro: i64) -> String {
    quantity::six_digits(micro as f64 / 1e6).to_string()
}

fn json(row: &DryRunRow) -> serde_json::Value {
    let counters: Vec<_> = row
        .counters
        .iter()
        .map(|counter| {
            serde_json::json!({
                "whose": counter.whose, "metric": counter.metric, "from": time(counter.from_ms), "to": time(counter.to_ms),
                "spent_micro": counter.spent_micro, "soft_micro": counter.soft_micro, "hard_micro": counter.hard_micro,
            })
        })
        .collect();
    serde_json::json!({
        "rule": row.rule, "matched": row.matched, "buckets": row.buckets, "warned": row.warned, "denied": row.denied,
        "capped": row.capped, "downgraded": row.downgraded, "tagged": row.tagged, "unvalued": row.unvalued,
        "first": row.first_ms.map(time), "counters": counters, "counters_left_out": row.counters_left_out,
    })
}

/// `30d`, `12h` or a day as milliseconds since 1970 UTC.
fn start(since: &str, now_ms: i64) -> anyhow::Result<i64> {
    let span = |unit: char, ms: i64| {
        since.strip_suffix(unit).and_then(|count| count.parse::<u32>().ok()).map(|count| now_ms - i64::from(count) * ms)
    };
    if let Some(from_ms) = span('d', 86_400_000).or_else(|| span('h', 3_600_000)) {
        return Ok(from_ms);
    }
    let day = books::parse_day(since)
        .map_err(|_| anyhow::anyhow!("--since `{since}` is neither a span such as 30d or 12h nor a day such as 2026-11-01"))?;
    Ok(i64::from(day.0) * 86_400_000)
}

fn time(time_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(time_ms).map_or_else(|_| "?".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M").to_string())
}
