//! Series: the same statement in steps of days or months, for charts.

use crate::{By, Group, Period, Request, Statement};
use books::{Day, Head};
use lca::{Impacts, Profile};
use quantity::Grade;
use serde::Serialize;

/// The longest period that is drawn day by day.
const DAYS_MAX: i32 = 100;

/// One step of a series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// Day (`2026-01-31`) or month (`2026-01`).
    pub key: String,
    /// First day of the step that lies in the period.
    pub from: Day,
    /// Last day of the step that lies in the period.
    pub to: Day,
    /// Whether the period cuts this step short.
    pub partial: bool,
    /// Requests; `None` where they are not stated.
    pub requests: Option<i128>,
    /// Tokens; `None` where they are not stated.
    pub tokens: Option<i128>,
    /// All indicators.
    pub impacts: Impacts,
    /// Grade.
    pub grade: Grade,
}

/// The statement in steps of time. Steps without entries are missing, never zero.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// Always `footprint` here.
    pub series: String,
    /// Period covered.
    pub period: Period,
    /// Step: day or month.
    pub step: By,
    /// Profile.
    pub profile: Profile,
    /// Branch of accounts, when not all.
    pub account: Option<String>,
    /// Currency of every cost.
    pub currency: String,
    /// Steps in order of time.
    pub points: Vec<Point>,
    /// Digest of the newest link of the books.
    pub ledger_head: String,
    /// Name of the factor set.
    pub factor_set: String,
    /// Version of the method.
    pub method: String,
}

/// The step that suits the length of the period.
#[must_use]
pub fn step(request: &Request, head: &Head) -> By {
    let from = request.from.or(head.days.map(|days| days.0));
    let to = request.to.or(head.days.map(|days| days.1));
    match (from, to) {
        (Some(from), Some(to)) if to.0.saturating_sub(from.0) >= DAYS_MAX => By::Month,
        _ => By::Day,
    }
}

/// The series of a statement by day or by month.
#[must_use]
pub fn series(statement: &Statement) -> Series {
    let point = |group: &Group| {
        let (first, last) = span(&group.key)?;
        let from = statement.period.from.map_or(first, |from| from.max(first));
        let to = statement.period.to.map_or(last, |to| to.min(last));
        Some(Point {
            key: group.key.clone(),
            from,
            to,
            partial: from > first || to < last,
            requests: group.requests,
            tokens: group.tokens,
            impacts: group.impacts.clone(),
            grade: group.grade,
        })
    };
    Series {
        series: statement.statement.clone(),
        period: statement.period.clone(),
        step: statement.by,
        profile: statement.profile,
        account: statement.account.clone(),
        currency: statement.currency.clone(),
        points: statement.groups.iter().filter_map(point).collect(),
        ledger_head: statement.ledger_head.clone(),
        factor_set: statement.factor_set.clone(),
        method: statement.method.clone(),
    }
}

/// First and last day of `2026-01-31` or `2026-01`.
fn span(key: &str) -> Option<(Day, Day)> {
    if let Ok(day) = books::parse_day(key) {
        return Some((day, day));
    }
    let first = books::parse_day(&format!("{key}-01")).ok()?;
    Some((first, Day::of(first.date().last_of_month())))
}
