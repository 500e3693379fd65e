//! Labels: the scope a source states, as a compact JSON object with sorted keys.

use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// What a row says about whose it is; `None` and empty are "not stated".
#[derive(Debug, Default)]
pub(crate) struct Labels<'r> {
    pub(crate) batch: Option<&'r str>,
    pub(crate) context: Option<&'r str>,
    pub(crate) end_user: Option<&'r str>,
    pub(crate) key: Option<&'r str>,
    pub(crate) organisation: Option<&'r str>,
    pub(crate) project: Option<&'r str>,
    pub(crate) service: Option<&'r str>,
    pub(crate) tags: Vec<Cow<'r, str>>,
    pub(crate) team: Option<&'r str>,
    pub(crate) tier: Option<&'r str>,
    pub(crate) use_case: Option<&'r str>,
    pub(crate) user: Option<&'r str>,
}

impl Labels<'_> {
    /// The plain labels by name, in the order of the alphabet; tags stand between `service` and `team`.
    pub(crate) fn plain(&self) -> [(&'static str, Option<&str>); 11] {
        [
            ("batch", self.batch),
            ("context", self.context),
            ("end_user", self.end_user),
            ("key", self.key),
            ("organisation", self.organisation),
            ("project", self.project),
            ("service", self.service),
            ("team", self.team),
            ("tier", self.tier),
            ("use_case", self.use_case),
            ("user", self.user),
        ]
    }

    /// Writes the JSON object; nothing when no label is stated.
    pub(crate) fn write(&self, out: &mut String) {
        let start = out.len();
        let mut tags = self.tags.iter().filter(|tag| !tag.is_empty()).peekable();
        for (name, value) in self.plain() {
            if name == "team" && tags.peek().is_some() {
                open(out, start, "tags");
                out.push('[');
                let first = out.len();
                for tag in tags.by_ref() {
                    if out.len() > first {
                        out.push(',');
                    }
                    string(out, &redact(tag));
                }
                out.push(']');
            }
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                open(out, start, name);
                string(out, &redact(value));
            }
        }
        if out.len() > start {
            out.push('}');
        }
    }
}

fn open(out: &mut String, start: usize, name: &str) {
    out.push(if out.len() > start { ',' } else { '{' });
    string(out, name);
    out.push(':');
}

/// A JSON string.
fn string(out: &mut String, value: &str) {
    out.push('"');
    for char in value.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            char if char < ' ' => {
                use std::fmt::Write;
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    out.push('"');
}

/// Beginnings of API secrets.
const SECRETS: [&str; 12] = ["sk-", "sk_", "pk-", "rk_", "gsk_", "hf_", "xai-", "AIza", "AKIA", "ghp_", "eyJ", "Bearer "];

/// What looks like a raw secret becomes the first digits of its hash: enough to tell keys apart, no more.
pub(crate) fn redact(value: &str) -> Cow<'_, str> {
    if value.len() < 12 || !SECRETS.iter().any(|start| value.starts_with(start)) {
        return Cow::Borrowed(value);
    }
    let digest = Sha256::digest(value.as_bytes());
    let mut short = String::from("hashed-");
    for byte in digest.iter().take(6) {
        for digit in [byte >> 4, byte & 15] {
            short.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    Cow::Owned(short)
}
