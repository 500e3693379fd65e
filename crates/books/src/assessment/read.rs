//! Reading tables with a place for every word: what is wrong is named by line, column and key.

use super::AssessmentError;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The file that is read.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// An error at a place of the text.
    pub(super) fn error(&self, at: usize, message: impl Into<String>) -> AssessmentError {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        AssessmentError { file: self.file.to_owned(), line, column, message: message.into() }
    }
}

/// A value with the place where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) at: usize,
}

/// A table whose keys are all known.
pub(super) struct Reader<'a> {
    pub(super) source: Source<'a>,
    table: &'a DeTable<'a>,
    /// Where the table begins.
    pub(super) at: usize,
}

type Read<T> = Result<Option<At<T>>, AssessmentError>;

impl<'a> Reader<'a> {
    /// A reader; a key that is not among `allowed` is refused where it stands.
    pub(super) fn new(
        source: Source<'a>,
        table: &'a DeTable<'a>,
        span: Range<usize>,
        what: &str,
        allowed: &[&str],
    ) -> Result<Self, AssessmentError> {
        let unknown = table.keys().filter(|key| !allowed.contains(&key.get_ref().as_ref())).min_by_key(|key| key.span().start);
        if let Some(key) = unknown {
            let name = key.get_ref();
            let hint = nearest(name, allowed.iter().copied()).map(|near| format!("; the nearest is `{near}`")).unwrap_or_default();
            return Err(source.error(key.span().start, format!("`{name}` is no key of {what}{hint}. Allowed: {}", allowed.join(", "))));
        }
        Ok(Self { source, table, at: span.start })
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    /// Where a key's value stands.
    pub(super) fn place(&self, key: &str) -> Option<usize> {
        self.value(key).map(|value| value.span().start)
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) -> AssessmentError {
        self.source.error(value.span().start, format!("`{key}` is {}; it takes {wanted}", with_article(value.get_ref().type_str())))
    }

    /// Text; an empty one is refused.
    pub(super) fn text(&self, key: &str) -> Read<&'a str> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let text = value.get_ref().as_str().ok_or_else(|| self.wrong(key, value, "text in quotes"))?;
        if text.trim().is_empty() {
            return Err(self.source.error(value.span().start, format!("`{key}` is empty; leave the key out when it is not known")));
        }
        Ok(Some(At { value: text, at: value.span().start }))
    }

