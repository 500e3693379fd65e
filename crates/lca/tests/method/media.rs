//! Images, video, audio and embeddings against open measurements, and their own laws.

use crate::{SET, activity};
use lca::{
    Activity, Audio, Boundary, Counts, Deployment, Evaluator, Impact, Indicator, Media, Profile, Scope, Stage, Stats, Task, evaluate,
};
use proptest::prelude::*;
use quantity::{Duration, Grade, Ratio};

fn images(count: i64) -> Counts {
    Counts { requests: Some(count), images: Some(count), ..Counts::default() }
}

fn videos(count: i64) -> Counts {
    Counts { requests: Some(count), videos: Some(count), ..Counts::default() }
}

fn audio(seconds: i64) -> Counts {
    Counts { requests: Some(1), audio_ms: Some(seconds * 1000), ..Counts::default() }
}

fn on_h100(model: &str) -> Deployment {
    Deployment {
        model: Some(model.to_owned()),
        zone: Some("USA".to_owned()),
        accelerator: Some("h100".to_owned()),
        accelerators: Some(1),
        batch: Some(Ratio::new(1.0)),
        ..Deployment::default()
    }
}

fn sized(width: f64, height: f64) -> Media {
    Media { width_px: Some(Ratio::new(width)), height_px: Some(Ratio::new(height)), ..Media::default() }
}

/// Low, median and high in joules at the accelerators.
fn joules(counts: &Counts, deployment: &Deployment) -> [f64; 3] {
    let scope = Scope { profile: Profile::Full, boundary: Boundary::Accelerator };
    let impact = Evaluator::new(&SET, scope).sample(&activity(Stats::of(counts)), deployment).unwrap().impact();
    impact.impacts.row(Indicator::EnergyKwh).unwrap().map(|value| value.get() * 3.6e6)
}

fn median(counts: &Counts, deployment: &Deployment) -> f64 {
    let activity = activity(Stats::of(counts));
    lca::Compiled::new(&activity, deployment, &SET, Profile::Full).medians(&activity)[Indicator::EnergyKwh as usize].unwrap().get()
}

fn full(counts: &Counts, deployment: &Deployment) -> Impact {
    evaluate(&activity(Stats::of(counts)), deployment, &SET, Profile::Full).unwrap()
}

fn has(impact: &Impact, code: &str) -> bool {
    impact.basis.weaknesses.iter().any(|weakness| weakness.code == code)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn more_pixels_steps_and_frames_cost_more(side in 256.0f64..2048.0, steps in 1.0f64..60.0, frames in 1.0f64..200.0, more in 1.05f64..4.0) {
        for model in ["black-forest-labs/FLUX.1-dev", "openai/dall-e-3", "tencent/HunyuanVideo", "nobody/knows"] {
            let at = |side: f64, steps: f64, frames: f64| {
                let media = Media { steps: Some(Ratio::new(steps)), frames: Some(Ratio::new(frames)), ..sized(side, side) };
                let deployment = Deployment { media: Some(media), ..on_h100(model) };
                [median(&images(1), &deployment), median(&videos(1), &deployment)]
            };
            let [image, video] = at(side, steps, frames);
            for (what, [more_image, more_video]) in [("pixels", at(side * more, steps, frames)), ("steps", at(side, steps * more, frames))] {
                prop_assert!(more_image > image && more_video > video, "{model} {what}");
            }
            prop_assert!(at(side, steps, frames * more + 1.0)[1] > video, "{model} frames");
        }
    }

    #[test]
    fn the_sum_of_rows_of_text_and_media_is_worth_the_sum_of_their_worths(
        rows in proptest::collection::vec((0i64..4, 0i64..3, 0i64..100, proptest::option::of(0i64..2000), proptest::option::of(0i64..900), 0i64..2), 1..16)
    ) {
        let deployment = Deployment { media: Some(sized(1024.0, 1024.0)), ..on_h100("openai/gpt-4o") };
        let (mut all, mut sum) = (Stats::default(), [0.0; 7]);
        for (images, videos, seconds, input, output, tokens) in rows {
            let mut counts = Counts {
                requests: Some(1),
                images: Some(images),
                videos: Some(videos),
                audio_ms: Some(seconds * 1000),
                input_tokens: input,
                output_tokens: output,
                image_output_tokens: Some(tokens * 1000),
                ..Counts::default()
            };
            counts.fill_context();
            let stats = Stats::of(&counts);
            all.add(&stats);
            let activity = activity(stats);
            let worth = lca::Compiled::new(&activity, &deployment, &SET, Profile::Full).medians(&activity);
            sum.iter_mut().zip(worth).for_each(|(sum, value)| *sum += value.map_or(0.0, Ratio::get));
        }
        let all = activity(all);
        let worth = lca::Compiled::new(&all, &deployment, &SET, Profile::Full).medians(&all);
        for (sum, value) in sum.iter().zip(worth) {
            let value = value.map_or(0.0, Ratio::get);
            prop_assert!((value - sum).abs() <= 1e-9 * sum.abs(), "{value} {sum}");
        }
    }
}

