//! Series of the grid: the real files read whole, gaps that stay gaps, errors with line and column.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "the place of the files is told by the environment"
)]

use lca::Technology;
use measure::{GridSeries, LoadSeries, SeriesError};
use std::fmt::Write as _;

fn grid(text: &str) -> Result<GridSeries, String> {
    GridSeries::read(&mut text.as_bytes(), "grid.csv").map_err(|error| error.to_string())
}

fn load(text: &str) -> Result<LoadSeries, String> {
    LoadSeries::read(&mut text.as_bytes(), "load.csv").map_err(|error| error.to_string())
}

fn data(path: &str) -> Option<GridSeries> {
    let Some(folder) = std::env::var_os("BILANZ_DATA") else {
        eprintln!("skipped: BILANZ_DATA is not set, so {path} cannot be read");
        return None;
    };
    let file = std::fs::File::open(std::path::Path::new(&folder).join(path)).unwrap();
    Some(GridSeries::read(&mut std::io::BufReader::new(file), path).unwrap())
}

/// One kilowatt-hour in every hour of so many days from a day on.
fn flat(first: &str, days: i64) -> LoadSeries {
    let start: jiff::Timestamp = format!("{first}T00:00:00Z").parse().unwrap();
    let mut text = String::from("time_utc,kwh\n");
    for hour in 0..days * 24 {
        writeln!(text, "{},1", jiff::Timestamp::from_second(start.as_second() + hour * 3600).unwrap()).unwrap();
    }
    load(&text).unwrap()
}

#[test]
fn a_year_of_three_european_zones() {
    let Some(series) = data("grid/entsoe_de_gb_fr_2020_30min.csv") else { return };
    assert_eq!((series.zones(), series.len()), (vec!["DE", "GB", "FR"], 18_000));
    assert_eq!(["DE", "GB", "FR"].map(|zone| series.gaps_ms(zone).unwrap().len()), [1, 0, 2]);
    let load = flat("2020-01-01", 366);
    let mean = |zone| series.weigh(&load, zone).unwrap();
    let [germany, britain, france] = ["DE", "GB", "FR"].map(mean);
    assert_eq!((germany.energy.as_kwh(), germany.hours_missing.get()), (8784.0, 0.0));
    // The gaps lie in the nine days after the year.
    let whole = flat("2020-01-01", 375);
    let missing = ["DE", "GB", "FR"].map(|zone| series.weigh(&whole, zone).unwrap());
    assert_eq!(missing.map(|zone| zone.hours_missing.get()), [0.5, 0.0, 1.0]);
    assert_eq!(missing.map(|zone| zone.energy_missing.as_kwh()), [0.5, 0.0, 1.0]);
    // Means of the columns over 2020, computed apart.
    for (zone, want) in [(germany, 313.3898), (britain, 212.9415), (france, 56.3364)] {
        let got = zone.intensity.as_kg_per_kwh() * 1000.0;
        assert!((got - want).abs() < 0.005, "{got} instead of {want}");
    }
    let shape = series.shape(&load, "GB", Technology::Wind).unwrap();
    assert_eq!((shape.steps.len(), shape.hours_missing.get()), (8784, 0.0));
    let error = series.shape(&load, "DE", Technology::Wind).unwrap_err();
    assert!(matches!(&error, SeriesError::Profile { .. }) && error.to_string().contains("GB_wind"), "{error}");
}

#[test]
fn a_year_of_eight_american_areas() {
    let Some(series) = data("grid/eia_us_8ba_2022_hourly.csv") else { return };
    assert_eq!((series.zones().len(), series.len()), (8, 8760));
    for (zone, gaps) in [("US-CISO", 3), ("US-MISO", 3), ("US-PJM", 23), ("US-BPAT", 0), ("US-ERCO", 0)] {
        assert_eq!(series.gaps_ms(zone).unwrap().len(), gaps, "{zone}");
        let weighted = series.weigh(&flat("2022-01-01", 365), zone).unwrap();
        assert_eq!(weighted.hours_missing.get(), gaps as f64, "{zone}");
    }
    let error = series.weigh(&flat("2022-01-01", 2), "DE").unwrap_err().to_string();
    assert!(error.contains("`DE`") && error.contains("US-CISO, US-ERCO"), "{error}");
    assert!(matches!(series.weigh(&flat("2019-01-01", 2), "US-PJM"), Err(SeriesError::Apart { .. })));
}

