//! The fronts: how each kind of activity turns its sums into rows of stages.

mod inference;
mod metered;

use crate::amounts::Amounts;
use crate::params::Params;
use crate::plan::Plan;
use crate::supply::{GAP, Row};
use crate::{Boundary, Kind, Stage};

/// Number of stages an evaluation fills at the most.
pub(crate) const STAGES: usize = 6;
/// One row per stage.
pub(crate) type Table = [Row; STAGES];

/// A front with every parameter filled in, ready to be multiplied by amounts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Point {
    /// Modelled inference.
    Inference(inference::InferencePoint),
    /// Metered energy.
    Metered(metered::MeteredPoint),
    /// The profile leaves the activity out.
    LeftOut,
}

impl Point {
    pub(crate) fn new(params: &Params, plan: &Plan) -> Self {
        if plan.left_out {
            Self::LeftOut
        } else if plan.metered {
            Self::Metered(metered::MeteredPoint::new(params, plan))
        } else {
            Self::Inference(inference::InferencePoint::new(params, plan))
        }
    }

    /// The rows of [`stages`]; what is not filled stays a gap.
    pub(crate) fn table(&self, amounts: &Amounts, billed: bool, stages: usize) -> Table {
        let mut table = [GAP; STAGES];
        let rows = &mut table[..stages];
        match self {
            Self::Inference(point) => point.fill(amounts, billed, rows),
            Self::Metered(point) => point.fill(amounts, billed, rows),
            Self::LeftOut => {}
        }
        table
    }
}

/// Stages that an evaluation fills, in the order of its rows.
pub(crate) fn stages(plan: &Plan) -> &'static [Stage] {
    const INFERENCE: &[Stage] = &[Stage::Prefill, Stage::Decode, Stage::Idle, Stage::Manufacturing, Stage::EndOfLife];
    if plan.kind == Kind::Inference && !plan.metered {
        let hardware = plan.scope.profile.attributes_hardware();
        return match plan.scope.boundary {
            Boundary::Site if hardware => INFERENCE,
            Boundary::Site => &INFERENCE[..3],
            Boundary::Accelerator | Boundary::Server => &INFERENCE[..2],
        };
    }
    one(plan.stage)
}

/// A stage as a list of its own.
fn one(stage: Stage) -> &'static [Stage] {
    let place = Stage::ALL.iter().position(|known| *known == stage).unwrap_or_default();
    &Stage::ALL[place..=place]
}
