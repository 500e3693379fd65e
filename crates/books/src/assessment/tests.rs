//! What the file refuses, and where.

use super::Assessment;
use lca::{Evidence, FactorSet, Kind, Stage};
use std::sync::LazyLock;

static SET: LazyLock<FactorSet> = LazyLock::new(|| FactorSet::embedded().unwrap());

const SOUND: &str = r#"title = "Support"
currency = "EUR"

[functional_unit]
name = "answered question"
quantity = 1_200_000

[default]
zone = "DEU"

[[activity]]
name = "use"
kind = "inference"
model = "openai/gpt-4o"
requests = 1_200_000
tokens_per = "request"
input_tokens = 800
output_tokens = 300
repeat = 2

[[activity]]
name = "cluster"
kind = "electricity"
stage = "development"
energy_kwh = 120.5
evidence = "plug"
cost = 40
"#;

fn parse(text: &str) -> Result<Assessment, String> {
    Assessment::parse("a.toml", text, &SET).map_err(|error| error.to_string())
}

/// One line replaced: refused with all of these words.
fn refuses(line: &str, instead: &str, words: &[&str]) {
    assert!(SOUND.contains(line), "the sample has no `{line}`");
    let error = parse(&SOUND.replacen(line, instead, 1)).err().unwrap_or_default();
    for word in std::iter::once(&"a.toml: line ").chain(words) {
        assert!(error.contains(word), "`{line}` -> `{instead}`: `{word}` is missing in `{error}`");
    }
}

#[test]
fn a_sound_file_becomes_exact_integers() {
    let assessment = parse(SOUND).unwrap();
    assert_eq!(assessment.functional_unit.as_ref().map(|unit| unit.quantity.get()), Some(1.2e6));
    let [asked, cluster] = assessment.activities.as_slice() else { panic!("{assessment:?}") };
    assert_eq!((asked.activity.kind, asked.activity.evidence), (Kind::Inference, Evidence::Counted));
    let stats = &asked.activity.stats;
    assert_eq!((stats.requests, stats.input_tokens, stats.output_tokens), (2_400_000, 1_920_000_000, 720_000_000));
    assert_eq!(stats.context_input, 2_400_000 * 800 * 800, "every request reads its own 800 tokens");
    assert_eq!(stats.requests_cache_unknown, 2_400_000, "what is not stated is unknown, not zero");
    assert_eq!((cluster.activity.stage, cluster.activity.evidence), (Some(Stage::Development), Evidence::Plug));
    assert_eq!(cluster.activity.stats.energy_nj, 433_800_000_000_000_000);
    assert_eq!((cluster.activity.stats.cost_micro, cluster.activity.currency.as_str()), (40_000_000, "EUR"));
    assert!(assessment.activities.iter().all(|planned| planned.deployment.zone.as_deref() == Some("DEU")));
}

#[test]
fn unknown_words_name_their_place_and_the_nearest() {
    refuses("requests = 1_200_000", "requets = 1_200_000", &["line 15, column 1", "`requets`", "`requests`", "Allowed"]);
    refuses("quantity = 1_200_000", "amount = 3", &["line 6, column 1", "[functional_unit]", "name, quantity"]);
    refuses("\"development\"", "\"developmnt\"", &["line 24", "column 9", "`development`", "pre_training"]);
    refuses("\"openai/gpt-4o\"", "\"openai/gpt-44o\"", &["line 14, column 9", "nearest", "gpt-4o", "params_active"]);
    refuses("\"DEU\"", "\"DEUX\"", &["line 9, column 8", "`DEU`"]);
    refuses("kind = \"electricity\"", "kind = \"electric\"", &["line 23", "`electricity`"]);
    refuses("\"plug\"", "\"plugg\"", &["line 26", "`plug`", "counter"]);
    refuses("requests = 1_200_000", "requests = 1_200_000\naccelerator = \"h1000\"", &["line 16, column 15", "h100"]);
    refuses("requests = 1_200_000", "requests = 1_200_000\nprecision = \"fp9\"", &["line 16", "`fp8`"]);
    refuses("currency = \"EUR\"", "currency = \"euro\"", &["line 2, column 12", "ISO 4217"]);
    refuses("title = \"Support\"", "title = \"Support", &["line 1"]);
}

#[test]
fn numbers_that_cannot_be_are_refused() {
    refuses("input_tokens = 800", "input_tokens = -800", &["line 17, column 16", "negative"]);
    refuses("energy_kwh = 120.5", "energy_kwh = nan", &["line 25", "finite"]);
    refuses("requests = 1_200_000", "requests = 0", &["line 15", "leave the activity out"]);
    refuses("requests = 1_200_000", "requests = 1.5", &["line 15", "whole"]);
    refuses("input_tokens = 800", "input_tokens = 8e20", &["line 17", "10^15"]);
    refuses("repeat = 2", "repeat = 0", &["line 19", "repeat"]);
    refuses("quantity = 1_200_000", "quantity = 0", &["line 6", "above 0"]);
    refuses("requests = 1_200_000", "requests = \"many\"", &["line 15", "text", "a number"]);
    refuses("repeat = 2", "batch = 0", &["line 19", "`batch`", "above 0"]);
    refuses("repeat = 2", "accelerators = 0", &["line 19", "`accelerators`"]);
}

