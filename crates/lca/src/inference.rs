//! The physical law of inference, and metered electricity: one small formula over numbers.
//!
//! Energy per step: weights streamed from memory and shared by the batch,
//! arithmetic per token, overhead of parallel accelerators, and the context.
//! Fitted on the open ML.ENERGY measurements; see METHOD in the factor rows.

use crate::{Indicator, Kind, Profile, Stage, Stats};

macro_rules! params {
    ($($name:ident),+ $(,)?) => {
        /// A parameter of the formula.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Param { $($name),+ }
        /// Number of parameters.
        pub(crate) const PARAMS: usize = [$(Param::$name),+].len();
    };
}

params!(
    ActiveB,
    TotalB,
    Batch,
    BytesPerWeight,
    Accelerators,
    Em,
    Ef,
    Eo,
    Ep,
    Ek,
    Residual,
    PrefillResidual,
    Attention,
    CacheRead,
    CacheWrite,
    Host,
    Idle,
    InputPrior,
    OutputPrior,
    HardwareUnknown,
    TdpW,
    MemoryGb,
    BandwidthGbS,
    PeakTflops,
    ReferenceTdpW,
    ReferenceBandwidthGbS,
    ReferencePeakTflops,
    PowerShare,
    ReservedRatio,
    LifetimeYears,
    PerServer,
    AcceleratorGwp,
    AcceleratorAdpe,
    AcceleratorPe,
    AcceleratorMass,
    ServerGwp,
    ServerAdpe,
    ServerPe,
    ServerMass,
    Pue,
    Wue,
    ZoneUnknown,
    GridGwp,
    GridWater,
    GridAdpe,
    GridPe,
    PriceInput,
    PriceOutput,
    PriceCacheRead,
    PriceCacheWrite,
    Exchange,
    Meter,
);

/// Indicators per stage; NaN marks a gap.
pub(crate) type Row = [f64; Indicator::ALL.len()];

/// A row in which nothing is known.
pub(crate) const GAP: Row = [f64::NAN; Indicator::ALL.len()];

/// The sums of an activity as numbers, made once per activity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amounts {
    requests_input_unknown: f64,
    requests_output_unknown: f64,
    fresh: f64,
    cache_read: f64,
    cache_write: f64,
    output: f64,
    context_input: f64,
    context_output: f64,
    energy_kwh: f64,
    cost_billed: f64,
    pub(crate) only_media: bool,
}

impl Amounts {
    pub(crate) fn of(stats: &Stats) -> Self {
        Self {
            requests_input_unknown: stats.requests_input_unknown as f64,
            requests_output_unknown: stats.requests_output_unknown as f64,
            fresh: (stats.input_tokens + stats.image_input_tokens + stats.audio_input_tokens) as f64,
            cache_read: stats.cache_read_tokens as f64,
            cache_write: stats.cache_write_tokens as f64,
            output: stats.output_all() as f64,
            context_input: stats.context_input as f64,
            context_output: stats.context_output as f64,
            energy_kwh: stats.energy_nj as f64 / 3.6e15,
            cost_billed: stats.cost_micro as f64 / 1e6,
            only_media: crate::evaluate::only_media(stats),
        }
    }
}

/// Stages that an evaluation fills, in the order of the result rows.
pub(crate) fn stages(kind: Kind, metered: bool, stage: Stage, profile: Profile) -> &'static [Stage] {
    match (kind, metered, profile) {
        (Kind::Inference, false, Profile::Full) => &[Stage::Prefill, Stage::Decode, Stage::Idle, Stage::Manufacturing, Stage::EndOfLife],
        (Kind::Inference, false, _) => &[Stage::Prefill, Stage::Decode, Stage::Idle],
        _ => match stage {
            Stage::Manufacturing => &[Stage::Manufacturing],
            Stage::Development => &[Stage::Development],
            Stage::PreTraining => &[Stage::PreTraining],
            Stage::FineTuning => &[Stage::FineTuning],
            Stage::Reinforcement => &[Stage::Reinforcement],
            Stage::Prefill => &[Stage::Prefill],
            Stage::Decode => &[Stage::Decode],
            Stage::Idle => &[Stage::Idle],
            Stage::Network => &[Stage::Network],
            Stage::EndOfLife => &[Stage::EndOfLife],
        },
    }
}

