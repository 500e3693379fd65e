//! What belongs to one thread of the gateway: its connections and its journal.

use super::keeping::Keeping;
use super::pool::Pool;
use std::sync::Arc;

/// One thread's own things.
pub struct Worker {
    pub pool: Pool,
    pub keeping: Arc<Keeping>,
}
