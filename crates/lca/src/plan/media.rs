//! Images, video and audio: which factors fill their energy, size and length.

use super::{Builder, Slot, serving};
use crate::params::Param;
use crate::{Audio, Deployment, Media, Stats};
use quantity::Grade;

/// What an activity states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stated {
    images: bool,
    videos: bool,
    audio: bool,
    /// Tokens, or requests whose tokens are unknown.
    tokens: bool,
}

impl Stated {
    pub(crate) fn of(stats: &Stats) -> Self {
        Self {
            images: stats.images > stats.images_as_tokens,
            videos: stats.videos > 0,
            audio: stats.audio_ms > stats.audio_ms_as_tokens,
            tokens: stats.tokens_all() > 0 || stats.requests_input_unknown > 0 || stats.requests_output_unknown > 0,
        }
    }

    /// Images, videos or seconds of audio that no token stands for.
    pub(crate) const fn media(self) -> bool {
        self.images || self.videos || self.audio
    }

    /// Only media: the law of tokens has nothing to say.
    pub(crate) const fn only_media(self) -> bool {
        self.media() && !self.tokens
    }
}

/// Fills what the token law would fill besides its own coefficients, for an activity of media alone.
pub(super) fn surroundings(b: &mut Builder<'_>, deployment: &Deployment) {
    // As good as it gets for a modelled figure; what is not known makes it worse.
    b.plan.grade = Grade::D;
    serving::accelerator(b, deployment);
    b.plan.weaknesses.retain(|weakness| weakness.code != "accelerators_unknown");
    for param in [Param::HardwareUnknown, Param::MemoryGb, Param::BandwidthGbS, Param::ReferenceBandwidthGbS, Param::AcceleratorsRatio] {
        b.plan.slots[param as usize] = Slot::Gap;
    }
    b.method(Param::Host, "inference.host");
    b.method(Param::Idle, "inference.idle_ratio");
}

/// Fills the parameters of what the activity states of images, video and audio.
pub(super) fn fill(b: &mut Builder<'_>, deployment: &Deployment, stated: Stated) {
    let media = deployment.media.unwrap_or_default();
    let named = deployment.accelerator.as_deref().and_then(|word| b.set.accelerator(word)).map(|row| row.id.clone());
    match named.as_deref() {
        None => b.method(Param::MediaHardware, "media.hardware_unknown"),
        Some("h100-sxm") => b.known(Param::MediaHardware, 1.0),
        Some(_) => b.method(Param::MediaHardware, "media.hardware_residual"),
    }
    b.method(Param::MediaHardwarePower, "media.hardware_power");
    let mut grade = if named.is_some() { Grade::D } else { Grade::E };
    if stated.images {
        grade = grade.max(visual(b, deployment, &media, Visual::Image));
    }
    if stated.videos {
        grade = grade.max(visual(b, deployment, &media, Visual::Video));
    }
    if stated.images || stated.videos {
        b.method(Param::MediaStepsPower, "media.steps_power");
        shared(b, deployment);
    }
    if stated.audio {
        grade = grade.max(sound(b, deployment, &media));
    }
    b.plan.grade = b.plan.grade.max(grade);
    if b.plan.billed_currency.is_none() {
        weak(b, "media_price_unknown", "no list price by image, video or second and no billed cost; the cost of media is a gap");
    }
}

fn about(b: &Builder<'_>) -> String {
    let model = &b.plan.model.model;
    if model.is_empty() { "model not stated".to_owned() } else { model.clone() }
}

/// How many accelerators make one output, and how many outputs at once.
fn shared(b: &mut Builder<'_>, deployment: &Deployment) {
    match deployment.accelerators {
        Some(count) => b.known(Param::MediaAccelerators, f64::from(count.max(1))),
        None => {
            b.method(Param::MediaAccelerators, "media.accelerators");
            b.weak(
                "media_accelerators_unknown",
                "media.accelerators",
                "how many accelerators share one image or video is not stated; one is assumed most likely, up to eight",
            );
        }
    }
    match deployment.batch {
        Some(batch) => b.known(Param::MediaBatch, batch.get().max(1.0)),
        None => b.method(Param::MediaBatch, "media.batch"),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visual {
    Image,
    Video,
}

impl Visual {
    const fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
        }
    }
}

