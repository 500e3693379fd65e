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
        *row.stats = Stats::of(&Counts { energy_nj: Some(row.stats.energy_nj), ..Counts::default() });
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

#[test]
fn counts_nobody_stated_are_gaps_never_zeros() {
    let mut books = only(|account| account.contains("support") || account.contains("legal") || account.contains("extraction"));
    for row in &mut books.rows {
        let counts = match row.key.account.as_ref() {
            account if account.contains("support") => Counts { input_tokens: Some(90), output_tokens: Some(9), ..Counts::default() },
            account if account.contains("legal") => Counts { requests: Some(5), ..Counts::default() },
            _ => {
                row.key.kind = Kind::Electricity;
                Counts { energy_nj: Some(9_000_000_000), ..Counts::default() }
            }
        };
        *row.stats = Stats::of(&counts);
    }
    let statement = of(&books, By::Account);
    let group = |name: &str| statement.groups.iter().find(|group| group.key.contains(name)).unwrap();
    assert!(group("support").requests.is_none() && group("support").tokens.unwrap() > 0);
    assert!(group("legal").tokens.is_none() && group("legal").token_classes.is_none() && group("legal").requests.unwrap() > 0);
    assert_eq!((group("extraction").requests, group("extraction").tokens), (Some(0), Some(0)));
    assert!(statement.total.requests.is_some() && statement.total.tokens.is_some());

    books.rows.retain(|row| row.key.account.contains("support"));
    let statement = of(&books, By::Account);
    assert!(statement.total.requests.is_none());
    let json: serde_json::Value = serde_json::from_str(&render(&statement, Format::Json, Lang::En).unwrap()).unwrap();
    assert!(json["total"]["requests"].is_null() && json["groups"][0]["requests"].is_null());
    for format in [Format::Text, Format::Md, Format::Html] {
        let text = render(&statement, format, Lang::De).unwrap();
        assert!(text.contains("Lücke Anfragen") && !text.contains(" 0 Anfragen"), "{format:?}");
    }
    assert!(render(&statement, Format::Csv, Lang::En).unwrap().contains("acme/support/chatbot,,"));
    let series = report::series(&of(&books, By::Month));
    assert!(series.points.iter().all(|point| point.requests.is_none() && point.tokens.is_some()));
}

#[test]
fn medians_that_do_not_add_up_say_so() {
    for (lang, word) in [(Lang::En, "do not add up"), (Lang::De, "ergeben zusammen nicht")] {
        for format in [Format::Text, Format::Md, Format::Html] {
            assert!(render(&of(&fake::Fake::new(false), By::Account), format, lang).unwrap().contains(word), "{format:?}");
        }
    }
}

#[test]
fn what_a_weakness_is_about_speaks_german() {
    let mut books = only(|account| account.contains("support"));
    for row in &mut books.rows {
        (row.key.model, row.key.provider) = ("".into(), "".into());
    }
    let statement = of(&books, By::Account);
    for format in [Format::Text, Format::Md, Format::Html] {
        let flat = |lang| render(&statement, format, lang).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        let (english, german) = (flat(Lang::En), flat(Lang::De));
        assert!(english.contains("model not stated") && english.contains("provider unknown"), "{format:?}: {english}");
        assert!(german.contains("Modell nicht genannt") && german.contains("Anbieter unbekannt"), "{format:?}");
        assert!(!german.contains("model not stated") && !german.contains("provider unknown"), "{format:?}");
    }
}

#[test]
fn letters_that_steer_are_shown_not_obeyed() {
    let mut books = only(|account| account.contains("support"));
    for row in &mut books.rows {
        row.key.account = "a\u{1b}[31m\u{7}\0\u{202e}b\u{2066}c".into();
    }
    let statement = of(&books, By::Account);
    for format in [Format::Text, Format::Md, Format::Html, Format::Csv] {
        let text = render(&statement, format, Lang::En).unwrap();
        let steers = |letter: char| (letter.is_control() && letter != '\n') || ('\u{202a}'..='\u{202e}').contains(&letter);
        assert!(
            !text.contains(steers) && !text.contains('\u{2066}') && text.contains("31m\u{fffd}\u{fffd}\u{fffd}b\u{fffd}c"),
            "{format:?}"
        );
    }
}
