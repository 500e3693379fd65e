//! `assessment.toml`: a whole system of activities, from the hardware to a year of use, in one reviewed file.

mod amounts;
mod deployment;
mod extras;
mod read;

use lca::{Activity, Deployment, FactorSet, Kind, Stage};
use quantity::{Ratio, Tokens};
use read::{Reader, Source};
use toml::de::DeTable;

/// What is wrong with an `assessment.toml`, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: line {line}, column {column}: {message}")]
pub struct AssessmentError {
    /// The file as the user named it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong, and what is allowed.
    pub message: String,
}

/// A whole system: its activities, and what it is for.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// Title.
    pub title: String,
    /// What the totals are divided by.
    pub functional_unit: Option<FunctionalUnit>,
    /// The activities, in the order of the file.
    pub activities: Vec<Planned>,
}

/// What the system is for, and how much of it it gives.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionalUnit {
    /// One of it, such as `answered customer question`.
    pub name: String,
    /// How many of them the activities serve.
    pub quantity: Ratio,
}

/// How the training of a model by others is shared out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Share {
    /// The stated share of it.
    Stated(Ratio),
    /// By the output tokens of this system among those the model serves over its life; a prior of its tier where that is unknown.
    Served(Option<Tokens>),
}

/// One activity of an assessment.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Its name, unique in the file.
    pub name: String,
    /// What is done.
    pub activity: Activity,
    /// How and where.
    pub deployment: Deployment,
    /// How much of a model's training by others falls on this system; shown on a line of its own, never in the total.
    pub amortised: Option<Share>,
    /// A word of the author.
    pub note: Option<String>,
}

const TOP: &[&str] = &["title", "currency", "functional_unit", "default", "activity"];
const UNIT: &[&str] = &["name", "quantity"];
/// Keys of an activity that are neither amounts nor deployment.
const OWN: &[&str] = &["name", "kind", "stage", "repeat", "note", "amortise", "amortise_share", "served_tokens"];

