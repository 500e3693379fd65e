//! `bilanz imports`: list what was imported, or take one back.

use crate::cli::{Imports, ImportsCommand};
use crate::{clock, output};
use books::Ledger as _;
use ledger::Store;

/// Lists or reverts.
pub(crate) fn run(flags: &Imports) -> anyhow::Result<()> {
    match &flags.command {
        ImportsCommand::List { books, json } => {
            let imports = Store::open(&books.books)?.imports()?;
            if json.json {
                return output::json(&imports);
            }
            let mut text = format!(
                "{:>5}  {:<20}  {:<16}  {:>12}  {:>12}  {:>10}  file\n",
                "id", "sealed (UTC)", "format", "imported", "duplicates", "superseded"
            );
            for record in &imports {
                let time = jiff::Timestamp::from_millisecond(record.sealed_ms)
                    .map_or_else(|_| "?".to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string());
                let reverted = if record.reverted { "  (reverted)" } else { "" };
                text.push_str(&format!(
                    "{:>5}  {time:<20}  {:<16}  {:>12}  {:>12}  {:>10}  {}{reverted}\n",
                    record.id, record.format, record.imported, record.duplicates, record.superseded, record.file
                ));
            }
            output::data(&text)
        }
        ImportsCommand::Revert { id, books, json } => {
            let rows = Store::open(&books.books)?.revert(*id, clock::now_ms())?;
            if json.json {
                return output::json(&serde_json::json!({ "id": id, "rows_taken_back": rows }));
            }
            output::data(&format!("Import {id} is taken back: {rows} rows no longer count. Import the file again to undo this."))
        }
    }
}
