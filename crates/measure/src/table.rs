//! Tables of text: comma, tab or semicolon between the fields, quotes as in RFC 4180.

use crate::error::{ImportError, RowError};
use crate::input::Input;
use crate::intake::Intake;
use crate::lines::{Line, Lines};
use crate::numbers::{self, Style};
use crate::times::{Stamp, parse_time};

/// The most bytes of one row.
const MAX_ROW_BYTES: usize = 1 << 20;

/// A table whose header has been read.
pub(crate) struct Table<'r> {
    lines: Lines<'r>,
    limit: usize,
    /// Rows with fewer fields than the header are complete from here on.
    pub(crate) fewest_fields: usize,
    record: Record,
}

/// One row of a table; the fields are text without blanks around.
pub(crate) struct Record {
    header: Vec<String>,
    delimiter: u8,
    style: Style,
    text: String,
    quoted: String,
    ranges: Vec<(usize, usize)>,
    is_quoted: bool,
    line: u64,
}

/// Where a column stands, when the table has it.
pub(crate) type Column = Option<usize>;

impl<'r> Table<'r> {
    /// Reads the header; an empty file and a column named twice are errors.
    pub(crate) fn open(input: Input<'r>, file: &str) -> Result<Self, ImportError> {
        Self::open_up_to(MAX_ROW_BYTES, input, file)
    }
    /// The same, with rows of at most `limit` bytes.
    pub(crate) fn open_up_to(limit: usize, input: Input<'r>, file: &str) -> Result<Self, ImportError> {
        let mut lines = Lines::open(input, file, limit)?;
        loop {
            match lines.next()? {
                Line::End => return Err(ImportError::input(file, None, "the file is empty; a header line is expected")),
                Line::Bad(error) => return Err(error.at(file, lines.number())),
                Line::Text if lines.text().trim().is_empty() => {}
                Line::Text => break,
            }
        }
        let delimiter = delimiter_of(lines.text());
        let style = if delimiter == b';' { Style::Comma } else { Style::Point };
        let mut record = Record {
            header: Vec::new(),
            delimiter,
            style,
            text: String::new(),
            quoted: String::new(),
            ranges: Vec::new(),
            is_quoted: false,
            line: lines.number(),
        };
        if !record.split(lines.text()) {
            return Err(ImportError::input(file, Some(lines.number()), "a quote in the header is never closed; close or remove it"));
        }
        record.header = (0..record.ranges.len()).map(|index| record.at(index).to_owned()).collect();
        while record.header.last().is_some_and(String::is_empty) {
            record.header.pop();
        }
        for (index, name) in record.header.iter().enumerate() {
            if let Some(first) = record.header[..index].iter().position(|earlier| earlier == name) {
                return Err(RowError {
                    column: Some(format!("{} (`{name}`)", index + 1)),
                    message: format!("the header has this column twice (first as column {}); remove one", first + 1),
                }
                .at(file, lines.number()));
            }
        }
        let fewest_fields = record.header.len();
        Ok(Self { lines, limit, fewest_fields, record })
    }
    /// The column names.
    pub(crate) fn header(&self) -> &[String] {
        &self.record.header
    }
    /// Where a column stands.
    pub(crate) fn column(&self, name: &str) -> Column {
        self.record.header.iter().position(|known| known == name)
    }
    /// Where a column stands that the format cannot do without.
    pub(crate) fn required(&self, name: &str) -> Result<Column, ImportError> {
        self.column(name).map(Some).ok_or_else(|| {
            let seen = self.record.header.join(", ");
            ImportError::input(
                self.lines.file(),
                Some(self.record.line),
                format!("the header lacks the column `{name}`; it has: {}", numbers::shorten(&seen)),
            )
        })
    }

    /// Calls `row` for every row; what it refuses stops the import or is counted, as the mapping says.
    pub(crate) fn each(
        mut self,
        intake: &mut Intake<'_>,
        mut row: impl FnMut(&mut Intake<'_>, &Record) -> Result<(), RowError>,
    ) -> Result<(), ImportError> {
        loop {
            let (line, result) = match self.lines.next()? {
                Line::End => break,
                Line::Bad(error) => (self.lines.number(), Err(error)),
                Line::Text if self.lines.text().is_empty() => continue,
                Line::Text => {
                    let line = self.lines.number();
                    (line, self.complete(line)?.and_then(|()| row(intake, &self.record)))
                }
            };
            intake.row_done(line, result)?;
        }
        self.lines.finish();
        Ok(())
    }

    /// Calls `row` with every row and its line; the first refusal ends the reading.
    pub(crate) fn rows(mut self, mut row: impl FnMut(&Record, u64) -> Result<(), RowError>) -> Result<(), ImportError> {
        loop {
            let (line, result) = match self.lines.next()? {
                Line::End => break,
                Line::Bad(error) => (self.lines.number(), Err(error)),
                Line::Text if self.lines.text().is_empty() => continue,
                Line::Text => {
                    let line = self.lines.number();
                    (line, self.complete(line)?.and_then(|()| row(&self.record, line)))
                }
            };
            result.map_err(|error| error.at(self.lines.file(), line))?;
        }
        self.lines.finish();
        Ok(())
    }

    /// Splits the current line, reading on while a quote is open, and checks the number of fields.
    fn complete(&mut self, line: u64) -> Result<Result<(), RowError>, ImportError> {
        let record = &mut self.record;
        record.line = line;
        let mut closed = record.split(self.lines.text());
        while !closed {
            let more = self.lines.next()?;
            if let Line::Bad(error) = more {
                return Ok(Err(error));
            }
            if matches!(more, Line::End) || record.quoted.len() > self.limit {
                return Ok(Err(RowError::new(
                    "a quote that opens in this row is never closed; the file is cut off here, or the quote is a stray one",
                )));
            }
            record.quoted.push('\n');
            closed = record.split_quoted(self.lines.text(), true);
        }
        let (fields, columns) = (record.ranges.len(), record.header.len());
        if fields < columns && fields < self.fewest_fields {
            let cut = if self.lines.ended_open() {
                "the file ends in the middle of the row and may be truncated"
            } else {
                "the row may be cut off"
            };
            return Ok(Err(RowError::new(format!("the row has {fields} fields and the header {columns}; {cut}"))));
        }
        if (columns..fields).any(|index| !record.at(index).is_empty()) {
            return Ok(Err(RowError::new(format!(
                "the row has {fields} fields and the header {columns}; put text that contains the delimiter into quotes"
            ))));
        }
        Ok(Ok(()))
    }
}

impl Record {
    /// Splits a line; false when a quote stays open.
    fn split(&mut self, line: &str) -> bool {
        self.ranges.clear();
        self.is_quoted = line.as_bytes().contains(&b'"');
        if self.is_quoted {
            self.quoted.clear();
            return self.split_quoted(line, false);
        }
        self.text.clear();
        self.text.push_str(line);
        let mut start = 0;
        for (index, byte) in line.bytes().enumerate() {
            if byte == self.delimiter {
                self.ranges.push((start, index));
                start = index + 1;
            }
        }
        self.ranges.push((start, line.len()));
        true
    }