const GRID: &str = "time_utc,DE_ci_lca_gco2e_per_kwh,DE_wind_share_of_generation
2020-01-01T00:00:00Z,100,0.1
2020-01-01T00:30:00Z,300,0.3
2020-01-01T01:00:00Z,,0.2
2020-01-01T01:30:00Z,500,
2020-01-01T02:30:00Z,400,0.4
";

#[test]
fn a_missing_cell_and_a_missing_row_are_gaps_and_no_zeroes() {
    let series = grid(GRID).unwrap();
    assert_eq!(series.gaps_ms("DE").unwrap(), [1_577_840_400_000, 1_577_844_000_000]);
    let load = load("time_utc,kwh\n2020-01-01T00:00:00Z,2\n2020-01-01T01:00:00Z,4\n2020-01-01T02:00:00Z,\n").unwrap();
    let weighted = series.weigh(&load, "de").unwrap();
    // 1 kWh at 100, 1 at 300, 2 unknown, 2 at 500; the third hour states no load.
    assert_eq!(weighted.energy.as_kwh(), 6.0);
    assert_eq!(weighted.intensity.as_kg_per_kwh(), 0.35);
    assert_eq!((weighted.hours_missing.get(), weighted.energy_missing.as_kwh(), weighted.load_hours_missing.get()), (0.5, 2.0, 1.0));
    let shape = series.shape(&load, "DE", Technology::Wind).unwrap();
    assert_eq!((shape.steps.len(), shape.hours_missing.get()), (2, 0.5));
}

#[test]
fn a_load_in_quarters_of_an_hour_and_in_another_time_zone_finds_its_hours() {
    let series = grid("time_utc;DE_ci_lca_gco2e_per_kwh\n2020-01-01T00:00:00Z;100,5\n2020-01-01T01:00:00Z;200,5\n").unwrap();
    let load = load("time_utc,kwh\n2020-01-01T01:45:00+01:00,1\n2020-01-01T02:00:00+01:00,3\n").unwrap();
    assert_eq!(series.weigh(&load, "DE").unwrap().intensity.as_kg_per_kwh(), (100.5 + 3.0 * 200.5) / 4.0 / 1000.0);
}

#[test]
fn errors_name_file_line_and_column() {
    let refused = |text: &str, parts: &[&str]| {
        let error = grid(text).unwrap_err();
        assert!(parts.iter().all(|part| error.contains(part)), "{error} lacks one of {parts:?}");
    };
    let with = |row: &str| format!("{GRID}{row}\n");
    refused(&with("2020-01-01T03:00:00Z,abc,0.1"), &["grid.csv", "line 7", "column 2 (`DE_ci_lca_gco2e_per_kwh`)", "abc"]);
    refused(&with("2020-01-01T03:00:00Z,-5,0.1"), &["line 7", "column 2", "below zero"]);
    refused(&with("yesterday,5,0.1"), &["line 7", "column 1 (`time_utc`)", "yesterday"]);
    refused(&with(",5,0.1"), &["line 7", "`time_utc`", "missing"]);
    refused(&with("2020-01-01T02:30:00Z,5,0.1"), &["line 7", "`time_utc`", "not after"]);
    refused(&with("2020-01-01T02:45:00Z,5,0.1\n2020-01-01T03:05:00Z,5,0.1"), &["line 8", "steps"]);
    refused("time_utc,price\n2020-01-01T00:00:00Z,1\n", &["line 1", "ci_lca_gco2e_per_kwh", "price"]);
    refused("hour,DE_ci_lca_gco2e_per_kwh\n1,1\n", &["time_utc", "hour"]);
    refused("time_utc,DE_ci_lca_gco2e_per_kwh\n2020-01-01T00:00:00Z,1\n", &["two rows"]);
    refused("", &["empty"]);
    assert!(load("time_utc,mwh\n2020-01-01T00:00:00Z,1\n").unwrap_err().contains("`kwh`"));
}
