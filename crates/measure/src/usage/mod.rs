//! Usage of one live request: what was asked, and what the answer says it took.
//!
//! Nothing here does I/O and nothing keeps texts: scanners look at bytes as they pass and remember numbers, names and
//! places. What they find does not depend on how the bytes were split.

mod asked;
mod body;
mod decode;
mod edit;
mod entry;
mod escape;
mod event_stream;
mod events;
mod facts;
mod held;
mod json_body;
mod meter;
mod ndjson;
mod operation;
mod picker;
mod prompt;
mod scan;
mod slot;
mod sse;
mod tally;
mod text;
mod trees;

pub use asked::{Asked, AskedError, Edits};
pub use body::Places;
pub use entry::{Claims, Placer, complete};
pub use meter::{AnswerHead, Meter, Progress, Usage};
pub use operation::{Dialect, Operation};
