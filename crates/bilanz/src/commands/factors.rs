//! `bilanz factors`: list, show and check.

use crate::cli::{Factors, FactorsCommand, FactorsSource};
use crate::{context, output};
use anyhow::bail;
use lca::{Factor, FactorSet};

/// Lists, shows or checks.
pub(crate) fn run(flags: &Factors) -> anyhow::Result<()> {
    match &flags.command {
        FactorsCommand::List { filter, source } => list(filter.as_deref(), source),
        FactorsCommand::Show { id, source } => show(id, source),
        FactorsCommand::Check { source } => check(source),
    }
}

fn load(source: &FactorsSource) -> anyhow::Result<FactorSet> {
    context::factors(source.books.as_deref(), source.factors.as_deref())
}

fn all(set: &FactorSet) -> anyhow::Result<Vec<&Factor>> {
    let mut all = set.factors();
    all.extend(set.compatible()?.factors());
    Ok(all)
}

fn list(filter: Option<&str>, source: &FactorsSource) -> anyhow::Result<()> {
    let set = load(source)?;
    let filter = filter.unwrap_or("").to_lowercase();
    let rows: Vec<&Factor> = all(&set)?.into_iter().filter(|factor| factor.id.to_lowercase().contains(&filter)).collect();
    if source.json.json {
        return output::json(&serde_json::json!({ "factor_set": set.name(), "factors": rows }));
    }
    let mut text = format!("{:<52} {:>12} {:>12} {:>12}  {:<16} source\n", "id", "low", "median", "high", "unit");
    for factor in &rows {
        let (low, high) = factor.distribution.ends();
        text.push_str(&format!(
            "{:<52} {:>12} {:>12} {:>12}  {:<16} {}\n",
            factor.id,
            quantity::six_digits(low.get()),
            quantity::six_digits(factor.distribution.median().get()),
            quantity::six_digits(high.get()),
            factor.unit,
            factor.source
        ));
    }
    text.push_str(&format!("{} factors of set {}", rows.len(), set.name()));
    output::data(&text)
}

fn show(id: &str, source: &FactorsSource) -> anyhow::Result<()> {
    let set = load(source)?;
    let rows = all(&set)?;
    let Some(factor) = rows.iter().find(|factor| factor.id == id) else {
        let lower = id.to_lowercase();
        let near: Vec<_> =
            rows.iter().map(|factor| factor.id.as_str()).filter(|other| other.to_lowercase().contains(&lower)).take(5).collect();
        let hint = if near.is_empty() {
            "`bilanz factors list` shows all ids".to_owned()
        } else {
            format!("ids that contain it: {}", near.join(", "))
        };
        bail!("the factor set has no factor `{id}`; {hint}");
    };
    let cited = set.source(&factor.source).or_else(|| set.compatible().ok()?.source(&factor.source));
    if source.json.json {
        return output::json(&serde_json::json!({
            "factor_set": set.name(), "factor": factor, "evidence": set.evidence(factor), "source": cited,
            "influence": lca::influence(&set, id).iter().map(|one| serde_json::json!({
                "case": one.case, "parameters": one.parameters, "gwp_at_low": one.at_low, "gwp_at_high": one.at_high, "share_of_variance": one.share,
            })).collect::<Vec<_>>(),
        }));
    }
    let (low, high) = factor.distribution.ends();
    let mut text = format!(
        "{}\n  value      {} ({} to {}) {}\n",
        factor.id,
        quantity::six_digits(factor.distribution.median().get()),
        quantity::six_digits(low.get()),
        quantity::six_digits(high.get()),
        factor.unit
    );
    let mut line = |name: &str, value: &str| text.push_str(&format!("  {name:<10} {value}\n"));
    line("geography", &factor.geography);
    line("period", &factor.period);
    line("boundary", &factor.boundary);
    if let Some(parent) = &factor.parent {
        line("parent", &format!("{parent} (a common cause that multiplies it)"));
    }
    if let Some(cited) = cited {
        line("source", &format!("{} [{}]", cited.citation, cited.id));
        line("licence", &cited.licence);
        line("retrieved", &cited.retrieved);
    }
    line("place", &factor.place);
    line("evidence", set.evidence(factor).as_str());
    if let Some(old) = &factor.supersedes {
        line("supersedes", old);
    }
    if let Some(note) = &factor.note {
        line("note", note);
    }
    line("file", &factor.file);
    text.push_str(&uses(&set, id));
    output::data(&text)
}

/// Where a factor is used, and what it moves there.
fn uses(set: &FactorSet, id: &str) -> String {
    let influence = lca::influence(set, id);
    if influence.is_empty() {
        return "\nUse: none of the typical cases rests on it.\n".to_owned();
    }
    let mut text =
        "\nUse and influence, over typical cases (greenhouse gas between the ends of its 90 % interval; share of the variance)\n"
            .to_owned();
    for one in influence {
        text.push_str(&format!(
            "  {:<36} x{:.2} to x{:.2}  {:>4}  as {}\n",
            one.case,
            one.at_low.get(),
            one.at_high.get(),
            report::figures::percent(one.share, quantity::Lang::En),
            one.parameters.join(", ")
        ));
    }
    text
}

fn check(source: &FactorsSource) -> anyhow::Result<()> {
    let set = load(source)?;
    let tables = set.compatible()?;
    let count = |prefix: &str| set.factors().iter().filter(|factor| factor.id.starts_with(prefix)).count();
    if source.json.json {
        return output::json(&serde_json::json!({
            "factor_set": set.name(), "factors": set.factors().len(), "models": set.models().len(), "providers": set.providers().len(),
            "regions": set.regions().len(), "zones": set.zones().len(), "accelerators": set.accelerators().len(),
            "compatible_rows": tables.factors().len(), "overrides": set.overrides(),
        }));
    }
    let mut text = format!(
        "All factors load: set {}.\n{} factors ({} grid, {} model, {} price), {} models, {} providers, {} regions, {} zones, {} accelerators, {} rows of the compatible set.\n",
        set.name(),
        set.factors().len(),
        count("grid."),
        count("model."),
        count("price."),
        set.models().len(),
        set.providers().len(),
        set.regions().len(),
        set.zones().len(),
        set.accelerators().len(),
        tables.factors().len()
    );
    for line in set.overrides() {
        text.push_str(&format!("your own: {line}\n"));
    }
    for factor in set.factors().iter().filter(|factor| factor.file.starts_with("overlay/")) {
        if !set.overrides().iter().any(|line| line.starts_with(&format!("{}: ", factor.id))) {
            text.push_str(&format!(
                "your own, new: {} (no built-in factor has this name; check its spelling if one was meant)\n",
                factor.id
            ));
        }
    }
    output::data(&text)
}
