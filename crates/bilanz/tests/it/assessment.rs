//! `bilanz evaluate --file`: a whole system through the real program, and what it refuses.

use crate::house::House;
use crate::tidy::root;
use serde_json::Value;

const ONE: &str = r#"title = "One"
[functional_unit]
name = "answer"
quantity = 1000
[[activity]]
name = "answers"
kind = "inference"
model = "openai/gpt-4o"
zone = "DEU"
requests = 1
input_tokens = 800
cached_tokens = 0
output_tokens = 400
"#;

fn example() -> String {
    root().canonicalize().unwrap().join("examples/assessment.toml").display().to_string()
}

fn median(value: &Value, indicator: &str) -> f64 {
    value["impacts"][indicator]["median"].as_f64().unwrap()
}

#[test]
fn one_activity_is_worth_what_evaluate_says() {
    let house = House::new();
    house.write("one.toml", ONE);
    let life = house.json(&["evaluate", "--file", "one.toml"]);
    let alone = house.json(&[
        "evaluate",
        "inference",
        "--model",
        "openai/gpt-4o",
        "--zone",
        "DEU",
        "--input-tokens",
        "800",
        "--cached-tokens",
        "0",
        "--output-tokens",
        "400",
    ]);
    for indicator in ["energy_kwh", "gwp_kgco2e", "water_l", "adpe_kgsbeq", "pe_mj", "ewaste_kg", "cost"] {
        for part in [&life["total"], &life["activities"][0]] {
            assert_eq!(part["impacts"][indicator], alone["impacts"][indicator], "{indicator}");
        }
        let per = median(&life["functional_unit"], indicator);
        assert!((per * 1000.0 / median(&life["total"], indicator) - 1.0).abs() < 1e-5, "{indicator} per unit: {per}");
    }
    assert_eq!(life["factor_set"], alone["factor_set"]);
    let shares: f64 = life["stages"].as_array().unwrap().iter().filter_map(|stage| stage["shares"]["energy_kwh"][1].as_f64()).sum();
    assert!((shares - 1.0).abs() < 0.1, "the shares of the stages are parts of one whole: {shares}");
}

#[test]
fn the_same_activity_twice_is_worth_twice_as_much() {
    let house = House::new();
    house.write("one.toml", ONE);
    house.write("two.toml", ONE.replace("requests = 1\n", "requests = 1\nrepeat = 2\n"));
    let twin = ONE.split_once("[[activity]]").unwrap().1.replace("\"answers\"", "\"more answers\"");
    house.write("twin.toml", format!("{ONE}[[activity]]{twin}"));
    let [one, two, twin] = ["one.toml", "two.toml", "twin.toml"].map(|file| house.json(&["evaluate", "--file", file]));
    for indicator in ["energy_kwh", "gwp_kgco2e", "water_l"] {
        // All that is uncertain is shared, so even the ends of the interval add up.
        assert_eq!(two["total"]["impacts"][indicator], twin["total"]["impacts"][indicator], "{indicator}");
        assert!((median(&two["total"], indicator) / median(&one["total"], indicator) - 2.0).abs() < 1e-5, "{indicator}");
    }
}

#[test]
fn the_example_speaks_every_format_and_both_languages() {
    let house = House::new();
    let file = example();
    for (lang, word) in [("en", "Life cycle"), ("de", "Lebensweg")] {
        for format in ["text", "md", "html"] {
            let text = house.ok(&["evaluate", "--file", &file, "--format", format, "--lang", lang]);
            for part in [word, "a year of answers", "H100", "90"] {
                assert!(text.contains(part), "{format} {lang}: `{part}` is missing");
            }
        }
    }
    let html = house.ok(&["evaluate", "--file", &file, "--format", "html"]);
    assert!(html.contains("<svg class=\"stack\"") && !html.contains("<script") && !html.contains("http-equiv"));
    let life = house.json(&["evaluate", "--file", &file]);
    let stages: Vec<&str> = life["stages"].as_array().unwrap().iter().filter_map(|stage| stage["key"].as_str()).collect();
    assert_eq!(stages, ["manufacturing", "development", "fine_tuning", "prefill", "decode", "idle", "end_of_life"]);
    assert_eq!(life["amortised"].as_array().map(Vec::len), Some(1));
    assert!(median(&life["amortised"][0], "gwp_kgco2e") > 0.0);
    assert!(life["activities"].as_array().unwrap().iter().all(|part| part["key"] != life["amortised"][0]["key"]), "never in the total");
    assert!(life["sources"].as_array().unwrap().len() > 10);
    let other = house.json(&["evaluate", "--file", &file, "--profile", "ecologits"]);
    assert!(other["gaps"]["energy_kwh"].to_string().contains("a year of answers"), "a total that lacks a part says so");
    // A purchase counts in full in an inventory, and by use in the life cycle.
    assert_eq!(life["activities"][0]["impacts"]["gwp_kgco2e"], Value::Null);
    let year = house.json(&["evaluate", "--file", &file, "--profile", "ghg-location"]);
    assert!(median(&year["activities"][0], "gwp_kgco2e") > 1000.0, "eight accelerators with their server");
}

