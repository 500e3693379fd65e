//! Loading: a row that cannot be followed does not count, and the error names it.

use crate::SET;
use lca::FactorSet;

const SOURCE: &str = "[source.s]\ncitation = \"A table\"\nlicence = \"CC BY 4.0\"\nretrieved = \"2026-01-01\"\n";
const ROW: &str = "id = \"grid.XXX.pe\", median = 9.0, gsd = 1.2, unit = \"MJ/kWh\", geography = \"XXX\", period = \"2024\", boundary = \"mix\", source = \"s\", place = \"row 1\"";

fn load(row: &str, source: &str) -> Result<FactorSet, String> {
    FactorSet::parse(&[("own.toml".to_owned(), format!("factor = [ {{ {row} }} ]\n{source}"))]).map_err(|error| error.to_string())
}

#[test]
fn the_embedded_set_loads_and_is_broad_enough() {
    assert!(SET.models().len() >= 30, "{} models", SET.models().len());
    assert!(SET.accelerators().len() >= 8);
    assert!(SET.providers().len() >= 6);
    assert!(SET.regions().len() >= 30);
    assert!(SET.factors().iter().filter(|factor| factor.id.starts_with("grid.") && factor.id.ends_with(".gwp")).count() >= 40);
}

#[test]
fn a_complete_row_loads() {
    load(ROW, SOURCE).unwrap();
}

#[test]
fn every_missing_part_is_refused_by_name() {
    for (cut, word) in [
        ("unit = \"MJ/kWh\", ", "unit"),
        ("gsd = 1.2, ", "spread"),
        ("median = 9.0, gsd = 1.2, ", "spread"),
        ("geography = \"XXX\", ", "geography"),
        ("period = \"2024\", ", "period"),
        ("boundary = \"mix\", ", "boundary"),
        (", place = \"row 1\"", "place"),
        (", source = \"s\"", "source"),
    ] {
        let error = load(&ROW.replace(cut, ""), SOURCE).unwrap_err();
        assert!(error.contains("own.toml") && error.contains("grid.XXX.pe") && error.contains(word), "{cut}: {error}");
    }
    for word in ["citation", "licence", "retrieved"] {
        let source: String = SOURCE.lines().filter(|line| !line.starts_with(word)).map(|line| format!("{line}\n")).collect();
        let error = load(ROW, &source).unwrap_err();
        assert!(error.contains(word) && error.contains("`s`"), "{word}: {error}");
    }
}

#[test]
fn physical_floors_and_unknown_causes_are_refused() {
    let error = load(&ROW.replace("median = 9.0", "median = 2.5871"), SOURCE).unwrap_err();
    assert!(error.contains("3.6 MJ/kWh"), "{error}");
    let error = load(&format!("{ROW}, parent = \"bias.nowhere\""), SOURCE).unwrap_err();
    assert!(error.contains("bias.nowhere"), "{error}");
    let error = load(&ROW.replace("gsd = 1.2", "gsd = 0.9"), SOURCE).unwrap_err();
    assert!(error.contains("gsd"), "{error}");
    let error = load(&ROW.replace("median = 9.0", "median = -9.0"), SOURCE).unwrap_err();
    assert!(error.contains("negative"), "{error}");
}

#[test]
fn an_overlay_replaces_a_row_renames_the_set_and_says_so() {
    let own = format!(
        "factor = [ {{ {} }} ]\n{SOURCE}",
        ROW.replace("grid.XXX.pe", "grid.DEU.gwp").replace("MJ/kWh", "kgCO2e/kWh").replace("9.0", "0.25")
    );
    let set = FactorSet::overlaid(&[("mine.toml".to_owned(), own)]).unwrap();
    assert_ne!(set.name(), SET.name());
    assert_eq!(set.factor("grid.DEU.gwp").unwrap().distribution.median().get(), 0.25);
    assert!(
        set.overrides().iter().any(|line| line.contains("grid.DEU.gwp") && line.contains("0.25") && line.contains("A table")),
        "{:?}",
        set.overrides()
    );
    let again = FactorSet::parse(set.files()).unwrap();
    assert_eq!(again.name(), set.name(), "a kept set loads under its own name");
}

#[test]
fn a_mixture_has_the_median_of_its_parts() {
    let row = ROW.replace(
        "median = 9.0, gsd = 1.2",
        "mixture = [ { weight = 1.0, median = 4.0, gsd = 1.1 }, { weight = 1.0, median = 16.0, gsd = 1.1 } ]",
    );
    let set = load(&row, SOURCE).unwrap();
    let median = set.factor("grid.XXX.pe").unwrap().distribution.median().get();
    assert!((4.5..14.0).contains(&median), "{median}");
}
