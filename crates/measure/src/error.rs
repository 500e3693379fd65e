//! What can go wrong with a file, said with file, line and column.

use std::fmt;

/// Where in a file something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The file as the user named it.
    pub file: String,
    /// Line, counted from 1.
    pub line: Option<u64>,
    /// Column by number and name, or a field by name.
    pub column: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        Ok(())
    }
}

/// Why a file was not imported, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file says something that cannot be right.
    #[error("{place}: {message}")]
    Input {
        /// Where.
        place: Place,
        /// What is wrong and what to do next.
        message: String,
    },
    /// The file could not be read.
    #[error("{file}: reading stopped: {source}")]
    Io {
        /// The file as the user named it.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The receiver of the entries refused them.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

impl ImportError {
    pub(crate) fn input(file: &str, line: Option<u64>, message: impl Into<String>) -> Self {
        Self::Input { place: Place { file: file.to_owned(), line, column: None }, message: message.into() }
    }
    pub(crate) fn io(file: &str, source: std::io::Error) -> Self {
        Self::Io { file: file.to_owned(), source }
    }
}

/// What the receiver of the entries said when it refused them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SinkError(pub String);

/// What is wrong with one row; the line is added by the loop over the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowError {
    pub(crate) column: Option<String>,
    pub(crate) message: String,
}

impl RowError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { column: None, message: message.into() }
    }
    /// The same, in a named field.
    pub(crate) fn field(name: &str, message: impl Into<String>) -> Self {
        Self { column: Some(format!("`{name}`")), message: message.into() }
    }
    pub(crate) fn at(self, file: &str, line: u64) -> ImportError {
        ImportError::Input { place: Place { file: file.to_owned(), line: Some(line), column: self.column }, message: self.message }
    }
}
