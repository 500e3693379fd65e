//! Measurements of the very model, accelerator and number, as a correction of the law.

use super::{Builder, Slot};
use crate::factors::Measured;
use crate::fronts::PerToken;
use crate::params::{Param, Params};
use crate::{Deployment, Task};
use std::sync::Arc;

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

    /// The ratios of one series at the medians of everything else.
    fn new(row: &Measured, medians: &Params, prompt_tokens: f64) -> Self {
        let length = row.output_tokens.get();
        let points = row.batch.iter().zip(&row.energy_j_per_token).map(|(batch, energy)| {
            let mut params = medians.clone();
            for (param, value) in [
                (Param::Batch, batch.get()),
                (Param::Accelerators, f64::from(row.accelerators)),
                (Param::BytesPerWeight, row.bytes_per_weight.get()),
                (Param::Residual, 1.0),
                (Param::PrefillResidual, 1.0),
                (Param::HardwareUnknown, 1.0),
                (Param::PrecisionUnknown, 1.0),
                (Param::LayoutUnknown, 1.0),
                (Param::Software, 1.0),
            ] {
                params.values_mut()[param as usize] = value;
            }
            let law = PerToken::new(&params, None).energy_j_per_output_token(prompt_tokens, length);
            (libm::log(batch.get()), libm::log(energy.get() / law))
        });
        Self { points: points.collect() }
    }
}

/// Looks for a measured series of this deployment and puts its measurements in the place of the law's uncertainty.
pub(super) fn fill(b: &mut Builder<'_>, deployment: &Deployment) {
    let stated = deployment.accelerator.as_deref().and_then(|word| b.set.accelerator(word)).map(|row| row.id.clone());
    let (Some(accelerator), Some(count)) = (stated, deployment.accelerators) else { return };
    if !b.plan.model.known || deployment.params_active_b.is_some() || deployment.params_total_b.is_some() {
        return;
    }
    let medians = b.plan.params(&b.plan.medians(b.set));
    let precision_known = !b.is_mixed(Param::BytesPerWeight);
    let bytes = medians.at(Param::BytesPerWeight);
    let wanted = |row: &&Measured| {
        precision_known
            && row.model == b.plan.model.model
            && row.accelerator == accelerator
            && row.accelerators == count
            && (row.bytes_per_weight.get() - bytes).abs() < 0.1
    };
    let task_of = |row: &Measured| row.task.parse::<Task>().ok();
    let rank = |row: &&Measured| {
        let task = task_of(row);
        (task != deployment.task, task.map_or(usize::MAX, |task| task as usize))
    };
    let Some(row) = b.set.measured().iter().filter(wanted).min_by_key(rank).cloned() else { return };
    let task = task_of(&row).unwrap_or(Task::Chat);
    let prompt = b.set.factor(&format!("inference.prompt_tokens.{task}")).map(|factor| factor.distribution.median().get());
    let Some(prompt) = prompt else { return };
    b.plan.calibration = Some(Arc::new(Calibration::new(&row, &medians, prompt)));
    b.plan.series = Some(row.id.clone());
    // What the measurement knows better than the law is no longer uncertain.
    for param in [
        Param::Em,
        Param::Ef,
        Param::Eo,
        Param::Ep,
        Param::Ek,
        Param::LowPrecisionOverhead,
        Param::LayersScale,
        Param::LayersPower,
        Param::KvScale,
        Param::KvPower,
        Param::ActiveB,
        Param::TotalB,
    ] {
        b.plan.slots[param as usize] = Slot::Known(medians.at(param));
    }
    b.method(Param::Residual, "inference.measured_residual");
    b.cured("model_shape_inferred");
}
