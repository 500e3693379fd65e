//! The binary: command line, wiring and the clock.
fn main() {}
