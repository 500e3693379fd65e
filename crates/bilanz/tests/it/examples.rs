//! The files of `examples/` do what their page says.

use crate::house::House;
use crate::tidy::root;
use serde_json::Value;

const SOURCES: [&str; 7] = [
    "spans.otlp.jsonl",
    "litellm.jsonl",
    "anthropic-usage.json",
    "openai-usage.json",
    "openai-export.csv",
    "bedrock-invocation.jsonl",
    "langfuse.jsonl",
];

fn example(name: &str) -> String {
    root().canonicalize().unwrap().join("examples").join(name).display().to_string()
}

fn sums(house: &House) -> Value {
    house.json(&[
        "query",
        "SELECT day, model, SUM(input_tokens) AS input, SUM(cache_read_tokens) AS cached, SUM(output_tokens) AS output \
         FROM entries GROUP BY day, model ORDER BY day, model",
    ])
}

#[test]
fn seven_sources_give_the_same_sums() {
    let mut first: Option<Value> = None;
    for source in SOURCES {
        let house = House::new();
        let record = house.json(&["import", &example(&format!("same-traffic/{source}"))]);
        assert_eq!(record["rejected"], 0, "{source}");
        let sums = sums(&house);
        assert_eq!(sums.as_array().map(Vec::len), Some(4), "two days of two models: {sums}");
        if let Some(first) = &first {
            assert_eq!(&sums, first, "{source} tells something else than {}", SOURCES[0]);
        } else {
            first = Some(sums);
        }
    }
}

#[test]
fn outcomes_are_counted_once_and_weigh_nothing() {
    let house = House::new();
    house.ok(&["import", &example("same-traffic/litellm.jsonl")]);
    let before = house.json(&["report", "footprint"]);
    let outcomes = example("outcomes.csv");
    assert_eq!(house.json(&["import", &outcomes])["imported"], 8);
    let after = house.json(&["report", "footprint"]);
    assert_eq!(before["total"]["impacts"], after["total"]["impacts"]);
    assert_eq!(after["total"]["outcomes"], serde_json::json!([6, 2]), "{}", after["total"]);
    assert_eq!(house.json(&["import", &outcomes])["imported"], 0);
}

#[test]
fn the_examples_do_what_their_page_says() {
    let house = House::new();
    house.ok(&["init"]);
    std::fs::copy(example("bilanz.toml"), house.books().join("bilanz.toml")).unwrap();
    assert_eq!(house.json(&["import", &example("usage.csv")])["imported"], 66);
    let statement = house.json(&["report", "footprint", "--by", "model"]);
    assert_eq!(statement["organisation"], "Acme");
    house.ok(&["import", &example("same-traffic/litellm.jsonl")]);
    let accounts = house.json(&["query", "SELECT DISTINCT account FROM entries WHERE source = 'litellm'"]).to_string();
    assert!(accounts.contains("acme/support/chatbot"), "{accounts}");
    for language in ["de", "en"] {
        for format in ["text", "json", "csv", "md", "html"] {
            assert!(!house.ok(&["report", "footprint", "--format", format, "--lang", language]).is_empty());
        }
    }
}
