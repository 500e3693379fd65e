//! JSON as a stream: walks down to the records, which are parsed one at a time.

use crate::error::{ImportError, RowError};
use crate::input::{Gauge, Input, MAX_RECORD_BYTES};
use crate::intake::Intake;
use crate::lines::{Line, Lines};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::fmt;

/// Where the records of a format are, and what to do with them.
pub(crate) trait Records {
    /// Names of the arrays on the way down to the records.
    const PATH: &'static [&'static str];
    /// Fields beside that way which are wanted too.
    const BESIDE: &'static [&'static str] = &[];
    /// The most bytes of one line, where each line is a document.
    const LINE_BYTES: u64 = MAX_RECORD_BYTES;
    /// A record and the line it begins on.
    fn record(&mut self, intake: &mut Intake<'_>, raw: &str, line: u64) -> Result<(), ImportError>;
    /// A field beside the way.
    fn beside(&mut self, _intake: &mut Intake<'_>, _name: &str, _raw: &str) {}
    /// The way down enters an element of the outermost array.
    fn enter(&mut self) {}
}

/// Reads JSON lines, one document, or documents one after the other.
pub(crate) fn read<R: Records>(mut input: Input<'_>, intake: &mut Intake<'_>, records: &mut R) -> Result<(), ImportError> {
    let file = intake.file();
    let io = |error| ImportError::io(file, error);
    match input.open_text().map_err(io)? {
        Err(message) => return Err(ImportError::input(file, Some(1), message)),
        Ok(false) => return Err(ImportError::input(file, None, "the file is empty; JSON is expected")),
        Ok(true) => {}
    }
    let limit = usize::try_from(R::LINE_BYTES).unwrap_or(usize::MAX);
    let first = input.first_line(limit).map_err(io)?;
    let lines = first.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(first).is_ok();
    let is_list = first.trim_ascii_start().starts_with(b"[");
    let mut walker = Walker { records, intake, found: false, failure: None };
    if lines { by_line(input, limit, &mut walker) } else { by_document(input, is_list, &mut walker) }?;
    if walker.found || R::PATH.is_empty() {
        return Ok(());
    }
    Err(ImportError::input(file, None, format!("the JSON has no `{}`; is this the right format?", R::PATH[0])))
}

/// Reads JSON lines, whatever the first line looks like.
pub(crate) fn read_lines<R: Records>(input: Input<'_>, intake: &mut Intake<'_>, records: &mut R) -> Result<(), ImportError> {
    let limit = usize::try_from(R::LINE_BYTES).unwrap_or(usize::MAX);
    by_line(input, limit, &mut Walker { records, intake, found: false, failure: None })
}

fn by_line<R: Records>(input: Input<'_>, limit: usize, walker: &mut Walker<'_, '_, R>) -> Result<(), ImportError> {
    let mut lines = Lines::open(input, walker.intake.file(), limit)?;
    let mut any = false;
    loop {
        let result = match lines.next()? {
            Line::End => break,
            Line::Bad(error) => Err(error),
            Line::Text if lines.text().trim().is_empty() => continue,
            Line::Text => {
                let mut parser = serde_json::Deserializer::from_str(lines.text());
                let walk = Walk { path: R::PATH, at: At::Line(lines.number()), top: true, walker };
                let result = walk.deserialize(&mut parser).and_then(|()| parser.end());
                if let Some(failure) = walker.failure.take() {
                    return Err(failure);
                }
                result.map_err(|error| RowError::new(in_line(&error)))
            }
        };
        any = true;
        if let Err(error) = result {
            walker.intake.row_done(lines.number(), Err(error))?;
        }
    }
    lines.finish();
    if any { Ok(()) } else { Err(ImportError::input(walker.intake.file(), None, "the file is empty; JSON is expected")) }
}

fn by_document<R: Records>(input: Input<'_>, is_list: bool, walker: &mut Walker<'_, '_, R>) -> Result<(), ImportError> {
    let file = walker.intake.file();
    let gauge = input.gauge();
    let mut parser = serde_json::Deserializer::from_reader(input);
    let mut any = false;
    while parser.end().is_err() {
        any = true;
        let at = At::Stream(&gauge);
        let result = if is_list && R::PATH.is_empty() {
            Elements { path: R::PATH, at, walker }.deserialize(&mut parser)
        } else {
            Walk { path: R::PATH, at, top: true, walker }.deserialize(&mut parser)
        };
        gauge.end_record();
        if let Some(failure) = walker.failure.take() {
            return Err(failure);
        }
        result.map_err(|error| whole(&error, file, &gauge))?;
    }
    if any { Ok(()) } else { Err(ImportError::input(file, None, "the file is empty: it holds blanks alone")) }
}

/// What is wrong with a line that is one document.
fn in_line(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Eof => format!("the JSON breaks off at byte {} of the line; the file may be truncated", error.column()),
        _ => format!("the JSON is broken at byte {} of the line: {}", error.column(), bare(error)),
    }
}