    /// The slow way, for lines with quotes: fields are unquoted into `quoted`.
    fn split_quoted(&mut self, line: &str, resume: bool) -> bool {
        let delimiter = char::from(self.delimiter);
        let mut inside = resume;
        let mut start = if resume { self.ranges.pop().map_or(0, |range| range.0) } else { 0 };
        let mut chars = line.chars().peekable();
        while let Some(char) = chars.next() {
            match char {
                '"' if inside && chars.peek() == Some(&'"') => {
                    chars.next();
                    self.quoted.push('"');
                }
                '"' if inside => inside = false,
                '"' if self.quoted.len() == start => inside = true,
                char if char == delimiter && !inside => {
                    self.ranges.push((start, self.quoted.len()));
                    start = self.quoted.len();
                }
                char => self.quoted.push(char),
            }
        }
        self.ranges.push((start, self.quoted.len()));
        !inside
    }

    fn at(&self, index: usize) -> &str {
        let text = if self.is_quoted { &self.quoted } else { &self.text };
        self.ranges.get(index).and_then(|(start, end)| text.get(*start..*end)).unwrap_or_default().trim_ascii()
    }
    /// The text of a field; empty when the table has no such column.
    pub(crate) fn text(&self, column: Column) -> &str {
        column.map_or("", |index| self.at(index))
    }
    /// Whether every field from `first` on is empty.
    pub(crate) fn is_empty_from(&self, first: usize) -> bool {
        (first..self.ranges.len()).all(|index| self.at(index).is_empty())
    }
    /// Whether the row has fewer fields than the header.
    pub(crate) fn is_short(&self) -> bool {
        self.ranges.len() < self.header.len()
    }
    /// How decimals are written.
    pub(crate) fn style(&self) -> Style {
        self.style
    }
    /// The error with the column's number and name.
    pub(crate) fn error(&self, column: Column, message: impl Into<String>) -> RowError {
        let place = column.map(|index| format!("{} (`{}`)", index + 1, self.header.get(index).map_or("", String::as_str)));
        RowError { column: place, message: message.into() }
    }
    /// The same error with the column's number, when its field is a column.
    pub(crate) fn numbered(&self, error: RowError) -> RowError {
        let name = error.column.as_deref().map(|name| name.trim_matches('`'));
        match self.header.iter().position(|known| Some(known.as_str()) == name) {
            Some(index) => self.error(Some(index), error.message),
            None => error,
        }
    }
    /// A count that is not negative; `None` when the field is empty.
    pub(crate) fn count(&self, column: Column) -> Result<Option<i64>, RowError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let value = numbers::whole(text, self.style).map_err(|message| self.error(column, message))?;
        crate::tokens::not_negative(value).map(Some).map_err(|message| self.error(column, message))
    }
    /// Tokens: a count of at most 10^15.
    pub(crate) fn tokens(&self, column: Column) -> Result<Option<i64>, RowError> {
        let Some(value) = self.count(column)? else { return Ok(None) };
        crate::tokens::plausible(value).map(Some).map_err(|message| self.error(column, message))
    }
    /// A decimal number times ten to the `shift`; `None` when the field is empty.
    pub(crate) fn scaled(&self, column: Column, shift: i32) -> Result<Option<i64>, RowError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        numbers::scaled_i64(text, self.style, shift).map(Some).map_err(|message| self.error(column, message))
    }
    /// A time; `None` when the field is empty.
    pub(crate) fn time(&self, column: Column) -> Result<Option<Stamp>, RowError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        parse_time(text).map(Some).map_err(|message| self.error(column, message))
    }
}

/// The delimiter that the header uses most.
pub(crate) fn delimiter_of(header: &str) -> u8 {
    let count = |delimiter: u8| header.bytes().filter(|byte| *byte == delimiter).count();
    let (mut best, mut most) = (b',', count(b','));
    for delimiter in *b"\t;" {
        if count(delimiter) > most {
            (best, most) = (delimiter, count(delimiter));
        }
    }
    best
}
