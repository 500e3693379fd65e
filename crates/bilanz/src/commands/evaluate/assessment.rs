//! `bilanz evaluate --file assessment.toml`: a whole system of activities, alone or against another.

use super::Common;
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
    /// Format: text, json, md, html.
    #[arg(long, default_value = "text")]
    pub(crate) format: String,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Values it.
pub(super) fn run(flags: &Assessment) -> anyhow::Result<()> {
    let Some(file) = &flags.file else {
        bail!(
            "nothing to evaluate: name a kind (`bilanz evaluate inference --help` shows the flags of one) or a file with a whole system \
             (`bilanz evaluate --file assessment.toml`; examples/assessment.toml is one to start from)"
        );
    };
    let common = &flags.common;
    let profile: Profile = common.profile.parse()?;
    let format = if common.json.json { Format::Json } else { flags.format.parse::<Format>()? };
    let set = context::factors(None, common.factors.as_deref())?;
    let first = value(file, &set, profile)?;
    let text = match &flags.compare {
        Some(other) => {
            let second = value(other, &set, profile)?;
            lifecycle::render_comparison(&lifecycle::compare(&first, &second), format, common.lang.into())?
        }
        None => lifecycle::render(&first.life, format, common.lang.into())?,
    };
    output::data(&text)
}

fn value(file: &Path, set: &FactorSet, profile: Profile) -> anyhow::Result<LifeCycleValued> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let plan = Plan::parse(&file.display().to_string(), &text, set)?;
    Ok(lifecycle::life_cycle(&plan, set, profile)?)
}
