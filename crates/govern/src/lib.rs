//! What is allowed: gateway keys, rules and budgets; `Admission` is the only way to forward a request.

mod admission;
mod governor;
mod keys;
mod pricer;

pub use admission::{Admission, Refusal, Verdict};
pub use governor::{Ask, BudgetState, Governor, RuleError};
pub use keys::{KeyError, KeyRecord, KeyRefusal, KeyRing};
pub use pricer::{Amount, Pricer, Rates};