/// What is wrong with a document.
fn whole(error: &serde_json::Error, file: &str, gauge: &Gauge) -> ImportError {
    let (line, bytes) = (gauge.line(), gauge.bytes());
    match error.classify() {
        Category::Io if error.io_error_kind() == Some(std::io::ErrorKind::FileTooLarge) => {
            ImportError::input(file, Some(line), "a record is longer than 16 MiB; check that the file is of this format")
        }
        Category::Io => ImportError::io(file, std::io::Error::other(error.to_string())),
        Category::Eof => ImportError::input(
            file,
            Some(line),
            format!("the JSON breaks off at byte {bytes}, in the middle of a value; the file is truncated, fetch it again"),
        ),
        Category::Syntax | Category::Data => {
            ImportError::input(file, Some(line), format!("the JSON is broken near byte {bytes}: {}", bare(error)))
        }
    }
}

/// The message of the parser without its own place.
pub(crate) fn bare(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    if message.contains("unicode code point") { format!("{message} (the text is not valid UTF-8)") } else { message.to_owned() }
}

/// What the walk carries along.
struct Walker<'w, 'a, R> {
    records: &'w mut R,
    intake: &'w mut Intake<'a>,
    found: bool,
    failure: Option<ImportError>,
}

/// Where the parser stands.
#[derive(Clone, Copy)]
enum At<'g> {
    Line(u64),
    Stream(&'g Gauge),
}

impl At<'_> {
    fn begin(self) {
        if let Self::Stream(gauge) = self {
            gauge.begin_record();
        }
    }
    fn end(self) {
        if let Self::Stream(gauge) = self {
            gauge.end_record();
        }
    }
    /// The line on which the text that was just read begins.
    fn line_of(self, raw: &str) -> u64 {
        match self {
            Self::Line(line) => line,
            Self::Stream(gauge) => gauge.line().saturating_sub(raw.bytes().filter(|byte| *byte == b'\n').count() as u64).max(1),
        }
    }
}

/// An object on the way down, or a record at its end.
struct Walk<'v, 'w, 'a, 'g, R> {
    path: &'static [&'static str],
    at: At<'g>,
    top: bool,
    walker: &'v mut Walker<'w, 'a, R>,
}

impl<'de, R: Records> DeserializeSeed<'de> for Walk<'_, '_, '_, '_, R> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if !self.path.is_empty() {
            return deserializer.deserialize_map(self);
        }
        self.at.begin();
        let raw: Box<RawValue> = serde::Deserialize::deserialize(deserializer)?;
        self.at.end();
        let line = self.at.line_of(raw.get());
        self.walker.records.record(self.walker.intake, raw.get(), line).map_err(|failure| {
            self.walker.failure = Some(failure);
            D::Error::custom("stopped")
        })
    }
}

impl<'de, R: Records> Visitor<'de> for Walk<'_, '_, '_, '_, R> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.path.first().unwrap_or(&""))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if !self.top && self.path.len() + 1 == R::PATH.len() {
            self.walker.records.enter();
        }
        loop {
            self.at.begin();
            let Some(key) = map.next_key::<String>()? else { break };
            self.at.end();
            if self.path.first() == Some(&key.as_str()) {
                self.walker.found = true;
                map.next_value_seed(Elements { path: &self.path[1..], at: self.at, walker: &mut *self.walker })?;
            } else if R::BESIDE.contains(&key.as_str()) {
                self.at.begin();
                let raw: Box<RawValue> = map.next_value()?;
                self.at.end();
                self.walker.records.beside(self.walker.intake, &key, raw.get());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        self.at.end();
        Ok(())
    }
}

/// An array on the way down.
struct Elements<'v, 'w, 'a, 'g, R> {
    path: &'static [&'static str],
    at: At<'g>,
    walker: &'v mut Walker<'w, 'a, R>,
}

impl<'de, R: Records> DeserializeSeed<'de> for Elements<'_, '_, '_, '_, R> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Records> Visitor<'de> for Elements<'_, '_, '_, '_, R> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Walk { path: self.path, at: self.at, top: false, walker: &mut *self.walker })?.is_some() {}
        Ok(())
    }
}