/// Number of accelerators by the memory rule: weights with a fifth of overhead, rounded up to a power of two.
fn accelerators(total_b: f64, bytes_per_weight: f64, memory_gb: f64) -> f64 {
    let need = libm::ceil(1.2 * total_b * bytes_per_weight / memory_gb).max(1.0);
    let mut count = 1.0;
    while count < need {
        count *= 2.0;
    }
    count
}

/// Joules at the accelerators per output token and per input token, without context.
struct PerToken {
    decode_j: f64,
    context_j: f64,
    prefill_j: f64,
    attention_j: f64,
}

fn per_token(p: &[f64; PARAMS]) -> PerToken {
    let at = |param: Param| p[param as usize];
    let total = at(Param::TotalB);
    let active = at(Param::ActiveB).min(total);
    let batch = at(Param::Batch).max(1.0);
    let bytes = at(Param::BytesPerWeight);
    let count = if at(Param::Accelerators) > 0.0 { at(Param::Accelerators) } else { accelerators(total, bytes, at(Param::MemoryGb)) };
    // Other accelerators by physics: energy per byte, per operation and of standing by, relative to the reference.
    let power = at(Param::TdpW) / at(Param::ReferenceTdpW);
    let memory = power * at(Param::ReferenceBandwidthGbS) / at(Param::BandwidthGbS);
    let compute = power * at(Param::ReferencePeakTflops) / at(Param::PeakTflops);
    let weights_gb = bytes * (active + (total - active) * (1.0 - libm::exp(-batch * active / total)));
    let residual = at(Param::Residual) * at(Param::HardwareUnknown);
    let prefill = at(Param::PrefillResidual) * at(Param::HardwareUnknown) * compute;
    PerToken {
        decode_j: residual
            * (at(Param::Em) * memory * weights_gb / batch
                + at(Param::Ef) * compute * active
                + at(Param::Eo) * power * count / batch
                + at(Param::Ep) * power * count),
        context_j: residual * memory * 2.0 * at(Param::Ek) * libm::sqrt(active) / 1000.0,
        prefill_j: prefill * at(Param::Ef) * active,
        attention_j: prefill * at(Param::Attention) * libm::cbrt(active * active),
    }
}

/// A compiled point: the formula with every parameter filled in, ready to be multiplied by amounts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    decode_j: f64,
    context_j: f64,
    prefill_j: f64,
    attention_j: f64,
    cache_read: f64,
    cache_write: f64,
    input_prior: f64,
    output_prior: f64,
    site_kwh_per_j: f64,
    idle: f64,
    use_per_kwh: Row,
    reserved_s_per_j: f64,
    hardware_per_s: Row,
    waste_per_s: Row,
    price: [f64; 4],
    exchange: f64,
    /// Metered kilowatt-hours at the site per kilowatt-hour read.
    site_per_metered: f64,
}

