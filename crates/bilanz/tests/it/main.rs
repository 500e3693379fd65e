//! The integration tests: one binary, since each one links the query engine again.

mod tidy;
