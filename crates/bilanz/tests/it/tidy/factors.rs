//! Law 4: no factor without citation, unit, licence and spread, and none below a physical floor.

use lca::FactorSet;

/// A file with one source and one factor that loads; the samples break one thing each.
const SOUND: &str = r#"
[source.almanac]
citation = "A. Author, Almanac of Grids, 2025, table 3"
licence = "CC BY 4.0"
retrieved = "2026-01-31"
evidence = "declared"

[[factor]]
id = "grid.XYZ.pe"
median = 9.1
gsd = 1.2
unit = "MJ/kWh"
geography = "XYZ"
period = "2025"
boundary = "generation mix, life cycle"
source = "almanac"
place = "row XYZ"
"#;

fn parse(text: &str) -> Result<FactorSet, String> {
    FactorSet::parse(&[("sample.toml".to_owned(), text.to_owned())]).map_err(|error| error.to_string())
}

/// Loads the sound sample with one line replaced; the error names the file, the row and the reason.
fn refuses(line: &str, instead: &str, row: &str, reason: &str) {
    assert!(SOUND.contains(line), "the sample has no line `{line}`");
    let error = parse(&SOUND.replacen(line, instead, 1)).err().unwrap_or_default();
    assert!(error.contains("sample.toml") && error.contains(row) && error.contains(reason), "`{line}` -> `{instead}`: `{error}`");
}

#[test]
fn a_sound_row_loads() {
    let set = parse(SOUND).unwrap();
    assert!(set.factor("grid.XYZ.pe").is_some() && set.source("almanac").is_some());
}

#[test]
fn a_row_without_citation_unit_licence_or_spread_is_refused() {
    refuses("citation = \"A. Author, Almanac of Grids, 2025, table 3\"", "", "almanac", "citation");
    refuses("licence = \"CC BY 4.0\"", "", "almanac", "licence");
    refuses("retrieved = \"2026-01-31\"", "", "almanac", "retrieved");
    refuses("unit = \"MJ/kWh\"", "", "grid.XYZ.pe", "unit");
    refuses("source = \"almanac\"", "", "grid.XYZ.pe", "source");
    refuses("source = \"almanac\"", "source = \"hearsay\"", "grid.XYZ.pe", "hearsay");
    refuses("place = \"row XYZ\"", "", "grid.XYZ.pe", "place");
    refuses("geography = \"XYZ\"", "", "grid.XYZ.pe", "geography");
    refuses("period = \"2025\"", "", "grid.XYZ.pe", "period");
    refuses("boundary = \"generation mix, life cycle\"", "", "grid.XYZ.pe", "boundary");
    refuses("gsd = 1.2", "", "grid.XYZ.pe", "spread");
    refuses("gsd = 1.2", "gsd = 0.5", "grid.XYZ.pe", "gsd");
    refuses("median = 9.1", "median = nan", "grid.XYZ.pe", "finite");
    refuses("median = 9.1", "median = -9.1", "grid.XYZ.pe", "negative");
}

#[test]
fn primary_energy_below_the_electricity_itself_is_refused() {
    refuses("median = 9.1", "median = 3.5", "grid.XYZ.pe", "3.6");
    refuses("median = 9.1\ngsd = 1.2", "low = 1.0\nhigh = 9.0", "grid.XYZ.pe", "3.6");
}

#[test]
fn the_embedded_set_is_cited_to_the_last_row() {
    let set = FactorSet::embedded().unwrap();
    assert!(set.factors().len() > 300, "{} factors", set.factors().len());
    for factor in set.factors() {
        let source = set.source(&factor.source);
        assert!(source.is_some_and(|source| source.citation.len() > 15 && source.licence.len() > 1), "{}: {}", factor.file, factor.id);
        assert!(!factor.unit.is_empty() && !factor.place.is_empty() && !factor.period.is_empty(), "{}: {}", factor.file, factor.id);
    }
}
