//! What we say: statements and their formats.

mod boundary;
mod build;
mod change;
pub mod chart;
mod codes;
mod contract;
mod coverage;
mod csv;
pub mod figures;
mod findings;
mod html;
mod json;
pub mod lifecycle;
mod look;
mod markdown;
pub mod messages;
pub mod names;
pub mod outline;
mod render;
mod request;
mod series;
mod statement;
mod table;
mod text;

pub use boundary::{gap_reason, sentence as boundary_sentence, stage_reason};
pub use build::{ReportError, Valued, build, value};
pub use change::{Change, changes};
pub use codes::{about_text, finding_text, weakness_text};
pub use json::json;
pub use look::CSS;
pub use render::{Format, render};
pub use request::Request;
pub use series::{Point, Series, series, step};
pub use statement::{By, Coverage, Disclosure, Group, Period, Statement, Tokens, grade_of};
