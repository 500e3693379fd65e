//! `bilanz evaluate image`, `video`, `audio` and `embedding`: figures with intervals, and refusals that say what to do.

use crate::house::House;
use serde_json::Value;

fn energy_kwh(house: &House, arguments: &[&str]) -> f64 {
    let answer = house.json(&[&["evaluate"], arguments].concat());
    let of = |name: &str| answer["impacts"]["energy_kwh"][name].as_f64().unwrap_or_else(|| panic!("no {name} in {answer}"));
    assert!(of("low") < of("median") && of("median") < of("high"), "{answer}");
    assert!(answer["impacts"]["cost"] == Value::Null || arguments[0] == "embedding", "no price by image is known: a gap");
    of("median")
}

#[test]
fn images_videos_audio_and_embeddings_are_valued() {
    let house = House::new();
    let flux = ["image", "--model", "black-forest-labs/flux.1-dev", "--width", "1024", "--height", "1024", "--accelerator", "H100"];
    let alone = ["--accelerators", "1", "--batch", "1", "--zone", "DEU"];
    let [one, ten] = ["1", "10"].map(|count| energy_kwh(&house, &[&flux[..], &alone, &["--count", count]].concat()));
    assert!((ten / one / 10.0 - 1.0).abs() < 1e-3 && (0.002..0.008).contains(&one), "measured: 0.0022 kWh at the accelerator, not {one}");
    let clip = ["video", "--model", "tencent/HunyuanVideo", "--width", "1280", "--height", "720", "--fps", "24", "--zone", "DEU"];
    let [short, long] = ["3", "6"].map(|seconds| energy_kwh(&house, &[&clip[..], &["--seconds", seconds]].concat()));
    assert!(long > 2.0 * short, "more than in proportion: {short} {long}");
    let heard = energy_kwh(&house, &["audio", "--model", "openai/whisper-large-v3", "--seconds", "60", "--zone", "DEU"]);
    let read = energy_kwh(&house, &["embedding", "--model", "text-embedding-3-small", "--input-tokens", "1000", "--zone", "DEU"]);
    assert!(heard > read && read > 0.0, "{heard} {read}");
}

#[test]
fn what_cannot_be_valued_is_refused_with_a_way_out() {
    let house = House::new();
    for (arguments, words) in [
        (vec!["image", "--model", "nobody/nothing"], "knows no model"),
        (vec!["image", "--model", "openai/dall-e-3", "--count", "0"], "1 or more"),
        (vec!["image", "--model", "openai/dall-e-3", "--width", "1024"], "--height"),
        (vec!["image", "--model", "openai/dall-e-3", "--steps", "0"], "leave it out"),
        (vec!["video", "--model", "openai/sora", "--seconds", "-1"], "above 0"),
        (vec!["video", "--model", "openai/sora", "--seconds", "5", "--frames", "120"], "cannot be used"),
        (vec!["audio", "--model", "openai/whisper-1", "--seconds", "0"], "above 0"),
        (vec!["audio", "--model", "openai/whisper-1", "--seconds", "60", "--zone", "XXX"], "no table knows"),
        (vec!["embedding", "--model", "text-embedding-3-small", "--input-tokens", "-5"], "negative"),
    ] {
        let error = house.refused(&[&["evaluate"], &arguments[..]].concat());
        assert!(error.contains(words), "{arguments:?}: `{words}` is missing in: {error}");
    }
}
