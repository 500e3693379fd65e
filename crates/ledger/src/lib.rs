//! The memory: journal, sealed segments, hash chain and query engine.

mod columns;
mod count;
mod dedupe;
mod deletion;
mod engine;
mod error;
mod exact_sum;
mod import;
mod manifest;
mod rollup;
mod schema;
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
pub use store::Store;
pub use verify::{Problem, VerifyReport};
