//! Labels and an account that a client states in headers.

use http::{HeaderMap, HeaderName};

/// Header with the account of a request; honoured only where no key is required, since a key is bound to its account.
const ACCOUNT: HeaderName = HeaderName::from_static("x-bilanz-account");
/// What the name of a label's header begins with.
const LABEL: &str = "x-bilanz-label-";
/// Most labels of one request.
const LABELS_MAX: usize = 8;
/// Longest name, bytes.
const NAME_BYTES_MAX: usize = 32;
/// Longest value, bytes.
const VALUE_BYTES_MAX: usize = 128;

/// Why the labels of a request are not taken. Names are shown, values are not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Too many.
    #[error("the request has {0} labels; at most {LABELS_MAX} headers `{LABEL}NAME` are taken")]
    TooMany(usize),
    /// A name of the wrong form.
    #[error("`{LABEL}{0}` is no label; its name has 1 to {NAME_BYTES_MAX} of a-z, 0-9, `_` and `-`")]
    Name(String),
    /// A value of the wrong form.
    #[error("the value of `{LABEL}{0}` is no label; it has 1 to {VALUE_BYTES_MAX} bytes of UTF-8 without control characters")]
    Value(String),
    /// The same name twice.
    #[error("`{LABEL}{0}` is given twice with different values; give it once")]
    Twice(String),
}

/// The labels of a request, from its headers `x-bilanz-label-NAME: VALUE`, sorted by name.
///
/// # Errors
/// When there are too many, or one is malformed.
pub fn labels(headers: &HeaderMap) -> Result<Vec<(String, String)>, LabelError> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, value) in headers {
        let Some(name) = name.as_str().strip_prefix(LABEL) else { continue };
        let sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(sound) {
            return Err(LabelError::Name(name.chars().take(NAME_BYTES_MAX).collect()));
        }
        let value = text(value.as_bytes()).ok_or_else(|| LabelError::Value(name.to_owned()))?;
        match found.iter().find(|(known, _)| known == name) {
            Some((_, other)) if other != value => return Err(LabelError::Twice(name.to_owned())),
            Some(_) => {}
            None => found.push((name.to_owned(), value.to_owned())),
        }
    }
    if found.len() > LABELS_MAX {
        return Err(LabelError::TooMany(found.len()));
    }
    found.sort_unstable();
    Ok(found)
}

/// The account that the client states, if it states one; nothing when it is malformed. Do not ask where keys are required.
#[must_use]
pub fn account(headers: &HeaderMap) -> Option<&str> {
    text(headers.get(ACCOUNT)?.as_bytes())
}

fn text(value: &[u8]) -> Option<&str> {
    let value = std::str::from_utf8(value.trim_ascii()).ok()?;
    (!value.is_empty() && value.len() <= VALUE_BYTES_MAX && !value.chars().any(char::is_control)).then_some(value)
}
