//! Windows of limits by the calendar in UTC: start and end of the minute, hour, day, week, month or year of a moment.

use books::Window;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The earliest and the latest moment that has a window: the years 0 to 9999, as `jiff` knows them.
const RANGE_MS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_207_199_999;

/// Start and end (exclusive) of the window that holds `at_ms`, milliseconds since 1970 UTC; weeks begin on Monday.
pub(crate) fn bounds(window: Window, at_ms: i64) -> (i64, i64) {
    let at_ms = at_ms.clamp(*RANGE_MS.start(), *RANGE_MS.end());
    let fixed = |length: i64, offset: i64| {
        let from = (at_ms + offset).div_euclid(length) * length - offset;
        (from, from + length)
    };
    let days = at_ms.div_euclid(DAY_MS);
    match window {
        Window::Minute => fixed(MINUTE_MS, 0),
        Window::Hour => fixed(HOUR_MS, 0),
        Window::Day => fixed(DAY_MS, 0),
        // 1970-01-01 was a Thursday, three days after a Monday.
        Window::Week => fixed(7 * DAY_MS, 3 * DAY_MS),
        Window::Month => {
            let (year, month, _) = civil(days);
            let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            (day_number(year, month, 1) * DAY_MS, day_number(next_year, next_month, 1) * DAY_MS)
        }
        Window::Year => {
            let (year, ..) = civil(days);
            (day_number(year, 1, 1) * DAY_MS, day_number(year + 1, 1, 1) * DAY_MS)
        }
    }
}

/// Hour of the day (0-23) and day of the week (1-7, Monday is 1), UTC.
pub(crate) fn hour_and_weekday(at_ms: i64) -> (i64, i64) {
    let days = at_ms.div_euclid(DAY_MS);
    (at_ms.rem_euclid(DAY_MS) / HOUR_MS, (days + 3).rem_euclid(7) + 1)
}

/// A moment as `2026-12-01T00:00:00Z`, for messages.
pub(crate) fn text(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map_or_else(|_| format!("{at_ms} ms since 1970"), |time| time.to_string())
}

/// Year, month and day of a day number since 1970-01-01 (proleptic Gregorian; years are counted from March).
const fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// The day number since 1970-01-01 of a date.
const fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Weekday;
    use jiff::{Timestamp, ToSpan, Unit, tz::Offset};
    use proptest::prelude::*;

    const ALL: [Window; 6] = [Window::Minute, Window::Hour, Window::Day, Window::Week, Window::Month, Window::Year];

    /// The same by the calendar of another author.
    fn expected(window: Window, at_ms: i64) -> (i64, i64) {
        let at = Offset::UTC.to_datetime(Timestamp::from_millisecond(at_ms).unwrap());
        let midnight = at.date().at(0, 0, 0, 0);
        let (from, to) = match window {
            Window::Minute => {
                let from = at.round(jiff::civil::DateTimeRound::new().smallest(Unit::Minute).mode(jiff::RoundMode::Floor)).unwrap();
                (from, from + 1.minute())
            }
            Window::Hour => {
                let from = at.round(jiff::civil::DateTimeRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Floor)).unwrap();
                (from, from + 1.hour())
            }
            Window::Day => (midnight, midnight + 1.day()),
            Window::Week => {
                let from = midnight - i64::from(at.date().weekday().since(Weekday::Monday)).days();
                (from, from + 1.week())
            }
            Window::Month => (at.date().first_of_month().at(0, 0, 0, 0), at.date().first_of_month().at(0, 0, 0, 0) + 1.month()),
            Window::Year => (at.date().first_of_year().at(0, 0, 0, 0), at.date().first_of_year().at(0, 0, 0, 0) + 1.year()),
        };
        let ms = |time: jiff::civil::DateTime| Offset::UTC.to_timestamp(time).unwrap().as_millisecond();
        (ms(from), ms(to))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn windows_are_those_of_the_calendar(at_ms in -2_000_000_000_000_i64..60_000_000_000_000) {
            for window in ALL {
                let (from, to) = bounds(window, at_ms);
                prop_assert_eq!((from, to), expected(window, at_ms));
                prop_assert!(from <= at_ms && at_ms < to);
                // The end of one is the start of the next: no moment is in two windows, none in none.
                prop_assert_eq!(bounds(window, to).0, to);
                prop_assert_eq!(bounds(window, to - 1).0, from);
            }
            let at = Offset::UTC.to_datetime(Timestamp::from_millisecond(at_ms).unwrap());
            prop_assert_eq!(hour_and_weekday(at_ms), (i64::from(at.hour()), i64::from(at.date().weekday().to_monday_one_offset())));
        }

        #[test]
        fn no_moment_breaks_the_calendar(at_ms in any::<i64>()) {
            for window in ALL {
                let (from, to) = bounds(window, at_ms);
                prop_assert!(from < to);
            }
        }
    }

    #[test]
    fn leap_days_and_turns_of_the_year() {
        let ms = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        let of = |window, at: &str| {
            let (from, to) = bounds(window, ms(at));
            (text(from), text(to))
        };
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(of(Window::Month, "2024-02-29T23:59:59.999Z"), pair("2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"));
        assert_eq!(of(Window::Month, "2100-02-28T12:00:00Z"), pair("2100-02-01T00:00:00Z", "2100-03-01T00:00:00Z"));
        assert_eq!(of(Window::Week, "2027-01-01T00:00:00Z"), pair("2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z"));
        assert_eq!(of(Window::Year, "2026-12-31T23:59:59.999Z"), pair("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"));
    }
}
