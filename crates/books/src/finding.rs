//! `Finding`: what the system noticed, with what to do about it.

use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Weakens a figure.
    Warning,
    /// Something was left out.
    Error,
}

/// What the system noticed: a gap, a default, a difference between sources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code, such as `model_unknown` or `sources_differ`.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// What it concerns: a model, a file and line, a day.
    pub about: String,
    /// One sentence in English: what was found and what to do next.
    pub text: String,
    /// How many rows it concerns.
    pub rows: u64,
}
