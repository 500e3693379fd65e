//! `bilanz-usage.csv`: the plain table that any spreadsheet can write.

use crate::accounts::Own;
use crate::bilanz_columns::Columns;
use crate::error::{ImportError, RowError};
use crate::input::Input;
use crate::intake::{Intake, Latency, only_outcomes};
use crate::labels::Labels;
use crate::numbers;
use crate::table::{Column, Record, Table};
use books::{Entry, Rank};
use lca::{Counts, Evidence, Kind};
use std::sync::Arc;

/// Nanojoules in a kilowatt-hour are 36 times ten to this power.
const KWH_EXPONENT: i32 = 14;

/// Whether the first bytes are of this format.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    crate::detect::header_has(head, &["time_start"])
}

/// Reads the file.
pub(crate) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let table = Table::open(input, intake.file())?;
    let columns = Columns::of(&table, intake.file())?;
    intake.time_columns = ["time_start", "time_end"];
    table.each(intake, |intake, row| one(intake, row, &columns))
}

fn one(intake: &mut Intake<'_>, row: &Record, columns: &Columns) -> Result<(), RowError> {
    let start = row.time(columns.time_start)?.ok_or_else(|| row.error(columns.time_start, "is empty; every row needs a start"))?;
    let end = row.time(columns.time_end)?.unwrap_or(start);
    if !start.zoned || !end.zoned {
        intake.zone_assumed();
    }
    let mut entry = intake.entry(start.ms, end.ms);
    entry.kind = word(row, columns.unit)?.unwrap_or(Kind::Inference);
    entry.stage = word(row, columns.stage)?;
    counts(&mut entry, row, columns)?;
    let measured = match entry.kind {
        _ if entry.counts.energy_nj.is_none() => Evidence::Counted,
        Kind::Electricity => Evidence::Plug,
        _ => Evidence::Share,
    };
    entry.evidence = word(row, columns.evidence)?.unwrap_or(measured);
    if entry.kind != Kind::Inference && entry.counts.energy_nj.is_none() {
        return Err(row.error(columns.energy_kwh, format!("is empty; a row of the unit `{}` needs its energy", entry.kind)));
    }
    money(intake, &mut entry, row, columns)?;
    let (source_id, request_id) = (row.text(columns.source_id), row.text(columns.request_id));
    if !source_id.is_empty() && !request_id.is_empty() {
        return Err(row.error(columns.request_id, "the row states a `source_id` too; a row has one identity, so leave one of them empty"));
    }
    if only_outcomes(&entry.counts) && !request_id.is_empty() {
        entry.external_id = Some(outcome_of(request_id));
        entry.rank = Rank::Span;
    } else if let Some(id) = [source_id, request_id].into_iter().find(|id| !id.is_empty()) {
        entry.external_id = Some(id.into());
        entry.rank = Rank::Span;
    }
    entry.region = intake.word(row.text(columns.region));
    intake.name_model(&mut entry, row.text(columns.provider), row.text(columns.model));
    let tags = row.text(columns.tags);
    let labels = Labels {
        project: Some(row.text(columns.project)),
        key: Some(row.text(columns.key)),
        user: Some(row.text(columns.user)),
        use_case: Some(row.text(columns.use_case)),
        tags: if tags.is_empty() { Vec::new() } else { tags.split([';', ',', '|']).map(|tag| tag.trim().into()).collect() },
        ..Labels::default()
    };
    let own = Own { account: row.text(columns.account), site: row.text(columns.site), zone: row.text(columns.zone) };
    intake.place(&mut entry, &labels, own);
    let latency = if entry.counts.requests == Some(1) { Latency::OfRequest(entry.counts.duration_ms) } else { Latency::OfMany };
    intake.take(entry, &latency)
}

/// Identity of what came of a request: a later word on it takes the place of the earlier one.
pub(crate) fn outcome_of(request_id: &str) -> Box<str> {
    format!("outcome:{request_id}").into()
}

