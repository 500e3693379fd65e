//! `bilanz query` and `bilanz verify`: look into the books.

use crate::cli::{Query, Verify};
use crate::output;
use ledger::Store;
use std::process::ExitCode;

/// Answers one SQL statement.
pub(crate) fn query(flags: &Query) -> anyhow::Result<()> {
    let result = Store::open(&flags.books.books)?.query(&flags.sql)?;
    if flags.json.json {
        let rows: Vec<serde_json::Map<String, serde_json::Value>> =
            result.rows.iter().map(|row| result.columns.iter().cloned().zip(row.iter().cloned()).collect()).collect();
        return output::json(&rows);
    }
    output::data(&result.to_table())
}

/// Walks the chain; the exit code is 1 when anything does not match.
pub(crate) fn verify(flags: &Verify) -> anyhow::Result<ExitCode> {
    let report = Store::open(&flags.books.books)?.verify()?;
    if flags.json.json {
        output::json(&report)?;
    } else {
        let mut text = format!("{} links, {} segments, {} rows.\n", report.links, report.segments, report.rows);
        for problem in &report.problems {
            text.push_str(&format!("BROKEN {}: {}\n", problem.segment_or_link, problem.text));
        }
        for stray in &report.strays {
            text.push_str(&format!("note: {stray} belongs to no link; the next import removes it\n"));
        }
        text.push_str(if report.problems.is_empty() {
            "The books are sound."
        } else {
            "The books are damaged: restore the named files from a backup."
        });
        output::data(&text)?;
    }
    for problem in &report.problems {
        output::note(&format!("error: {}: {}", problem.segment_or_link, problem.text));
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
