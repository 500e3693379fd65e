//! What most commands need: the books, their configuration, the factor set.

use anyhow::{Context as _, bail};
use books::Config;
use lca::FactorSet;
use ledger::Store;
use std::path::{Path, PathBuf};

/// Name of the configuration file in the books.
pub(crate) const CONFIG_FILE: &str = "bilanz.toml";
/// Name of the folder with the user's own factors in the books.
pub(crate) const FACTORS_FOLDER: &str = "factors";
/// Name of the folder with assessments in the books.
pub(crate) const ASSESSMENTS_FOLDER: &str = "assessments";

/// The configuration of the books, empty when there is none.
pub(crate) fn config(books: &Path) -> anyhow::Result<Config> {
    let path = books.join(CONFIG_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Config::parse(&path.display().to_string(), &text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// The embedded factors, with those of the books and of `--factors` laid over them.
pub(crate) fn factors(books: Option<&Path>, extra: Option<&Path>) -> anyhow::Result<FactorSet> {
    let mut own = Vec::new();
    if let Some(folder) = books.map(|books| books.join(FACTORS_FOLDER)).filter(|folder| folder.is_dir()) {
        own.extend(toml_files(&folder)?);
    }
    if let Some(folder) = extra {
        // Named so that it comes after the books' own and wins.
        let files = toml_files(folder)?;
        if files.is_empty() {
            bail!("{} holds no .toml file with factors; see `bilanz factors show --help` for the form of a row", folder.display());
        }
        own.extend(files.into_iter().map(|(name, text)| (format!("~{name}"), text)));
    }
    if own.is_empty() { Ok(FactorSet::embedded()?) } else { Ok(FactorSet::overlaid(&own)?) }
}

/// Names and texts of the `.toml` files in a folder, or of one file.
pub(crate) fn toml_files(path: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut paths: Vec<PathBuf> = if path.is_file() {
        vec![path.to_owned()]
    } else {
        std::fs::read_dir(path)
            .with_context(|| format!("cannot read the factors folder {}", path.display()))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?
    };
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok((path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(), text))
        })
        .collect()
}

/// Keeps the factor set in the books, so that an old statement can be made again.
pub(crate) fn keep(store: &Store, set: &FactorSet) -> anyhow::Result<()> {
    // Its name is the hash of its text: what is kept under it needs no second look.
    if store.dir().join("factor-sets").join(format!("{}.zst", set.name())).is_file() {
        return Ok(());
    }
    let text = serde_json::to_vec(set.files())?;
    store.keep_factor_set(set.name(), &text).map_err(Into::into)
}

/// A factor set that the books have kept.
pub(crate) fn kept(store: &Store, name: &str) -> anyhow::Result<FactorSet> {
    let Some(text) = store.factor_set(name)? else {
        bail!(
            "the books keep no factor set `{name}`; a set is kept once a statement used it, and its name stands in that statement as `factor_set`"
        );
    };
    let files: Vec<(String, String)> = serde_json::from_slice(&text).context("the kept factor set is damaged")?;
    let set = FactorSet::parse(&files)?;
    if set.name() != name {
        bail!("the kept factor set `{name}` hashes to `{}`: the file was changed; restore it from a backup", set.name());
    }
    Ok(set)
}
