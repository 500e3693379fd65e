//! `Amounts`: the sums of an activity as floating-point numbers, made once per activity.

use crate::Stats;

macro_rules! amounts {
    ($($name:ident),+ $(,)?) => {
        /// The sums that the formulas multiply.
        #[derive(Debug, Clone, Copy, Default)]
        pub(crate) struct Amounts {
            $(pub(crate) $name: f64,)+
            pub(crate) only_media: bool,
        }

        /// Number of sums.
        pub(crate) const AMOUNTS: usize = [$(stringify!($name)),+].len();

        impl Amounts {
            /// The sums in order.
            pub(crate) const fn as_array(&self) -> [f64; AMOUNTS] {
                [$(self.$name),+]
            }

            /// One of one sum, none of the others.
            pub(crate) fn unit(place: usize) -> Self {
                let mut array = [0.0; AMOUNTS];
                array[place] = 1.0;
                let [$($name),+] = array;
                Self { $($name,)+ only_media: false }
            }
        }
    };
}

amounts!(
    requests,
    requests_input_unknown,
    output_input_unknown,
    requests_output_unknown,
    fresh,
    cache_read,
    cache_write,
    output,
    context_input,
    context_output,
    energy_kwh,
    accelerator_s,
    compute_tflop,
    devices,
    cost_billed,
    images,
    videos,
    audio_s,
);

/// Most sums fit 64 bits, from which the conversion is one instruction.
fn number(sum: i128) -> f64 {
    i64::try_from(sum).map_or(sum as f64, |sum| sum as f64)
}

impl Amounts {
    pub(crate) fn of(stats: &Stats) -> Self {
        Self {
            requests: number(stats.requests),
            requests_input_unknown: number(stats.requests_input_unknown),
            output_input_unknown: number(stats.output_input_unknown),
            requests_output_unknown: number(stats.requests_output_unknown),
            fresh: number(stats.input_tokens + stats.image_input_tokens + stats.audio_input_tokens),
            cache_read: number(stats.cache_read_tokens),
            cache_write: number(stats.cache_write_tokens),
            output: number(stats.output_all()),
            context_input: number(stats.context_input),
            context_output: number(stats.context_output),
            energy_kwh: number(stats.energy_nj) / 3.6e15,
            accelerator_s: number(stats.accelerator_ms) / 1e3,
            compute_tflop: number(stats.compute_pflop) * 1e3,
            devices: number(stats.devices),
            cost_billed: number(stats.cost_micro) / 1e6,
            // What tokens stand for is valued by them.
            images: number(stats.images - stats.images_as_tokens),
            videos: number(stats.videos),
            audio_s: number(stats.audio_ms - stats.audio_ms_as_tokens) / 1e3,
            only_media: crate::plan::Stated::of(stats).only_media(),
        }
    }
}
