//! What passes the gateway right now, valued: for the page, the API and the metrics.

mod families;
mod json;
mod otlp;
mod page;
mod prometheus;
mod schema;
mod snapshot;
mod tables;
#[cfg(test)]
mod tests;

pub use json::api;
pub use otlp::export;
pub use page::show;
pub use prometheus::metrics;
pub use schema::schemas;
pub use snapshot::Desk;

use std::sync::Arc;

/// What this process has used of the machine, as the system tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessUse {
    /// Time that its threads ran on a processor, milliseconds.
    pub cpu_ms: u64,
    /// Memory that is held, bytes.
    pub resident_bytes: u64,
}

/// Tells what this process has used; `None` where the system does not tell.
pub type OwnUse = Arc<dyn Fn() -> Option<ProcessUse> + Send + Sync>;
/// Takes a line for the one who runs the program.
pub type Say = Arc<dyn Fn(&str) + Send + Sync>;
