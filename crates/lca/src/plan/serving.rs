//! How a model is served: accelerator, coefficients of the law, batch, precision.

use super::{Builder, embodied};
use crate::params::Param;
use crate::{Boundary, Deployment, Task};
use quantity::{Grade, Ratio};

/// Fills the accelerator.
pub(super) fn accelerator(b: &mut Builder<'_>, deployment: &Deployment) {
    const REFERENCE: &str = "h100-sxm";
    /// Accelerators that the law was fitted on.
    const MEASURED: [&str; 2] = [REFERENCE, "b200"];
    let stated = deployment.accelerator.as_deref().filter(|word| !word.is_empty());
    let found = stated.and_then(|word| b.set.accelerator(word)).cloned();
    if let (Some(word), None) = (stated, &found) {
        b.weak("accelerator_not_in_table", word, "no factors for this accelerator; the reference accelerator stands in");
    }
    let known = found.is_some();
    let row = found.or_else(|| b.set.accelerator(REFERENCE).cloned()).unwrap_or_default();
    if known && MEASURED.contains(&row.id.as_str()) {
        b.known(Param::HardwareUnknown, 1.0);
    } else if known {
        b.method(Param::HardwareUnknown, "inference.hardware_scaling");
    } else {
        b.weak("hardware_unknown", &row.id, "which accelerator served it is not stated; this one is assumed, with a wider spread");
        b.method(Param::HardwareUnknown, "inference.hardware_unknown");
        if b.plan.grade == Grade::D {
            b.plan.grade = Grade::E;
        }
    }
    let accelerator = |name: &str| format!("accelerator.{}.{name}", row.id);
    let reference = |name: &str| format!("accelerator.{REFERENCE}.{name}");
    for (param, name) in [
        (Param::TdpW, "tdp_w"),
        (Param::MemoryGb, "memory_gb"),
        (Param::BandwidthGbS, "bandwidth_gb_s"),
        (Param::PeakTflops, "peak_bf16_tflops"),
    ] {
        if !b.fill(param, &[accelerator(name)]) {
            b.weak("accelerator_figure_missing", &accelerator(name), "the value of the reference accelerator stands in");
            b.fill(param, &[reference(name)]);
        }
    }
    for (param, name) in [
        (Param::ReferenceTdpW, "tdp_w"),
        (Param::ReferenceBandwidthGbS, "bandwidth_gb_s"),
        (Param::ReferencePeakTflops, "peak_bf16_tflops"),
    ] {
        b.fill(param, &[reference(name)]);
    }
    if b.plan.scope.profile.attributes_hardware() {
        embodied::fill(b, &row);
    }
    b.method(Param::PowerShare, "inference.power_share");
    if let Some(count) = deployment.accelerators {
        b.known(Param::Accelerators, f64::from(count.max(1)));
        b.known(Param::LayoutUnknown, 1.0);
    } else {
        // Zero is the sign for "by the memory rule"; see the law.
        b.known(Param::Accelerators, 0.0);
        b.method(Param::LayoutUnknown, "inference.layout_unknown");
        b.method(Param::AcceleratorsRatio, "inference.accelerators_ratio");
        b.weak("accelerators_unknown", "inference.accelerators_ratio", "how many accelerators hold one copy of the model is not stated; the fewest that hold its weights are assumed, or twice as many");
    }
}

