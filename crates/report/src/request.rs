//! `Request`: which part of the books a statement is about.

use crate::By;
use books::Day;
use lca::Profile;

/// What a statement is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Request {
    /// First day, UTC; `None` is the first day of the books.
    pub from: Option<Day>,
    /// Last day, UTC, included; `None` is the last day of the books.
    pub to: Option<Day>,
    /// Grouping.
    pub by: By,
    /// Which stages and which accounting count.
    pub profile: Profile,
    /// Only this account and those below it; `acme/support` takes in `acme/support/chatbot`.
    pub account: Option<String>,
}

impl Default for Request {
    fn default() -> Self {
        Self { from: None, to: None, by: By::Account, profile: Profile::Full, account: None }
    }
}

impl Request {
    /// The same request by another grouping.
    #[must_use]
    pub fn by(&self, by: By) -> Self {
        Self { by, ..self.clone() }
    }

    /// Whether an account lies in the branch that is asked for.
    #[must_use]
    pub fn takes(&self, account: &str) -> bool {
        self.account.as_ref().is_none_or(|branch| {
            let branch = branch.trim_end_matches('/');
            account.strip_prefix(branch).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}
