//! Numbers from text: exact, without a float on the way.

use std::borrow::Cow;

/// What is allowed between the digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `1234.5`
    Point,
    /// `1234,5` or `1.234,5`, as German spreadsheets write it.
    Comma,
}

/// A decimal number: mantissa times ten to the exponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    mantissa: i128,
    exponent: i32,
}

/// A whole number; `10.0` is one.
pub(crate) fn whole(text: &str, style: Style) -> Result<i64, String> {
    let bytes = text.as_bytes();
    if !bytes.is_empty() && bytes.len() <= 18 && bytes.iter().all(u8::is_ascii_digit) {
        return Ok(bytes.iter().fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0')));
    }
    let number = decimal(text, style).map_err(|reason| match reason {
        Some(reason) => reason,
        None => format!("`{}` is no whole number; write digits only, such as 1200", shorten(text)),
    })?;
    let (mut mantissa, mut exponent) = (number.mantissa, number.exponent);
    while exponent < 0 && mantissa % 10 == 0 && mantissa != 0 {
        mantissa /= 10;
        exponent += 1;
    }
    if mantissa == 0 {
        return Ok(0);
    }
    if exponent < 0 {
        return Err(format!("`{}` is no whole number; a count has no decimals", shorten(text)));
    }
    power(exponent.unsigned_abs())
        .and_then(|power| mantissa.checked_mul(power))
        .and_then(|value| i64::try_from(value).ok())
        .ok_or_else(|| format!("`{}` is too large; check the unit", shorten(text)))
}

/// A decimal number times `factor` times ten to the `shift`, rounded half away from zero.
pub(crate) fn scaled(text: &str, style: Style, factor: i128, shift: i32) -> Result<i128, String> {
    let number = decimal(text, style).map_err(|reason| match reason {
        Some(reason) => reason,
        None => format!("`{}` is no number; write it like 0.25", shorten(text)),
    })?;
    let too_large = || format!("`{}` is too large; check the unit", shorten(text));
    let value = number.mantissa.checked_mul(factor).ok_or_else(too_large)?;
    if value == 0 {
        return Ok(0);
    }
    let exponent = number.exponent.saturating_add(shift);
    if exponent >= 0 {
        return power(exponent.unsigned_abs()).and_then(|power| value.checked_mul(power)).ok_or_else(too_large);
    }
    // Below a tenth of the smallest step nothing is left.
    let Some(power) = power(exponent.unsigned_abs()) else { return Ok(0) };
    let (whole, rest) = (value / power, value % power);
    Ok(if rest.abs() >= power - rest.abs() { whole + value.signum() } else { whole })
}

/// The same for a 64-bit column.
pub(crate) fn scaled_i64(text: &str, style: Style, shift: i32) -> Result<i64, String> {
    i64::try_from(scaled(text, style, 1, shift)?).map_err(|_| format!("`{}` is too large; check the unit", shorten(text)))
}

/// A number of a table as one with a decimal point; what is no number stays as it is.
pub(crate) fn pointed(text: &str, style: Style) -> Result<Cow<'_, str>, String> {
    if style == Style::Point {
        return Ok(Cow::Borrowed(text));
    }
    match decimal(text, style) {
        Ok(_) if text.contains(',') => Ok(Cow::Owned(text.replace('.', "").replace(',', "."))),
        Ok(_) | Err(None) => Ok(Cow::Borrowed(text)),
        Err(Some(reason)) => Err(reason),
    }
}

