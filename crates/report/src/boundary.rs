//! The boundary in words: what a profile counts, and why the rest is out.

use crate::messages::{Msg, fill};
use crate::names;
use lca::{Impacts, Indicator, Profile, Stage};
use quantity::Lang;

/// One line that states the boundary.
#[must_use]
pub fn sentence(profile: Profile, included: &[Stage], lang: Lang) -> String {
    let stages: Vec<&str> = included.iter().map(|stage| names::stage(*stage).text(lang)).collect();
    let stages = if stages.is_empty() { Msg::NoStages.text(lang).to_owned() } else { stages.join(", ") };
    let what = match profile {
        Profile::Full => Msg::BoundaryFull,
        Profile::Operational => Msg::BoundaryOperational,
        Profile::SciConsumer => Msg::BoundarySciConsumer,
        Profile::SciProvider => Msg::BoundarySciProvider,
        Profile::GhgLocation => Msg::BoundaryGhgLocation,
        Profile::GhgMarket => Msg::BoundaryGhgMarket,
        Profile::Ecologits => Msg::BoundaryEcologits,
    };
    fill(what, lang, &[&stages])
}

/// Why a stage is not in the total.
#[must_use]
pub fn stage_reason(stage: Stage, profile: Profile) -> Msg {
    match (profile, stage) {
        (Profile::Ecologits, Stage::Prefill | Stage::Idle | Stage::Network | Stage::EndOfLife) => Msg::ReasonEcologits,
        (Profile::SciConsumer, Stage::Development | Stage::PreTraining | Stage::FineTuning | Stage::Reinforcement) => {
            Msg::ReasonSciConsumer
        }
        (Profile::SciProvider, Stage::Prefill | Stage::Decode | Stage::Idle | Stage::Network) => Msg::ReasonSciProvider,
        (Profile::GhgLocation | Profile::GhgMarket, Stage::Manufacturing | Stage::EndOfLife) => Msg::ReasonInventory,
        (_, Stage::Development | Stage::PreTraining | Stage::FineTuning | Stage::Reinforcement) => Msg::ReasonTraining,
        (Profile::Operational, Stage::Manufacturing | Stage::EndOfLife) => Msg::ReasonOperational,
        (_, Stage::Network) => Msg::ReasonNetwork,
        _ => Msg::ReasonNothing,
    }
}

/// Why an indicator is a gap.
#[must_use]
pub fn gap_reason(indicator: Indicator, empty: bool) -> Msg {
    match indicator {
        _ if empty => Msg::GapEmpty,
        Indicator::Cost => Msg::GapCost,
        _ => Msg::GapFactor,
    }
}

/// The indicators that have no figure.
pub fn gaps(impacts: &Impacts) -> impl Iterator<Item = Indicator> + '_ {
    Indicator::ALL.iter().copied().filter(|indicator| impacts.row(*indicator).is_none())
}
