//! Names of the closed lists, as the reader sees them.

use crate::messages::Msg;
use crate::{By, contract};
use books::Severity;
use lca::{Indicator, Profile, Stage};
use quantity::{Grade, Lang};

/// The name of a stage.
#[must_use]
pub const fn stage(stage: Stage) -> Msg {
    match stage {
        Stage::Manufacturing => Msg::Manufacturing,
        Stage::Development => Msg::Development,
        Stage::PreTraining => Msg::PreTraining,
        Stage::FineTuning => Msg::FineTuning,
        Stage::Reinforcement => Msg::Reinforcement,
        Stage::Prefill => Msg::Prefill,
        Stage::Decode => Msg::Decode,
        Stage::Idle => Msg::Idle,
        Stage::Network => Msg::Network,
        Stage::EndOfLife => Msg::EndOfLife,
    }
}

/// The name of an indicator.
#[must_use]
pub const fn indicator(indicator: Indicator) -> Msg {
    match indicator {
        Indicator::EnergyKwh => Msg::Energy,
        Indicator::GwpKgco2e => Msg::Ghg,
        Indicator::WaterL => Msg::Water,
        Indicator::AdpeKgsbeq => Msg::Materials,
        Indicator::PeMj => Msg::Primary,
        Indicator::EwasteKg => Msg::Ewaste,
        Indicator::Cost => Msg::Money,
    }
}

/// What an indicator counts, in a few words.
#[must_use]
pub const fn indicator_long(indicator: Indicator) -> Msg {
    match indicator {
        Indicator::EnergyKwh => Msg::EnergyLong,
        Indicator::GwpKgco2e => Msg::GhgLong,
        Indicator::WaterL => Msg::WaterLong,
        Indicator::AdpeKgsbeq => Msg::MaterialsLong,
        Indicator::PeMj => Msg::PrimaryLong,
        Indicator::EwasteKg => Msg::EwasteLong,
        Indicator::Cost => Msg::MoneyLong,
    }
}

/// The base unit of an indicator in results; money has the statement's currency instead.
#[must_use]
pub const fn base_unit(indicator: Indicator) -> &'static str {
    match indicator {
        Indicator::EnergyKwh => "kWh",
        Indicator::GwpKgco2e => "kgCO2e",
        Indicator::WaterL => "L",
        Indicator::AdpeKgsbeq => "kgSbeq",
        Indicator::PeMj => "MJ",
        Indicator::EwasteKg => "kg",
        Indicator::Cost => "",
    }
}

/// What a grade means.
#[must_use]
pub const fn grade(grade: Grade) -> Msg {
    match grade {
        Grade::A => Msg::GradeA,
        Grade::B => Msg::GradeB,
        Grade::C => Msg::GradeC,
        Grade::D => Msg::GradeD,
        Grade::E => Msg::GradeE,
        Grade::F => Msg::GradeF,
    }
}

/// What a profile counts.
#[must_use]
pub const fn profile(profile: Profile) -> Msg {
    match profile {
        Profile::Full => Msg::ProfileFull,
        Profile::Operational => Msg::ProfileOperational,
        Profile::SciConsumer => Msg::ProfileSciConsumer,
        Profile::SciProvider => Msg::ProfileSciProvider,
        Profile::GhgLocation => Msg::ProfileGhgLocation,
        Profile::GhgMarket => Msg::ProfileGhgMarket,
        Profile::Ecologits => Msg::ProfileEcologits,
    }
}

/// The name of the band: a 90 % interval, or that method's range.
#[must_use]
pub const fn band(profile: Profile) -> Msg {
    match profile {
        Profile::Ecologits => Msg::IntervalEcologits,
        _ => Msg::Interval,
    }
}

/// The name of a grouping.
#[must_use]
pub const fn by(by: By) -> Msg {
    match by {
        By::Account => Msg::ByAccount,
        By::Model => Msg::ByModel,
        By::Provider => Msg::ByProvider,
        By::Site => Msg::BySite,
        By::Stage => Msg::ByStage,
        By::Day => Msg::ByDay,
        By::Month => Msg::ByMonth,
    }
}

/// The name of a grouping inside a sentence.
#[must_use]
pub fn by_within(grouping: By, lang: Lang) -> String {
    let name = by(grouping).text(lang);
    if lang == Lang::De { name.to_owned() } else { name.to_lowercase() }
}

/// The name of a severity.
#[must_use]
pub const fn severity(severity: Severity) -> Msg {
    match severity {
        Severity::Note => Msg::Note,
        Severity::Warning => Msg::Warning,
        Severity::Error => Msg::Error,
    }
}

/// A group's key as the reader sees it: stages and unknowns have names, everything else is itself.
#[must_use]
pub fn key(key: &str, by: By, lang: Lang) -> String {
    match by {
        By::Stage => key.parse().map_or_else(|_| key.to_owned(), |word| stage(word).text(lang).to_owned()),
        By::Day | By::Month => key.to_owned(),
        _ if key == contract::UNKNOWN => Msg::Unknown.text(lang).to_owned(),
        By::Account if key == "unassigned" => Msg::Unassigned.text(lang).to_owned(),
        _ => key.to_owned(),
    }
}
