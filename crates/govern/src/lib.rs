//! What is allowed: gateway keys, rules and budgets; `Admission` is the only way to forward a request.

mod admission;
mod book;
mod calendar;
mod check;
mod compile;
mod condition;
mod counter;
mod decide;
mod dry_run;
mod exchange;
mod governor;
mod keys;
mod pricer;
mod rates;
mod refuse;
mod seen;
#[cfg(test)]
mod tests;
mod units;

pub use admission::{Admission, Refusal, Verdict};
pub use check::{Checked, check};
pub use dry_run::{DryRunRow, dry_run};
pub use governor::{Ask, BudgetState, Governor, RuleError};
pub use keys::{KeyError, KeyRecord, KeyRefusal, KeyRing};
pub use pricer::Pricer;
pub use rates::{Amount, Rates};
