//! What came of requests: one identity per request, and never a footprint of its own.
#![allow(clippy::unwrap_used)]

mod common;

use books::{Rank, identify};
use common::{fails, ok};
use lca::{Activity, Deployment, FactorSet, Indicator, Profile, Stats, evaluate};
use measure::{Format, detect};

const OUTCOMES: &str = "time,request_id,accepted,value,currency,account,model\n\
    2026-03-01T10:00:00Z,r1,yes,1.50,eur,acme/support,gpt-4o\n\
    2026-03-01T10:05:00Z,r2,0,,,,\n\
    2026-03-01T10:06:00Z,r3,,-0,USD,,\n";

#[test]
fn outcomes() {
    assert_eq!(detect(OUTCOMES.as_bytes(), "x.csv").unwrap(), Format::BilanzOutcomes);
    let told = ok(OUTCOMES, Format::BilanzOutcomes);
    let first = &told.entries[0];
    assert_eq!((&*first.source, first.rank, first.external_id.as_deref()), ("gateway", Rank::Gateway, Some("outcome:r1")));
    assert_eq!((&*first.account, &*first.model, &*first.currency), ("acme/support", "openai/gpt-4o", "EUR"));
    let counts = &first.counts;
    assert_eq!((counts.outcomes_accepted, counts.outcomes_rejected, counts.value_micro), (Some(1), None, Some(1_500_000)));
    assert_eq!((counts.requests, counts.context_input, counts.generation_low_us), (None, None, None));
    let second = &told.entries[1].counts;
    assert_eq!((second.outcomes_accepted, second.outcomes_rejected, second.value_micro), (None, Some(1), None));
    assert_eq!(told.entries[2].counts.outcomes_accepted, None, "not stated is unknown");
    for code in ["requests_unknown", "model_missing", "usage_missing"] {
        assert!(told.finding(code).is_none(), "{code}");
    }
}

#[test]
fn a_later_word_takes_the_place_of_the_earlier() {
    let before = identify(&ok(OUTCOMES, Format::BilanzOutcomes).entries[0]);
    let after = identify(&ok(&OUTCOMES.replace("r1,yes", "r1,no"), Format::BilanzOutcomes).entries[0]);
    assert!(before.external && before.id == after.id && before.content != after.content);
}

#[test]
fn nothing_ran_so_nothing_is_valued() {
    let set = FactorSet::embedded().unwrap();
    let told = ok(OUTCOMES, Format::BilanzOutcomes);
    for entry in &told.entries {
        let mut stats = Stats::of(&entry.counts);
        assert_eq!((stats.requests_input_unknown, stats.requests_output_unknown, stats.requests), (0, 0, 0));
        let value = |stats: &Stats| {
            let activity = Activity { stats: stats.clone(), currency: entry.currency.to_string(), ..Activity::default() };
            let deployment = Deployment { model: Some(entry.model.to_string()).filter(|model| !model.is_empty()), ..Deployment::default() };
            evaluate(&activity, &deployment, &set, Profile::Full).unwrap()
        };
        let energy = |impact: &lca::Impact| impact.impacts.row(Indicator::EnergyKwh).unwrap().map(quantity::Ratio::get);
        let none = value(&stats);
        assert_eq!(energy(&none), [0.0; 3]);
        if stats.only_outcomes() {
            assert!(none.basis.weaknesses.is_empty(), "{:?}", none.basis.weaknesses);
        }
        // The zero is that of nothing, not of the outcome: one request more, and it has a footprint.
        stats.requests = 1;
        stats.requests_input_unknown = 1;
        stats.requests_output_unknown = 1;
        assert!(energy(&value(&stats))[1] > 0.0);
    }
}

#[test]
fn bad_rows() {
    let row = |row: &str| fails(format!("time,request_id,accepted,value,currency\n{row}\n").as_bytes(), Format::BilanzOutcomes);
    for (text, message) in [
        ("2026-03-01,r,maybe,,", "line 2, column 3 (`accepted`): `maybe` is neither true nor false"),
        ("2026-03-01,r,,,", "says nothing of what came of the request"),
        ("2026-03-01,,yes,,", "an outcome belongs to a request"),
        (",r,yes,,", "is empty; every row needs a time"),
        ("2026-03-01,r,yes,3,", "needs its currency"),
    ] {
        assert!(row(text).contains(message), "{}", row(text));
    }
    let unknown = fails(b"time,request_id,accepted,mood\n", Format::BilanzOutcomes);
    assert!(unknown.contains("column 4 (`mood`): the column is unknown"), "{unknown}");
}

#[test]
fn usage_rows_with_outcomes() {
    let usage =
        |columns: &str, row: &str| format!("time_start,model,requests,output_tokens,{columns}\n2026-03-01T10:00:00Z,gpt-4o,{row}\n");
    let told = ok(&usage("outcomes_accepted,outcomes_rejected,value,currency", "10,700,6,2,3.5,EUR"), Format::BilanzUsage);
    let counts = &told.entries[0].counts;
    assert_eq!((counts.outcomes_accepted, counts.outcomes_rejected, counts.value_micro), (Some(6), Some(2), Some(3_500_000)));
    let one = ok(&usage("request_id,accepted", "1,70,r1,true"), Format::BilanzUsage);
    assert_eq!((one.entries[0].external_id.as_deref(), one.entries[0].rank), (Some("r1"), Rank::Span));
    // Without anything that ran, the row is a word on a request that is counted elsewhere.
    let word = ok(&usage("request_id,accepted", ",,r1,true"), Format::BilanzUsage);
    assert_eq!(word.entries[0].external_id.as_deref(), Some("outcome:r1"));
    assert!(word.finding("requests_unknown").is_none());
    let both = fails(usage("accepted,outcomes_accepted", "1,70,true,1").as_bytes(), Format::BilanzUsage);
    assert!(both.contains("leave one of them empty"), "{both}");
    let ids = fails(usage("request_id,source_id", "1,70,r1,s1").as_bytes(), Format::BilanzUsage);
    assert!(ids.contains("a row has one identity"), "{ids}");
}
