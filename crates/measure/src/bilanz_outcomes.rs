//! `bilanz-outcomes.csv`: what came of requests that were counted elsewhere.

use crate::accounts::Own;
use crate::bilanz_usage::{currency, judge, outcome_of, truth};
use crate::error::{ImportError, RowError};
use crate::input::Input;
use crate::intake::{Intake, Latency};
use crate::labels::Labels;
use crate::table::{Column, Record, Table};

/// The columns, in the order of the documentation.
const NAMES: [&str; 7] = ["time", "request_id", "accepted", "value", "currency", "account", "model"];

/// Whether the first bytes are of this format.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    let has = |name| crate::detect::header_has(head, &["time", "request_id", name]);
    has("accepted") || has("value")
}

/// Reads the file.
pub(crate) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let table = Table::open(input, intake.file())?;
    if let Some(index) = table.header().iter().position(|name| !NAMES.contains(&name.as_str())) {
        let name = crate::numbers::shorten(&table.header()[index]);
        let error = RowError {
            column: Some(format!("{} (`{name}`)", index + 1)),
            message: format!("the column is unknown; the columns are: {}", NAMES.join(", ")),
        };
        return Err(error.at(intake.file(), 1));
    }
    for needed in ["time", "request_id"] {
        table.required(needed)?;
    }
    let columns = NAMES.map(|name| table.column(name));
    if columns[2].is_none() {
        table.required("value")?;
    }
    intake.time_columns = ["time", "time"];
    table.each(intake, |intake, row| one(intake, row, columns))
}

fn one(intake: &mut Intake<'_>, row: &Record, columns: [Column; NAMES.len()]) -> Result<(), RowError> {
    let [time, request_id, accepted, value, currency_column, account, model] = columns;
    let stamp = row.time(time)?.ok_or_else(|| row.error(time, "is empty; every row needs a time, best that of the request"))?;
    if !stamp.zoned {
        intake.zone_assumed();
    }
    if row.text(request_id).is_empty() {
        return Err(row.error(request_id, "is empty; an outcome belongs to a request"));
    }
    let mut entry = intake.entry(stamp.ms, stamp.ms);
    // No request is stated: nothing ran here, so nothing is valued.
    match truth(row, accepted)? {
        Some(accepted) => judge(&mut entry.counts, accepted),
        None if row.text(value).is_empty() => {
            return Err(row.error(accepted, "is empty, and `value` too; the row says nothing of what came of the request"));
        }
        None => {}
    }
    entry.counts.value_micro = row.scaled(value, 6)?;
    if entry.counts.value_micro.is_some() {
        entry.currency = currency(intake, row, currency_column)?;
    }
    entry.external_id = Some(outcome_of(row.text(request_id)));
    intake.name_model(&mut entry, "", row.text(model));
    intake.place(&mut entry, &Labels::default(), Own { account: row.text(account), ..Own::default() });
    intake.take(entry, &Latency::OfMany)
}
