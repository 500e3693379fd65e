//! Units: what the method is linear in, and what one of each comes to at one deployment.

use books::Compare;
use lca::{Activity, Deployment, Evidence, FactorSet, Indicator, Kind, Profile, Stats};
use quantity::Ratio;
use std::sync::{Arc, OnceLock};

/// What the method is linear in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Requests,
    InputUnknown,
    OutputBehindUnknown,
    OutputUnknown,
    Fresh,
    CacheRead,
    CacheWrite,
    Output,
    ContextInput,
    ContextOutput,
    Images,
    Videos,
    AudioMs,
    EnergyPlug,
    EnergyCounter,
    EnergyShare,
}

impl Unit {
    pub(crate) const ALL: [Self; 16] = [
        Self::Requests,
        Self::InputUnknown,
        Self::OutputBehindUnknown,
        Self::OutputUnknown,
        Self::Fresh,
        Self::CacheRead,
        Self::CacheWrite,
        Self::Output,
        Self::ContextInput,
        Self::ContextOutput,
        Self::Images,
        Self::Videos,
        Self::AudioMs,
        Self::EnergyPlug,
        Self::EnergyCounter,
        Self::EnergyShare,
    ];

    /// How many units of each a request or bucket holds. Where energy is metered, it stands for everything else.
    pub(crate) fn amounts(stats: &Stats, evidence: Evidence) -> [f64; Self::ALL.len()] {
        let mut amounts = [0.0; Self::ALL.len()];
        let mut set = |unit: Self, sum: i128| amounts[unit as usize] = number(sum);
        match evidence {
            Evidence::Plug => set(Self::EnergyPlug, stats.energy_nj),
            Evidence::Counter => set(Self::EnergyCounter, stats.energy_nj),
            Evidence::Share => set(Self::EnergyShare, stats.energy_nj),
            Evidence::Counted | Evidence::Estimated => {
                let images = stats.images - stats.images_as_tokens;
                let audio_ms = stats.audio_ms - stats.audio_ms_as_tokens;
                let tokens = stats.tokens_all() > 0 || stats.requests_input_unknown > 0 || stats.requests_output_unknown > 0;
                // What answers by media alone runs no text model.
                if tokens || (images <= 0 && stats.videos <= 0 && audio_ms <= 0) {
                    set(Self::Requests, stats.requests);
                }
                set(Self::InputUnknown, stats.requests_input_unknown);
                set(Self::OutputBehindUnknown, stats.output_input_unknown);
                set(Self::OutputUnknown, stats.requests_output_unknown);
                set(Self::Fresh, stats.input_tokens + stats.image_input_tokens + stats.audio_input_tokens);
                set(Self::CacheRead, stats.cache_read_tokens);
                set(Self::CacheWrite, stats.cache_write_tokens);
                set(Self::Output, stats.output_all());
                set(Self::ContextInput, stats.context_input);
                set(Self::ContextOutput, stats.context_output);
                set(Self::Images, images);
                set(Self::Videos, stats.videos);
                set(Self::AudioMs, audio_ms);
            }
        }
        amounts
    }

    /// One request of so many fresh tokens in and so many out.
    pub(crate) fn most(input_tokens: i64, output_tokens: i64) -> [f64; Self::ALL.len()] {
        let (input, output) = (input_tokens as f64, output_tokens as f64);
        let mut amounts = [0.0; Self::ALL.len()];
        amounts[Self::Requests as usize] = 1.0;
        amounts[Self::Fresh as usize] = input;
        amounts[Self::Output as usize] = output;
        amounts[Self::ContextInput as usize] = input * input;
        amounts[Self::ContextOutput as usize] = output * (input + output / 2.0);
        amounts
    }

    /// Some units of a kind, as an activity, and how many.
    fn sample(self) -> (Activity, i128) {
        let mut stats = Stats::default();
        let (field, amount, evidence) = match self {
            Self::Requests => (&mut stats.requests, 1, Evidence::Counted),
            Self::InputUnknown => (&mut stats.requests_input_unknown, 1, Evidence::Counted),
            Self::OutputBehindUnknown => (&mut stats.output_input_unknown, 1_000, Evidence::Counted),
            Self::OutputUnknown => (&mut stats.requests_output_unknown, 1, Evidence::Counted),
            Self::Fresh => (&mut stats.input_tokens, 1_000, Evidence::Counted),
            Self::CacheRead => (&mut stats.cache_read_tokens, 1_000, Evidence::Counted),
            Self::CacheWrite => (&mut stats.cache_write_tokens, 1_000, Evidence::Counted),
            Self::Output => (&mut stats.output_tokens, 1_000, Evidence::Counted),
            Self::ContextInput => (&mut stats.context_input, 1_000_000, Evidence::Counted),
            Self::ContextOutput => (&mut stats.context_output, 1_000_000, Evidence::Counted),
            Self::Images => (&mut stats.images, 1, Evidence::Counted),
            Self::Videos => (&mut stats.videos, 1, Evidence::Counted),
            Self::AudioMs => (&mut stats.audio_ms, 60_000, Evidence::Counted),
            Self::EnergyPlug => (&mut stats.energy_nj, 3_600_000_000_000_000, Evidence::Plug),
            Self::EnergyCounter => (&mut stats.energy_nj, 3_600_000_000_000_000, Evidence::Counter),
            Self::EnergyShare => (&mut stats.energy_nj, 3_600_000_000_000_000, Evidence::Share),
        };
        *field = amount;
        (Activity { kind: Kind::Inference, evidence, stats, ..Activity::default() }, amount)
    }
}

/// What one unit comes to, by indicator; a gap is `None`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnitRow {
    pub(crate) median: [Option<f64>; Indicator::ALL.len()],
    pub(crate) high: [Option<f64>; Indicator::ALL.len()],
}

impl UnitRow {
    pub(crate) const fn of(&self, compare: Compare) -> &[Option<f64>; Indicator::ALL.len()] {
        match compare {
            Compare::Median => &self.median,
            Compare::High => &self.high,
        }
    }
}

/// The units of one deployment, each valued when it is first asked for.
pub(crate) struct Units {
    factors: Arc<FactorSet>,
    deployment: Deployment,
    rows: [OnceLock<UnitRow>; Unit::ALL.len()],
}

impl Units {
    pub(crate) fn new(factors: Arc<FactorSet>, deployment: Deployment) -> Self {
        Self { factors, deployment, rows: [const { OnceLock::new() }; Unit::ALL.len()] }
    }

    pub(crate) fn factors(&self) -> &FactorSet {
        &self.factors
    }

    pub(crate) fn row(&self, unit: Unit) -> &UnitRow {
        self.rows[unit as usize].get_or_init(|| {
            let mut row = UnitRow { median: [None; Indicator::ALL.len()], high: [None; Indicator::ALL.len()] };
            let (activity, amount) = unit.sample();
            if let Ok(impact) = lca::evaluate(&activity, &self.deployment, &self.factors, Profile::Full) {
                for (place, indicator) in Indicator::ALL.iter().enumerate() {
                    let values = impact.impacts.row(*indicator).map(|values| values.map(Ratio::get));
                    row.median[place] = values.map(|[_, median, _]| median / number(amount));
                    row.high[place] = values.map(|[_, _, high]| high / number(amount));
                }
            }
            row
        })
    }
}

/// Most sums fit 64 bits, from which the conversion is one instruction.
fn number(sum: i128) -> f64 {
    i64::try_from(sum).map_or(sum as f64, |sum| sum as f64)
}
