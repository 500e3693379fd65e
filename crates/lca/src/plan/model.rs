//! The model: its size, and the shape that the law needs.

use super::Builder;
use crate::Deployment;
use crate::params::Param;
use quantity::Grade;

/// Fills size and shape of the model, and grades what is known of it.
pub(super) fn fill(b: &mut Builder<'_>, deployment: &Deployment) {
    size(b, deployment);
    let id = b.plan.model.known.then(|| b.plan.model.model.clone());
    let mut inferred = false;
    for (stated, own, scale, power, (prior, exponent)) in [
        (deployment.layers, "layers", Param::LayersScale, Param::LayersPower, ("inference.layers_scale", "inference.layers_power")),
        (deployment.kv_mb_per_token, "kv_mb_per_token", Param::KvScale, Param::KvPower, ("inference.kv_scale", "inference.kv_power")),
    ] {
        if let Some(stated) = stated {
            b.known(scale, stated.get());
            b.known(power, 0.0);
        } else if let Some(id) = &id
            && b.fill(scale, &[format!("model.{id}.{own}")])
        {
            b.known(power, 0.0);
        } else {
            b.method(scale, prior);
            b.method(power, exponent);
            inferred = true;
        }
    }
    if inferred {
        b.weak(
            "model_shape_inferred",
            "inference.layers_scale",
            "layers and key-value cache of this model are not known; they are inferred from its size",
        );
    }
}

/// Fills the size of the model alone.
pub(super) fn size(b: &mut Builder<'_>, deployment: &Deployment) {
    let given = |ratio: Option<quantity::Ratio>| ratio.map(quantity::Ratio::get);
    match (given(deployment.params_active_b), given(deployment.params_total_b)) {
        (Some(active), total) => {
            b.known(Param::ActiveB, active);
            b.known(Param::TotalB, total.unwrap_or(active));
            if total.is_none() {
                b.weak("total_unknown", "params_total", "only the active size is given; the model is taken as dense");
            }
            b.plan.grade = Grade::D;
            return;
        }
        (None, Some(total)) => {
            b.known(Param::ActiveB, total);
            b.known(Param::TotalB, total);
            b.weak("active_unknown", "params_active", "only the total size is given; the model is taken as dense");
            b.plan.grade = Grade::D;
            return;
        }
        (None, None) => {}
    }
    let name = b.plan.model.clone();
    if name.known {
        let active = b.fill(Param::ActiveB, &[format!("model.{}.params_active_b", name.model)]);
        let total = b.fill(Param::TotalB, &[format!("model.{}.params_total_b", name.model)]);
        if active && total {
            let open = b.set.models().get(&name.model).is_some_and(|model| model.open);
            if open {
                b.plan.grade = Grade::D;
            } else {
                b.weak(
                    "model_size_inferred",
                    &name.model,
                    "the provider does not publish the model's size; it is inferred, with a wide spread",
                );
            }
            return;
        }
    }
    let about = if name.model.is_empty() { "model not stated" } else { &name.model };
    b.weak("model_unknown", about, "the factor set does not know this model; the default of all models stands in, with a very wide interval: name it in your own factors");
    b.fill(Param::ActiveB, &["class.unknown.params_active_b".to_owned()]);
    b.fill(Param::TotalB, &["class.unknown.params_total_b".to_owned()]);
    b.plan.grade = Grade::F;
}
