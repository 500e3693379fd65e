//! `bilanz evaluate --file assessment.toml`: a whole system of activities, alone or against another.

use crate::cli::{JsonFlag, LangFlag};
use crate::{context, output};
use anyhow::{Context as _, bail};
use books::Assessment as Plan;
use clap::Args;
use lca::{FactorSet, Profile};
use report::Format;
use report::lifecycle::{self, LifeCycleValued};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct Assessment {
    /// Assessment to value: a TOML file that describes a whole system of activities.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Assessment to compare it with, on the same draws.
    #[arg(long, value_name = "FILE", requires = "file")]
    pub(crate) compare: Option<PathBuf>,
    /// Which stages and which accounting count: full, operational, sci-consumer, sci-provider, ghg-location, ghg-market, ecologits.
    #[arg(long, default_value = "full")]
    pub(crate) profile: String,
    /// Format: text, json, md, html.
    #[arg(long, default_value = "text")]
    pub(crate) format: String,
    /// Folder with factors of your own, laid over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) factors: Option<PathBuf>,
    /// Language of the text: de or en.
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: LangFlag,
    #[command(flatten)]
    pub(crate) json: JsonFlag,
}

/// Values it.
pub(super) fn run(flags: &Assessment) -> anyhow::Result<()> {
    let Some(file) = &flags.file else {
        bail!(
            "nothing to evaluate: name a kind (`bilanz evaluate inference --help` shows the flags of one) or a file with a whole system \
             (`bilanz evaluate --file assessment.toml`; examples/assessment.toml is one to start from)"
        );
    };
    let profile: Profile = flags.profile.parse()?;
    let format = if flags.json.json { Format::Json } else { flags.format.parse::<Format>()? };
    let set = context::factors(None, flags.factors.as_deref())?;
    let first = value(file, &set, profile)?;
    let text = match &flags.compare {
        Some(other) => {
            let second = value(other, &set, profile)?;
            lifecycle::render_comparison(&lifecycle::compare(&first, &second), format, flags.lang.into())?
        }
        None => lifecycle::render(&first.life, format, flags.lang.into())?,
    };
    output::data(&text)
}

fn value(file: &Path, set: &FactorSet, profile: Profile) -> anyhow::Result<LifeCycleValued> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let plan = Plan::parse(&file.display().to_string(), &text, set)?;
    Ok(lifecycle::life_cycle(&plan, set, profile)?)
}
