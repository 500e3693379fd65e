//! The method: `evaluate()` and its nouns. Pure: no clock, no files, no async.

mod activity;
mod aggregate;
mod amortise;
mod amounts;
mod cited;
mod deployment;
mod ecologits;
pub mod electricity;
mod evaluate;
mod factors;
mod fronts;
mod impact;
mod influence;
mod making;
mod media;
mod params;
mod plan;
mod process;
mod purchase;
mod rank;
mod result;
mod sample;
mod sampler;
pub mod sci;
mod stats;
mod sum;
mod supply;
mod words;

pub use activity::{Activity, Evidence, Kind};
pub use amortise::{AMORTISED_NOTE, Allocation, Amortised, Served, Tier};
pub use deployment::{Deployment, Tuning};
pub use ecologits::Tables;
pub use evaluate::{Compiled, EvaluateError, evaluate};
pub use factors::{
    Accelerator, Distribution, EvidenceClass, Factor, FactorError, FactorSet, Model, ModelName, Part, Provider, Region, Source, Zone,
};
pub use impact::{Impact, Impacts, SourceNote};
pub use influence::{Influence, influence};
pub use making::HardwarePart;
pub use media::{Audio, Media};
pub use purchase::Purchase;
pub use rank::{Ranked, Ranking, SURE, rank};
pub use result::METHOD;
pub use sample::{Evaluator, Sample};
pub use stats::{Counts, ITL_BOUNDS_MS, Stats};
pub use words::{Boundary, ContractKind, Indicator, Matching, Profile, Scope, Stage, Task, Technology, WordError};
