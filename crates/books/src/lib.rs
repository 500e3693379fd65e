//! The plan: entries, accounts, sites and rules as configured, and the trait Ledger.
