//! Whether the accelerators that are stated can hold the model.

use super::FactorSet;
use crate::Deployment;

impl FactorSet {
    /// Why the weights do not fit into the stated accelerators; `None` where they fit, or where nobody can tell.
    #[must_use]
    pub fn too_small(&self, deployment: &Deployment) -> Option<String> {
        let accelerator = self.accelerator(deployment.accelerator.as_deref()?)?;
        let count = deployment.accelerators?;
        let median = |id: String| self.factor(&id).map(|factor| factor.distribution.median().get());
        let memory_gb = median(format!("accelerator.{}.memory_gb", accelerator.id))?;
        let published = || {
            let name = self.resolve_model(deployment.provider.as_deref().unwrap_or(""), deployment.model.as_deref()?).model;
            self.models().get(&name).filter(|model| model.open)?;
            median(format!("model.{name}.params_total_b"))
        };
        let total = deployment.params_total_b.or(deployment.params_active_b).map(quantity::Ratio::get).or_else(published)?;
        // Without a stated format the smallest in use decides: four bits.
        let bytes = deployment.bytes_per_weight.map_or(0.5, quantity::Ratio::get);
        let (need, have) = (total * bytes, f64::from(count) * memory_gb);
        (need > have).then(|| {
            format!(
                "the weights of {total} billion parameters at {bytes} bytes each need {need:.0} GB, but {count} x {} hold {have:.0} GB",
                accelerator.name
            )
        })
    }
}
