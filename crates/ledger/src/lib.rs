//! The memory: journal, sealed segments, hash chain and query engine.

mod columns;
mod count;
mod dedupe;
mod deletion;
mod engine;
mod error;
mod exact_sum;
mod factor_sets;
mod import;
mod journal;
mod manifest;
mod query;
mod rollup;
mod schema;
mod seal;
mod segment;
mod snapshot;
mod staging;
mod store;
mod sums;
mod table;
mod verify;

#[cfg(test)]
mod tests;

pub use import::{ImportMeta, ImportSession};
pub use journal::{Journal, JournalSync};
pub use query::QueryResult;
pub use store::Store;
pub use verify::{Problem, VerifyReport};
