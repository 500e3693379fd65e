//! Statements of made-up books: keys, sums, formats, languages, hostile names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fake;

use books::{Ledger, Sums, parse_day};
use lca::{FactorSet, Indicator, Profile};
use quantity::{Grade, Lang};
use report::{By, Format, Request, Statement, render};
use std::sync::{Arc, LazyLock};

static FACTORS: LazyLock<FactorSet> = LazyLock::new(|| FactorSet::embedded().unwrap());

fn of(books: &fake::Fake, request: &Request) -> Statement {
    let sums = books.sums(request.from, request.to).unwrap();
    report::build(request, sums, &books.head().unwrap(), &books.imports, &fake::config(), &FACTORS).unwrap()
}

fn by(by: By) -> Statement {
    of(&fake::Fake::new(true), &Request { by, ..Request::default() })
}

fn median(statement: &Statement, indicator: Indicator) -> f64 {
    statement.total.impacts.row(indicator).unwrap()[1].get()
}

#[test]
fn json_keeps_the_contract() {
    let statement = by(By::Account);
    let text = render(&statement, Format::Json, Lang::En).unwrap();
    assert_eq!(text, render(&by(By::Account), Format::Json, Lang::De).unwrap(), "same bytes, whatever the language");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    for key in ["period", "groups", "total", "coverage", "sources", "ledger_head", "factor_set", "method", "boundary", "disclosures"] {
        assert!(!value[key].is_null(), "{key} is missing");
    }
    for group in value["groups"].as_array().unwrap().iter().chain([&value["total"]]) {
        for key in ["key", "requests", "tokens", "impacts", "grade"] {
            assert!(!group[key].is_null(), "{key} is missing in {}", group["key"]);
        }
        for indicator in Indicator::ALL {
            let figure = &group["impacts"][indicator.as_str()];
            let row = ["low", "median", "high"].map(|end| figure[end].as_f64());
            let [Some(low), Some(median), Some(high)] = row else {
                assert!(figure.is_null(), "a gap is null: {figure}");
                continue;
            };
            assert!(0.0 <= low && low <= median && median <= high && figure["grade"].is_string(), "{indicator}: {figure}");
        }
    }
    assert_eq!(value["period"]["from"], fake::FIRST);
}

#[test]
fn counts_are_exact_and_the_same_by_every_grouping() {
    let books = fake::Fake::new(true);
    let requests: i128 = books.rows.iter().map(|row| row.stats.requests).sum();
    let tokens: i128 = books.rows.iter().map(|row| row.stats.tokens_all()).sum();
    let one = by(By::Account);
    for grouping in By::ALL {
        let statement = by(grouping);
        assert_eq!((statement.total.requests, statement.total.tokens), (Some(requests), Some(tokens)), "{grouping:?}");
        if grouping != By::Stage {
            assert_eq!(statement.groups.iter().filter_map(|group| group.requests).sum::<i128>(), requests, "{grouping:?}");
        }
        let (a, b) = (median(&one, Indicator::GwpKgco2e), median(&statement, Indicator::GwpKgco2e));
        assert!((a / b - 1.0).abs() < 1e-9, "{grouping:?}: {a} and {b}");
    }
}

#[test]
fn groups_stand_in_order() {
    let statement = by(By::Model);
    let ghg: Vec<f64> = statement.groups.iter().map(|group| group.impacts.row(Indicator::GwpKgco2e).unwrap()[1].get()).collect();
    assert!(ghg.is_sorted_by(|a, b| a >= b), "{ghg:?}");
    let months = by(By::Month);
    assert!(months.groups.is_sorted_by_key(|group| group.key.clone()) && months.groups.len() == 14);
}

#[test]
fn the_total_is_the_sum_of_samples_not_of_intervals() {
    let statement = by(By::Model);
    let ends =
        |place: usize| statement.groups.iter().map(|group| group.impacts.row(Indicator::EnergyKwh).unwrap()[place].get()).sum::<f64>();
    let total = statement.total.impacts.row(Indicator::EnergyKwh).unwrap();
    assert!(total[2].get() < ends(2) && total[0].get() > ends(0), "independent parts of the spread cancel");
}

