//! SQL for people and scripts: read-only, one table, exact numbers out.

use crate::engine::Engine;
use crate::store::Store;
use crate::table::EntriesTable;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use books::LedgerError;
use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::prelude::SQLOptions;
use serde_json::{Number, Value};

/// The answer to a query.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryResult {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows; a number that JSON readers would round is a string of digits.
    pub rows: Vec<Vec<Value>>,
}

impl QueryResult {
    /// The answer as a text table: numbers to the right, one line per row.
    #[must_use]
    pub fn to_table(&self) -> String {
        let cell = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.replace(['\n', '\r', '\t'], " "),
            other => other.to_string(),
        };
        let rows: Vec<Vec<String>> = self.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([self.columns[column].chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let right: Vec<bool> = (0..self.columns.len())
            .map(|column| self.rows.iter().all(|row| row[column].is_number() || row[column].is_null()) && !self.rows.is_empty())
            .collect();
        let line = |cells: &[String]| {
            let mut text = String::new();
            for (place, cell) in cells.iter().enumerate() {
                let gap = if place == 0 { "" } else { "  " };
                let width = widths[place];
                text.push_str(&if right[place] { format!("{gap}{cell:>width$}") } else { format!("{gap}{cell:<width$}") });
            }
            format!("{}\n", text.trim_end())
        };
        let mut text = line(&self.columns);
        let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        text.push_str(&line(&rules));
        rows.iter().for_each(|row| text.push_str(&line(row)));
        text
    }
}

impl Store {
    /// Answers a question in SQL over the table `entries` (live rows only).
    ///
    /// # Errors
    /// When the statement would change anything, cannot be understood, or a segment cannot be read.
    pub fn query(&self, sql: &str) -> Result<QueryResult, LedgerError> {
        refuse_changes(sql)?;
        let snapshot = self.manifest().snapshot()?;
        let table = EntriesTable::new(&snapshot, None, None, None);
        let session = self.engine().session(table)?;
        let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        let answer = self.engine().run(async move { Engine::collect(session.sql_with_options(sql, options).await?).await })?;
        let (schema, batches) = answer.map_err(|error| explain(&error))?;
        let columns = schema.fields().iter().map(|field| field.name().clone()).collect();
        let mut rows = Vec::new();
        for batch in &batches {
            add_rows(batch, &mut rows).map_err(|error| LedgerError(format!("the answer cannot be shown: {error}")))?;
        }
        Ok(QueryResult { columns, rows })
    }
}

/// The words a question begins with.
const QUESTIONS: [&str; 8] = ["select", "with", "explain", "show", "describe", "desc", "values", "table"];

/// A statement that is no question is refused before it is planned, so that the reason comes first.
/// What hides deeper (`EXPLAIN ANALYZE INSERT`) is refused by the planner's own options.
fn refuse_changes(sql: &str) -> Result<(), LedgerError> {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
        rest = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            break;
        };
    }
    let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if word.is_empty() || QUESTIONS.contains(&word.to_lowercase().as_str()) {
        return Ok(());
    }
    Err(LedgerError(format!("the books are read-only: `query` answers SELECT, WITH, EXPLAIN, SHOW and DESCRIBE, not `{word}`")))
}

/// The engine's message without its inner names, and with what to do next.
fn explain(error: &DataFusionError) -> LedgerError {
    let root = error.find_root();
    if let DataFusionError::SchemaError(schema, _) = root
        && let SchemaError::FieldNotFound { field, valid_fields } = schema.as_ref()
    {
        return LedgerError(missing(field, valid_fields));
    }
    let text = root.strip_backtrace();
    let text = text.trim_start_matches("Error during planning: ").trim_start_matches("Execution error: ");
    if text.contains("not supported: ") && ["DDL", "DML", "Statement"].iter().any(|kind| text.starts_with(kind)) {
        return LedgerError(format!("the books are read-only: `query` answers SELECT, WITH, EXPLAIN, SHOW and DESCRIBE ({text})"));
    }
    if text.contains("table '") && text.contains("not found") {
        return LedgerError(format!("{text}; the one table is `entries`, `DESCRIBE entries` shows its columns"));
    }
    LedgerError(text.to_owned())
}

fn missing(field: &Column, valid: &[Column]) -> String {
    let name = field.name.to_lowercase();
    let alike = |other: &Column| {
        let other = other.name.to_lowercase();
        other.contains(&name) || name.contains(&other) || shared(&name, &other) * 3 >= name.len().max(other.len()) * 2
    };
    let near: Vec<_> = valid.iter().filter(|other| alike(other)).map(|other| format!("`{}`", other.name)).take(5).collect();
    let hint = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) };
    format!("there is no column `{}`{hint} `DESCRIBE entries` shows all columns", field.name).replace("` `DESCRIBE", "`; `DESCRIBE")
}

/// Letters that two words share in the same order, greedily: enough to catch a slip of the hand.
fn shared(a: &str, b: &str) -> usize {
    let mut rest = b.chars();
    a.chars().filter(|letter| rest.clone().position(|other| other == *letter).map(|place| rest.nth(place)).is_some()).count()
}

fn add_rows(batch: &RecordBatch, rows: &mut Vec<Vec<Value>>) -> Result<(), arrow::error::ArrowError> {
    let options = FormatOptions::default().with_null("");
    let texts = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options)).collect::<Result<Vec<_>, _>>()?;
    for row in 0..batch.num_rows() {
        let cells = batch.columns().iter().zip(&texts);
        rows.push(cells.map(|(column, text)| value(column, row, text)).collect());
    }
    Ok(())
}

fn value(column: &dyn Array, row: usize, text: &ArrayFormatter<'_>) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    let float = |number: f64| Number::from_f64(number).map_or(Value::Null, Value::Number);
    match column.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Bool(column.as_boolean().value(row)),
        DataType::Int8 => column.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => column.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        DataType::UInt8 => column.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => column.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => column.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).into(),
        DataType::Float32 => float(f64::from(column.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => float(column.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, 0) => {
            let number = column.as_primitive::<Decimal128Type>().value(row);
            i64::try_from(number).map_or_else(|_| Value::String(number.to_string()), Value::from)
        }
        DataType::Decimal128(_, _) => {
            let text = text.value(row).to_string();
            // Up to 15 digits a float holds the very number.
            let digits = text.chars().filter(char::is_ascii_digit).count();
            if digits <= 15 { text.parse().map_or(Value::String(text), float) } else { Value::String(text) }
        }
        _ => Value::String(text.value(row).to_string()),
    }
}
