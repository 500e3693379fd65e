//! How and where an activity was done: the deployment fields, checked against the factor set.

use super::AssessmentError;
use super::extras::{contracts, media, precision, tuning};
use super::read::{At, Reader};
use lca::{Deployment, FactorSet, Kind, Task};
use quantity::{CarbonIntensity, Ratio};

/// Keys of the deployment.
pub(super) const KEYS: &[&str] = &[
    "model",
    "params_active",
    "params_total",
    "layers",
    "kv_mb_per_token",
    "task",
    "provider",
    "zone",
    "site",
    "accelerator",
    "accelerators",
    "batch",
    "inter_token_ms",
    "precision",
    "tuning",
    "development",
    "published",
    "with_server",
    "lifetime_years",
    "contracts",
    "grid_kgco2e_per_kwh",
];

/// Keys that `[default]` may state for every activity.
pub(super) const DEFAULTS: &[&str] = &["zone", "provider", "site", "accelerator", "contracts", "grid_kgco2e_per_kwh"];

/// The deployment of a row; what it does not state comes from `[default]`.
pub(super) fn deployment(
    row: &Reader<'_>,
    default: Option<&Reader<'_>>,
    kind: Kind,
    set: &FactorSet,
) -> Result<Deployment, AssessmentError> {
    let places = Places { row, default, set };
    let model = model(row, set, places.provider()?.as_deref().unwrap_or_default())?;
    let active = row.positive("params_active")?;
    let total = row.positive("params_total")?;
    if let (Some(active), Some(total)) = (active, total)
        && active.value > total.value
    {
        let message = format!("`params_active` ({}) lies above `params_total` ({}); swap them", active.value, total.value);
        return Err(row.source.error(active.at, message));
    }
    if let (Some(_), Some(at)) = (&model, active.or(total)) {
        return Err(row.source.error(at.at, "the row names a `model` and its size; keep one, the model's size is in the factor set"));
    }
    let tasks: Vec<&str> = Task::ALL.iter().map(|task| task.as_str()).collect();
    let ratio = |key: &str| -> Result<Option<Ratio>, AssessmentError> { Ok(row.positive(key)?.map(|number| Ratio::new(number.value))) };
    let deployment = Deployment {
        model,
        provider: places.provider()?,
        params_active_b: active.map(|number| Ratio::new(number.value)),
        params_total_b: total.map(|number| Ratio::new(number.value)),
        layers: ratio("layers")?,
        kv_mb_per_token: ratio("kv_mb_per_token")?,
        task: row.word::<Task>("task", &tasks)?.map(|task| task.value),
        zone: places.zone()?,
        site: places.stated("site")?.map(|site| site.value.to_owned()),
        accelerator: places.accelerator()?,
        accelerators: accelerators(row)?,
        batch: batch(row)?,
        inter_token_ms: ratio("inter_token_ms")?,
        bytes_per_weight: precision(row)?,
        media: media(row)?,
        tuning: tuning(row, kind)?,
        development: row.number("development")?.map(|number| Ratio::new(number.value)),
        published: row.flag("published")?,
        with_server: row.place("with_server").map(|_| row.flag("with_server")).transpose()?,
        lifetime_years: lifetime(row)?,
        contracts: if row.place("contracts").is_some() { contracts(row)? } else { default.map(contracts).transpose()?.unwrap_or_default() },
        grid_gwp: places.grid()?,
    };
    refuse_misplaced(row, kind)?;
    if kind == Kind::Inference
        && let Some(why) = set.too_small(&deployment)
    {
        return Err(row
            .source
            .error(row.place("accelerators").unwrap_or(row.at), format!("{why}; state more accelerators or a smaller precision")));
    }
    if kind == Kind::Hardware && deployment.accelerator.is_none() {
        return Err(row.source.error(row.at, "hardware needs an `accelerator`: which device was bought"));
    }
    Ok(deployment)
}

/// Words that may come from `[default]`.
struct Places<'a> {
    row: &'a Reader<'a>,
    default: Option<&'a Reader<'a>>,
    set: &'a FactorSet,
}

