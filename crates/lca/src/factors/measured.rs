//! `Measured`: a series of measured energies of one model on one accelerator, by batch.

use quantity::Ratio;
use serde::{Deserialize, Serialize};

/// Joules per output token at the accelerators, measured at several batches.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Measured {
    /// Id.
    pub id: String,
    /// Model id.
    pub model: String,
    /// Accelerator id.
    pub accelerator: String,
    /// Number of accelerators.
    pub accelerators: u32,
    /// Bytes per weight.
    pub bytes_per_weight: Ratio,
    /// What the requests were for.
    pub task: String,
    /// Mean output tokens of a request.
    pub output_tokens: Ratio,
    /// Requests served together, rising.
    pub batch: Vec<Ratio>,
    /// Energy at the accelerators per output token at each batch, prefill included, J.
    pub energy_j_per_token: Vec<Ratio>,
    /// Key of the source.
    pub source: String,
    /// Place within the source.
    pub place: String,
}

impl Measured {
    /// What is wrong with the row, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        let rising = self.batch.windows(2).all(|pair| pair[0] < pair[1]);
        let positive = |list: &[Ratio]| list.iter().all(|value| value.get().is_finite() && value.get() > 0.0);
        if self.batch.is_empty() || self.batch.len() != self.energy_j_per_token.len() {
            Some("batch and energy_j_per_token must hold equally many numbers, at least one".to_owned())
        } else if !(rising && positive(&self.batch) && positive(&self.energy_j_per_token)) {
            Some("batches must rise, and every number must lie above 0".to_owned())
        } else if self.accelerators == 0 || !positive(&[self.bytes_per_weight, self.output_tokens]) {
            Some("accelerators, bytes_per_weight and output_tokens must lie above 0".to_owned())
        } else if self.source.is_empty() || self.place.is_empty() {
            Some("a series without source and place does not load".to_owned())
        } else {
            None
        }
    }
}
