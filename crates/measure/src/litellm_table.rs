//! Spend logs of the LiteLLM gateway, as a table: an export of `LiteLLM_SpendLogs`.

use crate::error::{ImportError, RowError};
use crate::input::{Input, MAX_RECORD_BYTES};
use crate::intake::Intake;
use crate::json_value::Field;
use crate::litellm::{self, Row};
use crate::numbers;
use crate::table::{Column, Record, Table};
use std::borrow::Cow;

/// Columns that hold text, times and JSON; all others are passed over, whatever they hold.
const TEXTS: [&str; 17] = [
    "request_id",
    "call_type",
    "api_key",
    "startTime",
    "endTime",
    "completionStartTime",
    "model",
    "custom_llm_provider",
    "api_base",
    "user",
    "end_user",
    "cache_hit",
    "request_tags",
    "team_id",
    "organization_id",
    "project_id",
    "status",
];
/// Columns that hold numbers.
const NUMBERS: [&str; 3] = ["spend", "prompt_tokens", "completion_tokens"];
/// Columns without which a row says nothing.
const NEEDED: [&str; 4] = ["request_id", "startTime", "prompt_tokens", "completion_tokens"];

/// Whether the first bytes are of this format.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    let has = |name| crate::detect::header_has(head, &["request_id", name]);
    has("startTime") || has("call_type")
}

struct Columns {
    texts: [Column; TEXTS.len()],
    numbers: [Column; NUMBERS.len()],
    metadata: Column,
}

/// Reads the file.
pub(crate) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    // Rows may be as long as records: they hold bodies that are passed over.
    let limit = usize::try_from(MAX_RECORD_BYTES).unwrap_or(usize::MAX);
    let table = Table::open_up_to(limit, input, intake.file())?;
    for name in NEEDED {
        table.required(name)?;
    }
    let columns = Columns {
        texts: TEXTS.map(|name| table.column(name)),
        numbers: NUMBERS.map(|name| table.column(name)),
        metadata: table.column("metadata"),
    };
    table.each(intake, |intake, record| {
        let row = row_of(record, &columns)?;
        litellm::one(intake, row).map_err(|error| record.numbered(error))
    })
}

/// The row as the JSON form would state it.
fn row_of<'r>(record: &'r Record, columns: &Columns) -> Result<Row<'r>, RowError> {
    let text = |column| match stated(record, column) {
        "" => Field::Missing,
        text => Field::Text(Cow::Borrowed(text)),
    };
    let number = |column| match stated(record, column) {
        "" => Ok(Field::Missing),
        text => numbers::pointed(text, record.style()).map(Field::Text).map_err(|message| record.error(column, message)),
    };
    let [
        request_id,
        call_type,
        api_key,
        start_time,
        end_time,
        completion_start,
        model,
        custom_llm_provider,
        api_base,
        user,
        end_user,
        cache_hit,
        request_tags,
        team_id,
        organization_id,
        project_id,
        status,
    ] = columns.texts.map(text);
    let [spend, prompt_tokens, completion_tokens] = columns.numbers;
    Ok(Row {
        request_id,
        call_type,
        api_key,
        spend: number(spend)?,
        prompt_tokens: number(prompt_tokens)?,
        completion_tokens: number(completion_tokens)?,
        start_time,
        end_time,
        completion_start,
        model,
        custom_llm_provider,
        api_base,
        user,
        end_user,
        metadata: stated(record, columns.metadata),
        cache_hit,
        request_tags,
        team_id,
        organization_id,
        project_id,
        status,
    })
}

/// The text of a cell; empty where it says nothing.
fn stated(record: &Record, column: Column) -> &str {
    let text = record.text(column);
    if litellm::says_nothing(text) { "" } else { text }
}
