//! An answer at the command line: what is known narrows it, the boundary is named, contradictions are refused.

use crate::house::House;

const KNOWN: [&str; 8] = ["--accelerator", "H100", "--accelerators", "4", "--batch", "64", "--precision", "bf16"];

/// Low, median and high of a figure.
fn row(figure: &serde_json::Value) -> [f64; 3] {
    ["low", "median", "high"].map(|end| figure[end].as_f64().unwrap_or_else(|| panic!("no {end} in {figure}")))
}

#[test]
fn a_token_at_the_accelerators_meets_its_measurement_and_knowledge_narrows_it() {
    let house = House::new();
    let base =
        ["evaluate", "inference", "--model", "meta-llama/Llama-3.1-70B-Instruct", "--output-tokens", "351", "--boundary", "accelerator"];
    let token = |more: &[&str]| row(&house.json(&[&base[..], more].concat())["per_output_token_j"]);
    let measured = token(&KNOWN);
    // ML.ENERGY Leaderboard v3, chat, 4 H100, 64 at a time: 0.797 J per output token, prompt included.
    assert!((measured[1] / 0.797 - 1.0).abs() < 0.05, "{measured:?}");
    let mut last = measured[2] / measured[0];
    for known in [&KNOWN[..4], &[]] {
        let [low, median, high] = token(known);
        assert!(low < median && median < high && high / low > last, "{known:?}: {low} {median} {high}");
        last = high / low;
    }
    let by_size =
        ["evaluate", "inference", "--params-active", "70", "--params-total", "70", "--output-tokens", "351", "--boundary", "accelerator"];
    let law = row(&house.json(&[&by_size[..], &KNOWN[..]].concat())["per_output_token_j"]);
    assert!(law[0] < 0.797 && 0.797 < law[2] && law[2] / law[0] <= 4.0, "{law:?}");
}

#[test]
fn the_boundaries_lie_inside_each_other_and_only_one_tells_joules_a_token() {
    let house = House::new();
    let at = |boundary: &str| {
        house.json(&["evaluate", "inference", "--model", "openai/gpt-4o", "--output-tokens", "400", "--boundary", boundary])
    };
    let kwh = |boundary: &str| row(&at(boundary)["impacts"]["energy_kwh"])[1];
    assert!(kwh("accelerator") < kwh("server") && kwh("server") < kwh("site"));
    assert!(at("site").get("per_output_token_j").is_none());
    assert!(at("accelerator")["weaknesses"].as_array().unwrap().iter().any(|weak| weak["code"] == "boundary_narrow"));
    let text = house.ok(&[
        "evaluate",
        "inference",
        "--model",
        "openai/gpt-4o",
        "--output-tokens",
        "400",
        "--boundary",
        "accelerator",
        "--lang",
        "de",
    ]);
    assert!(text.starts_with("Energie je Ausgabe-Token"), "{text}");
}

#[test]
fn context_task_and_time_between_tokens_count() {
    let house = House::new();
    let energy = |more: &[&str]| {
        row(
            &house.json(&[&["evaluate", "inference", "--model", "openai/gpt-4o", "--output-tokens", "400"], more].concat())["impacts"]["energy_kwh"],
        )
    };
    assert!(energy(&["--input-tokens", "100", "--context-tokens", "50000"])[1] > energy(&["--input-tokens", "100"])[1]);
    assert!(energy(&["--task", "code"])[1] > energy(&["--task", "chat"])[1]);
    let ratio = |row: [f64; 3]| row[2] / row[0];
    let (fast, slow) = (energy(&["--inter-token-ms", "10"]), energy(&["--inter-token-ms", "40"]));
    assert!(fast[1] > slow[1], "a service that answers fast serves few at a time");
    assert!(ratio(slow) < ratio(energy(&[])), "a time between tokens narrows the batch");
}

#[test]
fn what_contradicts_itself_is_refused_with_the_reason() {
    let house = House::new();
    let base = ["evaluate", "inference", "--output-tokens", "400"];
    for (more, words) in [
        (&["--params-total", "70", "--accelerator", "H100", "--accelerators", "1", "--precision", "bf16"][..], "need 140 GB"),
        (&["--params-active", "9", "--params-total", "8"], "swap them"),
        (&["--model", "gpt-4o", "--batch", "0"], "--batch is 0"),
        (&["--model", "gpt-4o", "--batch", "0.5"], "at least one request"),
        (&["--model", "gpt-4o", "--accelerators", "0"], "--accelerators is 0"),
        (&["--model", "gpt-4o", "--input-tokens", "500", "--context-tokens", "100"], "lies below the input"),
        (&["--model", "gpt-4o", "--boundary", "rack"], "one of: accelerator, server, site"),
        (&["--model", "gpt-4o", "--boundary", "server", "--profile", "ecologits"], "leave --boundary out"),
        (&["--model", "gpt-4o", "--batch", "8", "--inter-token-ms", "20"], "Keep one"),
        (&["--model", "meta-llama/Llama-3.1-8B-Instruct", "--layers", "3"], "knows the shape"),
        (&["--model", "openai/dall-e-3"], "evaluate image"),
        (&["--model", "text-embedding-3-small"], "evaluate embedding"),
        (&["--model", "gpt-4o", "--zone", "Germny"], "the nearest are DEU (Germany)"),
        (&["--model", "gpt-4o", "--accelerator", "h101"], "the nearest are h100"),
    ] {
        let error = house.refused(&[&base[..], more].concat());
        assert!(error.contains(words), "{more:?}: {error}");
    }
}