/// Fills images or videos; returns the grade of what is known of the model.
fn visual(b: &mut Builder<'_>, deployment: &Deployment, media: &Media, what: Visual) -> Grade {
    let image = what == Visual::Image;
    let word = what.word();
    let pick = |of_image, of_video| if image { of_image } else { of_video };
    let model = b.plan.model.model.clone();
    let own = |name: &str| format!("media.{model}.{name}");
    let joules = pick(Param::ImageJ, Param::VideoJ);
    let (power, scale) = (pick(Param::ImageSizePower, Param::VideoSizePower), pick(Param::ImageSizeB, Param::VideoSizeB));
    let (pixels_ref, steps_ref) = (pick(Param::ImagePixelsRef, Param::VideoPixelsRef), pick(Param::ImageStepsRef, Param::VideoStepsRef));
    let residual = pick(Param::ImageResidual, Param::VideoResidual);
    // The measured model, the law of its size, or the range of all.
    let measured = b.fill(joules, &[own(&format!("{word}_j"))]);
    let by_size = !measured && size(b, deployment, scale);
    let grade = if measured {
        b.known(power, 0.0);
        b.known(scale, 1.0);
        b.fill(pixels_ref, &[own("pixels")]);
        b.fill(steps_ref, &[own("steps")]);
        if !image {
            b.fill(Param::VideoFramesRef, &[own("frames")]);
        }
        b.method(residual, "media.measured_residual");
        Grade::D
    } else if by_size {
        b.method(joules, "media.law_j");
        b.method(power, "media.law_params_power");
        b.method(residual, "media.law_residual");
        b.known(steps_ref, 1.0);
        b.known(pixels_ref, 1024.0 * 1024.0);
        if !image {
            b.known(Param::VideoFramesRef, 1.0);
        }
        weak(
            b,
            "media_model_inferred",
            "nobody measured this model; its energy follows from its size by a law fitted on twelve open models",
        );
        Grade::E
    } else {
        b.method(joules, &format!("media.{word}.unknown_j"));
        b.known(power, 0.0);
        b.known(scale, 1.0);
        b.known(residual, 1.0);
        b.method(pixels_ref, &format!("media.{word}.pixels"));
        b.method(steps_ref, &format!("media.{word}.steps"));
        if !image {
            b.method(Param::VideoFramesRef, "media.video.unknown_frames");
        }
        weak(
            b,
            "media_model_unknown",
            "neither a measurement nor the size of this model is known; the range of all measured models stands in, very wide",
        );
        Grade::F
    };
    steps(b, media, what, by_size, measured);
    pixels(b, media, what, measured);
    if !image {
        length(b, media, measured);
    }
    for (param, name) in [
        (pick(Param::ImageParallelPower, Param::VideoParallelPower), "parallel_power"),
        (pick(Param::ImageParallelWait, Param::VideoParallelWait), "parallel_wait_j"),
        (pick(Param::ImageParallelResidual, Param::VideoParallelResidual), "parallel_residual"),
    ] {
        b.method(param, &format!("media.{word}.{name}"));
    }
    b.method(pick(Param::ImagePixelsPower, Param::VideoVolumePower), if image { "media.pixels_power" } else { "media.volume_power" });
    grade
}

fn weak(b: &mut Builder<'_>, code: &str, text: &str) {
    let about = about(b);
    b.weak(code, &about, text);
}

/// The size of a model, as stated or as the set knows it.
fn size(b: &mut Builder<'_>, deployment: &Deployment, param: Param) -> bool {
    if let Some(size) = deployment.params_active_b.or(deployment.params_total_b) {
        b.known(param, size.get());
        return true;
    }
    let name = b.plan.model.clone();
    // A language model that draws draws with another network; its size says nothing here.
    let own = b.set.models().get(&name.model).is_some_and(|model| model.class == "media");
    own && b.fill(param, &[format!("model.{}.params_active_b", name.model)])
}

