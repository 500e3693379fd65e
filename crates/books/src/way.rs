//! How and where an entry was served, as the books and the configuration tell it.

use crate::Config;
use lca::Deployment;

/// The better-known zone, else the site's, else the region; empty when none is stated.
#[must_use]
pub fn place<'a>(zone: &'a str, site: &str, region: &'a str, config: &'a Config) -> &'a str {
    if !zone.is_empty() {
        return zone;
    }
    match config.site.get(site) {
        Some(site) if !site.zone.is_empty() => &site.zone,
        _ => region,
    }
}

/// The deployment of a model, with what the configuration knows of the site; empty words are "not stated".
#[must_use]
pub fn deployment(model: &str, provider: &str, place: &str, site: &str, config: &Config) -> Deployment {
    let stated = |word: &str| (!word.is_empty()).then(|| word.to_owned());
    let known = config.site.get(site);
    Deployment {
        model: stated(model),
        provider: stated(provider),
        zone: stated(place),
        site: stated(site),
        accelerator: known.and_then(|site| site.accelerator.clone()),
        accelerators: known.and_then(|site| site.accelerators),
        bytes_per_weight: known.and_then(|site| site.bytes_per_weight),
        contracts: known.map(crate::Site::contracts).unwrap_or_default(),
        ..Deployment::default()
    }
}
