//! What the books keep: facts alone, exact at any scale, and every flipped byte is found.

use crate::house::{HEADER, House, data, files, table};

#[test]
fn the_books_have_no_column_for_an_impact_or_a_prompt() {
    let house = House::new();
    house.write("a.csv", table(3));
    house.ok(&["import", "a.csv"]);
    let columns = house.json(&["query", "DESCRIBE entries"]);
    let names: Vec<&str> = columns.as_array().unwrap().iter().map(|column| column["column_name"].as_str().unwrap()).collect();
    assert!(names.contains(&"input_tokens") && names.contains(&"energy_nj"), "{names:?}");
    for banned in
        ["gwp", "co2", "carbon", "water", "adpe", "pe_mj", "kwh", "ewaste", "impact", "footprint", "prompt", "message", "answer", "body"]
    {
        assert!(!names.iter().any(|name| name.contains(banned)), "a column says `{banned}`: {names:?}");
    }
}

#[test]
fn roll_ups_lie_outside_the_ledger_and_may_be_deleted() {
    let house = House::new();
    house.write("a.csv", table(800));
    house.ok(&["import", "a.csv"]);
    let first = house.statement();
    assert_eq!(house.statement(), first, "the same question has two answers");
    let rollups = house.books().join("rollups");
    assert!(std::fs::read_dir(&rollups).unwrap().count() > 0);
    std::fs::remove_dir_all(&rollups).unwrap();
    assert_eq!(house.statement(), first, "a roll-up was more than a shortcut");
    let mut found = Vec::new();
    files(&house.books().join("ledger"), &mut found);
    assert!(found.iter().all(|path| !path.to_string_lossy().contains("rollup")), "{found:?}");
}

#[test]
fn a_training_of_60_gwh_and_a_request_of_a_microjoule_add_up_exactly() {
    let house = House::new();
    let rows = "2026-01-06T00:00:00Z,2026-01-07T00:00:00Z,,,DEU,acme/training,,,,60000000,t1\n\
                2026-01-06T08:00:00Z,2026-01-06T08:00:01Z,,,DEU,acme/edge,,,,0.000000000000277778,t2\n";
    house.write("both.csv", format!("{HEADER}{rows}"));
    assert_eq!(house.json(&["import", "both.csv"])["imported"], 2);
    let sums = house.json(&["query", "SELECT SUM(energy_nj) AS nj FROM entries"]);
    let digits: String = sums[0]["nj"].to_string().chars().filter(char::is_ascii_digit).collect();
    // 60 GWh are 2.16e23 nJ, one microjoule 1,000 nJ.
    assert_eq!(digits, "216000000000000000001000");
}

#[test]
fn an_import_can_be_taken_back() {
    let house = House::new();
    house.write("a.csv", table(5));
    house.write("b.csv", table(9));
    house.ok(&["import", "a.csv"]);
    let first: serde_json::Value = serde_json::from_str(&house.statement()).unwrap();
    house.ok(&["import", "b.csv"]);
    let list = house.json(&["imports", "list"]);
    let id = list.as_array().unwrap().last().unwrap()["id"].to_string();
    house.ok(&["imports", "revert", &id]);
    let now: serde_json::Value = serde_json::from_str(&house.statement()).unwrap();
    assert_eq!(now["total"], first["total"]);
    house.ok(&["verify"]);
    assert_eq!(house.json(&["import", "b.csv"])["imported"], 4, "what was taken back can come again");
}

#[test]
fn queries_only_read() {
    let house = House::new();
    house.write("a.csv", table(3));
    house.ok(&["import", "a.csv"]);
    let before = house.statement();
    for sql in [
        "DROP TABLE entries",
        "DELETE FROM entries",
        "INSERT INTO entries VALUES (1)",
        "CREATE TABLE t AS SELECT 1",
        "COPY entries TO 'out.csv'",
        "SET x = 1",
    ] {
        house.refused(&["query", sql]);
    }
    assert!(!house.path().join("out.csv").exists());
    assert_eq!(house.statement(), before);
}

/// Flips one byte in the middle of every segment in turn; `verify` names that segment each time.
fn every_flipped_byte_is_named(house: &House) {
    let segments = house.segments();
    assert!(!segments.is_empty());
    for segment in &segments {
        let sound = std::fs::read(segment).unwrap();
        let mut flipped = sound.clone();
        flipped[sound.len() / 2] ^= 1;
        std::fs::write(segment, flipped).unwrap();
        let output = house.output(&["verify"]);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let name = segment.file_name().unwrap().to_string_lossy();
        assert!(!output.status.success() && said.contains(name.as_ref()), "{name}: {said}");
        std::fs::write(segment, sound).unwrap();
    }
    house.ok(&["verify"]);
}

#[test]
fn a_flipped_byte_is_named() {
    let house = House::new();
    house.write("a.csv", table(60));
    house.ok(&["import", "a.csv"]);
    every_flipped_byte_is_named(&house);
}

#[test]
fn the_azure_traces_import_once() {
    let Some(data) = data("the_azure_traces_import_once") else { return };
    let traces = data.join("traces/azure-llm-2023");
    let files = ["AzureLLMInferenceTrace_code.csv", "AzureLLMInferenceTrace_conv.csv"].map(|name| traces.join(name).display().to_string());
    let house = House::new();
    let sums = |key: &str| -> u64 { files.iter().map(|file| house.json(&["import", file])[key].as_u64().unwrap()).sum() };
    assert_eq!(sums("imported"), 28_185);
    let first = house.statement();
    assert_eq!(sums("duplicates"), 28_185);
    let text = std::fs::read_to_string(&files[1]).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    house.write("cut.csv", format!("{}{}", lines[0], lines[9_000..].concat()));
    let cut = house.json(&["import", "cut.csv"]);
    assert_eq!((&cut["imported"], &cut["duplicates"]), (&0.into(), &(lines.len() - 9_000).into()));
    let statement: serde_json::Value = serde_json::from_str(&house.statement()).unwrap();
    let before: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!(statement["total"], before["total"]);
    assert_eq!(statement["total"]["requests"], 28_185);
    // The sums that the traces' own page states.
    assert_eq!(statement["total"]["tokens"], 18_059_974 + 245_896 + 22_361_870 + 4_088_665);
    every_flipped_byte_is_named(&house);
}
