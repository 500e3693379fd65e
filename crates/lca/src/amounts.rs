//! `Amounts`: the sums of an activity as floating-point numbers, made once per activity.

use crate::Stats;

/// The sums that the formulas multiply.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amounts {
    pub(crate) requests: f64,
    pub(crate) requests_input_unknown: f64,
    pub(crate) output_input_unknown: f64,
    pub(crate) requests_output_unknown: f64,
    pub(crate) fresh: f64,
    pub(crate) cache_read: f64,
    pub(crate) cache_write: f64,
    pub(crate) output: f64,
    pub(crate) context_input: f64,
    pub(crate) context_output: f64,
    pub(crate) energy_kwh: f64,
    pub(crate) accelerator_s: f64,
    pub(crate) compute_tflop: f64,
    pub(crate) devices: f64,
    pub(crate) cost_billed: f64,
    pub(crate) images: f64,
    pub(crate) videos: f64,
    pub(crate) audio_s: f64,
    pub(crate) only_media: bool,
}

impl Amounts {
    pub(crate) fn of(stats: &Stats) -> Self {
        Self {
            requests: stats.requests as f64,
            requests_input_unknown: stats.requests_input_unknown as f64,
            output_input_unknown: stats.output_input_unknown as f64,
            requests_output_unknown: stats.requests_output_unknown as f64,
            fresh: (stats.input_tokens + stats.image_input_tokens + stats.audio_input_tokens) as f64,
            cache_read: stats.cache_read_tokens as f64,
            cache_write: stats.cache_write_tokens as f64,
            output: stats.output_all() as f64,
            context_input: stats.context_input as f64,
            context_output: stats.context_output as f64,
            energy_kwh: stats.energy_nj as f64 / 3.6e15,
            accelerator_s: stats.accelerator_ms as f64 / 1e3,
            compute_tflop: stats.compute_pflop as f64 * 1e3,
            devices: stats.devices as f64,
            cost_billed: stats.cost_micro as f64 / 1e6,
            // What tokens stand for is valued by them.
            images: (stats.images - stats.images_as_tokens) as f64,
            videos: stats.videos as f64,
            audio_s: (stats.audio_ms - stats.audio_ms_as_tokens) as f64 / 1e3,
            only_media: crate::plan::Stated::of(stats).only_media(),
        }
    }
}
