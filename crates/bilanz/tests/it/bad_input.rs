//! Bad input: a clear word with file, line and column, an exit status, and books as they were.

use crate::house::{HEADER, House, row, table};

/// Imports `bytes` as `name` into sound books: refused, with all of `words` in the message, and nothing is kept.
fn refuses(house: &House, before: &str, name: &str, bytes: impl AsRef<[u8]>, words: &[&str]) {
    house.write(name, bytes);
    let error = house.refused(&["import", name, "--json"]);
    for word in std::iter::once(&name).chain(words) {
        assert!(error.contains(*word), "{name}: `{word}` is missing in: {error}");
    }
    assert_eq!(house.statement(), before, "{name} left something behind");
}

/// Sound books with two rows, and their statement.
fn sound() -> (House, String) {
    let house = House::new();
    house.write("sound.csv", table(2));
    assert_eq!(house.json(&["import", "sound.csv"])["imported"], 2);
    let before = house.statement();
    (house, before)
}

/// The sound header and row, then a bad row.
fn with(bad: &str) -> String {
    format!("{HEADER}{}{bad}", row(5))
}

#[test]
fn bad_numbers_are_refused_with_line_and_column() {
    let (house, before) = sound();
    let bad = |requests: &str, input: &str| {
        with(&format!("2026-01-05T08:00:00Z,2026-01-05T09:00:00Z,openai,gpt-4o,,acme,{requests},{input},5,,z\n"))
    };
    refuses(&house, &before, "letters.csv", bad("3", "many"), &["line 3", "column 8", "many"]);
    refuses(&house, &before, "negative.csv", bad("-3", "10"), &["line 3", "column 7", "-3"]);
    refuses(&house, &before, "huge.csv", bad("3", "1000000000000000000"), &["line 3", "column 8", "10^15"]);
    refuses(&house, &before, "wider.csv", bad("3", "99999999999999999999999999"), &["line 3", "column 8"]);
    refuses(&house, &before, "half.csv", bad("3", "10.5"), &["line 3", "column 8", "10.5"]);
}

#[test]
fn bad_times_are_refused_with_line_and_column() {
    let (house, before) = sound();
    let bad = |start: &str, end: &str| with(&format!("{start},{end},openai,gpt-4o,,acme,3,10,5,,z\n"));
    refuses(&house, &before, "future.csv", bad("2226-01-05T08:00:00Z", "2226-01-05T09:00:00Z"), &["line 3", "column", "future"]);
    refuses(&house, &before, "backwards.csv", bad("2026-01-05T08:00:00Z", "2026-01-05T07:00:00Z"), &["line 3", "before"]);
    refuses(&house, &before, "ancient.csv", bad("1026-01-05T08:00:00Z", "1026-01-05T09:00:00Z"), &["line 3", "2015"]);
    refuses(&house, &before, "words.csv", bad("yesterday", "today"), &["line 3", "column 1", "yesterday"]);
}

#[test]
fn broken_files_are_refused() {
    let (house, before) = sound();
    refuses(&house, &before, "truncated.csv", with("2026-01-05T08:00:00Z,2026-01-05T0"), &["line 3"]);
    refuses(
        &house,
        &before,
        "latin.csv",
        [with("").as_bytes(), b"2026-01-05T08:00:00Z,,openai,gpt-4o,,M\xfcnchen,3,10,5,,z\n"].concat(),
        &["line 3", "UTF-8"],
    );
    refuses(
        &house,
        &before,
        "wide.csv",
        [&b"\xff\xfe"[..], &with("").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()].concat(),
        &["UTF-16"],
    );
    refuses(&house, &before, "twice.csv", table(2).replacen("output_tokens", "requests", 1), &["line 1", "column 9", "twice"]);
    refuses(&house, &before, "column.csv", table(2).replacen("output_tokens", "output_tokns", 1), &["line 1", "output_tokns"]);
    refuses(&house, &before, "empty.csv", "", &["empty"]);
    refuses(&house, &before, "noise.bin", [0_u8, 159, 146, 150, 7, 27, 91, 200].repeat(100), &["format"]);
    let long = with(&format!("2026-01-05T08:00:00Z,,openai,gpt-4o,,{},3,10,5,,z\n", "x".repeat(2_000_000)));
    refuses(&house, &before, "long.csv", long, &["line 3", "long"]);
    let json =
        br#"{"object":"page","data":[{"object":"bucket","start_time":1736616660,"end_time":1736640000,"results":[{"input_tokens":14"#;
    refuses(&house, &before, "cut.json", json, &["line 1"]);
}

#[test]
fn what_is_no_file_is_refused() {
    let (house, before) = sound();
    std::fs::create_dir(house.path().join("folder")).unwrap();
    assert!(house.refused(&["import", "folder"]).contains("folder is a directory"));
    assert!(house.refused(&["import", "nowhere.csv"]).contains("nowhere.csv"));
    assert!(house.refused(&["import", "sound.csv", "--format", "klingon"]).contains("klingon"));
    assert_eq!(house.statement(), before);
}

#[test]
fn a_bad_file_among_good_ones_stops_the_run_and_keeps_what_was_sealed() {
    let (house, _) = sound();
    house.write("good.csv", with(""));
    house.write("bad.csv", with("x\n"));
    let output = house.output(&["import", "good.csv", "bad.csv", "--json"]);
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("bad.csv"));
    assert_eq!(house.json(&["report", "footprint"])["coverage"]["entries"], 3);
}

#[test]
fn keep_going_takes_the_good_rows_and_lists_the_bad_ones() {
    let (house, _) = sound();
    house.write("mixed.csv", format!("{}{}", with("2026-01-05T08:00:00Z,,openai,gpt-4o,,acme,three,10,5,,z\n"), row(6)));
    let record = house.json(&["import", "mixed.csv", "--keep-going"]);
    assert_eq!((&record["rows"], &record["imported"], &record["rejected"]), (&3.into(), &2.into(), &1.into()));
    let findings = record["findings"].to_string();
    assert!(findings.contains("line 3") && findings.contains("three"), "{findings}");
}

#[test]
fn damaged_configuration_and_factors_are_named() {
    let (house, _) = sound();
    std::fs::write(house.books().join("bilanz.toml"), "organisation = \"x\"\nmap = 7\n").unwrap();
    let error = house.refused(&["report", "footprint", "--json"]);
    assert!(error.contains("bilanz.toml") && error.contains("line 2"), "{error}");
    std::fs::write(house.books().join("bilanz.toml"), "").unwrap();
    std::fs::create_dir(house.path().join("own")).unwrap();
    house.write("own/mine.toml", "[[factor]]\nid = \"grid.DEU.gwp\"\nmedian = 0.3\n");
    let error = house.refused(&["report", "footprint", "--factors", "own", "--json"]);
    assert!(error.contains("mine.toml") && error.contains("grid.DEU.gwp"), "{error}");
}
