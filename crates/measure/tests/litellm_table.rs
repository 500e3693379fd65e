//! Spend logs of LiteLLM as a table: the same entries as the same rows in JSON, the same words for mistakes.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Outcome, fails, keep_going, ok};
use measure::{Format, detect};
use serde_json::{Value, json};
use std::fmt::Write;

/// The columns of `LiteLLM_SpendLogs`, in the order of its schema.
const COLUMNS: [&str; 31] = [
    "request_id",
    "call_type",
    "api_key",
    "spend",
    "total_tokens",
    "prompt_tokens",
    "completion_tokens",
    "startTime",
    "endTime",
    "request_duration_ms",
    "completionStartTime",
    "model",
    "model_id",
    "model_group",
    "custom_llm_provider",
    "api_base",
    "user",
    "metadata",
    "cache_hit",
    "cache_key",
    "request_tags",
    "team_id",
    "organization_id",
    "end_user",
    "requester_ip_address",
    "messages",
    "response",
    "session_id",
    "status",
    "proxy_server_request",
    "my_own_column",
];

fn rows() -> Vec<Value> {
    vec![
        json!({"request_id": "chatcmpl-1", "call_type": "acompletion", "api_key": "88dc28", "spend": 0.00021, "total_tokens": 130, "prompt_tokens": 100,
            "completion_tokens": 30, "startTime": "2026-09-01T10:00:00Z", "endTime": "2026-09-01T10:00:02Z", "completionStartTime": "2026-09-01T10:00:00.500Z",
            "model": "gpt-4o-mini", "custom_llm_provider": "openai", "team_id": "t1", "cache_hit": "False", "request_tags": ["use-case:7", "a \"b\", c"],
            "messages": [{"role": "user", "content": "a secret,\nof \"two\" lines"}], "response": {"text": "another secret"},
            "proxy_server_request": {"body": "a third secret"}, "my_own_column": "x",
            "metadata": {"project_id": "p9", "usage_object": {"prompt_tokens_details": {"cached_tokens": 40},
                "completion_tokens_details": {"reasoning_tokens": 10}, "cache_creation_input_tokens": 5}}}),
        json!({"request_id": "2", "call_type": "aembedding", "api_key": "sk-abcdefghijklmnop", "spend": 1e-7, "prompt_tokens": 10, "completion_tokens": 0,
            "startTime": "2026-09-01 10:00:00.123", "endTime": "2026-09-01 10:00:01", "model": "m", "user": "u", "end_user": "e", "organization_id": "o",
            "api_base": "https://bedrock-runtime.eu-central-1.amazonaws.com/x", "metadata": {"status": "failure"}, "request_tags": []}),
        json!({"request_id": "3", "spend": 0.0, "prompt_tokens": 50, "completion_tokens": 9, "startTime": 1_788_256_800_123i64, "model": "gpt-4o", "cache_hit": "True"}),
        json!({"request_id": "4", "spend": 0, "prompt_tokens": 50, "completion_tokens": 9, "startTime": "2026-09-01T12:00:00+02:00", "model": "gpt-4o",
            "cache_hit": "None", "status": "success", "metadata": null}),
        json!({"request_id": "5", "startTime": "2026-09-01T12:00:00Z"}),
    ]
}