/// Fills the coefficients of the law, and the priors of what is not stated.
pub(super) fn law(b: &mut Builder<'_>, deployment: &Deployment) {
    for (param, id) in [
        (Param::Em, "inference.e_m"),
        (Param::Ef, "inference.e_f"),
        (Param::Eo, "inference.e_o"),
        (Param::Ep, "inference.e_p"),
        (Param::Ek, "inference.e_k"),
        (Param::Residual, "inference.residual"),
        (Param::PrefillResidual, "inference.prefill_residual"),
        (Param::Attention, "inference.attention"),
        (Param::CacheRead, "inference.cache_read_ratio"),
        (Param::CacheWrite, "inference.cache_write_ratio"),
        (Param::Host, "inference.host"),
        (Param::Idle, "inference.idle_ratio"),
        (Param::OutputPrior, "inference.output_tokens_prior"),
        (Param::LowPrecisionOverhead, "inference.low_precision_overhead"),
    ] {
        b.method(param, id);
    }
    let prompt = deployment.task.map(|task| format!("inference.prompt_tokens.{task}"));
    let prompt: Vec<String> = prompt.into_iter().chain(["inference.input_tokens_prior".to_owned()]).collect();
    if !b.fill(Param::InputPrior, &prompt) {
        b.weak("factor_missing", "inference.input_tokens_prior", "the factor set has no such factor; the parts that need it are gaps");
    }
    if deployment.task == Some(Task::Embedding) || embeds(&b.plan.model.model) {
        // An embedding model writes no tokens, so no step of writing bears the weights and the overhead of its one pass.
        b.known(Param::OutputPrior, 0.0);
        b.known(Param::ForwardPasses, 1.0);
    } else {
        b.known(Param::ForwardPasses, 0.0);
    }
    batch(b, deployment);
    // A measurement states its software; a service does not.
    if b.plan.scope.boundary == Boundary::Accelerator {
        b.known(Param::Software, 1.0);
    } else {
        b.method(Param::Software, "inference.software");
    }
    b.known(Param::PrecisionUnknown, 1.0);
    let released = format!("model.{}.bytes_per_weight", b.plan.model.model);
    if let Some(bytes) = deployment.bytes_per_weight {
        b.known(Param::BytesPerWeight, bytes.get());
    } else if deployment.model.as_deref().is_some_and(|name| name.to_lowercase().contains("fp8")) {
        b.known(Param::BytesPerWeight, 1.0);
    } else if !b.fill(Param::BytesPerWeight, &[released]) {
        b.weak("precision_unknown", "inference.bytes_per_weight", "the number format of the weights is not stated; a prior stands in");
        b.method(Param::PrecisionUnknown, "inference.precision_unknown");
        b.method(Param::BytesPerWeight, "inference.bytes_per_weight");
    }
}

/// Whether a model's name says that it embeds text.
pub(crate) fn embeds(model: &str) -> bool {
    model.to_lowercase().contains("embed")
}

/// Fills the batch: stated, read from the time between tokens, or a prior.
fn batch(b: &mut Builder<'_>, deployment: &Deployment) {
    if let Some(batch) = deployment.batch {
        b.known(Param::Batch, batch.get().max(1.0));
        return;
    }
    let time = deployment.inter_token_ms.map(Ratio::get).filter(|time| time.is_finite() && *time > 0.0);
    if let Some(time) = time
        && let Some(weight) = batch_by_time(b, time)
        && b.fill_times(Param::Batch, weight, "inference.batch_time_scale")
    {
        b.weak(
            "batch_inferred",
            "inference.batch_time_scale",
            "how many requests were served together is read from the time between tokens, with a wide spread",
        );
        return;
    }
    b.weak(
        "batch_unknown",
        "inference.batch",
        "how many requests were served together is not stated; a prior stands in: inter-token times or the provider's word would narrow it",
    );
    b.method(Param::Batch, "inference.batch");
}

/// The batch at which tokens follow each other at this time, up to its scale, for the medians of the model's size.
fn batch_by_time(b: &Builder<'_>, time_ms: f64) -> Option<f64> {
    let medians = b.plan.params(&b.plan.medians(b.set));
    let power = |name: &str| Some(b.set.factor(&format!("inference.batch_{name}_power"))?.distribution.median().get());
    let term = |value: f64, power: f64| libm::exp(power * libm::log(value));
    let (active, total) = (medians.at(Param::ActiveB), medians.at(Param::TotalB));
    Some(term(time_ms, power("time")?) * term(active, -power("active")?) * term(total, -power("total")?))
}
