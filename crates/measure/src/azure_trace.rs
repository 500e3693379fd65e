//! Azure LLM inference traces 2023 (CC BY 4.0): one request per row, no model named.

use crate::accounts::Own;
use crate::error::ImportError;
use crate::input::Input;
use crate::intake::{Intake, Latency};
use crate::labels::Labels;
use crate::table::Table;

/// Whether the first bytes are of this format.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    crate::detect::header_has(head, &["TIMESTAMP", "ContextTokens", "GeneratedTokens"])
}

/// Reads the file.
pub(crate) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let table = Table::open(input, intake.file())?;
    let time = table.required("TIMESTAMP")?;
    let input_tokens = table.required("ContextTokens")?;
    let output_tokens = table.required("GeneratedTokens")?;
    intake.time_columns = ["TIMESTAMP", "TIMESTAMP"];
    let labels = Labels::default();
    table.each(intake, |intake, row| {
        let stamp = row.time(time)?.ok_or_else(|| row.error(time, "is empty; every row needs a time"))?;
        if !stamp.zoned {
            intake.zone_assumed();
        }
        let mut entry = intake.entry(stamp.ms, stamp.ms);
        entry.counts.requests = Some(1);
        entry.counts.input_tokens = row.tokens(input_tokens)?;
        entry.counts.output_tokens = row.tokens(output_tokens)?;
        intake.name_model(&mut entry, "", "");
        intake.place(&mut entry, &labels, Own::default());
        intake.take(entry, &Latency::OfRequest(None))
    })
}
