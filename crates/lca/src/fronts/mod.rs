//! The fronts: how each kind of activity turns its sums into rows of stages.

mod hardware;
mod inference;
mod media;
mod metered;
mod training;

pub(crate) use hardware::HardwarePoint;
pub(crate) use inference::PerToken;

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
    /// A training run.
    Training(training::TrainingPoint),
    /// Devices bought.
    Hardware(HardwarePoint),
    /// The profile leaves the activity out.
    LeftOut,
}

impl Point {
    pub(crate) fn new(params: &Params, plan: &Plan) -> Self {
        if plan.left_out {
            Self::LeftOut
        } else if plan.kind == Kind::Training {
            Self::Training(training::TrainingPoint::new(params, plan))
        } else if plan.kind == Kind::Hardware {
            Self::Hardware(HardwarePoint::new(params))
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
            Self::Training(point) => point.fill(amounts, billed, rows),
            Self::Hardware(point) => point.fill(amounts, billed, rows),
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
    if plan.kind == Kind::Training && !plan.left_out {
        return of_training(plan);
    }
    if plan.kind == Kind::Hardware && !plan.left_out {
        return &[Stage::Manufacturing, Stage::EndOfLife];
    }
    one(plan.stage)
}

/// The stage of a training, its development and its hardware, as far as the plan has them.
fn of_training(plan: &Plan) -> &'static [Stage] {
    use Stage::{Development, EndOfLife, FineTuning, Manufacturing, PreTraining, Reinforcement};
    let (all, alone): (&[Stage], &[Stage]) = match plan.stage {
        Development => (&[], &[Development, Manufacturing, EndOfLife]),
        FineTuning => (&[FineTuning, Development, Manufacturing, EndOfLife], &[FineTuning, Manufacturing, EndOfLife]),
        Reinforcement => (&[Reinforcement, Development, Manufacturing, EndOfLife], &[Reinforcement, Manufacturing, EndOfLife]),
        PreTraining => (&[PreTraining, Development, Manufacturing, EndOfLife], &[PreTraining, Manufacturing, EndOfLife]),
        other => (&[], one(other)),
    };
    let rows = if plan.training.development { all } else { alone };
    if plan.training.hardware { rows } else { &rows[..rows.len().saturating_sub(2).max(1)] }
}

/// A stage as a list of its own.
fn one(stage: Stage) -> &'static [Stage] {
    let place = Stage::ALL.iter().position(|known| *known == stage).unwrap_or_default();
    &Stage::ALL[place..=place]
}
