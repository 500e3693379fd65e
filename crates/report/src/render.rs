//! `render()`: one statement, five formats, two languages.

use crate::table::tame;
use crate::{ReportError, Statement, csv, html, json, markdown, text};
use quantity::Lang;
use std::str::FromStr;

/// A format a statement can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// A table for the terminal, at most 100 columns wide.
    #[default]
    Text,
    /// JSON with all digits, the same in every language.
    Json,
    /// One row per group and indicator.
    Csv,
    /// Markdown.
    Md,
    /// One page that needs nothing else, for print.
    Html,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Text, Self::Json, Self::Csv, Self::Md, Self::Html];
    /// The word in flags.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Md => "md",
            Self::Html => "html",
        }
    }
}

impl FromStr for Format {
    type Err = lca::WordError;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.as_str() == word).ok_or_else(|| lca::WordError {
            what: "format",
            word: word.to_owned(),
            known: Self::ALL.map(Self::as_str).join(", "),
        })
    }
}

/// The statement in a format, without letters that steer; ends with a line break. JSON and CSV do not depend on the language.
///
/// # Errors
/// When JSON cannot hold a number of the statement.
pub fn render(statement: &Statement, format: Format, lang: Lang) -> Result<String, ReportError> {
    match format {
        Format::Text => Ok(tame(&text::text(statement, lang))),
        Format::Json => json::json(statement),
        Format::Csv => Ok(tame(&csv::csv(statement))),
        Format::Md => Ok(tame(&markdown::markdown(statement, lang))),
        Format::Html => Ok(tame(&html::html(statement, lang))),
    }
}
