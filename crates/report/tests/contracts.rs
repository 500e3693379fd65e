//! Contracts of a site: statements by contract count them, statements by place do not.
#![allow(clippy::unwrap_used)]

mod fake;

use books::{Config, Ledger};
use lca::{FactorSet, Indicator, Profile};
use report::{By, Request};
use std::sync::LazyLock;

static FACTORS: LazyLock<FactorSet> = LazyLock::new(|| FactorSet::embedded().unwrap());

/// The fake configuration with this text of contracts for its site.
fn with(contracts: &str) -> Config {
    let mut config = fake::config();
    let read = Config::parse("bilanz.toml", contracts).unwrap();
    for (name, site) in read.site {
        config.site.get_mut(&name).unwrap().contract = site.contract;
    }
    config
}

/// Median greenhouse gas of the site, and the codes of the statement's weaknesses.
fn of(profile: Profile, config: &Config) -> (f64, Vec<String>) {
    let books = fake::Fake::new(false);
    let request = Request { by: By::Site, profile, ..Request::default() };
    let sums = books.sums(None, None).unwrap();
    let statement = report::build(&request, sums, &books.head().unwrap(), &books.imports, config, &FACTORS).unwrap();
    let site = statement.groups.iter().find(|group| group.key == "berlin").unwrap();
    let gwp = site.impacts.row(Indicator::GwpKgco2e).unwrap()[1].get();
    (gwp, statement.weaknesses.into_iter().map(|weakness| weakness.code).collect())
}

const WIND: &str = "[[site.berlin.contract]]\nkind = \"ppa\"\ntechnology = \"wind\"\nshare = 0.6\n";

#[test]
fn a_statement_by_contract_counts_the_contracts_of_the_site() {
    let (bare, contracted) = (with(""), with(WIND));
    let (before, _) = of(Profile::GhgMarket, &bare);
    let (after, _) = of(Profile::GhgMarket, &contracted);
    // Four tenths of the residual mix with its upstream part, wind's own upstream, and losses of the grid as before.
    let factor = |id: &str| FACTORS.factor(id).unwrap().distribution.median().get();
    let lost = factor("grid_loss.DEU");
    let residual = factor("residual.DEU.gwp") * (1.0 + factor("grid_upstream.WOR.ratio"));
    let losses = factor("grid.DEU.gwp") * lost / (1.0 - lost);
    let want = (0.4 * residual + 0.6 * factor("contract.wind.upstream_gwp") + losses) / (residual + losses);
    assert!((after / before / want - 1.0).abs() < 0.02, "{} instead of {want}", after / before);
    for profile in [Profile::Full, Profile::GhgLocation, Profile::SciConsumer] {
        assert_eq!(of(profile, &bare), of(profile, &contracted), "{profile}");
    }
}

#[test]
fn what_a_contract_lacks_is_named() {
    let mix = WIND.replace("wind", "mix");
    assert!(of(Profile::GhgMarket, &with(&mix)).1.contains(&"contract_factor_missing".to_owned()));
    let refused = |text: &str, parts: &[&str]| {
        let error = Config::parse("bilanz.toml", text).unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{error} lacks one of {parts:?}");
    };
    refused(&format!("{WIND}{WIND}"), &["bilanz.toml", "site.berlin.contract", "1.2"]);
    refused(&WIND.replace("0.6", "60"), &["site.berlin.contract", "60"]);
    refused(&WIND.replace("wind", "fusion"), &["line 3", "fusion", "solar"]);
    refused(&WIND.replace("ppa", "lease"), &["line 2", "lease", "guarantee_of_origin"]);
    refused(&WIND.replace("share = 0.6\n", ""), &["share"]);
}
