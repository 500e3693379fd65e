//! The law of inference: joules per token from weights, arithmetic, overhead and context.
//!
//! Energy per step: weights streamed from memory and shared by the batch,
//! arithmetic per token, overhead of every layer on every accelerator, and
//! the key-value cache that each new token reads. Fitted on the open
//! ML.ENERGY measurements; the residual of models left out is a factor.

use super::media::MediaPoint;
use crate::Indicator;
use crate::amounts::Amounts;
use crate::params::{Param, Params};
use crate::plan::{Calibration, Plan};
use crate::supply::{Row, Supply};

/// Number of accelerators by the memory rule: weights with a fifth of overhead, rounded up to a power of two.
fn accelerators(total_b: f64, bytes_per_weight: f64, memory_gb: f64) -> f64 {
    let need = libm::ceil(1.2 * total_b * bytes_per_weight / memory_gb).max(1.0);
    let mut count = 1.0;
    while count < need {
        count *= 2.0;
    }
    count
}

/// Joules at the accelerators per output token and per input token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PerToken {
    /// Per output token, without its context.
    pub(crate) decode_j: f64,
    /// Per output token and token of its context.
    pub(crate) context_j: f64,
    /// Per input token, without its context.
    pub(crate) prefill_j: f64,
    /// Per input token and token of its context.
    pub(crate) attention_j: f64,
}

impl PerToken {
    /// The law at one set of values.
    pub(crate) fn new(p: &Params, calibration: Option<&Calibration>) -> Self {
        let at = |param| p.at(param);
        let total = at(Param::TotalB);
        let active = at(Param::ActiveB).min(total);
        let batch = at(Param::Batch).max(1.0);
        let bytes = at(Param::BytesPerWeight);
        let count = if at(Param::Accelerators) > 0.0 {
            at(Param::Accelerators)
        } else {
            libm::round(accelerators(total, bytes, at(Param::MemoryGb)) * at(Param::AcceleratorsRatio)).max(1.0)
        };
        // Other accelerators by physics: energy per byte, per operation and of standing by, relative to the reference.
        let power = at(Param::TdpW) / at(Param::ReferenceTdpW);
        let memory = power * at(Param::ReferenceBandwidthGbS) / at(Param::BandwidthGbS);
        let compute = power * at(Param::ReferencePeakTflops) / at(Param::PeakTflops);
        let weights_gb = bytes * (active + (total - active) * (1.0 - libm::exp(-batch * active / total)));
        // The shape is known, or grows with a small power of the size.
        let grown = |scale: f64, power: f64| if power == 0.0 { scale } else { scale * libm::exp(power * libm::log(total)) };
        let layers = grown(at(Param::LayersScale), at(Param::LayersPower));
        let kv_mb = grown(at(Param::KvScale), at(Param::KvPower));
        // Eight-bit weights need extra work per layer; four-bit ones are unpacked in the same kernel.
        let low = if (0.75..1.5).contains(&bytes) { at(Param::LowPrecisionOverhead) } else { 1.0 };
        let overhead = power * layers * count;
        let measured = calibration.map_or(1.0, |calibration| calibration.at(batch));
        let unknown = at(Param::HardwareUnknown) * at(Param::PrecisionUnknown) * at(Param::LayoutUnknown) * at(Param::Software);
        let residual = at(Param::Residual) * unknown * measured;
        let prefill = at(Param::PrefillResidual) * unknown * measured * compute;
        Self {
            decode_j: residual
                * (at(Param::Em) * memory * weights_gb / batch
                    + at(Param::Ef) * compute * active
                    + at(Param::Eo) * overhead / batch
                    + at(Param::Ep) * overhead * low / libm::sqrt(batch)),
            context_j: residual * memory * at(Param::Ek) * kv_mb / 1000.0,
            prefill_j: prefill * at(Param::Ef) * active,
            attention_j: prefill * at(Param::Attention) * libm::cbrt(active * active),
        }
    }
}

