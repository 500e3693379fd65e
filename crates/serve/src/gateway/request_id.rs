//! Ids of requests: unique over threads, processes and starts.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes ids.
pub struct RequestIds {
    prefix: String,
    next: AtomicU64,
}

impl RequestIds {
    /// Ids that begin with these random bytes.
    pub fn new(random: [u8; 8]) -> Self {
        Self { prefix: format!("bz_{:016x}", u64::from_le_bytes(random)), next: AtomicU64::new(1) }
    }

    /// Whether this process made an id.
    pub fn made(&self, id: &str) -> bool {
        let number = id.strip_prefix(&self.prefix).and_then(|rest| u64::from_str_radix(rest.split('.').next().unwrap_or(rest), 16).ok());
        number.is_some_and(|number| number < self.next.load(Ordering::Relaxed))
    }

    /// The next id.
    pub fn make(&self) -> Arc<str> {
        let mut id = String::with_capacity(self.prefix.len() + 9);
        id.push_str(&self.prefix);
        // Writing to a String cannot fail.
        let _ = write!(id, "{:08x}", self.next.fetch_add(1, Ordering::Relaxed));
        id.into()
    }
}
