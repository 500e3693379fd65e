//! The whole gateway as a process, between clients over raw sockets and a provider that keeps a ledger of its own.

mod budgets;
mod conservation;
mod disconnects;
mod encodings;
mod equality;
mod h2;
mod hostile;
mod pressure;
mod rig;
mod secrets;
mod upstreams;
mod wire;
