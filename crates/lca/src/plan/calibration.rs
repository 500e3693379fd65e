//! Measurements of the very model, accelerator and number, as a correction of the law.

use super::Builder;
use crate::Deployment;

/// Measured energy over the law's at the batches that were measured, interpolated in logarithms.
#[derive(Debug, Clone)]
pub(crate) struct Calibration {
    /// Logarithms of batch and of measured over modelled, by batch.
    points: Vec<(f64, f64)>,
}

impl Calibration {
    /// The ratio at a batch; beyond the measured batches that of the nearest.
    pub(crate) fn at(&self, batch: f64) -> f64 {
        let x = libm::log(batch);
        let after = self.points.partition_point(|(at, _)| *at < x);
        let ratio = match (after.checked_sub(1).and_then(|before| self.points.get(before)), self.points.get(after)) {
            (Some((x0, y0)), Some((x1, y1))) if x1 > x0 => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
            (Some((_, y)), _) | (None, Some((_, y))) => *y,
            (None, None) => 0.0,
        };
        libm::exp(ratio)
    }
}

/// Looks for a measured series of this deployment.
pub(super) fn fill(_b: &mut Builder<'_>, _deployment: &Deployment) {}
