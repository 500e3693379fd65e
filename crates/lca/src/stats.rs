//! The sufficient statistics: every number in which the method is linear.

use quantity::Ratio;
use serde::{Deserialize, Serialize};

/// Upper bounds of the inter-token time classes, in milliseconds; the last class is open.
pub const ITL_BOUNDS_MS: [u32; 7] = [4, 8, 16, 32, 64, 128, 256];

macro_rules! stats {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// What one entry states, in base units; `None` is unknown, zero is none.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        pub struct Counts {
            $($(#[$doc])* pub $name: Option<i64>,)+
            /// Metered energy, in nanojoules (wide enough for a training run beside one request).
            pub energy_nj: Option<i128>,
        }

        /// Exact sums of [`Counts`] over entries.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        pub struct Stats {
            /// Entries added up.
            pub entries: i128,
            $($(#[$doc])* pub $name: i128,)+
            /// Metered energy, in nanojoules.
            pub energy_nj: i128,
            /// Requests of entries that do not state their uncached input tokens.
            pub requests_input_unknown: i128,
            /// Output tokens of those entries: each of them stood behind a prompt of unknown length.
            pub output_input_unknown: i128,
            /// Requests of entries that do not state their output tokens.
            pub requests_output_unknown: i128,
            /// Requests of entries that do not state cache reads: cached input may hide in the uncached.
            pub requests_cache_unknown: i128,
            /// Requests of entries that state their cost.
            pub requests_cost_known: i128,
            /// Images of entries that state image output tokens too: valued by those.
            pub images_as_tokens: i128,
            /// Audio of entries that state audio tokens too: valued by those.
            pub audio_ms_as_tokens: i128,
        }

        impl Counts {
            /// Names of the 64-bit columns, in the order of the schema.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];
            /// The 64-bit columns, in the order of [`Self::NAMES`].
            #[must_use]
            pub fn as_array(&self) -> [Option<i64>; Self::NAMES.len()] {
                [$(self.$name),+]
            }
            /// From the 64-bit columns, in the order of [`Self::NAMES`].
            #[must_use]
            pub fn from_array(values: [Option<i64>; Self::NAMES.len()]) -> Self {
                let [$($name),+] = values;
                Self { $($name,)+ energy_nj: None }
            }
        }

        impl Stats {
            /// The sums that have a column, in the order of [`Counts::NAMES`].
            #[must_use]
            pub fn as_array(&self) -> [i128; Counts::NAMES.len()] {
                [$(self.$name),+]
            }
            /// Mutable access in the order of [`Counts::NAMES`].
            pub fn as_array_mut(&mut self) -> [&mut i128; Counts::NAMES.len()] {
                [$(&mut self.$name),+]
            }
            /// Adds one entry.
            pub fn add_counts(&mut self, counts: &Counts) {
                self.entries += 1;
                $(self.$name += i128::from(counts.$name.unwrap_or(0));)+
                // zero: the metered sum holds what was metered; an entry that meters nothing adds nothing
                self.energy_nj += counts.energy_nj.unwrap_or(0);
                let requests = i128::from(counts.requests.unwrap_or(0));
                if counts.input_tokens.is_none() && !counts.only_media() {
                    self.requests_input_unknown += requests;
                    self.output_input_unknown += i128::from(counts.output_all());
                }
                if counts.output_tokens.is_none() && !counts.answers_by_media() { self.requests_output_unknown += requests; }
                if counts.cache_read_tokens.is_none() { self.requests_cache_unknown += requests; }
                if counts.cost_micro.is_some() { self.requests_cost_known += requests; }
                if counts.image_output_tokens.is_some_and(|tokens| tokens > 0) {
                    self.images_as_tokens += i128::from(counts.images.unwrap_or(0));
                }
                if counts.audio_tokens() > 0 {
                    self.audio_ms_as_tokens += i128::from(counts.audio_ms.unwrap_or(0));
                }
            }
            /// Adds other sums.
            pub fn add(&mut self, other: &Self) {
                self.entries += other.entries;
                $(self.$name += other.$name;)+
                self.energy_nj += other.energy_nj;
                self.requests_input_unknown += other.requests_input_unknown;
                self.output_input_unknown += other.output_input_unknown;
                self.requests_output_unknown += other.requests_output_unknown;
                self.requests_cache_unknown += other.requests_cache_unknown;
                self.requests_cost_known += other.requests_cost_known;
                self.images_as_tokens += other.images_as_tokens;
                self.audio_ms_as_tokens += other.audio_ms_as_tokens;
            }
        }
    };
}

stats!(
    /// Requests (calls of a model).
    requests,
    /// Requests that failed.
    requests_failed,
    /// Requests answered from a response cache, without a model run.
    requests_cached,
    /// Input tokens that were neither read from nor written to a prompt cache, text.
    input_tokens,
    /// Input tokens read from a prompt cache.
    cache_read_tokens,
    /// Input tokens written to a prompt cache.
    cache_write_tokens,
    /// Visible output tokens, text.
    output_tokens,
    /// Reasoning tokens (hidden output).
    reasoning_tokens,
    /// Image input tokens.
    image_input_tokens,
    /// Image output tokens.
    image_output_tokens,
    /// Audio input tokens.
    audio_input_tokens,
    /// Audio output tokens.
    audio_output_tokens,
    /// Generated images.
    images,
    /// Audio processed or generated, milliseconds.
    audio_ms,
    /// Sum over requests of (input tokens not read from a cache) x (input tokens of all classes).
    context_input,
    /// Sum over requests of output x (input + output / 2).
    context_output,
    /// Sum of request durations, milliseconds.
    duration_ms,
    /// Sum of times to first token, milliseconds.
    ttft_ms,
    /// Output tokens of requests with a mean inter-token time below 4 ms.
    itl_4,
    /// Same, 4 to 8 ms.
    itl_8,
    /// Same, 8 to 16 ms.
    itl_16,
    /// Same, 16 to 32 ms.
    itl_32,
    /// Same, 32 to 64 ms.
    itl_64,
    /// Same, 64 to 128 ms.
    itl_128,
    /// Same, 128 to 256 ms.
    itl_256,
    /// Same, 256 ms and above.
    itl_above,
    /// Latency-capped generation time, microseconds, lower corner of the compatible profile.
    generation_low_us,
    /// Latency-capped generation time, microseconds, upper corner of the compatible profile.
    generation_high_us,
    /// Accelerator time (accelerators x time), milliseconds.
    accelerator_ms,
    /// Arithmetic of a training run, in 10^15 floating-point operations.
    compute_pflop,
    /// Devices bought.
    devices,
    /// Generated videos.
    videos,
    /// Data moved over a network, bytes.
    network_bytes,
    /// Cost as billed, in millionths of the entry's currency.
    cost_micro,
    /// Accepted outcomes.
    outcomes_accepted,
    /// Rejected outcomes.
    outcomes_rejected,
    /// Value given back, in millionths of the entry's currency.
    value_micro,
);

impl Counts {
    /// All input tokens that are stated, whatever their class.
    #[must_use]
    pub fn input_all(&self) -> i64 {
        [self.input_tokens, self.cache_read_tokens, self.cache_write_tokens, self.image_input_tokens, self.audio_input_tokens]
            .iter()
            .flatten()
            .fold(0, |sum: i64, tokens| sum.saturating_add(*tokens))
    }
    /// All output tokens that are stated, whatever their class.
    #[must_use]
    pub fn output_all(&self) -> i64 {
        [self.output_tokens, self.reasoning_tokens, self.image_output_tokens, self.audio_output_tokens]
            .iter()
            .flatten()
            .fold(0, |sum: i64, tokens| sum.saturating_add(*tokens))
    }
    /// Audio tokens that are stated, in and out.
    fn audio_tokens(&self) -> i64 {
        [self.audio_input_tokens, self.audio_output_tokens].iter().flatten().fold(0, |sum: i64, tokens| sum.saturating_add(*tokens))
    }
    /// Whether images, videos or seconds of audio are the whole answer, so that no text is missing.
    fn answers_by_media(&self) -> bool {
        let media = [self.images, self.videos, self.audio_ms].iter().flatten().any(|amount| *amount > 0);
        media && self.output_all() == 0
    }
    /// Whether images, videos or seconds of audio are all that is stated, so that no prompt is missing either.
    fn only_media(&self) -> bool {
        self.answers_by_media() && self.input_all() == 0
    }
    /// Fills the context sums of an entry that stands for `requests` like requests.
    ///
    /// Exact for one request; for a bucket it assumes the bucket's mean length,
    /// which is the lower bound of the true sum of squares. Saturates at `i64::MAX`.
    pub fn fill_context(&mut self) {
        let requests = i128::from(self.requests.unwrap_or(1).max(1));
        let (input, output) = (i128::from(self.input_all()), i128::from(self.output_all()));
        let clamp = |sum: i128| i64::try_from(sum).unwrap_or(i64::MAX);
        let fresh = input - i128::from(self.cache_read_tokens.unwrap_or(0));
        self.context_input = Some(clamp(fresh * input / requests));
        self.context_output = Some(clamp((output * input + output * output / 2) / requests));
    }
    /// Files the output tokens under the class of their mean inter-token time.
    pub fn fill_inter_token(&mut self, inter_token_ms: u32) {
        let class = ITL_BOUNDS_MS.iter().position(|bound| inter_token_ms < *bound).unwrap_or(ITL_BOUNDS_MS.len());
        let tokens = Some(self.output_all());
        let slot = match class {
            0 => &mut self.itl_4,
            1 => &mut self.itl_8,
            2 => &mut self.itl_16,
            3 => &mut self.itl_32,
            4 => &mut self.itl_64,
            5 => &mut self.itl_128,
            6 => &mut self.itl_256,
            _ => &mut self.itl_above,
        };
        *slot = tokens;
    }
}

impl Stats {
    /// Whether the sums tell what came of requests and nothing else: nothing ran, so there is nothing to value.
    #[must_use]
    pub fn only_outcomes(&self) -> bool {
        let outcomes = self.outcomes_accepted + self.outcomes_rejected + self.value_micro;
        let all: i128 = self.as_array().iter().sum();
        outcomes > 0 && all == outcomes && self.energy_nj == 0
    }
    /// The sums of one entry.
    #[must_use]
    pub fn of(counts: &Counts) -> Self {
        let mut stats = Self::default();
        stats.add_counts(counts);
        stats
    }
    /// Middle of the class of inter-token times that holds the median output token, milliseconds.
    ///
    /// `None` where fewer than half of the output tokens have a time.
    #[must_use]
    pub fn inter_token_ms(&self) -> Option<Ratio> {
        let classes = [self.itl_4, self.itl_8, self.itl_16, self.itl_32, self.itl_64, self.itl_128, self.itl_256, self.itl_above];
        let timed: i128 = classes.iter().sum();
        if timed == 0 || 2 * timed < self.output_all() {
            return None;
        }
        let mut below = 0;
        let place = classes.iter().position(|tokens| {
            below += tokens;
            2 * below >= timed
        })?;
        // The middle of a class by ratio; the open ones reach half an octave beyond their bound.
        let middle = match place {
            0 => f64::from(ITL_BOUNDS_MS[0]) / std::f64::consts::SQRT_2,
            _ => f64::from(ITL_BOUNDS_MS[place - 1]) * std::f64::consts::SQRT_2,
        };
        Some(Ratio::new(middle))
    }
    /// All input tokens.
    #[must_use]
    pub fn input_all(&self) -> i128 {
        self.input_tokens + self.cache_read_tokens + self.cache_write_tokens + self.image_input_tokens + self.audio_input_tokens
    }
    /// All output tokens.
    #[must_use]
    pub fn output_all(&self) -> i128 {
        self.output_tokens + self.reasoning_tokens + self.image_output_tokens + self.audio_output_tokens
    }
    /// All tokens.
    #[must_use]
    pub fn tokens_all(&self) -> i128 {
        self.input_all() + self.output_all()
    }
}
