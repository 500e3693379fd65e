//! The plan: entries, accounts, sites and rules as configured, and the trait `Ledger`.

mod assessment;
mod config;
mod entry;
mod finding;
mod identity;
mod ledger;
mod precedence;
mod time;

pub use assessment::{Assessment, AssessmentError, FunctionalUnit, Planned, Share};
pub use config::{Config, ConfigError, MapRule, Site, SiteContract};
pub use entry::{Entry, MAX_TOKENS_PER_ROW, MOST_TOKENS_PER_REQUEST, Rank, validate};
pub use finding::{Finding, Severity};
pub use identity::{Identity, identify};
pub use ledger::{Head, ImportRecord, Ledger, LedgerError, SumKey, SumRow, Sums};
pub use precedence::apply_precedence;
pub use time::{Day, day_of_ms, parse_day};
