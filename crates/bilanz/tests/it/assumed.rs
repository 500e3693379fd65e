//! What `bilanz evaluate` assumes is named, and what contradicts itself is refused instead of being read one way.

use crate::house::House;
use serde_json::Value;

const LLAMA: &str = "meta-llama/llama-3.3-70b-instruct";

fn codes(answer: &Value) -> Vec<&str> {
    answer["weaknesses"].as_array().unwrap().iter().filter_map(|weakness| weakness["code"].as_str()).collect()
}

#[test]
fn the_provider_frame_rate_and_steps_that_nobody_stated_are_named() {
    let house = House::new();
    let answer = |model: &str, more: &[&str]| {
        house.json(&[&["evaluate", "inference", "--model", model, "--output-tokens", "10", "--zone", "DEU"], more].concat())
    };
    assert!(codes(&answer(LLAMA, &[])).contains(&"provider_assumed"), "an open model runs anywhere");
    assert!(codes(&answer("gpt-4o", &[])).contains(&"provider_assumed"), "its maker is not its only host");
    for (model, more) in [(LLAMA, &["--provider", "aws"][..]), ("openai/gpt-4o", &[]), (LLAMA, &["--provider", "self_hosted"])] {
        assert!(!codes(&answer(model, more)).contains(&"provider_assumed"), "{model} {more:?}");
    }
    let clip = ["evaluate", "video", "--model", "tencent/HunyuanVideo", "--width", "1280", "--height", "720", "--seconds", "5"];
    let bare = house.json(&clip);
    for code in ["media_fps_unknown", "media_steps_unknown"] {
        assert!(codes(&bare).contains(&code), "{code}: {bare}");
    }
    let told = house.json(&[&clip[..], &["--fps", "24", "--steps", "50"]].concat());
    assert!(!codes(&told).iter().any(|code| ["media_fps_unknown", "media_steps_unknown"].contains(code)), "{told}");
}

#[test]
fn german_text_names_each_assumption_once_and_in_german() {
    let house = House::new();
    let text = house.ok(&["evaluate", "electricity", "--energy-kwh", "10", "--zone", "DEU", "--dual", "--lang", "de"]);
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("PUE oder WUE")).collect();
    assert!(lines.len() == 2 && lines[0] == lines[1], "once for the result, once for both accounts: {lines:?}");
    assert!(lines[0].contains("Anbieter unbekannt"), "{lines:?}");
}

#[test]
fn amounts_that_contradict_each_other_are_refused() {
    let house = House::new();
    let llama = ["evaluate", "training", "--model", "meta-llama/Llama-3.1-8B-Instruct"];
    for (more, word) in [
        (&["--energy-kwh", "1000", "--tokens", "1e12"][..], "twice"),
        (&["--energy-kwh", "1000", "--flops", "1e22"], "twice"),
        (&["--stage", "fine-tuning"], "pre-training"),
        (&["--stage", "development"], "pre-training"),
    ] {
        let error = house.refused(&[&llama[..], more].concat());
        assert!(error.contains(word), "{more:?}: {error}");
    }
    let error = house.refused(&["evaluate", "image", "--model", "openai/dall-e-3", "--batch", "0.5"]);
    assert!(error.contains("at least one"), "{error}");
}

#[test]
fn a_row_of_an_assessment_is_held_to_what_the_flags_are_held_to() {
    let house = House::new();
    let answers = format!("kind = \"inference\"\nmodel = \"{LLAMA}\"\naccelerator = \"H100\"\noutput_tokens = 9\n");
    let trained = "kind = \"training\"\nmodel = \"meta-llama/Llama-3.1-8B-Instruct\"\n";
    let bought = "kind = \"hardware\"\naccelerator = \"H100\"\ndevices = 1\n";
    for (row, more, words) in [
        (answers.as_str(), "accelerators = 1\nprecision = \"bf16\"", ["line 8", "141 GB"]),
        (answers.as_str(), "batch = 0.5", ["line 8", "at least one"]),
        (answers.as_str(), "stage = \"manufacturing\"", ["line 8", "no stage of inference"]),
        (trained, "stage = \"decode\"\ngpu_hours = 5", ["line 6", "no stage of training"]),
        (trained, "stage = \"fine_tuning\"\npublished = true", ["line 6", "pre-training"]),
        (bought, "stage = \"decode\"", ["line 7", "no stage of hardware"]),
        (bought, "lifetime_years = 500", ["line 7", "above 50"]),
    ] {
        house.write("one.toml", format!("title = \"One\"\n[[activity]]\nname = \"it\"\n{row}{more}\n"));
        let error = house.refused(&["evaluate", "--file", "one.toml"]);
        assert!(words.iter().all(|word| error.contains(word)), "{more}: {error}");
    }
}