#[test]
fn bad_files_are_refused_with_their_place() {
    let house = House::new();
    let refuses = |instead: (&str, &str), words: &[&str]| {
        house.write("bad.toml", ONE.replacen(instead.0, instead.1, 1));
        let error = house.refused(&["evaluate", "--file", "bad.toml"]);
        for word in std::iter::once(&"bad.toml: line ").chain(words) {
            assert!(error.contains(word), "{instead:?}: `{word}` is missing in: {error}");
        }
    };
    refuses(("requests = 1", "requets = 1"), &["line 10, column 1", "`requests`"]);
    refuses(("input_tokens = 800", "input_tokens = -1"), &["line 11, column 16", "negative"]);
    refuses(("openai/gpt-4o", "openai/gpt-4oo"), &["line 8", "nearest", "gpt-4o"]);
    refuses(("DEU", "DEX"), &["line 9", "nearest"]);
    refuses(("title = \"One\"", "title = \"One"), &["line 1"]);
    for (arguments, word) in [
        (&["evaluate"][..], "evaluate --file"),
        (&["evaluate", "--file", "none.toml"][..], "none.toml"),
        (&["evaluate", "--compare", "none.toml"][..], "--file"),
        (&["evaluate", "--file", "bad.toml", "--format", "csv"][..], "line 1"),
    ] {
        let error = house.refused(arguments);
        assert!(error.contains(word), "{arguments:?}: {error}");
    }
}

#[test]
fn two_assessments_are_compared_draw_by_draw() {
    let house = House::new();
    house.write("one.toml", ONE);
    house
        .write("near.toml", ONE.replace("DEU", "BEL").replace("\"One\"", "\"Near\"").replace("openai/gpt-4o", "anthropic/claude-sonnet-4"));
    house.write("far.toml", ONE.replace("\"One\"", "\"Far\"").replace("output_tokens = 400", "output_tokens = 4000"));
    let far = house.json(&["evaluate", "--file", "one.toml", "--compare", "far.toml"]);
    assert_eq!((far["first"].as_str(), far["second"].as_str(), far["per"].as_str()), (Some("One"), Some("Far"), Some("answer")));
    let energy = &far["indicators"][0];
    assert_eq!((energy["indicator"].as_str(), energy["claim"].as_str()), (Some("energy_kwh"), Some("first_below")));
    assert_eq!(energy["first_below"].as_f64(), Some(1.0), "the same deployment with a tenth of the tokens, on every draw");
    assert!(energy["ratio"][2].as_f64().unwrap() < 1.0 && energy["difference"][2].as_f64().unwrap() < 0.0);
    let near = house.json(&["evaluate", "--file", "one.toml", "--compare", "near.toml"]);
    for row in near["indicators"].as_array().unwrap() {
        let below = row["first_below"].as_f64().unwrap();
        let claim = if below >= 0.9 {
            "first_below"
        } else if below <= 0.1 {
            "second_below"
        } else {
            "tie"
        };
        assert!(row["claim"] == claim || (below - 0.5).abs() > 0.39, "{row}");
    }
    assert_eq!(near["indicators"][0]["claim"], "tie", "two closed models of unknown size are not put in an order: {near}");
    let text = house.ok(&["evaluate", "--file", "one.toml", "--compare", "near.toml", "--lang", "de"]);
    assert!(text.contains("keine Reihenfolge behauptet"), "{text}");
}
