//! The memory: journal, sealed segments, hash chain and query engine.
