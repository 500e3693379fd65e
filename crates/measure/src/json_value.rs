//! Lenient JSON values: a number may come as text, a whole one as `10.0`.

use crate::error::RowError;
use crate::numbers::{self, Style, shorten};
use crate::times::{Stamp, epoch_ms, parse_time};
use crate::tokens;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// The value of a field.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Field<'a> {
    /// Not there, or null.
    #[default]
    Missing,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Field<'a>>),
    Map(Vec<(Cow<'a, str>, Field<'a>)>),
}

impl<'a> Field<'a> {
    /// The text; empty for everything else.
    pub(crate) fn text(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }
    /// The text as it may live on; numbers and truth values as text too.
    pub(crate) fn scalar(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(Cow::Borrowed(text)),
            Self::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
            Self::Int(value) => Some(Cow::Owned(value.to_string())),
            Self::Float(value) => Some(Cow::Owned(value.to_string())),
            _ => None,
        }
    }
    /// The first of two that is there.
    pub(crate) fn or<'f>(&'f self, other: &'f Self) -> &'f Self {
        if *self == Self::Missing { other } else { self }
    }
    /// A field of an object; `Missing` for everything else.
    pub(crate) fn get(&self, name: &str) -> &Self {
        const MISSING: &Field<'static> = &Field::Missing;
        match self {
            Self::Map(fields) => fields.iter().find(|(key, _)| key == name).map_or(MISSING, |(_, value)| value),
            _ => MISSING,
        }
    }
    fn wrong(&self, name: &str, wanted: &str) -> RowError {
        let seen = match self {
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "an object".to_owned(),
            other => format!("`{}`", shorten(&other.scalar().unwrap_or_default())),
        };
        RowError::field(name, format!("{seen} is no {wanted}"))
    }
    /// A count that is not negative.
    pub(crate) fn count(&self, name: &str) -> Result<Option<i64>, RowError> {
        let value = match self {
            Self::Missing => return Ok(None),
            Self::Text(text) if text.trim().is_empty() => return Ok(None),
            Self::Int(value) => Ok(*value),
            Self::Float(value) => numbers::whole(&value.to_string(), Style::Point),
            Self::Text(text) => numbers::whole(text.trim(), Style::Point),
            _ => return Err(self.wrong(name, "whole number")),
        };
        value.and_then(tokens::not_negative).map(Some).map_err(|message| RowError::field(name, message))
    }
    /// Tokens: a count of at most 10^15.
    pub(crate) fn tokens(&self, name: &str) -> Result<Option<i64>, RowError> {
        let Some(value) = self.count(name)? else { return Ok(None) };
        tokens::plausible(value).map(Some).map_err(|message| RowError::field(name, message))
    }
    /// A decimal number times ten to the `shift`.
    pub(crate) fn scaled(&self, name: &str, shift: i32) -> Result<Option<i64>, RowError> {
        match self {
            Self::Missing => Ok(None),
            Self::Text(text) if text.trim().is_empty() => Ok(None),
            Self::Int(_) | Self::Float(_) | Self::Text(_) => {
                let text = self.scalar().unwrap_or_default();
                numbers::scaled_i64(text.trim(), Style::Point, shift).map(Some).map_err(|message| RowError::field(name, message))
            }
            _ => Err(self.wrong(name, "number")),
        }
    }
    /// A time.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Stamp>, RowError> {
        match self {
            Self::Missing => Ok(None),
            Self::Text(text) if text.trim().is_empty() => Ok(None),
            Self::Int(value) => Ok(Some(Stamp { ms: epoch_ms(*value), zoned: true })),
            Self::Float(_) | Self::Text(_) => {
                let text = self.scalar().unwrap_or_default();
                parse_time(text.trim()).map(Some).map_err(|message| RowError::field(name, message))
            }
            _ => Err(self.wrong(name, "time")),
        }
    }
    /// The same, but it must be there.
    pub(crate) fn time_required(&self, name: &str) -> Result<Stamp, RowError> {
        self.time(name)?.ok_or_else(|| RowError::field(name, "is missing; every row needs a time"))
    }
    /// The object that a field holds, also when it is written as text that holds JSON.
    pub(crate) fn unwrapped(self) -> Field<'static> {
        match self {
            Self::Text(text) => serde_json::from_str::<Field<'_>>(&text).map_or(Field::Missing, Field::owned),
            other => other.owned(),
        }
    }
    fn owned(self) -> Field<'static> {
        match self {
            Self::Missing => Field::Missing,
            Self::Bool(value) => Field::Bool(value),
            Self::Int(value) => Field::Int(value),
            Self::Float(value) => Field::Float(value),
            Self::Text(text) => Field::Text(Cow::Owned(text.into_owned())),
            Self::List(items) => Field::List(items.into_iter().map(Field::owned).collect()),
            Self::Map(fields) => Field::Map(fields.into_iter().map(|(key, value)| (Cow::Owned(key.into_owned()), value.owned())).collect()),
        }
    }
}

struct AnyField;

impl<'de> Visitor<'de> for AnyField {
    type Value = Field<'de>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Missing)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Field::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Field::Int(value))
    }
    #[allow(clippy::cast_precision_loss, reason = "such a number is refused whatever its last digits are")]
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Field::Float(value as f64), Field::Int))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Field::Float(value))
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Borrowed(value)))
    }
    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Owned(value.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Field::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(Key(key)) = map.next_key()? {
            fields.push((key, map.next_value()?));
        }
        Ok(Field::Map(fields))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyField)
    }
}

/// A key, borrowed where the text allows it.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
