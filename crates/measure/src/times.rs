//! Times from text or number to milliseconds since 1970 UTC.

use crate::numbers::{Style, scaled, shorten};

/// A time, and whether its zone was stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) ms: i64,
    pub(crate) zoned: bool,
}

/// Reads RFC 3339, `YYYY-MM-DD[ HH:MM:SS[.fff]]` and `DD.MM.YYYY[ HH:MM[:SS]]` (taken as UTC),
/// and seconds, milliseconds, microseconds or nanoseconds since 1970.
pub(crate) fn parse_time(text: &str) -> Result<Stamp, String> {
    let bytes = text.as_bytes();
    fixed(bytes)
        .or_else(|| german(bytes))
        .or_else(|| epoch(text))
        .or_else(|| by_library(text))
        .ok_or_else(|| format!("`{}` is no time; write it like 2026-01-31T12:00:00Z or 2026-01-31 12:00:00 (taken as UTC)", shorten(text)))
}

/// Milliseconds of a number of seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size.
pub(crate) fn epoch_ms(value: i64) -> i64 {
    match value.unsigned_abs() {
        0..100_000_000_000 => value.saturating_mul(1000),
        100_000_000_000..100_000_000_000_000 => value,
        100_000_000_000_000..100_000_000_000_000_000 => value.div_euclid(1000),
        _ => value.div_euclid(1_000_000),
    }
}

fn epoch(text: &str) -> Option<Stamp> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-') {
        return None;
    }
    if let Ok(value) = text.parse::<i64>() {
        return Some(Stamp { ms: epoch_ms(value), zoned: true });
    }
    // Decimals: seconds, unless the number is too large for them.
    let value = i64::try_from(scaled(text, Style::Point, 1, 3).ok()?).ok()?;
    let ms = if value.unsigned_abs() < 100_000_000_000_000 { value } else { epoch_ms(value / 1000) };
    Some(Stamp { ms, zoned: true })
}

fn number(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// The usual fixed-width forms, without any library.
fn fixed(bytes: &[u8]) -> Option<Stamp> {
    let &[a, b, c, d, b'-', e, f, b'-', g, h, ref rest @ ..] = bytes else { return None };
    let days = days(number(&[a, b, c, d])?, number(&[e, f])?, number(&[g, h])?)?;
    if rest.is_empty() {
        return Some(Stamp { ms: days * 86_400_000, zoned: false });
    }
    let &[b'T' | b' ', a, b, b':', c, d, b':', e, f, ref rest @ ..] = rest else { return None };
    let (ms, rest) = clock(&[a, b], &[c, d], &[e, f]).map(|ms| fraction(ms, rest))?;
    let offset_ms = match rest {
        [] => return Some(Stamp { ms: days * 86_400_000 + ms, zoned: false }),
        [b'Z'] | [b' ', b'U', b'T', b'C'] => 0,
        [sign @ (b'+' | b'-'), a, b, b':', c, d] => {
            let minutes = number(&[*a, *b])? * 60 + number(&[*c, *d])?;
            if *sign == b'+' { minutes * 60_000 } else { minutes * -60_000 }
        }
        _ => return None,
    };
    Some(Stamp { ms: days * 86_400_000 + ms - offset_ms, zoned: true })
}

/// `31.01.2026 12:00:00`
fn german(bytes: &[u8]) -> Option<Stamp> {
    let &[a, b, b'.', c, d, b'.', e, f, g, h, ref rest @ ..] = bytes else { return None };
    let days = days(number(&[e, f, g, h])?, number(&[c, d])?, number(&[a, b])?)?;
    let ms = match rest {
        [] => 0,
        [b' ', a, b, b':', c, d] => clock(&[*a, *b], &[*c, *d], b"00")?,
        [b' ', a, b, b':', c, d, b':', e, f] => clock(&[*a, *b], &[*c, *d], &[*e, *f])?,
        _ => return None,
    };
    Some(Stamp { ms: days * 86_400_000 + ms, zoned: false })
}

fn clock(hour: &[u8], minute: &[u8], second: &[u8]) -> Option<i64> {
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    (hour < 24 && minute < 60 && second < 60).then_some(((hour * 60 + minute) * 60 + second) * 1000)
}

/// Adds the decimals of a second, cut at the millisecond.
fn fraction(ms: i64, rest: &[u8]) -> (i64, &[u8]) {
    let [b'.', decimals @ ..] = rest else { return (ms, rest) };
    let count = decimals.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 {
        return (ms, rest);
    }
    let (digits, rest) = decimals.split_at(count);
    let mut weight = 100;
    let mut sum = ms;
    for digit in digits.iter().take(3) {
        sum += i64::from(digit - b'0') * weight;
        weight /= 10;
    }
    (sum, rest)
}

/// Days since 1970 of a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // The year begins in March, so that the leap day comes last.
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

fn by_library(text: &str) -> Option<Stamp> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(Stamp { ms: time.as_millisecond(), zoned: true });
    }
    let time = text.parse::<jiff::civil::DateTime>().ok()?;
    let time = jiff::tz::TimeZone::UTC.to_timestamp(time).ok()?;
    Some(Stamp { ms: time.as_millisecond(), zoned: false })
}

/// Files the output of one request under its mean inter-token time.
///
/// A first token that comes with the last is the mark of an answer that was not
/// streamed: then nothing is known of the tokens between.
pub(crate) fn fill_inter_token(counts: &mut lca::Counts, duration_ms: i64, ttft_ms: i64) {
    let output = counts.output_all();
    let rest = duration_ms.saturating_sub(ttft_ms);
    if output > 1 && rest > 0 && ttft_ms >= 0 {
        counts.fill_inter_token(u32::try_from(rest / output).unwrap_or(u32::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (text, ms, zoned) in [
            ("2023-11-16 18:17:03.9799600", 1_700_158_623_979, false),
            ("2025-10-05T00:00:00+00:00", 1_759_622_400_000, true),
            ("2025-10-05T02:00:00+02:00", 1_759_622_400_000, true),
            ("2025-10-05T00:00:00.5Z", 1_759_622_400_500, true),
            ("2025-10-05", 1_759_622_400_000, false),
            ("05.10.2025 00:00", 1_759_622_400_000, false),
            ("1759622400", 1_759_622_400_000, true),
            ("1759622400.0", 1_759_622_400_000, true),
            ("1759622400000", 1_759_622_400_000, true),
            ("1759622400000000", 1_759_622_400_000, true),
            ("1759622400000000000", 1_759_622_400_000, true),
            ("2024-02-29 00:00:00", 1_709_164_800_000, false),
            ("20251005T000000Z", 1_759_622_400_000, true),
        ] {
            assert_eq!(parse_time(text), Ok(Stamp { ms, zoned }), "{text}");
        }
        for text in ["2023-02-29", "2023-13-01", "noon", "", "2023-01-01 24:00:00", "10-11-12"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn as_the_library(seconds in 1_420_070_400i64..4_000_000_000) {
            let text = jiff::Timestamp::from_second(seconds).unwrap().to_string();
            proptest::prop_assert_eq!(parse_time(&text), Ok(Stamp { ms: seconds * 1000, zoned: true }));
        }
    }
}