#[test]
fn the_account_filter_takes_branches_not_prefixes() {
    let request = |branch: &str| Request { account: Some(branch.to_owned()), ..Request::default() };
    assert!(request("acme/support").takes("acme/support") && request("acme/support/").takes("acme/support/chatbot"));
    assert!(!request("acme/support").takes("acme/supporters"));
    let branch = of(&fake::Fake::new(false), &request("acme/support"));
    assert_eq!(branch.groups.len(), 1);
    assert!(branch.total.requests < by(By::Account).total.requests);
}

#[test]
fn coverage_says_what_is_missing() {
    let statement = by(By::Account);
    let coverage = &statement.coverage;
    assert_eq!(coverage.days_without_entries, 3);
    assert!(coverage.metered.get() > 0.0 && coverage.metered.get() < 0.2);
    assert!(coverage.model_known.get() < 1.0, "a model is unknown to the factor set");
    assert!(
        coverage.partial.iter().any(|(indicator, share)| *indicator == Indicator::Cost && share.is_some_and(|share| share.get() > 0.0)),
        "some energy has no price"
    );
    assert!(statement.total.grade_shares.contains_key(&Grade::B));
    assert!(statement.disclosures.iter().any(|row| row.provider == "openai" && !row.withholds.is_empty()));
}

#[test]
fn findings_of_reverted_imports_are_silent_and_equal_ones_add_up() {
    let statement = by(By::Account);
    let unknown: Vec<_> = statement.findings.iter().filter(|finding| finding.code == "model_unknown").collect();
    assert_eq!((unknown.len(), unknown[0].rows), (1, 500));
    assert!(statement.findings.iter().all(|finding| finding.code != "rows_rejected"));
}

#[test]
fn empty_books_give_gaps_never_zeros() {
    let statement = of(&fake::Fake::empty(), &Request::default());
    assert!(statement.period.from.is_none() && statement.groups.is_empty());
    assert!(Indicator::ALL.iter().all(|indicator| statement.total.impacts.row(*indicator).is_none()));
    assert_eq!(statement.coverage.gaps.len(), Indicator::ALL.len());
    for lang in [Lang::En, Lang::De] {
        for format in Format::ALL {
            let text = render(&statement, format, lang).unwrap();
            assert!(!text.is_empty() && !text.contains("NaN"), "{format:?}");
        }
    }
}

#[test]
fn a_period_upside_down_is_refused() {
    let books = fake::Fake::new(false);
    let request = Request { from: parse_day("2026-02-01").ok(), to: parse_day("2026-01-01").ok(), ..Request::default() };
    let error = report::build(&request, Sums::default(), &books.head().unwrap(), &[], &fake::config(), &FACTORS).unwrap_err();
    assert!(error.to_string().contains("swap"), "{error}");
}

#[test]
fn text_fits_the_terminal_and_names_every_part() {
    for (lang, words) in [
        (
            Lang::En,
            ["Greenhouse gas", "90 % interval", "Boundary", "Weaknesses", "Coverage", "What providers tell", "Sources", "Ledger head"],
        ),
        (
            Lang::De,
            [
                "Treibhausgas",
                "90-%-Intervall",
                "Systemgrenze",
                "Schwachstellen",
                "Abdeckung",
                "Was Anbieter sagen",
                "Quellen",
                "Stand der Bücher",
            ],
        ),
    ] {
        for grouping in By::ALL {
            let text = render(&by(grouping), Format::Text, lang).unwrap();
            for line in text.lines().take_while(|line| *line != words[2]) {
                assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
            }
            for word in words {
                assert!(text.contains(word), "{word} is missing");
            }
        }
    }
}

#[test]
fn german_texts_leave_no_english_behind() {
    let german = render(&by(By::Account), Format::Text, Lang::De).unwrap();
    for word in ["Requests", "Weakness", "stands in", "is not stated", "Grade", "Finding", "withholds", "retrieved", " gap"] {
        assert!(!german.contains(word), "`{word}` stands in the German text");
    }
    assert!(german.contains(','), "German numbers have a comma");
}

