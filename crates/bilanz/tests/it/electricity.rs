//! Electricity at the command line: contracts, series and the dual report, and words for what cannot be.

use crate::house::House;

/// Median of a figure of a document.
fn median(figure: &serde_json::Value) -> f64 {
    figure["median"].as_f64().unwrap_or_else(|| panic!("no median in {figure}"))
}

#[test]
fn the_dual_report_tells_both_accountings_and_the_parts_of_water() {
    let house = House::new();
    let base = ["evaluate", "electricity", "--energy-kwh", "1e6", "--zone", "DEU"];
    let bare = house.json(&base);
    assert!(bare.get("dual").is_none() && bare.get("series").is_none());
    let with = |more: &[&str]| house.json(&[&base[..], more].concat());
    let dual = &with(&["--contract", "ppa:wind:0.6", "--dual"])["dual"];
    let whole = &with(&["--dual"])["dual"];
    assert_eq!(dual["scope2_location_kgco2e"], whole["scope2_location_kgco2e"], "by place a contract moves nothing");
    let share = median(&dual["scope2_market_kgco2e"]) / median(&whole["scope2_market_kgco2e"]);
    assert!((share - 0.4).abs() < 1e-3, "{share}");
    assert!(dual["category3_location"]["upstream_kgco2e"].is_null() && dual["scope1_kgco2e"].is_null(), "a gap is null");
    assert!(median(&dual["category3_market"]["upstream_kgco2e"]) > 0.0);
    let water = &dual["water"];
    assert!(median(&water["off_site_l"]) > median(&water["on_site_l"]) && median(&water["scarcity_m3_world_eq"]) > 0.0);
    let amount = &with(&["--contract", "ppa:wind:600000kwh", "--dual"])["dual"];
    assert_eq!(amount["scope2_market_kgco2e"], dual["scope2_market_kgco2e"]);
    let text = house.ok(&[&base[..], &["--contract", "ppa:wind:0.6", "--dual", "--lang", "de"]].concat());
    for word in ["ortsbasiert", "marktbasiert", "Kategorie 3", "m³ world-eq"] {
        assert!(text.contains(word), "`{word}` is missing in:\n{text}");
    }
}

#[test]
fn a_series_of_the_grid_weighs_the_load_and_covers_it_hour_by_hour() {
    let house = House::new();
    let times = (0..4).map(|hour| format!("2026-01-01T0{hour}:00:00Z"));
    let (mut load, mut grid) = ("time_utc,kwh\n".to_owned(), "time_utc,DE_ci_lca_gco2e_per_kwh,DE_wind_share_of_generation\n".to_owned());
    for (time, (kwh, grams, wind)) in times.zip([("10", "100", "0.5"), ("30", "300", "0"), ("10", "", "0.5"), ("10", "200", "0")]) {
        load.push_str(&format!("{time},{kwh}\n"));
        grid.push_str(&format!("{time},{grams},{wind}\n"));
    }
    house.write("load.csv", load);
    house.write("grid.csv", grid);
    let base = ["evaluate", "electricity", "--load-series", "load.csv", "--grid-series", "grid.csv", "--grid-zone", "DE", "--zone", "DEU"];
    let with = |more: &[&str]| house.json(&[&base[..], more].concat());
    let series = &with(&[])["series"];
    assert_eq!((series["load_kwh"].as_f64(), series["grid_gco2e_per_kwh"].as_f64()), (Some(60.0), Some(240.0)));
    assert_eq!((series["hours_missing"].as_f64(), series["kwh_missing"].as_f64()), (Some(1.0), Some(10.0)));
    let note = house.output(&base).stderr;
    assert!(String::from_utf8_lossy(&note).contains("1 hours of load (10 kWh) have no intensity"));
    // 30 kWh of wind fall into two hours with 10 kWh of load each.
    let share = |contract: &str| with(&["--contract", contract])["series"]["contracts"][0]["share"].as_f64();
    assert_eq!((share("ppa:wind:0.5:year"), share("ppa:wind:0.5:hour")), (Some(0.5), Some(0.333_333)));
    let refused = |more: &[&str], words: &[&str]| {
        let error = house.refused(&[&base[..], more].concat());
        assert!(words.iter().all(|word| error.contains(word)), "{error} lacks one of {words:?}");
    };
    refused(&["--contract", "ppa:solar:0.5:hour"], &["grid.csv", "DE_solar_share_of_generation", "DE_wind"]);
    house.write("grid.csv", "time_utc,FR_ci_lca_gco2e_per_kwh\n2026-01-01T00:00:00Z,1\n2026-01-01T01:00:00Z,-1\n");
    refused(&[], &["grid.csv", "line 3", "column 2", "below zero"]);
    house.write("grid.csv", "time_utc,FR_ci_lca_gco2e_per_kwh\n2026-01-01T00:00:00Z,1\n2026-01-01T01:00:00Z,1\n");
    refused(&[], &["grid.csv", "`DE`", "FR"]);
}

#[test]
fn a_contract_that_cannot_be_is_refused_by_name() {
    let house = House::new();
    let refused = |more: &[&str], words: &[&str]| {
        let error = house.refused(&[&["evaluate", "electricity", "--energy-kwh", "1"][..], more].concat());
        assert!(words.iter().all(|word| error.contains(word)), "{error} lacks one of {words:?}");
    };
    refused(&["--contract", "ppa:fusion:0.6"], &["--contract ppa:fusion:0.6", "fusion", "wind, solar, hydro"]);
    refused(&["--contract", "ppa:wind:60"], &["60", "at most 1"]);
    refused(&["--contract", "ppa:wind:0.6", "--contract", "ppa:solar:0.6"], &["1.2"]);
    refused(&["--contract", "ppa:wind:0.6:hour"], &["--load-series"]);
    refused(&["--grid-series", "grid.csv"], &["--load-series"]);
}
