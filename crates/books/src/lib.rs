//! The plan: entries, accounts, sites and rules as configured, and the trait `Ledger`.

mod assessment;
mod config;
mod entry;
mod finding;
mod gateway;
mod identity;
mod journal;
mod ledger;
mod precedence;
mod rule;
mod time;
mod way;

pub use assessment::{Assessment, AssessmentError, FunctionalUnit, Planned, Share};
pub use config::{Config, ConfigError, MapRule, Site, SiteContract};
pub use entry::{Entry, MAX_TOKENS_PER_ROW, MOST_TOKENS_PER_REQUEST, Rank, validate};
pub use finding::{Finding, Severity};
pub use gateway::{Durability, Gateway, ImpactTo, OnDisconnect, OnFailure, Route, Upstream};
pub use identity::{Identity, identify};
pub use journal::{Flush, Journal, Keeper};
pub use ledger::{Head, ImportRecord, Ledger, LedgerError, SumKey, SumRow, Sums};
pub use precedence::apply_precedence;
pub use rule::{Compare, Effect, Metric, Per, Rule, Window};
pub use time::{Day, day_of_ms, parse_day};
pub use way::{deployment, place};