/// The rows as a database writes them: JSON as text, quotes where they are needed.
fn table(rows: &[Value], delimiter: char) -> String {
    let mut text = COLUMNS.join(&delimiter.to_string());
    for row in rows {
        text.push('\n');
        for (index, name) in COLUMNS.iter().enumerate() {
            if index > 0 {
                text.push(delimiter);
            }
            let cell = match &row[*name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            if cell.contains([delimiter, '"', '\n']) {
                write!(text, "\"{}\"", cell.replace('"', "\"\"")).unwrap();
            } else {
                text.push_str(&cell);
            }
        }
    }
    text.push('\n');
    text
}

fn same(left: &Outcome, right: &Outcome) {
    assert_eq!(left.entries, right.entries);
    assert_eq!(left.report, right.report);
}

#[test]
fn as_in_json() {
    let lines: Vec<String> = rows().iter().map(Value::to_string).collect();
    let wanted = ok(&lines.join("\n"), Format::LitellmSpend);
    assert_eq!(wanted.entries.len(), 5);
    assert_eq!(wanted.entries[0].counts.input_tokens, Some(55));
    assert_eq!(wanted.entries[2].counts.requests_cached, Some(1));
    assert!(wanted.finding("spend_zero").is_some());
    let csv = table(&rows(), ',');
    for text in [csv.clone(), format!("\u{feff}\r\n{}", csv.replace('\n', "\r\n")), table(&rows(), '\t')] {
        assert_eq!(detect(text.as_bytes(), "spend.csv").unwrap(), Format::LitellmSpend);
        let outcome = ok(&text, Format::LitellmSpend);
        same(&outcome, &wanted);
        assert!(!format!("{outcome:?}").contains("secret") && !format!("{outcome:?}").contains("abcdefgh"));
    }
    let quoted = csv.replacen("request_id,call_type", "\"request_id\",\"call_type\"", 1);
    assert_eq!(detect(quoted.as_bytes(), "x").unwrap(), Format::LitellmSpend);
    same(&ok(&quoted, Format::LitellmSpend), &wanted);
    // With semicolons, and decimals as the spreadsheet writes them.
    let german = table(&rows(), ';').replace("0.00021", "0,00021").replace("1e-7", "1,0e-7");
    same(&ok(&german, Format::LitellmSpend), &wanted);
}

const HEAD: &str =
    "request_id,spend,prompt_tokens,completion_tokens,startTime,endTime,completionStartTime,model,cache_hit,metadata,request_tags\n";

#[test]
fn words_for_nothing_and_for_yes() {
    let row = |rest: &str| ok(&format!("{HEAD}r,0.1,10,5,2026-09-01 10:00:00.123,{rest}\n"), Format::LitellmSpend);
    let wanted = row(",,gpt-4o,,,");
    assert_eq!((wanted.entries[0].counts.duration_ms, wanted.entries[0].counts.requests_cached), (None, Some(0)));
    for rest in
        ["NULL,NULL,gpt-4o,NULL,NULL,NULL", "None,None,gpt-4o,None,None,None", "\\N,\\N,gpt-4o,f,\\N,\\N", "null,[NULL],gpt-4o,False,{},[]"]
    {
        same(&row(rest), &wanted);
    }
    for yes in ["True", "true", "TRUE", "t", "1"] {
        assert_eq!(row(&format!(",,gpt-4o,{yes},,")).entries[0].counts.requests_cached, Some(1), "{yes}");
    }
    let zoned = row("2026-09-01 10:00:01.123+00,,gpt-4o,,,");
    assert_eq!(zoned.entries[0].counts.duration_ms, Some(1000));
    assert_eq!(zoned.finding("time_zone_assumed").unwrap().rows, 1);
}

#[test]
fn json_of_python_is_told() {
    let text = format!("{HEAD}r,0.1,10,5,2026-09-01,,,gpt-4o,,{{'usage_object': None}},['a']\n");
    let outcome = ok(&text, Format::LitellmSpend);
    let findings: Vec<&str> =
        outcome.report.findings.iter().filter(|finding| finding.code == "json_unread").map(|finding| &*finding.about).collect();
    assert_eq!(findings, ["metadata", "request_tags"]);
    // Text that holds text that holds JSON, as some exports write it.
    let text = format!(
        "{HEAD}r,0.1,10,5,2026-09-01,,,gpt-4o,,\"\"\"{{\\\"\"usage_object\\\"\":{{\\\"\"cache_read_input_tokens\\\"\":4}}}}\"\"\",\n"
    );
    assert_eq!(ok(&text, Format::LitellmSpend).entries[0].counts.cache_read_tokens, Some(4));
}

#[test]
fn mistakes() {
    for (row, wanted) in [
        ("r,0.1,letters,5,2026-09-01,,,m,,,", "file, line 2, column 3 (`prompt_tokens`): `letters` is no whole number"),
        ("r,0.1,-4,5,2026-09-01,,,m,,,", "line 2, column 3 (`prompt_tokens`): -4 is negative"),
        ("r,0.1,4,1.5,2026-09-01,,,m,,,", "column 4 (`completion_tokens`): `1.5` is no whole number"),
        ("r,\"0,1\",4,5,2026-09-01,,,m,,,", "column 2 (`spend`): `0,1` is no number; write it like 0.25"),
        ("r,0.1,4,5,,,,m,,,", "column 5 (`startTime`): is missing; every row needs a time"),
        ("r,0.1,4,5,noon,,,m,,,", "column 5 (`startTime`): `noon` is no time"),
        ("r,0.1,4,5,2126-09-01,,,m,,,", "column 5 (`startTime`): the time 2126-09-01T00:00:00Z lies in the future"),
        ("r,0.1,4,5,2026-09-02,2026-09-01,,m,,,", "column 6 (`endTime`): the end"),
        (
            "r,0.1,4,5,2026-09-01,,,m,,\"{\"\"usage_object\"\":{\"\"cache_read_input_tokens\"\":9}}\",",
            "column 3 (`prompt_tokens`): 4 is less than its parts together (`cached_tokens` 9)",
        ),
        (
            "r,0.1,4,5,2026-09-01,,,m,,\"{\"\"usage_object\"\":{\"\"cache_read_input_tokens\"\":\"\"x\"\"}}\",",
            "line 2, column `cached_tokens`: `x` is no whole number",
        ),
        ("r,0.1,4,5", "line 2: the row has 4 fields and the header 11"),
        (
            "r,0.1,4,5,2026-09-01,,,m,,{\"a\":1,\"b\":2},[]",
            "line 2: the row has 12 fields and the header 11; put text that contains the delimiter into quotes",
        ),
        ("r,0.1,4,5,2026-09-01,,,m,,\"{,", "line 2: a quote that opens in this row is never closed"),
    ] {
        let message = fails(format!("{HEAD}{row}\n").as_bytes(), Format::LitellmSpend);
        assert!(message.contains(wanted), "{row}: {message}");
    }
    let good = "r,0.1,4,5,2026-09-01,,,m,,,\n";
    let outcome = keep_going(&format!("{HEAD}{good}{}{good}", good.replace(",4,", ",x,")), Format::LitellmSpend);
    assert_eq!((outcome.report.rows, outcome.report.rejected, outcome.entries.len()), (3, 1, 2));
    assert!(outcome.finding("rows_rejected").unwrap().text.contains("lines 3). The first: file, line 3, column 3 (`prompt_tokens`)"));
    let message = fails(b"request_id,startTime,completion_tokens\n", Format::LitellmSpend);
    assert!(message.contains("file, line 1: the header lacks the column `prompt_tokens`; it has: request_id, startTime"), "{message}");
    let message = fails(HEAD.replace("model", "spend").as_bytes(), Format::LitellmSpend);
    assert!(message.contains("column 8 (`spend`): the header has this column twice"), "{message}");
    let semicolons = format!("{}r;1.234;4;5;2026-09-01;;;m;;;\n", HEAD.replace(',', ";"));
    let message = fails(semicolons.as_bytes(), Format::LitellmSpend);
    assert!(message.contains("column 2 (`spend`): `1.234` can be read in two ways"), "{message}");
    assert!(fails(b"", Format::LitellmSpend).contains("the file is empty"));
    assert!(fails(b"\xff\xfer\0", Format::LitellmSpend).contains("UTF-16"));
}

#[test]
fn long_bodies_are_passed_over() {
    let body = "word ".repeat(1 << 19);
    let text = format!("{},messages\nr,0.1,4,5,2026-09-01,,,m,,,,\"{body}\n{body}\"\ns,0.1,4,x,2026-09-01,,,m,,,,\n", HEAD.trim_end());
    let outcome = keep_going(&text, Format::LitellmSpend);
    assert_eq!(outcome.entries.len(), 1);
    // The line on which the row begins, behind a row of two lines.
    assert!(outcome.finding("rows_rejected").unwrap().text.contains("file, line 4, column 4 (`completion_tokens`)"));
    let long = format!("{HEAD}r,0.1,4,5,2026-09-01,,,{},,,\n", "x".repeat(17 << 20));
    assert!(fails(long.as_bytes(), Format::LitellmSpend).contains("above the limit of 16 MiB"));
}

#[test]
fn the_sample_of_the_page_is_read() {
    let page = include_str!("../../../docs/import-formats.md");
    let sample = &page[page.find("\nrequest_id,").unwrap() + 1..];
    let sample = &sample[..sample.find("```").unwrap()];
    assert_eq!(detect(sample.as_bytes(), "x").unwrap(), Format::LitellmSpend);
    let entry = &ok(sample, Format::LitellmSpend).entries[0];
    assert_eq!(
        (entry.counts.input_tokens, entry.counts.cache_read_tokens, &*entry.labels),
        (Some(60), Some(40), r#"{"tags":["team=blue"]}"#)
    );
}