fn counts(entry: &mut Entry, row: &Record, columns: &Columns) -> Result<(), RowError> {
    let counts = &mut entry.counts;
    counts.requests = row.count(columns.requests)?;
    counts.input_tokens = row.tokens(columns.input_tokens_uncached)?;
    counts.cache_read_tokens = row.tokens(columns.input_tokens_cache_read)?;
    counts.cache_write_tokens = row.tokens(columns.input_tokens_cache_write)?;
    counts.output_tokens = row.tokens(columns.output_tokens)?;
    counts.reasoning_tokens = row.tokens(columns.reasoning_tokens)?;
    counts.images = row.count(columns.images)?;
    counts.audio_ms = row.scaled(columns.audio_seconds, 3)?;
    counts.duration_ms = row.count(columns.duration_ms)?;
    counts.ttft_ms = row.count(columns.ttft_ms)?;
    let energy = row.text(columns.energy_kwh);
    if !energy.is_empty() {
        let exact = numbers::scaled(energy, row.style(), 36, KWH_EXPONENT).map_err(|message| row.error(columns.energy_kwh, message))?;
        if exact < 0 {
            return Err(row.error(columns.energy_kwh, format!("{energy} is negative; energy drawn cannot be")));
        }
        counts.energy_nj = Some(exact);
    }
    counts.outcomes_accepted = row.count(columns.outcomes_accepted)?;
    counts.outcomes_rejected = row.count(columns.outcomes_rejected)?;
    if let Some(accepted) = truth(row, columns.accepted)? {
        if counts.outcomes_accepted.is_some() || counts.outcomes_rejected.is_some() {
            return Err(
                row.error(columns.accepted, "the row states `outcomes_accepted` or `outcomes_rejected` too; leave one of them empty")
            );
        }
        judge(counts, accepted);
    }
    if let (Some(1), Some(duration), Some(ttft)) = (counts.requests, counts.duration_ms, counts.ttft_ms) {
        crate::times::fill_inter_token(counts, duration, ttft);
    }
    Ok(())
}

/// Files one outcome.
pub(crate) fn judge(counts: &mut Counts, accepted: bool) {
    if accepted {
        counts.outcomes_accepted = Some(1);
    } else {
        counts.outcomes_rejected = Some(1);
    }
}

/// A truth value, in English or German; `None` when the field is empty.
pub(crate) fn truth(row: &Record, column: Column) -> Result<Option<bool>, RowError> {
    match row.text(column) {
        "" => Ok(None),
        text if ["true", "yes", "ja", "wahr", "1"].iter().any(|word| text.eq_ignore_ascii_case(word)) => Ok(Some(true)),
        text if ["false", "no", "nein", "falsch", "0"].iter().any(|word| text.eq_ignore_ascii_case(word)) => Ok(Some(false)),
        text => Err(row.error(column, format!("`{}` is neither true nor false", numbers::shorten(text)))),
    }
}

fn money(intake: &mut Intake<'_>, entry: &mut Entry, row: &Record, columns: &Columns) -> Result<(), RowError> {
    entry.counts.cost_micro = row.scaled(columns.cost, 6)?;
    entry.counts.value_micro = row.scaled(columns.value, 6)?;
    if entry.counts.cost_micro.is_none() && entry.counts.value_micro.is_none() {
        return Ok(());
    }
    entry.currency = currency(intake, row, columns.currency)?;
    Ok(())
}

/// The currency of an amount.
pub(crate) fn currency(intake: &mut Intake<'_>, row: &Record, column: Column) -> Result<Arc<str>, RowError> {
    let currency = row.text(column);
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(row.error(column, "a cost or value needs its currency as three letters, such as EUR"));
    }
    Ok(if currency.bytes().all(|byte| byte.is_ascii_uppercase()) { intake.word(currency) } else { intake.word(&currency.to_uppercase()) })
}

fn word<T: std::str::FromStr<Err = lca::WordError>>(row: &Record, column: Column) -> Result<Option<T>, RowError> {
    match row.text(column) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|error: lca::WordError| row.error(column, error.to_string())),
    }
}
