//! What we say: statements and their formats.

mod statement;

pub use statement::{By, Coverage, Disclosure, Group, Period, Statement, Tokens};
