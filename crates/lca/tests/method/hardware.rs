//! Bought hardware: parts add up, the inventory counts in full, use bears the same over the whole life.

use crate::SET;
use lca::{
    Activity, Counts, Deployment, Evaluator, HardwarePart, Impact, Indicator, Kind, Profile, Purchase, Sample, Stage, Stats, evaluate,
};
use quantity::Ratio;

fn bought(devices: i64) -> Activity {
    Activity { kind: Kind::Hardware, stats: Stats::of(&Counts { devices: Some(devices), ..Counts::default() }), ..Activity::default() }
}

fn of(accelerator: &str, with_server: bool) -> Deployment {
    Deployment { accelerator: Some(accelerator.to_owned()), with_server: Some(with_server), ..Deployment::default() }
}

fn making(impact: &Impact, indicator: Indicator) -> f64 {
    impact.stages[&Stage::Manufacturing].row(indicator).unwrap()[1].get()
}

fn sum(purchase: &Purchase, skip: HardwarePart) -> Impact {
    let mut all = Sample::zero();
    for (part, sample) in &purchase.parts {
        if *part != skip {
            all.add(sample);
        }
    }
    all.impact()
}

#[test]
fn the_parts_add_up_to_the_purchase_on_every_draw() {
    for accelerator in ["h100", "a100", "b200", "l4", "mi300x", "tpu-v6e"] {
        for with_server in [false, true] {
            let purchase = Purchase::new(&bought(8), &of(accelerator, with_server), &SET).unwrap();
            let (parts, whole) = (sum(&purchase, HardwarePart::Building), purchase.inventory.only(Stage::Manufacturing).impact());
            for place in 0..3 {
                let (a, b) =
                    (parts.impacts.row(Indicator::GwpKgco2e).unwrap()[place], whole.impacts.row(Indicator::GwpKgco2e).unwrap()[place]);
                assert!((a.get() / b.get() - 1.0).abs() < 1e-9, "{accelerator} {with_server}: {a:?} {b:?}");
            }
        }
    }
    let split = Purchase::new(&bought(1), &of("h100", true), &SET).unwrap().parts;
    for part in
        [HardwarePart::Die, HardwarePart::Memory, HardwarePart::Board, HardwarePart::Server, HardwarePart::Network, HardwarePart::Transport]
    {
        assert!(split.contains_key(&part), "{part}");
    }
}

#[test]
fn an_inventory_counts_a_purchase_in_full_and_attribution_counts_it_by_use() {
    for profile in [Profile::GhgLocation, Profile::GhgMarket] {
        let one = evaluate(&bought(1), &of("h100", false), &SET, profile).unwrap();
        let eight = evaluate(&bought(8), &of("h100", false), &SET, profile).unwrap();
        let (one, eight) = (making(&one, Indicator::GwpKgco2e), making(&eight, Indicator::GwpKgco2e));
        assert!((eight / one - 8.0).abs() < 1e-9);
        // Pooled total of the accelerator, and the way to the site.
        assert!((290.0..340.0).contains(&one), "{one}");
    }
    for profile in [Profile::Full, Profile::SciConsumer, Profile::SciProvider] {
        let impact = evaluate(&bought(8), &of("h100", false), &SET, profile).unwrap();
        assert!(impact.impacts.gwp_kgco2e.is_none(), "{profile}");
        assert!(impact.basis.weaknesses.iter().any(|weakness| weakness.code == "hardware_attributed_by_use"), "{profile}");
    }
    assert!(evaluate(&bought(8), &of("h100", false), &SET, Profile::Operational).unwrap().impacts.gwp_kgco2e.is_none());
    assert!(evaluate(&bought(8), &of("h100", false), &SET, Profile::Ecologits).unwrap().impacts.gwp_kgco2e.is_none());
}

#[test]
fn use_over_the_whole_life_bears_the_purchase() {
    let years = 4.0;
    let deployment = Deployment { lifetime_years: Some(Ratio::new(years)), zone: Some("DEU".to_owned()), ..of("h100", true) };
    let reserved_ms = (years * 365.25 * 86_400_000.0) as i64;
    let counts = Counts { accelerator_ms: Some(reserved_ms), ..Counts::default() };
    let activity = Activity { kind: Kind::Training, stage: Some(Stage::FineTuning), stats: Stats::of(&counts), ..Activity::default() };
    let used = Evaluator::new(&SET, Profile::Full).sample(&activity, &deployment).unwrap().impact();
    let purchase = Purchase::new(&bought(1), &deployment, &SET).unwrap();
    let (life, whole) = (purchase.per_year.scaled(Ratio::new(years)).impact(), purchase.inventory.impact());
    for indicator in [Indicator::GwpKgco2e, Indicator::AdpeKgsbeq, Indicator::PeMj, Indicator::WaterL] {
        let (borne, by_use) = (making(&life, indicator), making(&used, indicator));
        assert!((borne / by_use - 1.0).abs() < 1e-9, "{indicator}: {borne} {by_use}");
    }
    // Beside the purchase, use bears a share of the building, and nothing else.
    let building = purchase.parts[&HardwarePart::Building].impact().impacts.row(Indicator::GwpKgco2e).unwrap()[1].get();
    let difference = making(&life, Indicator::GwpKgco2e) - making(&whole, Indicator::GwpKgco2e);
    assert!((0.3..3.0).contains(&(difference / building)), "{difference} {building}");
    let mut bought_and_housed = purchase.inventory.only(Stage::Manufacturing);
    bought_and_housed.add(&purchase.parts[&HardwarePart::Building]);
    assert!((making(&bought_and_housed.impact(), Indicator::GwpKgco2e) / making(&life, Indicator::GwpKgco2e) - 1.0).abs() < 1e-9);
    let ewaste = |impact: &Impact| impact.stages[&Stage::EndOfLife].row(Indicator::EwasteKg).unwrap()[1].get();
    assert!((ewaste(&life) / ewaste(&whole) - 1.0).abs() < 1e-9 && ewaste(&whole) > 10.0);
    let hour = purchase.per_reserved_hour.scaled(Ratio::new(years * 365.25 * 24.0)).impact();
    assert!((making(&hour, Indicator::GwpKgco2e) / making(&life, Indicator::GwpKgco2e) - 1.0).abs() < 1e-9);
}

#[test]
fn what_was_bought_must_be_known_and_how_many() {
    let unknown = evaluate(&bought(3), &of("abacus", false), &SET, Profile::GhgLocation).unwrap();
    assert!(unknown.impacts.gwp_kgco2e.is_none());
    assert!(unknown.basis.weaknesses.iter().any(|weakness| weakness.code == "device_unknown"));
    let none = evaluate(&bought(0), &of("h100", false), &SET, Profile::GhgLocation).unwrap();
    assert!(none.impacts.gwp_kgco2e.is_none());
    assert!(none.basis.weaknesses.iter().any(|weakness| weakness.code == "devices_unknown"));
    let unsaid = Deployment { with_server: None, ..of("h100", false) };
    let assumed = evaluate(&bought(1), &unsaid, &SET, Profile::GhgLocation).unwrap();
    assert!(assumed.basis.weaknesses.iter().any(|weakness| weakness.code == "server_assumed"));
    assert!(making(&assumed, Indicator::GwpKgco2e) > 900.0);
}