impl Assessment {
    /// Reads the text of an `assessment.toml`; the factor set says which models, zones and accelerators exist.
    ///
    /// # Errors
    /// With file, line, column and key: what is no TOML, an unknown key, a word that no table knows (with the
    /// nearest one), a number that cannot be, amounts that contradict each other.
    pub fn parse(file: &str, text: &str, set: &FactorSet) -> Result<Self, AssessmentError> {
        let source = Source { file, text };
        let table =
            DeTable::parse(text).map_err(|error| source.error(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
        let top = Reader::new(source, table.get_ref(), table.span(), "an assessment", TOP)?;
        let title = top.needed("title", "the assessment")?.value.to_owned();
        let currency = currency(&top)?;
        let functional_unit = functional_unit(&top)?;
        let default = top.table("default", deployment::DEFAULTS)?;
        let keys: Vec<&str> = OWN.iter().chain(amounts::KEYS).chain(deployment::KEYS).chain(extras::MEDIA).copied().collect();
        let rows = top.tables("activity", &keys)?;
        if rows.is_empty() {
            return Err(source.error(0, "the assessment has no activity; add a table [[activity]] with `name` and `kind`"));
        }
        let mut activities: Vec<Planned> = Vec::with_capacity(rows.len());
        for row in &rows {
            let planned = planned(row, default.as_ref(), &currency, set)?;
            if activities.iter().any(|other| other.name == planned.name) {
                let at = row.place("name").unwrap_or(row.at);
                return Err(source.error(at, format!("there are two activities called `{}`; each needs a name of its own", planned.name)));
            }
            activities.push(planned);
        }
        if let Some(last) = rows.last()
            && activities.iter().all(|planned| planned.amortised.is_some())
        {
            return Err(source.error(last.at, "every activity is amortised training of others; an assessment needs an activity of its own"));
        }
        for (row, planned) in rows.iter().zip(&activities) {
            refuse_more_than_all(row, planned, &activities, set)?;
        }
        Ok(Self { title, functional_unit, activities })
    }
}

fn currency(top: &Reader<'_>) -> Result<String, AssessmentError> {
    let Some(currency) = top.text("currency")? else { return Ok(String::new()) };
    if currency.value.len() != 3 || !currency.value.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Err(top
            .source
            .error(currency.at, format!("`{}` is no currency; write its three letters (ISO 4217), such as \"EUR\"", currency.value)));
    }
    Ok(currency.value.to_owned())
}

fn functional_unit(top: &Reader<'_>) -> Result<Option<FunctionalUnit>, AssessmentError> {
    let Some(unit) = top.table("functional_unit", UNIT)? else { return Ok(None) };
    let name = unit.needed("name", "[functional_unit]")?.value.to_owned();
    let quantity = unit.positive("quantity")?.ok_or_else(|| unit.source.error(unit.at, "[functional_unit] has no `quantity`"))?;
    Ok(Some(FunctionalUnit { name, quantity: Ratio::new(quantity.value) }))
}

fn planned(row: &Reader<'_>, default: Option<&Reader<'_>>, currency: &str, set: &FactorSet) -> Result<Planned, AssessmentError> {
    let name = row.needed("name", "[[activity]]")?.value.to_owned();
    let kinds = [Kind::Inference, Kind::Training, Kind::Electricity, Kind::Hardware].map(Kind::as_str);
    let kind = row.word::<Kind>("kind", &kinds)?;
    let kind = kind.ok_or_else(|| row.source.error(row.at, format!("`{name}` has no `kind`; one of: {}", kinds.join(", "))))?.value;
    let stages: Vec<&str> = Stage::ALL.iter().map(|stage| stage.as_str()).collect();
    let stage = row.word::<Stage>("stage", &stages)?.map(|stage| stage.value);
    refuse_stage(row, kind, stage)?;
    let amortised = amortised(row, kind, &name)?;
    let activity = amounts::activity(row, kind, stage, &name, currency)?;
    let deployment = deployment::deployment(row, default, kind, set)?;
    let note = row.text("note")?.map(|note| note.value.to_owned());
    Ok(Planned { name, activity, deployment, amortised, note })
}

/// Refuses a stage that an activity of this kind never belongs to: it would fall into the wrong profile.
fn refuse_stage(row: &Reader<'_>, kind: Kind, stage: Option<Stage>) -> Result<(), AssessmentError> {
    use Stage::{Development, EndOfLife, FineTuning, Manufacturing, Network, PreTraining, Reinforcement};
    let Some(stage) = stage else { return Ok(()) };
    let training = [Development, PreTraining, FineTuning, Reinforcement];
    let fits = match kind {
        Kind::Training => training.contains(&stage),
        Kind::Inference => ![Manufacturing, EndOfLife, Network].contains(&stage),
        Kind::Hardware => stage == Manufacturing,
        Kind::Electricity => true,
    };
    let at = row.place("stage").unwrap_or(row.at);
    if !fits {
        let known: Vec<&str> = match kind {
            Kind::Hardware => vec![Manufacturing.as_str()],
            Kind::Training => training.map(Stage::as_str).to_vec(),
            _ => [Stage::Prefill, Stage::Decode, Stage::Idle].into_iter().chain(training).map(Stage::as_str).collect(),
        };
        let message = format!("`{}` is no stage of {kind}; it takes {}, or leave it out", stage.as_str(), known.join(", "));
        return Err(row.source.error(at, message));
    }
    if stage != PreTraining && row.flag("published")? {
        return Err(row.source.error(
            at,
            "`published = true` stands for the pre-training of the maker, which is another stage; state an amount of this one",
        ));
    }
    Ok(())
}

/// Refuses a model that serves this system more than it serves to everybody: the share would exceed the whole training.
fn refuse_more_than_all(row: &Reader<'_>, training: &Planned, all: &[Planned], set: &FactorSet) -> Result<(), AssessmentError> {
    let Some(Share::Served(Some(life))) = training.amortised else { return Ok(()) };
    let name = |planned: &Planned| {
        let provider = planned.deployment.provider.as_deref().unwrap_or_default();
        planned.deployment.model.as_deref().map(|model| set.resolve_model(provider, model).model)
    };
    let model = name(training);
    let asked = all.iter().filter(|planned| planned.activity.kind == Kind::Inference && name(planned) == model);
    let used = Tokens(asked.map(|planned| planned.activity.stats.output_all()).sum());
    if used <= life {
        return Ok(());
    }
    let message = format!(
        "`served_tokens` is {}, but the activities of this file alone have the model write {}; it counts all tokens of its life",
        life.0, used.0
    );
    Err(row.source.error(row.place("served_tokens").unwrap_or(row.at), message))
}

fn amortised(row: &Reader<'_>, kind: Kind, name: &str) -> Result<Option<Share>, AssessmentError> {
    let share = row.positive("amortise_share")?;
    let served = row.positive("served_tokens")?;
    if !row.flag("amortise")? {
        return match share.or(served) {
            Some(share) => Err(row.source.error(share.at, "`amortise_share` and `served_tokens` need `amortise = true` beside them")),
            None => Ok(None),
        };
    }
    let at = row.place("amortise").unwrap_or(row.at);
    if kind != Kind::Training {
        return Err(row.source.error(at, format!("`{name}` is {kind}; only the training of a model by others is amortised")));
    }
    match (share, served) {
        (Some(share), Some(_)) => {
            Err(row.source.error(share.at, "`amortise_share` and `served_tokens` both say how much falls on this system; keep one"))
        }
        (Some(share), None) if share.value > 1.0 => {
            Err(row.source.error(share.at, format!("`amortise_share` is {}; a share is at most 1", share.value)))
        }
        (Some(share), None) => Ok(Some(Share::Stated(Ratio::new(share.value)))),
        (None, Some(served)) if served.value > 1e21 => Err(row.source.error(served.at, "`served_tokens` is above 10^21; check the unit")),
        (None, served) => {
            row.needed("model", "training that is amortised by tokens")?;
            Ok(Some(Share::Served(served.map(|served| Tokens(served.value as i128)))))
        }
    }
}

#[cfg(test)]
mod tests;
