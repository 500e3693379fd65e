//! The clock: the one place that asks what time it is.

/// Milliseconds since 1970-01-01, UTC.
pub(crate) fn now_ms() -> i64 {
    now_us() / 1000
}

/// Microseconds since 1970-01-01, UTC.
#[expect(clippy::disallowed_methods, reason = "every other part takes the time as an argument; this is where it comes from")]
pub(crate) fn now_us() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