#[test]
fn a_measured_image_lies_where_it_was_measured() {
    // ML.ENERGY Leaderboard v3, one H100, batch 1, 1024x1024.
    for (model, measured) in
        [("black-forest-labs/flux.1-dev", 7949.0), ("stabilityai/stable-diffusion-3.5-large", 4420.0), ("pixart-sigma", 714.0)]
    {
        let row = joules(&images(1), &Deployment { media: Some(sized(1024.0, 1024.0)), ..on_h100(model) });
        assert!((row[1] / measured - 1.0).abs() < 0.08 && row[0] < measured && measured < row[2], "{model}: {row:?}");
    }
    let impact = full(&images(10), &on_h100("black-forest-labs/flux.1-dev"));
    assert_eq!(impact.grade, Grade::D);
    assert!(has(&impact, "media_size_unknown") && has(&impact, "media_price_unknown"), "{:?}", impact.basis.weaknesses);
    assert!(!has(&impact, "batch_unknown") && !has(&impact, "input_unknown") && !has(&impact, "precision_unknown"));
}

#[test]
fn models_of_an_older_benchmark_lie_within_the_interval_of_the_law() {
    // ML.ENERGY Leaderboard v2, one H100, batch 1, 25 steps: none of them was in the fit.
    for (name, size, side, measured) in [("sdxl", 3.5, 1024.0, 969.4), ("sd3-medium", 2.0, 1024.0, 1257.0), ("sd2.1", 0.865, 768.0, 386.5)]
    {
        let media = Media { steps: Some(Ratio::new(25.0)), ..sized(side, side) };
        let by_size = Deployment { model: None, params_active_b: Some(Ratio::new(size)), media: Some(media), ..on_h100("") };
        let row = joules(&images(1), &by_size);
        assert!(row[0] < measured && measured < row[2], "{name}: {measured} J outside {row:?}");
        assert!(has(&full(&images(1), &by_size), "media_model_inferred"));
    }
}

#[test]
fn the_class_of_unknown_images_holds_the_ai_energy_score() {
    // AI Energy Score 2025, image generation, GPU energy, H100, batch 1: 187 to 1,640 Wh per 1,000 images.
    let row = joules(&images(1000), &on_h100("openai/dall-e-3"));
    assert!(row[0] <= 187.0 * 3600.0 && 1640.0 * 3600.0 <= row[2], "{row:?}");
    let impact = full(&images(1), &on_h100("openai/dall-e-3"));
    assert!(has(&impact, "media_model_unknown") && !has(&impact, "model_unknown"));
    assert_eq!(impact.grade, Grade::F);
}

#[test]
fn speech_recognition_lies_within_the_order_of_the_ai_energy_score() {
    // Its 13 models need 0.62 to 86.7 Wh per 1,000 queries at batch 1, median 16.5; ten seconds of speech are taken for a query.
    let row = joules(&audio(10), &on_h100("somebody/speech-model-asr"));
    assert!(row[0] <= 16.5 * 3.6 && 16.5 * 3.6 <= row[2], "{row:?}");
    assert!(row[2] / row[0] > 50.0, "wide: {row:?}");
    let small = joules(&audio(10), &on_h100("openai/whisper-tiny"));
    let large = joules(&audio(10), &on_h100("openai/whisper-large-v3"));
    assert!(large[1] > 5.0 * small[1], "seconds times a power of the size: {small:?} {large:?}");
    let impact = full(&audio(60), &on_h100("openai/tts-1"));
    assert!(has(&impact, "audio_law_weak") && !has(&impact, "audio_direction_unknown"));
    let stated = Deployment { media: Some(Media { audio: Some(Audio::Tts), ..Media::default() }), ..on_h100("nobody/knows") };
    assert!(!has(&full(&audio(60), &stated), "audio_direction_unknown"));
}

#[test]
fn an_embedding_lies_within_the_order_of_sentence_similarity() {
    // AI Energy Score 2025, sentence similarity, GPU energy, H100, batch 1: 19 models, 0.106 to 5.22 Wh per 1,000 queries, so 0.38
    // to 18.8 J each. Compared is one pass over 30 tokens by encoders of 0.02 to 7 billion parameters at batch 1; the benchmark
    // states neither lengths nor sizes, so the range of our medians must meet its range and lie within a factor of ten of it.
    let counts = |tokens| {
        let mut counts = Counts { requests: Some(1), input_tokens: Some(tokens), output_tokens: Some(0), ..Counts::default() };
        counts.fill_context();
        counts
    };
    let encoder = |size: f64, batch: f64| {
        let size = Some(Ratio::new(size));
        Deployment {
            model: None,
            params_active_b: size,
            params_total_b: size,
            batch: Some(Ratio::new(batch)),
            bytes_per_weight: Some(Ratio::new(2.0)),
            task: Some(Task::Embedding),
            ..on_h100("")
        }
    };
    let [small, large] = [0.02, 7.0].map(|size| joules(&counts(30), &encoder(size, 1.0))[1]);
    assert!((0.038..=18.8).contains(&small) && (0.38..=188.0).contains(&large), "{small} {large}");
    let together = joules(&counts(30), &encoder(0.02, 64.0))[1];
    assert!(together < 0.2 * small, "requests served together share the pass: {together} {small}");
    for (batch, tokens) in [(1.0, 1000), (64.0, 1000)] {
        let known = Deployment { batch: Some(Ratio::new(batch)), ..on_h100("openai/text-embedding-3-small") };
        let impact = full(&counts(tokens), &known);
        assert!(!has(&impact, "output_unknown") && !has(&impact, "batch_unknown"));
        assert!(impact.impacts.row(Indicator::GwpKgco2e).unwrap()[1].get() > 0.0);
    }
}

