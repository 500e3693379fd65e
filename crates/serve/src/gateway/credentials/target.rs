//! The query of a request: its parts, and secrets in any spelling.

use super::Secret;

/// How often a text is decoded at most when a secret is looked for; whoever encodes it oftener is not doing it by accident.
const DECODED_MOST: usize = 4;

/// Names and values of the query, as they stand.
pub fn pairs(path_and_query: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = path_and_query.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter(|part| !part.is_empty()).map(pair)
}

fn pair(part: &str) -> (&str, &str) {
    part.split_once('=').unwrap_or((part, ""))
}

/// The path and query without the parts for which `goes` holds; all others stay byte for byte.
pub fn without(path_and_query: &str, goes: impl Fn(&str, &str) -> bool) -> String {
    let Some((path, query)) = path_and_query.split_once('?') else { return path_and_query.to_owned() };
    let all: Vec<&str> = query.split('&').collect();
    let kept: Vec<&str> = all.iter().copied().filter(|part| !goes(pair(part).0, pair(part).1)).collect();
    if kept.len() == all.len() {
        path_and_query.to_owned()
    } else if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    }
}

/// Percent-decoded once; a percent sign without two digits stands for itself, and `+` for a space.
pub fn decode(text: &str) -> Vec<u8> {
    let plus: Vec<u8> = text.bytes().map(|byte| if byte == b'+' { b' ' } else { byte }).collect();
    unescape(&plus)
}

fn unescape(text: &[u8]) -> Vec<u8> {
    let digit = |place: usize| text.get(place).and_then(|byte| char::from(*byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    let mut decoded = Vec::with_capacity(text.len());
    let mut place = 0;
    while let Some(byte) = text.get(place) {
        match (byte, digit(place + 1), digit(place + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high * 16 + low);
                place += 3;
            }
            _ => {
                decoded.push(*byte);
                place += 1;
            }
        }
    }
    decoded
}

/// Whether one of the secrets stands in the text, as it is or percent-encoded, even more than once.
pub fn holds(text: &[u8], secrets: &[Secret]) -> bool {
    let stands = |text: &[u8]| secrets.iter().any(|secret| text.windows(secret.0.len().max(1)).any(|window| window == secret.0));
    if secrets.is_empty() || stands(text) {
        return !secrets.is_empty();
    }
    let mut text = text.to_vec();
    for _ in 0..DECODED_MOST {
        if !text.contains(&b'%') {
            return false;
        }
        text = unescape(&text);
        if stands(&text) {
            return true;
        }
    }
    false
}
