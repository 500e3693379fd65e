//! `Activity`: what was done, as sums that the method is linear in.

use crate::{Stage, Stats, WordError};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The kind of an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A model answered requests.
    #[default]
    Inference,
    /// Electricity was drawn and metered.
    Electricity,
    /// A model was trained; evaluated by its metered energy.
    Training,
    /// A device was bought.
    Hardware,
}

impl Kind {
    /// The word in files and columns.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inference => "inference",
            Self::Electricity => "electricity",
            Self::Training => "training",
            Self::Hardware => "hardware",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = WordError;
    fn from_str(word: &str) -> Result<Self, WordError> {
        match word {
            "inference" => Ok(Self::Inference),
            "electricity" => Ok(Self::Electricity),
            "training" => Ok(Self::Training),
            "hardware" => Ok(Self::Hardware),
            _ => Err(WordError { what: "kind", word: word.to_owned(), known: "inference, electricity, training, hardware".to_owned() }),
        }
    }
}

/// Where the quantities of an entry come from, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Energy metered at the plug.
    Plug,
    /// Energy metered by a counter of the device.
    Counter,
    /// A share of a metered whole.
    Share,
    /// Tokens counted by the provider or a gateway.
    #[default]
    Counted,
    /// Tokens estimated.
    Estimated,
}

impl Evidence {
    /// The word in files and columns.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plug => "plug",
            Self::Counter => "counter",
            Self::Share => "share",
            Self::Counted => "counted",
            Self::Estimated => "estimated",
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Evidence {
    type Err = WordError;
    fn from_str(word: &str) -> Result<Self, WordError> {
        match word {
            "plug" => Ok(Self::Plug),
            "counter" => Ok(Self::Counter),
            "share" => Ok(Self::Share),
            "counted" => Ok(Self::Counted),
            "estimated" => Ok(Self::Estimated),
            _ => Err(WordError { what: "evidence", word: word.to_owned(), known: "plug, counter, share, counted, estimated".to_owned() }),
        }
    }
}

/// What was done: one entry, or the exact sum of many of one deployment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Activity {
    /// What kind of activity.
    pub kind: Kind,
    /// The stage it belongs to, where the kind does not say.
    pub stage: Option<Stage>,
    /// Where the quantities come from.
    pub evidence: Evidence,
    /// Currency of `cost_micro`, ISO 4217; empty when no cost is stated.
    pub currency: String,
    /// The sums.
    pub stats: Stats,
}