impl<'a> Places<'a> {
    fn stated(&self, key: &str) -> Result<Option<At<&'a str>>, AssessmentError> {
        match (self.row.text(key)?, self.default) {
            (None, Some(default)) => default.text(key),
            (stated, _) => Ok(stated),
        }
    }

    fn provider(&self) -> Result<Option<String>, AssessmentError> {
        let Some(word) = self.stated("provider")? else { return Ok(None) };
        if self.set.provider_id(word.value).is_none() {
            let known = self.set.providers().keys().map(String::as_str);
            return Err(self.row.unknown("provider", word, known, ""));
        }
        Ok(Some(word.value.to_owned()))
    }

    fn zone(&self) -> Result<Option<String>, AssessmentError> {
        let Some(word) = self.stated("zone")? else { return Ok(None) };
        let compatible = || self.set.compatible().is_ok_and(|tables| tables.zone_names().contains(&word.value.to_uppercase().as_str()));
        if self.set.zone_of_region(word.value).is_none() && !compatible() {
            let known = self.set.zones().keys().chain(self.set.regions().keys()).map(String::as_str);
            let more = " Write an ISO 3166 alpha-3 code such as DEU, or a cloud region such as aws/eu-central-1.";
            return Err(self.row.unknown("zone or region", word, known, more));
        }
        Ok(Some(word.value.to_owned()))
    }

    fn grid(&self) -> Result<Option<CarbonIntensity>, AssessmentError> {
        let key = "grid_kgco2e_per_kwh";
        let stated = match (self.row.number(key)?, self.default) {
            (None, Some(default)) => default.number(key)?,
            (stated, _) => stated,
        };
        match stated {
            Some(number) if number.value > 5.0 => Err(self
                .row
                .source
                .error(number.at, format!("`{key}` is {}, above any grid; it counts kilograms, not grams", number.value))),
            other => Ok(other.map(|number| CarbonIntensity::kg_per_kwh(number.value))),
        }
    }

    fn accelerator(&self) -> Result<Option<String>, AssessmentError> {
        let Some(word) = self.stated("accelerator")? else { return Ok(None) };
        if self.set.accelerator(word.value).is_none() {
            return Err(self.row.unknown("accelerator", word, self.set.accelerators().keys().map(String::as_str), ""));
        }
        Ok(Some(word.value.to_owned()))
    }
}

/// Keys that only some kinds of activity take.
const ONLY: &[(&[&str], &[Kind])] =
    &[(&["development", "published"], &[Kind::Training]), (&["with_server"], &[Kind::Hardware]), (&["batch", "task"], &[Kind::Inference])];

fn refuse_misplaced(row: &Reader<'_>, kind: Kind) -> Result<(), AssessmentError> {
    let media = (super::extras::MEDIA, &[Kind::Inference][..]);
    for (keys, kinds) in ONLY.iter().copied().chain([media]).filter(|(_, kinds)| !kinds.contains(&kind)) {
        if let Some((key, at)) = keys.iter().find_map(|key| Some((key, row.place(key)?))) {
            let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
            return Err(row.source.error(at, format!("`{key}` belongs to {}, not to {kind}", words.join(" or "))));
        }
    }
    Ok(())
}

fn model(row: &Reader<'_>, set: &FactorSet, provider: &str) -> Result<Option<String>, AssessmentError> {
    let Some(word) = row.text("model")? else { return Ok(None) };
    let compatible = || set.compatible().is_ok_and(|tables| tables.generation_us(word.value, 1, None).is_some());
    if set.resolve_model(provider, word.value).known || compatible() {
        return Ok(Some(word.value.to_owned()));
    }
    let near = set.nearest_models(word.value);
    let hint = if near.is_empty() { String::new() } else { format!("; the nearest are {}", near.join(", ")) };
    let message = format!(
        "`{}` is no model that is known{hint}. Otherwise state its size with `params_active` and `params_total`, in 10^9",
        word.value
    );
    Err(row.source.error(word.at, message))
}

fn accelerators(row: &Reader<'_>) -> Result<Option<u32>, AssessmentError> {
    let Some(count) = row.count("accelerators", 1_000_000)? else { return Ok(None) };
    match u32::try_from(count.value) {
        Ok(0) => Err(row.source.error(count.at, "`accelerators` is 0; leave it out when unknown")),
        Ok(count) => Ok(Some(count)),
        Err(_) => Err(row.source.error(count.at, "`accelerators` is beyond belief; check it")),
    }
}

fn batch(row: &Reader<'_>) -> Result<Option<Ratio>, AssessmentError> {
    match row.positive("batch")? {
        Some(batch) if batch.value < 1.0 => Err(row
            .source
            .error(batch.at, format!("`batch` is {}; at least one request is served at a time. Leave it out when unknown", batch.value))),
        batch => Ok(batch.map(|batch| Ratio::new(batch.value))),
    }
}

fn lifetime(row: &Reader<'_>) -> Result<Option<Ratio>, AssessmentError> {
    match row.positive("lifetime_years")? {
        Some(years) if years.value > 50.0 => {
            Err(row.source.error(years.at, format!("`lifetime_years` is {}, above 50; no accelerator serves that long", years.value)))
        }
        years => Ok(years.map(|years| Ratio::new(years.value))),
    }
}
