//! Days as integers: the partition key of the ledger, always UTC.

use jiff::civil::Date;

/// Days since 1970-01-01, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Day(pub i32);

const EPOCH: Date = Date::constant(1970, 1, 1);

impl Day {
    /// The calendar date; the epoch when out of range (no entry is, see `validate`).
    #[must_use]
    pub fn date(self) -> Date {
        EPOCH.checked_add(jiff::Span::new().days(self.0)).unwrap_or(EPOCH)
    }
    /// The day of a calendar date.
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self(EPOCH.until(date).map_or(0, |span| span.get_days()))
    }
    /// `YYYY-MM`.
    #[must_use]
    pub fn month(self) -> String {
        let date = self.date();
        format!("{:04}-{:02}", date.year(), date.month())
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        parse_day(&text).map_err(serde::de::Error::custom)
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let date = self.date();
        write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
    }
}

/// The day of a time in milliseconds since the epoch.
#[must_use]
pub fn day_of_ms(time_ms: i64) -> Day {
    Day(i32::try_from(time_ms.div_euclid(86_400_000)).unwrap_or(i32::MAX))
}

/// Parses `YYYY-MM-DD`.
///
/// # Errors
/// When the text is no date; the message says which form is wanted.
pub fn parse_day(text: &str) -> Result<Day, String> {
    text.parse::<Date>().map(Day::of).map_err(|_| format!("`{text}` is no date; write YYYY-MM-DD, such as 2026-01-31"))
}