impl Point {
    pub(crate) fn new(p: &[f64; PARAMS], profile: Profile) -> Self {
        let at = |param: Param| p[param as usize];
        let tokens = per_token(p);
        // A lognormal PUE may fall below its physical floor of 1.
        let pue = at(Param::Pue).max(1.0);
        let zone = at(Param::ZoneUnknown);
        let use_per_kwh = [
            1.0,
            at(Param::GridGwp) * zone,
            // WUE is defined per kilowatt-hour of IT energy, so PUE is taken out again.
            at(Param::Wue) / pue + at(Param::GridWater) * zone,
            at(Param::GridAdpe),
            at(Param::GridPe),
            f64::NAN,
            f64::NAN,
        ];
        let lifetime_s = at(Param::LifetimeYears) * 365.25 * 86_400.0;
        let share = |accelerator: Param, server: Param| (at(accelerator) + at(server) / at(Param::PerServer)) / lifetime_s;
        let mut hardware_per_s = GAP;
        let mut waste_per_s = GAP;
        if profile == Profile::Full {
            hardware_per_s[Indicator::GwpKgco2e as usize] = share(Param::AcceleratorGwp, Param::ServerGwp);
            hardware_per_s[Indicator::AdpeKgsbeq as usize] = share(Param::AcceleratorAdpe, Param::ServerAdpe);
            hardware_per_s[Indicator::PeMj as usize] = share(Param::AcceleratorPe, Param::ServerPe);
            waste_per_s[Indicator::EwasteKg as usize] = share(Param::AcceleratorMass, Param::ServerMass);
        }
        Self {
            decode_j: tokens.decode_j,
            context_j: tokens.context_j,
            prefill_j: tokens.prefill_j,
            attention_j: tokens.attention_j,
            cache_read: at(Param::CacheRead),
            cache_write: at(Param::CacheWrite),
            input_prior: at(Param::InputPrior),
            output_prior: at(Param::OutputPrior),
            site_kwh_per_j: at(Param::Host) * pue / 3.6e6,
            idle: at(Param::Idle),
            use_per_kwh,
            reserved_s_per_j: at(Param::ReservedRatio) / (at(Param::PowerShare) * at(Param::TdpW)),
            hardware_per_s,
            waste_per_s,
            price: [at(Param::PriceInput), at(Param::PriceCacheRead), at(Param::PriceCacheWrite), at(Param::PriceOutput)]
                .map(|price| price / 1e6),
            exchange: at(Param::Exchange),
            site_per_metered: at(Param::Meter) * pue,
        }
    }

    /// Fills one row per stage of [`stages`]: modelled inference.
    pub(crate) fn inference(&self, a: &Amounts, billed: bool, rows: &mut [Row]) {
        let fresh = a.fresh + a.requests_input_unknown * self.input_prior;
        let output = a.output + a.requests_output_unknown * self.output_prior;
        // A request of unknown length has the context of its priors.
        let context_output = a.context_output
            + a.requests_output_unknown * self.output_prior * 0.5 * self.output_prior
            + a.requests_input_unknown * self.input_prior * self.output_prior;
        let prefill_j = self.prefill_j * (fresh + self.cache_write * a.cache_write + self.cache_read * a.cache_read)
            + self.attention_j * a.context_input;
        let decode_j = self.decode_j * output + self.context_j * context_output;
        let prefill_kwh = prefill_j * self.site_kwh_per_j;
        let decode_kwh = decode_j * self.site_kwh_per_j;
        rows[0] = self.use_phase(prefill_kwh);
        rows[1] = self.use_phase(decode_kwh);
        rows[2] = self.use_phase((prefill_kwh + decode_kwh) * self.idle);
        let cost = Indicator::Cost as usize;
        if billed {
            // A bill does not tell prompt from answer; it stands with the answer.
            rows[1][cost] = a.cost_billed * self.exchange;
        } else {
            rows[0][cost] = fresh * self.price[0] + a.cache_read * self.price[1] + a.cache_write * self.price[2];
            rows[1][cost] = output * self.price[3];
        }
        if rows.len() > 3 {
            let reserved_s = (prefill_j + decode_j) * self.reserved_s_per_j;
            rows[3] = self.hardware_per_s.map(|rate| rate * reserved_s);
            rows[4] = self.waste_per_s.map(|rate| rate * reserved_s);
        }
    }

    /// Fills the one row of metered energy, taken as IT energy: PUE comes on top.
    pub(crate) fn metered(&self, a: &Amounts, billed: bool, row: &mut Row) {
        *row = self.use_phase(a.energy_kwh * self.site_per_metered);
        if billed {
            row[Indicator::Cost as usize] = a.cost_billed * self.exchange;
        }
    }

    /// A row in which only the bill is known.
    pub(crate) fn bill_alone(&self, a: &Amounts) -> Row {
        let mut row = GAP;
        row[Indicator::Cost as usize] = a.cost_billed * self.exchange;
        row
    }

    fn use_phase(&self, kwh: f64) -> Row {
        self.use_per_kwh.map(|rate| rate * kwh)
    }
}
