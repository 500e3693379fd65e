//! The shelf: statements and sums built before, kept as long as the books stand as they did.

use crate::House;
use crate::problem::Problem;
use books::{Day, Head, Sums};
use report::{Request, Valued};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Statements kept.
const STATEMENTS: usize = 64;
/// Sums of a range kept.
const SUMS: usize = 6;

/// What was built before, newest last.
#[derive(Default)]
pub struct Shelf {
    statements: Mutex<VecDeque<(String, Request, Arc<Valued>)>>,
    sums: Mutex<VecDeque<(String, Range, Arc<Sums>)>>,
}

type Range = (Option<Day>, Option<Day>);

/// The state of the books and factors that a kept statement belongs to.
fn state(house: &House, head: &Head) -> String {
    format!("{} {} {}", head.digest, head.entries, house.factors.name())
}

impl Shelf {
    /// The statement for a request, built at most once per state of the books.
    ///
    /// # Errors
    /// When the books cannot be read or the method refuses an activity.
    pub fn statement(&self, house: &House, head: &Head, request: &Request) -> Result<Arc<Valued>, Problem> {
        let state = state(house, head);
        if let Some(found) = find(&self.statements, |(at, asked, _)| *at == state && asked == request) {
            return Ok(found.2);
        }
        let sums = self.sums(house, &state, (request.from, request.to))?;
        let imports = house.ledger.imports().map_err(|error| Problem::failed(error.to_string()))?;
        let valued = report::value(request, &sums, head, &imports, &house.config, &house.factors);
        let valued = Arc::new(valued.map_err(|error| Problem::failed(error.to_string()))?);
        keep(&self.statements, STATEMENTS, (state, request.clone(), Arc::clone(&valued)));
        Ok(valued)
    }

    fn sums(&self, house: &House, state: &str, range: Range) -> Result<Arc<Sums>, Problem> {
        if let Some(found) = find(&self.sums, |(at, asked, _)| at == state && *asked == range) {
            return Ok(found.2);
        }
        let sums = Arc::new(house.ledger.sums(range.0, range.1).map_err(|error| Problem::failed(error.to_string()))?);
        keep(&self.sums, SUMS, (state.to_owned(), range, Arc::clone(&sums)));
        Ok(sums)
    }
}

fn find<T: Clone>(shelf: &Mutex<VecDeque<T>>, fits: impl Fn(&T) -> bool) -> Option<T> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|item| fits(item)).cloned()
}

fn keep<T>(shelf: &Mutex<VecDeque<T>>, most: usize, item: T) {
    let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
    if shelf.len() >= most {
        shelf.pop_front();
    }
    shelf.push_back(item);
}
