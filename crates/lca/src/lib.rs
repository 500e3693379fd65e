//! The method: `evaluate()` and its nouns. Pure: no clock, no files, no async.

mod activity;
mod deployment;
mod impact;
mod stats;
mod words;

pub use activity::{Activity, Evidence, Kind};
pub use deployment::Deployment;
pub use impact::{Impact, Impacts, SourceNote};
pub use stats::{Counts, ITL_BOUNDS_MS, Stats};
pub use words::{Indicator, Profile, Stage, WordError};
