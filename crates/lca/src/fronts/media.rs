//! Energy of images, videos and seconds of audio, in joules at the accelerators.
//!
//! A measured output, or a law of size and steps, moved to the pixels, frames
//! and steps of the activity. Making one output on several accelerators costs
//! more: some of it grows with their number, some is waiting that the batch
//! shares.

use crate::amounts::Amounts;
use crate::params::{Param, Params};

/// Joules at the accelerators for one of each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MediaPoint {
    image_j: f64,
    video_j: f64,
    audio_j_per_s: f64,
}

/// The parameters of one kind of output.
struct Output {
    joules: Param,
    size_b: Param,
    size_power: Param,
    residual: Param,
    steps: Param,
    steps_ref: Param,
    parallel_power: Param,
    parallel_wait: Param,
    parallel_residual: Param,
}

const IMAGE: Output = Output {
    joules: Param::ImageJ,
    size_b: Param::ImageSizeB,
    size_power: Param::ImageSizePower,
    residual: Param::ImageResidual,
    steps: Param::ImageSteps,
    steps_ref: Param::ImageStepsRef,
    parallel_power: Param::ImageParallelPower,
    parallel_wait: Param::ImageParallelWait,
    parallel_residual: Param::ImageParallelResidual,
};

const VIDEO: Output = Output {
    joules: Param::VideoJ,
    size_b: Param::VideoSizeB,
    size_power: Param::VideoSizePower,
    residual: Param::VideoResidual,
    steps: Param::VideoSteps,
    steps_ref: Param::VideoStepsRef,
    parallel_power: Param::VideoParallelPower,
    parallel_wait: Param::VideoParallelWait,
    parallel_residual: Param::VideoParallelResidual,
};

/// `base` to the power of `exponent`, for positive bases.
fn power(base: f64, exponent: f64) -> f64 {
    libm::exp(exponent * libm::log(base))
}

/// Frames of the latent video: every four frames after the first are one.
fn latent_frames(frames: f64) -> f64 {
    (frames.max(1.0) - 1.0) / 4.0 + 1.0
}

impl MediaPoint {
    pub(crate) fn new(p: &Params) -> Self {
        let at = |param| p.at(param);
        if at(Param::MediaHardware).is_nan() {
            // The activity states no media, and the plan has none: most are text, and this runs for every draw.
            return Self { image_j: f64::NAN, video_j: f64::NAN, audio_j_per_s: f64::NAN };
        }
        // Another accelerator: a small power of its energy per operation, relative to the reference.
        let compute = at(Param::TdpW) / at(Param::ReferenceTdpW) * at(Param::ReferencePeakTflops) / at(Param::PeakTflops);
        let hardware = at(Param::MediaHardware) * power(compute, at(Param::MediaHardwarePower));
        let each = |o: &Output, scale: f64| {
            let steps = at(o.steps);
            let one = at(o.joules)
                * power(at(o.size_b), at(o.size_power))
                * at(o.residual)
                * power(steps / at(o.steps_ref), at(Param::MediaStepsPower))
                * scale;
            let count = at(Param::MediaAccelerators).max(1.0);
            // One accelerator waits for nobody.
            let parallel = if count > 1.0 { at(o.parallel_residual) } else { 1.0 };
            let wait = at(o.parallel_wait) * steps * (count - 1.0) / at(Param::MediaBatch).max(1.0);
            hardware * parallel * (one * power(count, at(o.parallel_power)) + wait)
        };
        let image_pixels = at(Param::ImagePixels) * at(Param::ImageSizeDoubt) / at(Param::ImagePixelsRef);
        let frames =
            if at(Param::VideoFrames) > 0.0 { at(Param::VideoFrames) } else { at(Param::VideoSeconds) * at(Param::VideoFps) + 1.0 };
        let volume = at(Param::VideoPixels) * at(Param::VideoSizeDoubt) / at(Param::VideoPixelsRef) * latent_frames(frames)
            / latent_frames(at(Param::VideoFramesRef));
        Self {
            image_j: each(&IMAGE, power(image_pixels, at(Param::ImagePixelsPower))),
            video_j: each(&VIDEO, power(volume, at(Param::VideoVolumePower))),
            audio_j_per_s: at(Param::AudioJ) * hardware * power(at(Param::AudioB), at(Param::AudioSizePower)),
        }
    }

    /// Joules of all media of an activity; none cost nothing, whether or not they could be valued.
    pub(crate) fn joules(&self, a: &Amounts) -> f64 {
        [(a.images, self.image_j), (a.videos, self.video_j), (a.audio_s, self.audio_j_per_s)]
            .into_iter()
            .filter(|(amount, _)| *amount > 0.0)
            .map(|(amount, each)| amount * each)
            .sum()
    }
}