fn power(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

/// `Err(None)`: no number. `Err(Some(reason))`: a number, but not one that can be taken.
fn decimal(text: &str, style: Style) -> Result<Decimal, Option<String>> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let (point, group) = match style {
        Style::Point => (b'.', None),
        Style::Comma if digits.contains(&b',') => (b',', Some(b'.')),
        Style::Comma => (b'.', None),
    };
    if style == Style::Comma && group.is_none() && ambiguous(digits) {
        return Err(Some(format!(
            "`{}` can be read in two ways; write it without dots between thousands, and decimals with a comma",
            shorten(text)
        )));
    }
    let (mut mantissa, mut exponent, mut seen, mut after_point) = (0i128, 0i32, false, false);
    let mut since_group: Option<u32> = None;
    let mut rest = digits.iter();
    while let Some(byte) = rest.next() {
        match *byte {
            digit @ b'0'..=b'9' => {
                seen = true;
                if let Some(count) = &mut since_group {
                    *count += 1;
                }
                mantissa = mantissa
                    .checked_mul(10)
                    .and_then(|value| value.checked_add(i128::from(digit - b'0')))
                    .ok_or_else(|| Some(format!("`{}` has too many digits", shorten(text))))?;
                exponent -= i32::from(after_point);
            }
            byte if byte == point && !after_point && since_group.is_none_or(|count| count == 3) => {
                after_point = true;
                since_group = None;
            }
            byte if Some(byte) == group && seen && !after_point && since_group.is_none_or(|count| count == 3) => since_group = Some(0),
            b'e' | b'E' if seen => {
                let power = std::str::from_utf8(rest.as_slice()).ok().and_then(|power| power.parse::<i16>().ok()).ok_or(None)?;
                exponent = exponent.saturating_add(i32::from(power));
                break;
            }
            _ => return Err(None),
        }
    }
    if !seen {
        return Err(None);
    }
    Ok(Decimal { mantissa: if negative { -mantissa } else { mantissa }, exponent })
}

/// `1.234` in a file with decimal commas: thousands or decimals?
fn ambiguous(digits: &[u8]) -> bool {
    let mut groups = digits.split(|byte| *byte == b'.');
    let first = groups.next().unwrap_or_default();
    let mut count = 0;
    groups.all(|group| {
        count += 1;
        group.len() == 3 && group.iter().all(u8::is_ascii_digit)
    }) && count > 0
        && (1..=3).contains(&first.len())
        && first != b"0"
        && first.iter().all(u8::is_ascii_digit)
}

/// A value as it may stand in a message.
pub(crate) fn shorten(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(40).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers() {
        for (text, value) in
            [("0", 0), ("10.0", 10), ("1e3", 1000), ("-5", -5), ("+7", 7), ("1000000000000000000", 1_000_000_000_000_000_000), ("0.0", 0)]
        {
            assert_eq!(whole(text, Style::Point), Ok(value), "{text}");
        }
        for text in ["", "-", ".", "e5", "1e", "1.5", "ten", "1,000", "1e99", "0x10", "1_000", "NaN", "1e400000"] {
            assert!(whole(text, Style::Point).is_err(), "{text}");
        }
        assert_eq!(whole("1.234.567,00", Style::Comma), Ok(1_234_567));
        assert_eq!(whole("10.0", Style::Comma), Ok(10));
        assert!(whole("1.234", Style::Comma).is_err());
        assert!(whole("1.23,4", Style::Comma).is_err());
    }

    #[test]
    fn commas_to_points() {
        for (text, point) in
            [("0,00021", "0.00021"), ("1.234,5", "1234.5"), ("12", "12"), ("1.5", "1.5"), ("-0,5e-3", "-0.5e-3"), ("x,1", "x,1")]
        {
            assert_eq!(pointed(text, Style::Comma).as_deref(), Ok(point), "{text}");
        }
        assert!(pointed("1.234", Style::Comma).is_err());
        assert_eq!(pointed("1,5", Style::Point).as_deref(), Ok("1,5"));
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(scaled("60000000", Style::Point, 36, 14), Ok(216_000_000_000_000_000_000_000));
        assert_eq!(scaled("0.000000000001", Style::Point, 36, 14), Ok(3600));
        assert_eq!(scaled("1e-12", Style::Point, 36, 14), Ok(3600));
        assert_eq!(scaled("0.0000005", Style::Point, 1, 6), Ok(1));
        assert_eq!(scaled("0.00000049", Style::Point, 1, 6), Ok(0));
        assert_eq!(scaled("-0.0000005", Style::Point, 1, 6), Ok(-1));
        assert_eq!(scaled("1e-300", Style::Point, 1, 6), Ok(0));
        assert_eq!(scaled("0,1", Style::Comma, 1, 6), Ok(100_000));
        assert!(scaled("1e30000", Style::Point, 1, 6).is_err());
    }
}