#[test]
fn csv_parses_back_to_the_json() {
    let statement = by(By::Model);
    let json: serde_json::Value = serde_json::from_str(&render(&statement, Format::Json, Lang::En).unwrap()).unwrap();
    let text = render(&statement, Format::Csv, Lang::En).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut rows = 0;
    let groups: Vec<_> = json["groups"].as_array().unwrap().iter().chain([&json["total"]]).collect();
    for (place, row) in reader.records().enumerate() {
        let row = row.unwrap();
        let group = groups[place / Indicator::ALL.len()];
        assert_eq!(row[1], *group["key"].as_str().unwrap());
        assert_eq!(row[3].parse::<i128>().unwrap(), i128::from(group["tokens"].as_i64().unwrap()));
        for (column, end) in [(5, "low"), (6, "median"), (7, "high")] {
            assert_eq!(row[column].parse::<f64>().ok(), group["impacts"][&row[4]][end].as_f64(), "{} {}", &row[1], &row[4]);
        }
        rows += 1;
    }
    assert_eq!(rows, groups.len() * Indicator::ALL.len());
}

#[test]
fn hostile_names_stay_names() {
    let mut books = fake::Fake::new(false);
    for (row, name) in
        books.rows.iter_mut().zip(["<script>alert(1)</script>", "=HYPERLINK(\"x\")", "a|b`*_\n# c", "@sum,\"quoted\""].into_iter().cycle())
    {
        row.key.account = Arc::from(name);
    }
    let statement = of(&books, &Request::default());
    let page = render(&statement, Format::Html, Lang::En).unwrap();
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
    let table = render(&statement, Format::Csv, Lang::En).unwrap();
    assert!(table.contains("'=HYPERLINK") && table.contains("'@sum") && !table.contains(",=HYPERLINK") && !table.contains(",\"=HYPERLINK"));
    let markdown = render(&statement, Format::Md, Lang::En).unwrap();
    assert!(!markdown.contains("<script") && markdown.contains("a\\|b"));
    assert!(markdown.lines().all(|line| !line.starts_with("# c")));
}

#[test]
fn the_page_needs_nothing_else() {
    let page = render(&by(By::Account), Format::Html, Lang::De).unwrap();
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"de\">"));
    for outside in ["<script", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn series_choose_their_step_and_mark_what_is_cut() {
    let books = fake::Fake::new(false);
    let head = books.head().unwrap();
    let short = Request { from: parse_day("2026-06-01").ok(), to: parse_day("2026-08-29").ok(), ..Request::default() };
    assert_eq!((report::step(&short, &head), report::step(&Request::default(), &head)), (By::Day, By::Month));
    let series = report::series(&of(&books, &Request::default().by(By::Month)));
    assert_eq!(series.points.len(), 14);
    let partial: Vec<&str> = series.points.iter().filter(|point| point.partial).map(|point| point.key.as_str()).collect();
    assert_eq!(partial, ["2025-08", "2026-09"]);
}

#[test]
fn changes_are_claimed_only_when_sure() {
    let books = fake::Fake::new(false);
    let value = |from: &str, to: &str, account: Option<&str>| {
        let request =
            Request { from: parse_day(from).ok(), to: parse_day(to).ok(), account: account.map(str::to_owned), ..Request::default() };
        let sums = books.sums(request.from, request.to).unwrap();
        report::value(&request, &sums, &books.head().unwrap(), &[], &fake::config(), &FACTORS).unwrap()
    };
    let (before, now) = (value("2025-09-01", "2025-11-29", None), value("2026-05-01", "2026-07-29", None));
    let growth = report::changes(&now, &before);
    let ghg = growth.iter().find(|change| change.indicator == Indicator::GwpKgco2e).unwrap();
    assert!(ghg.is_sure() && ghg.relative().get() > 0.1, "the same factors on both sides cancel: {ghg:?}");
    let same = report::changes(&now, &now);
    assert!(same.iter().all(|change| !change.is_sure()), "nothing changed");
}

#[test]
fn every_profile_builds() {
    for profile in Profile::ALL {
        let statement = of(&fake::Fake::new(false), &Request { profile: *profile, ..Request::default() });
        assert_eq!(statement.profile, *profile);
        assert!(!statement.boundary.is_empty());
    }
}
