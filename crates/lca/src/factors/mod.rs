//! Factors: cited numbers as distributions, loaded from reviewed text.

mod arn;
mod factor;
mod fit;
mod load;
mod measured;
mod names;
mod set;

pub(crate) use factor::stratum_score;
pub use factor::{Distribution, EvidenceClass, Factor, Part};
pub use load::FactorError;
pub use measured::Measured;
pub use names::ModelName;
pub(crate) use set::EcologitsProvider;
pub use set::{Accelerator, FactorSet, Model, Provider, Region, Source, Zone};
