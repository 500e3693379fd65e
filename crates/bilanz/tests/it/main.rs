//! The integration tests: one binary, since each one links the query engine again.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test says no")]

mod assessment;
mod assumed;
mod bad_input;
mod electricity;
mod examples;
mod gateway;
mod house;
mod kept;
mod media;
mod overlay;
mod serving;
mod tidy;
mod together;
mod traffic;