#[test]
fn contradictions_are_refused_with_a_reason() {
    refuses("tokens_per = \"request\"\n", "", &["line 16", "tokens_per"]);
    refuses("model = \"openai/gpt-4o\"", "params_active = 70\nparams_total = 8", &["line 14", "swap them"]);
    refuses("repeat = 2", "params_total = 8", &["line 19", "keep one"]);
    refuses("evidence = \"plug\"\n", "", &["line 25", "evidence"]);
    refuses("energy_kwh = 120.5", "gpu_hours = 3", &["line 26", "energy_kwh"]);
    refuses("cost = 40", "requests = 40", &["line 27", "belongs to inference"]);
    refuses("currency = \"EUR\"\n", "", &["line 26", "currency"]);
    refuses("name = \"cluster\"", "name = \"use\"", &["line 22", "two activities"]);
    refuses("kind = \"electricity\"", "kind = \"training\"\nflops = 1e24", &["energy_kwh", "twice"]);
    refuses("cost = 40", "amortise = true", &["line 27", "training"]);
    refuses("energy_kwh = 120.5\nevidence = \"plug\"\ncost = 40\n", "", &["line 21", "energy_kwh"]);
    let error = Assessment::parse("a.toml", "title = \"Empty\"\n", &SET).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("[[activity]]"), "{error}");
}

#[test]
fn what_only_some_activities_have_is_read_and_checked() {
    let text = r#"title = "Studio"
[default]
zone = "DEU"
contracts = ["ppa:wind:0.6", "own_generation:solar:0.1"]

[[activity]]
name = "pictures"
kind = "inference"
model = "openai/gpt-4o"
images = 40
width_px = 1024
height_px = 1024
audio = "tts"

[[activity]]
name = "tuning"
kind = "training"
stage = "reinforcement"
tuning = "lora"
params_active = 8
rollout_tokens = 1_000_000
rollouts = 1_000
development = 0

[[activity]]
name = "by others"
kind = "training"
model = "meta-llama/llama-3.3-70b-instruct"
published = true
amortise = true
"#;
    let assessment = parse(text).unwrap();
    let [pictures, tuning, others] = assessment.activities.as_slice() else { panic!("{assessment:?}") };
    assert_eq!(pictures.activity.stats.images, 40);
    assert_eq!(pictures.deployment.media.and_then(|media| media.width_px).map(|width| width.get()), Some(1024.0));
    assert_eq!(pictures.deployment.contracts.len(), 2);
    assert_eq!((tuning.deployment.tuning, tuning.activity.stats.output_tokens), (lca::Tuning::Lora, 1_000_000));
    assert_eq!(tuning.activity.stats.context_output, 500_000_000, "a token of a rollout reads half of it on average");
    assert_eq!(others.amortised, Some(super::Share::Served(None)));
    assert!(others.deployment.published);
    let refuses = |line: &str, instead: &str, words: &[&str]| {
        assert!(text.contains(line), "the sample has no `{line}`");
        let error = parse(&text.replacen(line, instead, 1)).err().unwrap_or_default();
        assert!(words.iter().all(|word| error.contains(word)), "`{line}` -> `{instead}`: `{error}`");
    };
    refuses("ppa:wind:0.6", "ppa:wind:0.95", &["line 4", "more than"]);
    refuses("ppa:wind:0.6", "ppa:wind:0.6:hour", &["line 4", "load by hour"]);
    refuses("ppa:wind:0.6", "ppa:wnd:0.6", &["line 4", "wnd"]);
    refuses("audio = \"tts\"", "audio = \"speech\"", &["line 13", "asr"]);
    refuses("images = 40", "images = 40\nwith_server = true", &["line 11", "hardware"]);
    refuses("stage = \"reinforcement\"", "stage = \"fine_tuning\"", &["rollout_tokens", "reinforcement"]);
    refuses("tuning = \"lora\"", "tuning = \"lore\"", &["line 19", "`lora`"]);
    refuses("published = true", "published = true\ngpu_hours = 5", &["published", "keep one"]);
    refuses("amortise = true", "amortise_share = 0.1", &["amortise = true"]);
    refuses("amortise = true", "amortise = true\namortise_share = 1.5", &["at most 1"]);
    refuses("amortise = true", "amortise = true\namortise_share = 0.5\nserved_tokens = 9", &["keep one"]);
}
