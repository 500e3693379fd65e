//! The memory: journal, sealed segments, hash chain and query engine.
//!
//! ```text
//! DIR/ledger/manifest.sqlite                       links, segments, deletion vectors, imports
//! DIR/ledger/segments/day=YYYY-MM-DD/<link>-<n>.parquet
//! DIR/ledger/journal/<process>-<n>.log             the hot path, one per thread, until it is sealed
//! DIR/ledger/staging/                              imports in progress
//! DIR/ledger/lock                                  held by one import at a time
//! DIR/ledger/gateway.lock                         held by one live gateway at a time
//! DIR/factor-sets/<name>.zst                       factor sets that were used
//! DIR/rollups/<key>.arrow                          a cache; delete it at any time
//! ```
//!
//! The life of a row: [`ImportSession::push`] turns entries into columns per
//! day, `commit` leaves out what is known, moves the files to their final names
//! and names them in one transaction of the manifest. Readers take their list
//! of files from the manifest alone, so a row is seen when it is sealed.

mod columns;
mod count;
mod dedupe;
mod deletion;
mod engine;
mod error;
mod exact_sum;
mod factor_sets;
mod frame;
mod import;
mod journal;
mod keeper;
mod log_file;
mod manifest;
mod opening;
mod query;
mod recover;
mod rollup;
mod rows;
mod scan;
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
pub use journal::Journal;
pub use query::QueryResult;
pub use store::{GatewayLock, Store};
pub use verify::{Problem, VerifyReport};
