//! Factors of the user's own: the figures move, the cause is named, the old statement comes back byte for byte.

use crate::house::{House, table};
use serde_json::Value;

const OWN: &str = "factor = [ { id = \"grid.USA.gwp\", median = 0.1, gsd = 1.05, unit = \"kgCO2e/kWh\", geography = \"USA\", period = \"2026\", boundary = \"supplier mix, life cycle\", source = \"our-utility\", place = \"contract, page 2\" } ]\n\
[source.our-utility]\ncitation = \"Electricity label of our utility, 2026\"\nlicence = \"own data\"\nretrieved = \"2026-02-01\"\nevidence = \"declared\"\n";

#[test]
fn an_overlay_moves_the_figures_names_the_cause_and_can_be_undone() {
    let house = House::new();
    house.write("a.csv", table(200));
    house.ok(&["init"]);
    house.ok(&["import", "a.csv"]);
    let first = house.statement();
    let before: Value = serde_json::from_str(&first).unwrap();
    std::fs::write(house.books().join("factors/own.toml"), OWN).unwrap();
    let after: Value = serde_json::from_str(&house.statement()).unwrap();
    let median = |statement: &Value, indicator: &str| statement["total"]["impacts"][indicator]["median"].as_f64().unwrap();
    assert!(median(&after, "gwp_kgco2e") < 0.6 * median(&before, "gwp_kgco2e"));
    assert_eq!(median(&after, "energy_kwh"), median(&before, "energy_kwh"), "only the grid's GHG was changed");
    assert_ne!(after["factor_set"], before["factor_set"]);
    assert!(after["factor_overrides"].to_string().contains("grid.USA.gwp"), "{}", after["factor_overrides"]);
    assert!(after["sources"].to_string().contains("Electricity label of our utility"), "the new source is cited");
    let old = before["factor_set"].as_str().unwrap();
    assert_eq!(house.ok(&["report", "footprint", "--json", "--factor-set", old]), first, "the first statement, byte for byte");
    let error = house.refused(&["report", "footprint", "--factor-set", "0000000000000000"]);
    assert!(error.contains("0000000000000000") && error.contains("factor_set"), "{error}");
}