fn steps(b: &mut Builder<'_>, media: &Media, what: Visual, guessed: bool, measured: bool) {
    let param = if what == Visual::Image { Param::ImageSteps } else { Param::VideoSteps };
    let usual = format!("media.{}.steps", what.word());
    if let Some(steps) = media.steps {
        b.known(param, steps.get());
    } else if measured {
        b.fill(param, &[format!("media.{}.steps", b.plan.model.model)]);
    } else {
        b.method(param, &usual);
    }
    // Where neither is known, the range of all models holds any number of steps.
    if media.steps.is_none() && (guessed || measured) {
        b.weak("media_steps_unknown", &usual, "how many denoising steps were taken is not stated; a usual number stands in");
    }
}

fn pixels(b: &mut Builder<'_>, media: &Media, what: Visual, measured: bool) {
    let image = what == Visual::Image;
    let usual = format!("media.{}.pixels", what.word());
    let (param, doubt) = if image { (Param::ImagePixels, Param::ImageSizeDoubt) } else { (Param::VideoPixels, Param::VideoSizeDoubt) };
    if let (Some(width), Some(height)) = (media.width_px, media.height_px) {
        b.known(param, width.get() * height.get());
        b.known(doubt, 1.0);
        return;
    }
    let own = format!("media.{}.pixels", b.plan.model.model);
    if !(measured && b.fill(param, &[own])) {
        b.method(param, &usual);
    }
    b.method(doubt, "media.size_unknown");
    b.weak("media_size_unknown", &usual, "width and height are not stated; the usual size stands in, with a spread");
}

/// Frames, or seconds and frame rate.
fn length(b: &mut Builder<'_>, media: &Media, measured: bool) {
    let own = |name: &str| format!("media.{}.{name}", b.plan.model.model);
    let (frames, fps) = (own("frames"), own("fps"));
    if let Some(frames) = media.frames {
        b.known(Param::VideoFrames, frames.get());
        return;
    }
    if media.seconds.is_none() {
        b.weak("media_length_unknown", "media.video.seconds", "the length of the video is not stated; a usual one stands in");
        if measured && b.fill(Param::VideoFrames, &[frames]) {
            return;
        }
    }
    // Zero is the sign for "by seconds and frame rate"; see the law.
    b.known(Param::VideoFrames, 0.0);
    match media.seconds {
        Some(seconds) => b.known(Param::VideoSeconds, seconds.as_seconds()),
        None => b.method(Param::VideoSeconds, "media.video.seconds"),
    }
    match media.fps {
        Some(rate) => b.known(Param::VideoFps, rate.get()),
        None => {
            if !(measured && b.fill(Param::VideoFps, &[fps])) {
                b.method(Param::VideoFps, "media.video.fps");
            }
            b.weak("media_fps_unknown", "media.video.fps", "the frame rate of the video is not stated; a usual one stands in");
        }
    }
}

/// Fills audio: seconds times a power of the size.
fn sound(b: &mut Builder<'_>, deployment: &Deployment, media: &Media) -> Grade {
    let direction = media.audio.or_else(|| Audio::of_model(&b.plan.model.model));
    b.method(
        Param::AudioJ,
        match direction {
            Some(Audio::Asr) => "media.audio.asr_j_per_s",
            Some(Audio::Tts) => "media.audio.tts_j_per_s",
            None => "media.audio.unknown_j_per_s",
        },
    );
    b.method(Param::AudioSizePower, "media.audio.params_power");
    let known = size(b, deployment, Param::AudioB);
    if !known {
        b.method(Param::AudioB, "media.audio.params_b");
    }
    weak(
        b,
        "audio_law_weak",
        "seconds of audio are valued by a rough law of seconds and size; open measurements of audio models hardly exist",
    );
    if direction.is_none() {
        weak(
            b,
            "audio_direction_unknown",
            "whether speech was turned into text or text into speech is not stated; the range of both stands in",
        );
    }
    if known { Grade::E } else { Grade::F }
}
