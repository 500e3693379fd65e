//! `LifeCycle`: a whole system of activities from the hardware to its use, stage by stage, on common draws.

mod chart;
mod compare;
mod compare_text;
mod html;
mod tables;
mod text;
mod value;

pub use chart::{finding, picture};
pub use compare::{Claim, Comparison, Difference, compare};
pub use html::{below, matrix};
pub use value::{LifeCycleValued, life_cycle};

use crate::table::tame;
use crate::{Format, ReportError, json};
use lca::{Impacts, Indicator, Kind, Profile, SourceNote, Stage};
use quantity::{Driver, Grade, Lang, Ratio, Weakness};
use serde::Serialize;
use std::collections::BTreeMap;

/// A life cycle with everything needed to follow and to recompute it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LifeCycle {
    /// Always `life_cycle` here.
    pub statement: String,
    /// Title of the assessment.
    pub title: String,
    /// Profile.
    pub profile: Profile,
    /// Currency of every cost.
    pub currency: String,
    /// The total; amortised training of others is not in it.
    pub total: Part,
    /// The total per functional unit, where the assessment names one.
    pub functional_unit: Option<PerUnit>,
    /// By stage, in the order of the life cycle.
    pub stages: Vec<Part>,
    /// By activity, in the order of the file.
    pub activities: Vec<Part>,
    /// Training of models by others, at the share that falls on the system; beside the total, never in it.
    pub amortised: Vec<Part>,
    /// Order of the stages by indicator, largest first, with what of it is sure.
    pub ranking: BTreeMap<Indicator, Vec<Place>>,
    /// Order of the activities by indicator, largest first, with what of it is sure.
    pub activity_ranking: BTreeMap<Indicator, Vec<Place>>,
    /// Activities that have no figure for an indicator, so that its total lacks them; not those that the profile leaves out.
    pub gaps: BTreeMap<Indicator, Vec<String>>,
    /// Stages that are not in the total, with the reason.
    pub left_out: Vec<(Stage, String)>,
    /// One line that states the boundary.
    pub boundary: String,
    /// Sources of every factor that was used.
    pub sources: Vec<SourceNote>,
    /// Name of the factor set.
    pub factor_set: String,
    /// Version of the method.
    pub method: String,
    /// Factors replaced by the user's own.
    pub factor_overrides: Vec<String>,
}

/// One stage, one activity, or the total.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Stage, name of the activity, or `total`.
    pub key: String,
    /// Kind of the activity.
    pub kind: Option<Kind>,
    /// A word of the author.
    pub note: Option<String>,
    /// All indicators.
    pub impacts: Impacts,
    /// Share of the total by indicator: low, median, high, taken draw by draw.
    pub shares: BTreeMap<Indicator, [Ratio; 3]>,
    /// Of a stage, the median by activity; of an activity, the median by stage. In the base unit of the indicator.
    pub made_of: BTreeMap<Indicator, Vec<(String, Ratio)>>,
    /// Grade.
    pub grade: Grade,
    /// Share of the energy by grade.
    pub grade_shares: BTreeMap<Grade, Ratio>,
    /// What makes the interval wide.
    pub drivers: Vec<Driver>,
    /// What weakens it.
    pub weaknesses: Vec<Weakness>,
    /// Ids of the sources behind it.
    pub sources: Vec<String>,
}

/// The total per functional unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PerUnit {
    /// One of it.
    pub name: String,
    /// How many of them the system serves.
    pub quantity: Ratio,
    /// All indicators for one of them.
    pub impacts: Impacts,
}

/// A place in an order, largest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// Stage or activity.
    pub key: String,
    /// One more than the number of those that surely lie above it; those that cannot be told apart share a place.
    pub place: usize,
    /// The probability that it lies above the next.
    pub above_next: Option<Ratio>,
}

/// The life cycle in a format; ends with a line break. JSON does not depend on the language.
///
/// # Errors
/// When JSON cannot hold a number, or the format is CSV, which holds one table and this has many.
pub fn render(life: &LifeCycle, format: Format, lang: Lang) -> Result<String, ReportError> {
    match format {
        Format::Text => Ok(tame(&text::text(life, lang))),
        Format::Md => Ok(tame(&text::markdown(life, lang))),
        Format::Html => Ok(tame(&html::html(life, lang))),
        Format::Json => json(life),
        Format::Csv => Err(no_csv()),
    }
}

/// A comparison in a format; ends with a line break.
///
/// # Errors
/// When JSON cannot hold a number, or the format is CSV.
pub fn render_comparison(comparison: &Comparison, format: Format, lang: Lang) -> Result<String, ReportError> {
    match format {
        Format::Text => Ok(tame(&compare_text::text(comparison, lang))),
        Format::Md => Ok(tame(&compare_text::markdown(comparison, lang))),
        Format::Html => Ok(tame(&compare_text::html(comparison, lang))),
        Format::Json => json(comparison),
        Format::Csv => Err(no_csv()),
    }
}

fn no_csv() -> ReportError {
    ReportError::Format { format: "CSV", reason: "an assessment has several tables; use text, md, html or json".to_owned() }
}