#[test]
fn text_and_images_of_one_answer_add_up_and_tokens_of_images_count_once() {
    let deployment = Deployment { media: Some(sized(1024.0, 1024.0)), ..on_h100("openai/gpt-4o") };
    let text = Counts { requests: Some(1), input_tokens: Some(100), output_tokens: Some(400), ..Counts::default() };
    let both = Counts { images: Some(2), ..text.clone() };
    let (text_kwh, both_kwh, image_kwh) = (median(&text, &deployment), median(&both, &deployment), median(&images(1), &deployment));
    assert!((both_kwh / (text_kwh + 2.0 * image_kwh) - 1.0).abs() < 1e-9, "{text_kwh} {image_kwh} {both_kwh}");
    let drawn = Counts { images: Some(1), image_output_tokens: Some(1056), ..text.clone() };
    let tokens = Counts { image_output_tokens: Some(1056), ..text };
    assert_eq!(median(&drawn, &deployment), median(&tokens, &deployment));
}

#[test]
fn seconds_and_frame_rate_are_frames_and_what_is_missing_is_named() {
    let clip = |media: Media| median(&videos(1), &Deployment { media: Some(media), ..on_h100("tencent/HunyuanVideo") });
    let size = sized(1280.0, 720.0);
    let frames = clip(Media { frames: Some(Ratio::new(121.0)), ..size });
    let seconds = clip(Media { seconds: Some(Duration::seconds(5.0)), fps: Some(Ratio::new(24.0)), ..size });
    assert!((frames / seconds - 1.0).abs() < 1e-12);
    let impact = full(&videos(1), &Deployment { model: Some("openai/sora".to_owned()), ..Deployment::default() });
    for code in ["media_length_unknown", "media_size_unknown", "media_model_unknown", "media_accelerators_unknown", "hardware_unknown"] {
        assert!(has(&impact, code), "{code}");
    }
    assert!(
        impact.stages[&Stage::Decode].row(Indicator::EnergyKwh).is_some()
            && impact.stages[&Stage::Prefill].row(Indicator::EnergyKwh).is_none()
    );
}

#[test]
fn a_video_of_the_compatible_profile_agrees_to_five_digits() {
    // Computed with the package `ecologits` 0.11.3: openai/sora-2-pro, 720p, 8 s, with sound, zone of the provider.
    let media = Media { seconds: Some(Duration::seconds(8.0)), sound: Some(true), ..sized(1280.0, 720.0) };
    let deployment = Deployment { model: Some("openai/sora-2-pro".to_owned()), media: Some(media), ..Deployment::default() };
    let activity = Activity { stats: Stats::of(&videos(1)), ..Activity::default() };
    let impact = evaluate(&activity, &deployment, &SET, Profile::Ecologits).unwrap();
    let close = |what: &str, got: f64, want: f64| assert!((got / want - 1.0).abs() <= 1e-5, "{what}: got {got}, the package gives {want}");
    for (indicator, scale, low, high) in [
        (Indicator::EnergyKwh, 1e3, 378.211, 643.024),
        (Indicator::GwpKgco2e, 1e3, 166.795, 268.589),
        (Indicator::AdpeKgsbeq, 1.0, 1.21831e-06, 1.2444e-06),
        (Indicator::PeMj, 1.0, 3.77777, 6.34338),
        (Indicator::WaterL, 1e3, 1363.93, 2318.92),
    ] {
        let row = impact.impacts.row(indicator).unwrap();
        close(&format!("{indicator} low"), row[0].get() * scale, low);
        close(&format!("{indicator} high"), row[2].get() * scale, high);
    }
    close("embodied", impact.stages[&Stage::Manufacturing].row(Indicator::GwpKgco2e).unwrap()[2].get() * 1e3, 21.4104);
    let without = Deployment { media: None, ..deployment };
    let gap = evaluate(&activity, &without, &SET, Profile::Ecologits).unwrap();
    assert!(gap.impacts.energy_kwh.is_none() && has(&gap, "video_size_missing"));
}
