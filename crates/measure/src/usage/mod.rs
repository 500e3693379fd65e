//! Usage of one live request: what was asked, and what the answer says it took.
//!
//! Nothing here does I/O and nothing keeps texts: scanners look at bytes as they pass and remember numbers, names and
//! places. What they find does not depend on how the bytes were split.

mod asked;
mod entry;
mod meter;
mod operation;

pub use asked::{Asked, AskedError, Edits};
pub use entry::{Claims, Placer, complete};
pub use meter::{AnswerHead, Meter, Progress, Usage};
pub use operation::{Dialect, Operation};
