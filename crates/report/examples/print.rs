//! Prints a statement of fake books: `cargo run -p report --example print -- text en account`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "../tests/fake/mod.rs"]
mod fake;

use books::Ledger;

#[expect(clippy::disallowed_methods, reason = "an example that shows how long it took")]
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |place: usize, usual: &str| words.get(place).cloned().unwrap_or_else(|| usual.to_owned());
    let lang = if word(1, "en") == "de" { quantity::Lang::De } else { quantity::Lang::En };
    let request = report::Request { by: word(2, "account").parse().unwrap(), ..report::Request::default() };
    let books = fake::Fake::new(true);
    let factors = lca::FactorSet::embedded().unwrap();
    let (sums, head) = (books.sums(None, None).unwrap(), books.head().unwrap());
    let start = std::time::Instant::now();
    let statement = report::build(&request, sums, &head, &books.imports, &fake::config(), &factors).unwrap();
    eprintln!("{} rows in {:?}", books.rows.len(), start.elapsed());
    print!("{}", report::render(&statement, word(0, "text").parse().unwrap(), lang).unwrap());
}
