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
        /// The life cycle as it is attributed to use: prefill, decode, idle, network, and the share of hardware.
        Full = "full",
        /// Operation alone, of use and of training: no hardware.
        Operational = "operational",
        /// SCI for AI, consumer: operation and the hardware that serves, location-based.
        SciConsumer = "sci-consumer",
        /// SCI for AI, provider: development and training and their hardware, location-based.
        SciProvider = "sci-provider",
        /// GHG Protocol inventory, location-based: hardware in full in the year of purchase.
        GhgLocation = "ghg-location",
        /// GHG Protocol inventory, market-based: contracts, then the residual mix.
        GhgMarket = "ghg-market",
        /// The formulas of `EcoLogits` 0.11.3, for comparison.
        Ecologits = "ecologits",
    }
);

impl Profile {
    /// Whether a share of the hardware is attributed to what it did.
    #[must_use]
    pub const fn attributes_hardware(self) -> bool {
        matches!(self, Self::Full | Self::SciConsumer | Self::SciProvider)
    }
    /// Whether purchased hardware counts in full when it is bought.
    #[must_use]
    pub const fn is_inventory(self) -> bool {
        matches!(self, Self::GhgLocation | Self::GhgMarket)
    }
    /// Whether electricity counts by contract instead of by place.
    #[must_use]
    pub const fn is_market_based(self) -> bool {
        matches!(self, Self::GhgMarket)
    }
    /// Whether what the grid loses on the way to the meter counts.
    #[must_use]
    pub const fn counts_grid_losses(self) -> bool {
        matches!(self, Self::Full | Self::GhgLocation | Self::GhgMarket)
    }
    /// Whether the profile counts a stage at all.
    #[must_use]
    pub const fn counts(self, stage: Stage) -> bool {
        let training = matches!(stage, Stage::Development | Stage::PreTraining | Stage::FineTuning | Stage::Reinforcement);
        let hardware = matches!(stage, Stage::Manufacturing | Stage::EndOfLife);
        match self {
            Self::Full | Self::GhgLocation | Self::GhgMarket => true,
            Self::Operational => !hardware,
            Self::SciConsumer => !training,
            Self::SciProvider => training || hardware,
            Self::Ecologits => matches!(stage, Stage::Prefill | Stage::Decode | Stage::Manufacturing),
        }
    }
}

words!(
    /// Where the energy is counted.
    Boundary, "boundary" {
        /// The accelerators alone, while they serve.
        Accelerator = "accelerator",
        /// The server around them.
        Server = "server",
        /// The site: reserve capacity, cooling and losses too.
        Site = "site",
    }
);

words!(
    /// What a request is for; decides the typical prompt where its length is not stated.
    Task, "task" {
        /// A question in a chat.
        Chat = "chat",
        /// A problem solved step by step.
        Reasoning = "reasoning",
        /// Code completed in an editor.
        Code = "code",
        /// A question about an image.
        ImageChat = "image-chat",
        /// A question about a video.
        VideoChat = "video-chat",
        /// A text turned into a vector; nothing is written.
        Embedding = "embedding",
    }
);

words!(
    /// What kind of contract supplies electricity.
    ContractKind, "kind of contract" {
        /// A power purchase agreement with a plant.
        Ppa = "ppa",
        /// Certificates of origin, bought apart from the electricity.
        GuaranteeOfOrigin = "guarantee_of_origin",
        /// A tariff of the supplier that names its origin.
        GreenTariff = "green_tariff",
        /// A plant of one's own behind the meter; it counts in both accountings.
        OwnGeneration = "own_generation",
    }
);

words!(
    /// What generates the electricity of a contract.
    Technology, "technology" {
        /// Wind.
        Wind = "wind",
        /// Photovoltaics.
        Solar = "solar",
        /// Hydropower.
        Hydro = "hydro",
        /// Nuclear.
        Nuclear = "nuclear",
        /// Geothermal.
        Geothermal = "geothermal",
        /// Biomass.
        Biomass = "biomass",
        /// Natural gas.
        Gas = "gas",
        /// Coal.
        Coal = "coal",
        /// A mix that the supplier does not break down.
        Mix = "mix",
    }
);

words!(
    /// Over which time generation is set against the load.
    Matching, "matching" {
        /// Over the whole year.
        Year = "year",
        /// Hour by hour.
        Hour = "hour",
    }
);

/// What an evaluation counts: a profile, and the boundary of its energy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    /// Stages and accounting.
    pub profile: Profile,
    /// Boundary of the energy; all but the site are for comparison with measurements.
    pub boundary: Boundary,
}

impl From<Profile> for Scope {
    fn from(profile: Profile) -> Self {
        Self { profile, boundary: Boundary::Site }
    }
}
