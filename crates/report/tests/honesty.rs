//! What a statement must not claim: shares of nothing, zeros for unknowns, letters that steer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fake;

use books::Ledger;
use lca::{Counts, FactorSet, Indicator, Kind, Stats};
use quantity::Lang;
use report::{By, Format, Request, Statement, render};
use std::sync::LazyLock;

static FACTORS: LazyLock<FactorSet> = LazyLock::new(|| FactorSet::embedded().unwrap());

fn of(books: &fake::Fake, by: By) -> Statement {
    let sums = books.sums(None, None).unwrap();
    report::build(&Request { by, ..Request::default() }, sums, &books.head().unwrap(), &books.imports, &fake::config(), &FACTORS).unwrap()
}

/// Fake books of which only the rows of some accounts are kept.
fn only(keep: impl Fn(&str) -> bool) -> fake::Fake {
    let mut books = fake::Fake::new(false);
    books.rows.retain(|row| keep(&row.key.account));
    books
}

#[test]
fn what_lacks_a_figure_is_told_by_its_energy() {
    let mut books = only(|account| account.contains("support") || account.contains("extraction"));
    for row in books.rows.iter_mut().filter(|row| row.key.site.as_ref() == "berlin") {
        row.key.kind = Kind::Electricity;
        row.stats = Stats::of(&Counts { energy_nj: Some(row.stats.energy_nj), ..Counts::default() });
    }
    let statement = of(&books, By::Account);
    let (_, share) = statement.coverage.partial.iter().find(|(indicator, _)| *indicator == Indicator::Cost).unwrap();
    let metered = statement.groups.iter().find(|group| group.key.contains("extraction")).unwrap();
    let energy = |group: &report::Group| group.impacts.row(Indicator::EnergyKwh).unwrap()[1].get();
    let expected = energy(metered) / energy(&statement.total);
    assert!(expected > 0.0 && (share.unwrap().get() / expected - 1.0).abs() < 1e-4, "{share:?} and {expected}");
    for (lang, word) in [(Lang::En, "of the energy"), (Lang::De, "der Energie")] {
        let text = render(&statement, Format::Text, lang).unwrap();
        assert!(text.contains(word) && !text.contains("0 % of the tokens"), "{text}");
    }
}

#[test]
fn nothing_metered_is_zero_not_minus_zero() {
    let statement = of(&only(|account| account.contains("support")), By::Account);
    assert!(statement.coverage.metered.get() == 0.0 && statement.coverage.metered.get().is_sign_positive());
    let json = render(&statement, Format::Json, Lang::En).unwrap();
    assert!(!json.contains("-0.0"));
    let empty = of(&fake::Fake::empty(), By::Account);
    assert!(empty.coverage.metered.get().is_sign_positive());
}