    /// Text that must be there.
    pub(super) fn needed(&self, key: &str, what: &str) -> Result<At<&'a str>, AssessmentError> {
        self.text(key)?.ok_or_else(|| self.source.error(self.at, format!("{what} has no `{key}`")))
    }

    /// A list of texts.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<At<&'a str>>, AssessmentError> {
        let Some(value) = self.value(key) else { return Ok(Vec::new()) };
        let wanted = "a list of texts: [\"...\"]";
        let list = value.get_ref().as_array().ok_or_else(|| self.wrong(key, value, wanted))?;
        list.iter()
            .map(|item| {
                let text = item.get_ref().as_str().ok_or_else(|| self.wrong(key, item, wanted))?;
                Ok(At { value: text, at: item.span().start })
            })
            .collect()
    }

    /// Yes or no.
    pub(super) fn flag(&self, key: &str) -> Result<bool, AssessmentError> {
        let Some(value) = self.value(key) else { return Ok(false) };
        value.get_ref().as_bool().ok_or_else(|| self.wrong(key, value, "true or false"))
    }

    /// A number that is not negative.
    pub(super) fn number(&self, key: &str) -> Read<f64> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let at = value.span().start;
        let number = match value.get_ref() {
            DeValue::Integer(digits) => i128::from_str_radix(digits.as_str(), digits.radix()).ok().map(|whole| whole as f64),
            DeValue::Float(digits) => digits.as_str().parse::<f64>().ok(),
            _ => return Err(self.wrong(key, value, "a number")),
        };
        match number {
            Some(number) if !number.is_finite() => Err(self.source.error(at, format!("`{key}` is not finite; it takes a number"))),
            Some(number) if number < 0.0 => Err(self
                .source
                .error(at, format!("`{key}` is {number}; it cannot be negative. Leave it out when unknown, write 0 for none"))),
            Some(number) => Ok(Some(At { value: number, at })),
            None => Err(self.source.error(at, format!("`{key}` is no number that can be held"))),
        }
    }

    /// A number above zero.
    pub(super) fn positive(&self, key: &str) -> Read<f64> {
        match self.number(key)? {
            Some(number) if number.value <= 0.0 => {
                Err(self.source.error(number.at, format!("`{key}` is 0; it must be above 0. Leave it out when unknown")))
            }
            other => Ok(other),
        }
    }

    /// A whole number that is not negative and not above `most`.
    pub(super) fn count(&self, key: &str, most: i64) -> Read<i64> {
        let Some(number) = self.number(key)? else { return Ok(None) };
        if number.value > most as f64 {
            return Err(self.source.error(number.at, format!("`{key}` is above {most}; check the unit")));
        }
        if number.value.fract() != 0.0 {
            return Err(self.source.error(number.at, format!("`{key}` is {}; it takes a whole number", number.value)));
        }
        Ok(Some(At { value: number.value as i64, at: number.at }))
    }

    /// One word of a closed list; an unknown one is refused with the nearest.
    pub(super) fn word<T: std::str::FromStr>(&self, key: &str, known: &[&str]) -> Read<T> {
        let Some(word) = self.text(key)? else { return Ok(None) };
        match word.value.parse() {
            Ok(value) => Ok(Some(At { value, at: word.at })),
            Err(_) => Err(self.unknown(key, word, known.iter().copied(), &format!(" Known: {}.", known.join(", ")))),
        }
    }

    /// The error for a word that nothing knows.
    pub(super) fn unknown<'w>(&self, what: &str, word: At<&str>, known: impl Iterator<Item = &'w str>, more: &str) -> AssessmentError {
        let hint = nearest(word.value, known).map(|near| format!("; the nearest is `{near}`")).unwrap_or_default();
        self.source.error(word.at, format!("`{}` is no {what} that is known{hint}.{more}", word.value))
    }

    /// A table below this one.
    pub(super) fn table(&self, key: &str, allowed: &[&str]) -> Result<Option<Reader<'a>>, AssessmentError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let table = value.get_ref().as_table().ok_or_else(|| self.wrong(key, value, &format!("a table: [{key}]")))?;
        Reader::new(self.source, table, value.span(), &format!("[{key}]"), allowed).map(Some)
    }

    /// A list of tables below this one.
    pub(super) fn tables(&self, key: &str, allowed: &[&str]) -> Result<Vec<Reader<'a>>, AssessmentError> {
        let Some(value) = self.value(key) else { return Ok(Vec::new()) };
        let wanted = format!("tables: [[{key}]]");
        let list = value.get_ref().as_array().ok_or_else(|| self.wrong(key, value, &wanted))?;
        list.iter()
            .map(|item| {
                let table = item.get_ref().as_table().ok_or_else(|| self.wrong(key, item, &wanted))?;
                Reader::new(self.source, table, item.span(), &format!("[[{key}]]"), allowed)
            })
            .collect()
    }
}

fn with_article(kind: &str) -> String {
    match kind {
        "integer" | "array" => format!("an {kind}"),
        "string" => "text".to_owned(),
        _ => format!("a {kind}"),
    }
}

/// The known word that is most like this one, when one is like it at all.
pub(super) fn nearest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let word = word.to_lowercase();
    let likeness = |other: &str| strsim::normalized_damerau_levenshtein(&other.to_lowercase(), &word);
    known
        .map(|other| (likeness(other), other))
        .filter(|(score, _)| *score >= 0.4)
        .min_by(|a, b| b.0.total_cmp(&a.0))
        .map(|(_, other)| other)
}
