//! The plain table and everything that can be wrong with a table.
#![allow(clippy::unwrap_used)]

mod common;

use books::{Config, Rank};
use common::{fails, keep_going, ok, take};
use lca::{Evidence, Kind, Stage};
use measure::{Format, detect};

const HEAD: &str = "time_start,time_end,provider,model,region,use_case,unit,requests,input_tokens_uncached,input_tokens_cache_read,input_tokens_cache_write,output_tokens,reasoning_tokens,images,audio_seconds,energy_kwh,cost,currency,source_id\n";

fn bilanz(rows: &str) -> String {
    format!("{HEAD}{rows}")
}

#[test]
fn plain_table() {
    let text = bilanz(
        "2026-03-01T10:00:00+01:00,2026-03-01T11:00:00+01:00,openai,gpt-4o,eu,,,10,1000.0,200,0,300,50,2,1.5,,0.123456,eur,\n2026-03-02,,,gpt-4o,,chatbot,inference,1,10,,,5,,,,,,,r-1\n",
    );
    assert_eq!(detect(text.as_bytes(), "x.csv").unwrap(), Format::BilanzUsage);
    let outcome = ok(&text, Format::BilanzUsage);
    let first = &outcome.entries[0];
    assert_eq!((first.time_start_ms, first.time_end_ms), (1_772_355_600_000, 1_772_359_200_000));
    assert_eq!((first.rank, first.kind, first.evidence), (Rank::Bucket, Kind::Inference, Evidence::Counted));
    let counts = &first.counts;
    assert_eq!(
        (counts.requests, counts.input_tokens, counts.cache_read_tokens, counts.cache_write_tokens),
        (Some(10), Some(1000), Some(200), Some(0))
    );
    assert_eq!((counts.output_tokens, counts.reasoning_tokens, counts.images, counts.audio_ms), (Some(300), Some(50), Some(2), Some(1500)));
    assert_eq!((counts.cost_micro, &*first.currency), (Some(123_456), "EUR"));
    let second = &outcome.entries[1];
    assert_eq!((second.rank, second.external_id.as_deref(), &*second.account), (Rank::Span, Some("r-1"), "chatbot"));
    assert_eq!(&*second.labels, r#"{"use_case":"chatbot"}"#);
    assert_eq!(outcome.finding("account_unassigned").unwrap().rows, 1);
    assert_eq!(outcome.finding("time_zone_assumed").unwrap().rows, 1);
}

#[test]
fn energy_is_exact() {
    let text = "time_start,unit,energy_kwh,stage,evidence,site\n2026-03-01,training,60000000,pre_training,,\n2026-03-01,electricity,0.000000000001,,,halle\n2026-03-01,electricity,1.5e3,,counter,\n";
    let outcome = ok(text, Format::BilanzUsage);
    let [training, meter, counter] = outcome.entries.as_slice() else { unreachable!() };
    assert_eq!(training.counts.energy_nj, Some(216_000_000_000_000_000_000_000));
    assert_eq!((training.kind, training.stage, training.evidence), (Kind::Training, Some(Stage::PreTraining), Evidence::Share));
    assert_eq!((meter.counts.energy_nj, meter.evidence, &*meter.site), (Some(3600), Evidence::Plug, "halle"));
    assert_eq!((counter.counts.energy_nj, counter.evidence), (Some(5_400_000_000_000_000_000), Evidence::Counter));
    let message = fails(b"time_start,unit,energy_kwh\n2026-03-01,electricity,\n", Format::BilanzUsage);
    assert!(message.contains("line 2, column 3 (`energy_kwh`): is empty"), "{message}");
    let message = fails(b"time_start,unit,energy_kwh\n2026-03-01,steam,5\n", Format::BilanzUsage);
    assert!(message.contains("column 2 (`unit`): unknown kind `steam`; one of: inference, electricity"), "{message}");
}

#[test]
fn german_spreadsheet() {
    let text = "\u{feff}time_start;model;requests;output_tokens;energy_kwh;cost;currency\r\n01.03.2026 10:30;gpt-4o;1;1.234.567;;1.234,56;EUR\r\n02.03.2026;gpt-4o;2;10,0;0,25;0,5;EUR\r\n";
    assert_eq!(detect(text.as_bytes(), "x.csv").unwrap(), Format::BilanzUsage);
    let message = fails(text.as_bytes(), Format::BilanzUsage);
    assert!(message.contains("line 2, column 4 (`output_tokens`): `1.234.567` can be read in two ways"), "{message}");
    let outcome = ok(&text.replace("1.234.567", "1234567"), Format::BilanzUsage);
    assert_eq!(outcome.entries[0].counts.cost_micro, Some(1_234_560_000));
    assert_eq!(outcome.entries[1].counts.output_tokens, Some(10));
    assert_eq!(outcome.entries[1].counts.energy_nj, Some(900_000_000_000_000));
    assert_eq!(outcome.entries[0].time_start_ms, 1_772_361_000_000);
}

#[test]
fn optional_columns() {
    let text = "time_start,model,requests,output_tokens,duration_ms,ttft_ms,accepted,value,currency,account,zone,project,key,user,tags\n2026-03-01T00:00:00Z,gpt-4o,1,100,2100,100,ja,2.5,EUR,acme/x,DEU,p,sk-aaaaaaaaaaaaaaaaaaa,u,\"a=1; \"\"b\"\"\"\n";
    let outcome = ok(text, Format::BilanzUsage);
    let entry = &outcome.entries[0];
    assert_eq!(
        (&*entry.account, &*entry.zone, entry.counts.outcomes_accepted, entry.counts.value_micro),
        ("acme/x", "DEU", Some(1), Some(2_500_000))
    );
    assert_eq!((entry.counts.itl_32, entry.counts.itl_16), (Some(100), None));
    assert!(entry.labels.starts_with(r#"{"key":"hashed-"#) && entry.labels.contains(r#""tags":["a=1","\"b\""]"#), "{}", entry.labels);
}

#[test]
fn headers() {
    let message = fails(b"time_start,modell\n", Format::BilanzUsage);
    assert!(message.contains("column 2 (`modell`): the column is unknown; did you mean `model`?"), "{message}");
    let message = fails(b"time_start,model,model\n", Format::BilanzUsage);
    assert!(message.contains("column 3 (`model`): the header has this column twice"), "{message}");
    let message = fails(b"time_end,model\n", Format::BilanzUsage);
    assert!(message.contains("lacks the column `time_start`"), "{message}");
    let message = fails(b"time_start,requests\n", Format::BilanzUsage);
    assert!(message.contains("neither `model` nor `energy_kwh`"), "{message}");
    assert!(fails(b"", Format::BilanzUsage).contains("is empty"));
}

#[test]
fn bad_cells() {
    let line = |row: &str| fails(bilanz(row).as_bytes(), Format::BilanzUsage);
    for (row, wanted) in [
        ("2026-03-01,,,m,,,,ten,,,,,,,,,,,\n", "file, line 2, column 8 (`requests`): `ten` is no whole number"),
        ("2026-03-01,,,m,,,,-1,,,,,,,,,,,\n", "column 8 (`requests`): -1 is negative"),
        ("2026-03-01,,,m,,,,1.5,,,,,,,,,,,\n", "`1.5` is no whole number; a count has no decimals"),
        ("2026-03-01,,,m,,,,1,1000000000000000000,,,,,,,,,,\n", "column 9 (`input_tokens_uncached`): 1000000000000000000 is above 10^15"),
        ("2026-03-01,,,m,,,,1,99999999999999999999999999999999999999999999,,,,,,,,,,\n", "too many digits"),
        ("2126-03-01,,,m,,,,1,,,,,,,,,,,\n", "column `time_start`: the time 2126-03-01T00:00:00Z lies in the future"),
        ("1999-03-01,,,m,,,,1,,,,,,,,,,,\n", "column `time_start`: the time 1999-03-01T00:00:00Z lies before 2015"),
        ("2026-03-02,2026-03-01,,m,,,,1,,,,,,,,,,,\n", "lies before the start"),
        ("2026-13-01,,,m,,,,1,,,,,,,,,,,\n", "column 1 (`time_start`): `2026-13-01` is no time"),
        (",,,m,,,,1,,,,,,,,,,,\n", "column 1 (`time_start`): is empty"),
        ("2026-03-01,,,m\n", "the row has 4 fields and the header 19; the row may be cut off"),
        ("2026-03-01,,,m,,,,1", "the file ends in the middle of the row"),
        (
            "2026-03-01,,,m,,,,1,,,,,,,,,1,,,\n2026-03-01,,,m,,,,1,,,,,,,,,,,,5\n",
            "column 18 (`currency`): a cost or value needs its currency",
        ),
        ("2026-03-01,,,m,,,,1,,,,,,,,,,,,5\n", "the row has 20 fields and the header 19"),
        ("2026-03-01,,,\"m,,,,1,,,,,,,,,,,\n", "is never closed"),
    ] {
        let message = line(row);
        assert!(message.contains(wanted), "{row}: {message}");
    }
}

#[test]
fn encodings_and_long_lines() {
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("time_start,model\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert!(fails(&utf16, Format::BilanzUsage).contains("UTF-16"));
    assert!(detect(&utf16, "x.csv").unwrap_err().to_string().contains("UTF-16"));
    let message = fails(b"time_start,model\n2026-03-01,m\xfcller\n", Format::BilanzUsage);
    assert!(message.contains("line 2: byte 13 of the line is not valid UTF-8"), "{message}");
    let long = format!("time_start,model\n2026-03-01,{}\n2026-03-01,ok\n", "x".repeat(2 << 20));
    let message = fails(long.as_bytes(), Format::BilanzUsage);
    assert!(message.contains("line 2: the line is 2097163 bytes long, above the limit of 1 MiB"), "{message}");
    let outcome = keep_going(&long, Format::BilanzUsage);
    assert_eq!((outcome.entries.len(), outcome.report.rejected), (1, 1));
    let quote = format!("time_start,model\n2026-03-01,\"{}\n", "x\n".repeat(1 << 20));
    assert!(fails(quote.as_bytes(), Format::BilanzUsage).contains("never closed"));
}

#[test]
fn keep_going_counts_and_names_lines() {
    let text = bilanz(
        "2026-03-01,,,m,,,,1,,,,,,,,,,,\n2026-03-01,,,m,,,,x,,,,,,,,,,,\n2026-03-01,,,m,,,,1,,,,,,,,,,,\n2026-03-01,,,m,,,,y,,,,,,,,,,,\n",
    );
    let outcome = keep_going(&text, Format::BilanzUsage);
    assert_eq!((outcome.report.rows, outcome.report.rejected, outcome.entries.len()), (4, 2, 2));
    let finding = outcome.finding("rows_rejected").unwrap();
    assert!(finding.text.contains("lines 3, 5)") && finding.text.contains("`x` is no whole number"), "{}", finding.text);
    assert_eq!(outcome.finding("model_unknown").unwrap().rows, 2);
}

#[test]
fn accounts_by_rule() {
    let config = Config::parse(
        "bilanz.toml",
        "default_account = \"acme/rest\"\n[[map]]\nproject = \"p1\"\ntag = \"team=blue\"\naccount = \"acme/blue\"\nzone = \"FRA\"\n[[map]]\nkey = \"k\"\nmodel = \"openai/gpt-4o\"\naccount = \"acme/key\"\nsite = \"halle\"\n",
    )
    .unwrap();
    let text = "time_start,model,project,key,tags\n2026-03-01T00:00:00Z,gpt-4o,p1,k,team:blue\n2026-03-01T00:00:00Z,gpt-4o,p1,k,\n2026-03-01T00:00:00Z,gpt-4o-mini,p1,k,\n";
    let outcome = take(text.as_bytes(), Format::BilanzUsage, |_| {}, &config).unwrap();
    let places: Vec<(&str, &str, &str)> = outcome.entries.iter().map(|entry| (&*entry.account, &*entry.zone, &*entry.site)).collect();
    assert_eq!(places, [("acme/blue", "FRA", ""), ("acme/key", "", "halle"), ("acme/rest", "", "")]);
    let flagged = take(
        text.as_bytes(),
        Format::BilanzUsage,
        |mapping| {
            mapping.account = Some("acme/flag".into());
            mapping.zone = Some("DEU".into());
            mapping.source = Some("mine".into());
        },
        &config,
    )
    .unwrap();
    assert_eq!((&*flagged.entries[2].account, &*flagged.entries[2].zone, &*flagged.entries[2].source), ("acme/flag", "DEU", "mine"));
    assert_eq!(&*flagged.entries[0].account, "acme/blue");
}

#[test]
fn detection_never_guesses() {
    let message = |head: &[u8]| detect(head, "x").unwrap_err().to_string();
    assert!(message(b"a,b,c\n1,2,3\n").contains("begins with the line `a,b,c`; give --format with one of: bilanz-usage, openai-export"));
    assert!(message(b"{\"foo\": 1}").contains("begins with JSON with foo"));
    assert!(message(b"").contains("is empty"));
    assert!(message(b" \n ").contains("is empty"));
    assert!(message(b"PK\x03\x04").contains("workbook"));
    assert_eq!(detect(b"time_strat,model\n", "my-bilanz-usage.csv").unwrap(), Format::BilanzUsage);
    for format in Format::ALL {
        assert_eq!(format.as_str().parse::<Format>().unwrap(), format);
    }
    assert!("x".parse::<Format>().unwrap_err().to_string().contains("one of: bilanz-usage"));
}

#[test]
fn names_are_asked_once_per_spelling() {
    let names = common::FewNames::default();
    let config = Config::default();
    let mapping = measure::Mapping::new(&config, &names, common::LATEST_MS);
    let mut text = String::from("time_start,model\n");
    text.push_str(&"2026-03-01T00:00:00Z,gpt-4o\n2026-03-01T00:00:00Z,other\n".repeat(10_000));
    let mut batches = Vec::new();
    let report = measure::read(text.as_bytes(), "x", Format::BilanzUsage, &mapping, &mut |_| {}, &mut |batch| {
        batches.push(batch.len());
        Ok(())
    })
    .unwrap();
    assert_eq!((report.rows, names.asked.get(), batches), (20_000, 2, vec![8192, 8192, 3616]));
    let error =
        measure::read(text.as_bytes(), "x", Format::BilanzUsage, &mapping, &mut |_| {}, &mut |_| Err(measure::SinkError("full".into())))
            .unwrap_err();
    assert_eq!(error.to_string(), "full");
}