impl PerToken {
    /// Joules per output token of a request with this prompt and this answer, prefill included.
    pub(crate) fn energy_j_per_output_token(&self, input_tokens: f64, output_tokens: f64) -> f64 {
        let prefill = self.prefill_j * input_tokens + self.attention_j * input_tokens * input_tokens;
        self.decode_j + self.context_j * (input_tokens + 0.5 * output_tokens) + prefill / output_tokens
    }
}

/// The law with every parameter filled in, ready to be multiplied by amounts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InferencePoint {
    tokens: PerToken,
    media: MediaPoint,
    cache_read: f64,
    cache_write: f64,
    input_prior: f64,
    output_prior: f64,
    forward_passes: f64,
    site_kwh_per_j: f64,
    idle: f64,
    reserved_s_per_j: f64,
    price: [f64; 4],
    supply: Supply,
}

impl InferencePoint {
    pub(crate) fn new(p: &Params, plan: &Plan) -> Self {
        let at = |param| p.at(param);
        let supply = Supply::new(p, plan.scope);
        Self {
            tokens: PerToken::new(p, plan.calibration.as_deref()),
            media: MediaPoint::new(p),
            cache_read: at(Param::CacheRead),
            cache_write: at(Param::CacheWrite),
            input_prior: at(Param::InputPrior),
            output_prior: at(Param::OutputPrior),
            forward_passes: at(Param::ForwardPasses),
            site_kwh_per_j: at(Param::Host) * supply.pue / 3.6e6,
            idle: at(Param::Idle),
            reserved_s_per_j: at(Param::ReservedRatio) / (at(Param::PowerShare) * at(Param::TdpW)),
            price: [Param::PriceInput, Param::PriceCacheRead, Param::PriceCacheWrite, Param::PriceOutput].map(|price| at(price) / 1e6),
            supply,
        }
    }

    /// Fills one row per stage: prefill, decode and, as far as the scope has them, idle, manufacturing, end of life.
    pub(crate) fn fill(&self, a: &Amounts, billed: bool, rows: &mut [Row]) {
        let fresh = a.fresh + a.requests_input_unknown * self.input_prior;
        let output = a.output + a.requests_output_unknown * self.output_prior;
        // A request of unknown length has the context of its priors; where the answer alone is known, the prior prompt stands before it.
        let context_output = a.context_output
            + a.output_input_unknown * self.input_prior
            + a.requests_output_unknown * self.output_prior * (self.input_prior + 0.5 * self.output_prior);
        let prefill_j = self.tokens.prefill_j * (fresh + self.cache_write * a.cache_write + self.cache_read * a.cache_read)
            + self.tokens.attention_j * a.context_input
            + self.tokens.decode_j * self.forward_passes * a.requests;
        let decode_j = self.tokens.decode_j * output + self.tokens.context_j * context_output;
        // Where media alone are stated, the law of tokens has no parameters and nothing to say.
        let (prefill_j, decode_j) = if a.only_media { (0.0, 0.0) } else { (prefill_j, decode_j) };
        let decode_j = decode_j + self.media.joules(a);
        let prefill_kwh = prefill_j * self.site_kwh_per_j;
        let decode_kwh = decode_j * self.site_kwh_per_j;
        if !a.only_media {
            rows[0] = self.supply.use_phase(prefill_kwh);
        }
        rows[1] = self.supply.use_phase(decode_kwh);
        let cost = Indicator::Cost as usize;
        if billed {
            // A bill does not tell prompt from answer; it stands with the answer.
            rows[1][cost] = a.cost_billed * self.supply.exchange;
        } else if !a.only_media {
            rows[0][cost] = fresh * self.price[0] + a.cache_read * self.price[1] + a.cache_write * self.price[2];
            rows[1][cost] = output * self.price[3];
        }
        if rows.len() > 2 {
            rows[2] = self.supply.use_phase((prefill_kwh + decode_kwh) * self.idle);
        }
        if rows.len() > 3 {
            let reserved_s = (prefill_j + decode_j) * self.reserved_s_per_j;
            rows[3] = self.supply.making(reserved_s);
            rows[4] = self.supply.scrapping(reserved_s);
        }
    }
}
