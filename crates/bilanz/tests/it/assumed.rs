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
        (answers.as_str(), "input_tokens = 20_000_000", ["line 8", "`requests`"]),
        (bought, "lifetime_years = 500", ["line 7", "above 50"]),
    ] {
        house.write("one.toml", format!("title = \"One\"\n[[activity]]\nname = \"it\"\n{row}{more}\n"));
        let error = house.refused(&["evaluate", "--file", "one.toml"]);
        assert!(words.iter().all(|word| error.contains(word)), "{more}: {error}");
    }
}

#[test]
fn the_profile_ecologits_is_the_same_by_flags_and_by_file_and_manufacturing_is_no_silent_zero() {
    let house = House::new();
    house.write(
        "one.toml",
        "title = \"One\"\n[[activity]]\nname = \"it\"\nkind = \"inference\"\nmodel = \"openai/gpt-4o\"\nzone = \"DEU\"\noutput_tokens = 400\n",
    );
    let life = house.json(&["evaluate", "--file", "one.toml", "--profile", "ecologits"]);
    let flags = ["evaluate", "inference", "--output-tokens", "400", "--zone", "DEU", "--profile", "ecologits"];
    let alone = house.json(&[&flags[..], &["--model", "openai/gpt-4o"]].concat());
    assert_eq!(life["total"]["impacts"], alone["impacts"]);
    let sized = house.json(&[&flags[..], &["--params-active", "8", "--params-total", "8"]].concat());
    for answer in [&alone, &sized] {
        let low = answer["stages"]["manufacturing"]["gwp_kgco2e"]["low"].as_f64().unwrap();
        assert!(low > 0.0, "hardware is never free: {answer}");
    }
}

#[test]
fn own_factors_that_no_site_and_no_grid_can_have_are_refused_and_new_names_are_shown() {
    let house = House::new();
    let own = |id: &str, value: &str, unit: &str| {
        let row = format!(
            "factor = [ {{ id = \"{id}\", median = {value}, gsd = 1.05, unit = \"{unit}\", geography = \"DEU\", period = \"2026\", boundary = \"meter\", source = \"ours\", place = \"page 2\" }} ]\n"
        );
        std::fs::create_dir_all(house.path().join("own")).unwrap();
        house.write(
            "own/own.toml",
            row + "[source.ours]\ncitation = \"Our meter\"\nlicence = \"own data\"\nretrieved = \"2026-02-01\"\nevidence = \"declared\"\n",
        );
    };
    let check = ["factors", "check", "--factors", "own"];
    own("provider.default.pue", "0.9", "1");
    assert!(house.refused(&check).contains("below 1"));
    own("grid.DEU.gwp", "350", "kgCO2e/kWh");
    assert!(house.refused(&check).contains("grams"));
    own("grid.DUE.gwp", "0.35", "kgCO2e/kWh");
    let text = house.ok(&check);
    assert!(text.contains("grid.DUE.gwp") && text.contains("no built-in"), "a slip of the pen is seen: {text}");
}

#[test]
fn a_total_of_many_answers_is_never_read_as_one_and_tokens_without_requests_are_one_answer() {
    let house = House::new();
    let error = house.refused(&["evaluate", "inference", "--model", "openai/gpt-4o", "--output-tokens", "336000000"]);
    assert!(error.contains("--output-tokens") && error.contains("`requests`"), "{error}");
    let file = |more: &str| {
        house.write(
            "one.toml",
            format!(
                "title = \"One\"\n[[activity]]\nname = \"it\"\nkind = \"inference\"\nmodel = \"openai/gpt-4o\"\noutput_tokens = 400\n{more}"
            ),
        );
        house.json(&["evaluate", "--file", "one.toml"])["total"].clone()
    };
    let bare = file("");
    assert_eq!(bare["impacts"], file("requests = 1\n")["impacts"]);
    assert!(codes(&bare).contains(&"input_unknown"), "what was asked is unknown, not nothing: {bare}");
}

#[test]
fn one_system_never_bears_more_than_the_whole_training() {
    let house = House::new();
    let training = "kind = \"training\"\ngpu_hours = 7e6\namortise = true\nserved_tokens = 399\n";
    let answer = "[[activity]]\nname = \"use\"\nkind = \"inference\"\nrequests = 1\noutput_tokens = 400\n";
    let text = format!("title = \"One\"\n[[activity]]\nname = \"it\"\n{training}model = \"{LLAMA}\"\n{answer}model = \"{LLAMA}\"\n");
    house.write("one.toml", &text);
    let error = house.refused(&["evaluate", "--file", "one.toml"]);
    assert!(error.contains("line 7") && error.contains("399"), "{error}");
    house.write("one.toml", text.replace("= 399", "= 400"));
    house.ok(&["evaluate", "--file", "one.toml"]);
}
