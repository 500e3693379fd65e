//! CSV: one row per group and indicator, with all digits and what pins them.

use crate::{Group, Statement, names};
use lca::Indicator;
use quantity::six_digits;
use std::fmt::Write as _;

/// The columns, in order.
pub const COLUMNS: &[&str] = &[
    "by",
    "key",
    "requests",
    "tokens",
    "indicator",
    "low",
    "median",
    "high",
    "unit",
    "grade",
    "from",
    "to",
    "profile",
    "factor_set",
    "method",
    "ledger_head",
];

/// The statement as CSV. A gap has empty figures, never zeros.
#[must_use]
pub fn csv(statement: &Statement) -> String {
    let mut out = COLUMNS.join(",");
    out.push('\n');
    for group in &statement.groups {
        rows(&mut out, statement, statement.by.as_str(), group);
    }
    rows(&mut out, statement, "total", &statement.total);
    out
}

fn rows(out: &mut String, statement: &Statement, by: &str, group: &Group) {
    let day = |day: Option<books::Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let number = |count: Option<i128>| count.map(|count| count.to_string()).unwrap_or_default();
    for indicator in Indicator::ALL {
        let row = group.impacts.row(*indicator);
        let figure = |place: usize| row.map(|row| six_digits(row[place].get()).to_string()).unwrap_or_default();
        let unit = if *indicator == Indicator::Cost { &statement.currency } else { names::base_unit(*indicator) };
        let grade = row.map(|_| crate::grade_of(&group.impacts, *indicator).unwrap_or(group.grade).to_string()).unwrap_or_default();
        let cells = [
            by,
            &cell(&group.key),
            &number(group.requests),
            &number(group.tokens),
            indicator.as_str(),
            &figure(0),
            &figure(1),
            &figure(2),
            &cell(unit),
            &grade,
            &day(statement.period.from),
            &day(statement.period.to),
            statement.profile.as_str(),
            &cell(&statement.factor_set),
            &cell(&statement.method),
            &cell(&statement.ledger_head),
        ];
        let _ = writeln!(out, "{}", cells.join(","));
    }
}

/// A word as a CSV cell; one that a spreadsheet would take for a formula is disarmed.
fn cell(word: &str) -> String {
    let armed = word.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let word = if armed { format!("'{word}") } else { word.to_owned() };
    if word.contains([',', '"', '\n', '\r']) { format!("\"{}\"", word.replace('"', "\"\"")) } else { word }
}
