//! Units: what the method is linear in, and what one of each comes to at one deployment.

use books::Compare;
use lca::{Activity, Counts, Deployment, Evaluator, Evidence, FactorSet, Indicator, Kind, Profile, Stats};
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

    /// How many units of each a request or bucket holds, as `lca::Stats` adds them up. Where energy is metered, it stands for
    /// everything else.
    pub(crate) fn amounts(counts: &Counts, evidence: Evidence) -> [f64; Self::ALL.len()] {
        let mut amounts = [0.0; Self::ALL.len()];
        let mut set = |unit: Self, sum: i64| amounts[unit as usize] = sum as f64;
        // zero: what is not stated has no units of its own; a prior has, below
        let of = |count: Option<i64>| count.unwrap_or(0);
        // zero: metered without energy is nothing metered
        let energy = i64::try_from(counts.energy_nj.unwrap_or(0)).unwrap_or(i64::MAX);
        match evidence {
            Evidence::Plug => set(Self::EnergyPlug, energy),
            Evidence::Counter => set(Self::EnergyCounter, energy),
            Evidence::Share => set(Self::EnergyShare, energy),
            Evidence::Counted | Evidence::Estimated => {
                let (requests, output) = (of(counts.requests), counts.output_all());
                let (input, read, written) = (counts.input_all(), of(counts.cache_read_tokens), of(counts.cache_write_tokens));
                // Media that tokens stand for are valued by them.
                let images = if of(counts.image_output_tokens) > 0 { 0 } else { of(counts.images) };
                let audio_tokens = of(counts.audio_input_tokens).saturating_add(of(counts.audio_output_tokens));
                let audio_ms = if audio_tokens > 0 { 0 } else { of(counts.audio_ms) };
                let videos = of(counts.videos);
                // What answers by media has no text missing, and what states nothing else no prompt either.
                let by_media = output == 0 && (of(counts.images) > 0 || videos > 0 || of(counts.audio_ms) > 0);
                let no_input = counts.input_tokens.is_none() && !(by_media && input == 0);
                let no_output = counts.output_tokens.is_none() && !by_media;
                if no_input {
                    set(Self::InputUnknown, requests);
                    set(Self::OutputBehindUnknown, output);
                }
                if no_output {
                    set(Self::OutputUnknown, requests);
                }
                // What is of media alone runs no model of text.
                let text = input > 0 || output > 0 || (requests > 0 && (no_input || no_output));
                if text || (images <= 0 && videos <= 0 && audio_ms <= 0) {
                    set(Self::Requests, requests);
                }
                set(Self::Fresh, input.saturating_sub(read).saturating_sub(written));
                set(Self::CacheRead, read);
                set(Self::CacheWrite, written);
                set(Self::Output, output);
                match (counts.context_input, counts.context_output) {
                    (None, None) => {
                        let (all, output) = (input as f64, output as f64);
                        let requests = counts.requests.unwrap_or(1).max(1) as f64;
                        amounts[Self::ContextInput as usize] = input.saturating_sub(read) as f64 * all / requests;
                        amounts[Self::ContextOutput as usize] = output * (all + output / 2.0) / requests;
                    }
                    (context_input, context_output) => {
                        set(Self::ContextInput, of(context_input));
                        set(Self::ContextOutput, of(context_output));
                    }
                }
                amounts[Self::Images as usize] = images as f64;
                amounts[Self::Videos as usize] = videos as f64;
                amounts[Self::AudioMs as usize] = audio_ms as f64;
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

/// The units of one deployment, valued when the first of their kind is asked for.
pub(crate) struct Units {
    factors: Arc<FactorSet>,
    deployment: Deployment,
    /// Those of text, together: they share their draws.
    text: OnceLock<[UnitRow; TEXT]>,
    others: [OnceLock<UnitRow>; Unit::ALL.len() - TEXT],
}

/// Units of text, the first of [`Unit::ALL`].
const TEXT: usize = Unit::Images as usize;

impl Units {
    pub(crate) fn new(factors: Arc<FactorSet>, deployment: Deployment) -> Self {
        Self { factors, deployment, text: OnceLock::new(), others: [const { OnceLock::new() }; Unit::ALL.len() - TEXT] }
    }

    pub(crate) fn factors(&self) -> &FactorSet {
        &self.factors
    }

    pub(crate) fn row(&self, unit: Unit) -> &UnitRow {
        let place = unit as usize;
        if place < TEXT {
            let text = self.text.get_or_init(|| {
                let mut evaluator = Evaluator::new(&self.factors, Profile::Full);
                std::array::from_fn(|place| self.evaluate(Unit::ALL[place], &mut evaluator))
            });
            return &text[place];
        }
        self.others[place - TEXT].get_or_init(|| self.evaluate(unit, &mut Evaluator::new(&self.factors, Profile::Full)))
    }

    fn evaluate(&self, unit: Unit, evaluator: &mut Evaluator<'_>) -> UnitRow {
        let mut row = UnitRow { median: [None; Indicator::ALL.len()], high: [None; Indicator::ALL.len()] };
        let (activity, amount) = unit.sample();
        if let Ok(sample) = evaluator.sample(&activity, &self.deployment) {
            let impact = sample.impact();
            for (place, indicator) in Indicator::ALL.iter().enumerate() {
                let values = impact.impacts.row(*indicator).map(|values| values.map(Ratio::get));
                row.median[place] = values.map(|[_, median, _]| median / amount as f64);
                row.high[place] = values.map(|[_, _, high]| high / amount as f64);
            }
        }
        row
    }
}
