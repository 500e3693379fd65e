//! Observations of Langfuse, as a table: the CSV of the blob export.

use crate::error::ImportError;
use crate::input::{Input, MAX_RECORD_BYTES};
use crate::intake::Intake;
use crate::json_value::Field;
use crate::langfuse::{self, Row};
use crate::litellm::says_nothing;
use crate::table::{Column, Record, Table};
use std::borrow::Cow;

/// Columns that are read, as the blob export and as the API spells them; all others are passed over, whatever they hold.
const COLUMNS: [[&str; 2]; 16] = [
    ["id", "id"],
    ["trace_id", "traceId"],
    ["project_id", "projectId"],
    ["environment", "environment"],
    ["type", "type"],
    ["start_time", "startTime"],
    ["end_time", "endTime"],
    ["completion_start_time", "completionStartTime"],
    ["level", "level"],
    ["provided_model_name", "providedModelName"],
    ["usage_details", "usageDetails"],
    ["cost_details", "costDetails"],
    ["total_cost", "totalCost"],
    ["time_to_first_token", "timeToFirstToken"],
    ["user_id", "userId"],
    ["tags", "tags"],
];

/// Whether the first bytes are of this format.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    crate::detect::header_has(head, &["trace_id", "type", "usage_details"])
        || crate::detect::header_has(head, &["traceId", "type", "usageDetails"])
}

/// Reads the file.
pub(crate) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    // Rows may be as long as records: they hold bodies that are passed over.
    let limit = usize::try_from(MAX_RECORD_BYTES).unwrap_or(usize::MAX);
    let table = Table::open_up_to(limit, input, intake.file())?;
    let place = |[snake, camel]: [&str; 2]| table.column(snake).or(table.column(camel));
    let columns = COLUMNS.map(place);
    for needed in [4, 5, 10] {
        if columns[needed].is_none() {
            table.required(COLUMNS[needed][0])?;
        }
    }
    table.each(intake, |intake, record| langfuse::one(intake, row_of(record, &columns)).map_err(|error| record.numbered(error)))
}

/// The row as the JSON form would state it.
fn row_of<'r>(record: &'r Record, columns: &[Column; COLUMNS.len()]) -> Row<'r> {
    let field = |column: Column| match record.text(column) {
        text if says_nothing(text) => Field::Missing,
        text => Field::Text(Cow::Borrowed(text)),
    };
    let [
        id,
        trace_id,
        project_id,
        environment,
        kind,
        start_time,
        end_time,
        completion_start_time,
        level,
        provided_model_name,
        usage_details,
        cost_details,
        total_cost,
        time_to_first_token,
        user_id,
        tags,
    ] = columns.map(field);
    Row {
        id,
        trace_id,
        project_id,
        environment,
        kind,
        start_time,
        end_time,
        completion_start_time,
        level,
        provided_model_name,
        usage_details,
        cost_details,
        total_cost,
        time_to_first_token,
        user_id,
        tags,
        ..Row::default()
    }
}
