//! The closed lists of the method: stages, indicators, profiles.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A word that is in none of the lists.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} `{word}`; one of: {known}")]
pub struct WordError {
    /// What kind of word was expected.
    pub what: &'static str,
    /// The word as given.
    pub word: String,
    /// The words that exist.
    pub known: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant),+
        }
        impl $name {
            /// Every word, in the order of the life cycle or of the tables.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The word as written in files, flags and results.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl FromStr for $name {
            type Err = WordError;
            fn from_str(word: &str) -> Result<Self, WordError> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(WordError { what: $what, word: word.to_owned(), known: [$($word),+].join(", ") }),
                }
            }
        }
    };
}

words!(
    /// A stage of the life cycle.
    Stage, "stage" {
        /// Making the hardware.
        Manufacturing = "manufacturing",
        /// Experiments and failed runs.
        Development = "development",
        /// The training run of the base model.
        PreTraining = "pre_training",
        /// Adapting a trained model.
        FineTuning = "fine_tuning",
        /// Reinforcement learning after training.
        Reinforcement = "reinforcement",
        /// Reading the prompt.
        Prefill = "prefill",
        /// Writing the answer, token by token.
        Decode = "decode",
        /// Capacity held ready.
        Idle = "idle",
        /// Moving the data.
        Network = "network",
        /// Scrapping the hardware.
        EndOfLife = "end_of_life",
    }
);

words!(
    /// What is measured in the end.
    Indicator, "indicator" {
        /// Electric energy at the site's meter.
        EnergyKwh = "energy_kwh",
        /// Greenhouse gas, GWP100.
        GwpKgco2e = "gwp_kgco2e",
        /// Water consumed, on site and off site.
        WaterL = "water_l",
        /// Depletion of elements.
        AdpeKgsbeq = "adpe_kgsbeq",
        /// Primary energy.
        PeMj = "pe_mj",
        /// Electronic waste.
        EwasteKg = "ewaste_kg",
        /// Money paid.
        Cost = "cost",
    }
);

words!(
    /// Which stages and which accounting count.
    Profile, "profile" {
        /// Use and hardware: prefill, decode, idle, manufacturing, end of life.
        Full = "full",
        /// Use alone: prefill, decode, idle.
        Operational = "operational",
        /// The formulas of `EcoLogits` 0.11.3, for comparison.
        Ecologits = "ecologits",
    }
);
