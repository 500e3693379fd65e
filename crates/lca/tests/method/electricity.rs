//! Electricity: two accountings of one amount, contracts hour by hour, losses, hourly intensity, water in its parts.

use crate::SET;
use lca::electricity::{Contract, ContractError, ContractShare, Drawn, Dual, Supplied, Volume, check, cover, dual_report, water_parts};
use lca::{
    Activity, Boundary, ContractKind, Counts, Deployment, Evidence, Impact, Indicator, Kind, Matching, Profile, Stats, Technology, evaluate,
};
use proptest::prelude::*;
use quantity::{CarbonIntensity, Energy, Estimate, Quantity, Ratio};

/// 1,000 MWh at the site's meter.
const DRAWN: Drawn = Drawn { energy: Energy::kwh(1e6), evidence: Evidence::Plug, boundary: Boundary::Site };

fn share(kind: ContractKind, technology: Technology, share: f64) -> ContractShare {
    ContractShare { kind, technology, share: Ratio::new(share), zone: None }
}

fn at(zone: &str, contracts: &[ContractShare]) -> Deployment {
    Deployment { zone: Some(zone.to_owned()), contracts: contracts.to_vec(), ..Deployment::default() }
}

fn dual(zone: &str, contracts: &[ContractShare]) -> Dual {
    dual_report(&DRAWN, &at(zone, contracts), &SET)
}

fn median<Q: Quantity>(estimate: Option<&Estimate<Q>>) -> f64 {
    estimate.unwrap().median().base()
}

fn factor(id: &str) -> f64 {
    SET.factor(id).unwrap().distribution.median().get()
}

fn close(got: f64, want: f64) {
    assert!((got / want - 1.0).abs() < 0.01, "{got} instead of {want}");
}

fn codes(dual: &Dual) -> Vec<&str> {
    dual.weaknesses.iter().map(|weakness| weakness.code.as_str()).collect()
}

fn metered(profile: Profile, deployment: &Deployment) -> Impact {
    let stats = Stats::of(&Counts { energy_nj: Some(3_600_000_000_000_000_000_000), ..Counts::default() });
    let activity = Activity { kind: Kind::Electricity, evidence: Evidence::Plug, stats, ..Activity::default() };
    evaluate(&activity, deployment, &SET, profile).unwrap()
}

fn gwp(profile: Profile, deployment: &Deployment) -> [f64; 3] {
    metered(profile, deployment).impacts.row(Indicator::GwpKgco2e).unwrap().map(Ratio::get)
}

#[test]
fn a_thousand_megawatt_hours_in_germany_with_wind_for_six_tenths() {
    let dual = dual("DEU", &[share(ContractKind::Ppa, Technology::Wind, 0.6)]);
    close(median(Some(&dual.energy_kwh)), 1e6);
    close(median(dual.scope2_location_kgco2e.as_ref()), 1e6 * factor("grid.DEU.gwp"));
    close(median(dual.scope2_market_kgco2e.as_ref()), 4e5 * factor("residual.DEU.gwp"));
    assert!(dual.scope1_kgco2e.is_none(), "no plant of one's own is a gap, not zero");
    // Category 3: the life-cycle rate of the place holds its upstream, the direct rate of the residual mix does not.
    assert!(dual.category3_location.upstream_kgco2e.is_none() && codes(&dual).contains(&"scope2_life_cycle"));
    let upstream = 6e5 * factor("contract.wind.upstream_gwp") + 4e5 * factor("residual.DEU.gwp") * factor("grid_upstream.WOR.ratio");
    let got = median(dual.category3_market.upstream_kgco2e.as_ref());
    assert!((got / upstream - 1.0).abs() < 0.03, "{got} instead of {upstream}");
    let lost = factor("grid_loss.DEU");
    let losses = 1e6 * factor("grid.DEU.gwp") * lost / (1.0 - lost);
    for category3 in [&dual.category3_location, &dual.category3_market] {
        close(median(category3.losses_kgco2e.as_ref()), losses);
    }
    assert_eq!((dual.contracted_share, dual.own_share), (Ratio::new(0.6), Ratio::new(0.0)));
}

#[test]
fn all_of_it_under_contract_is_nothing_in_scope_2_and_something_in_category_3() {
    let dual = dual("DEU", &[share(ContractKind::GuaranteeOfOrigin, Technology::Hydro, 1.0)]);
    let market = dual.scope2_market_kgco2e.as_ref().unwrap();
    assert_eq!((market.low().as_kg(), market.high().as_kg()), (0.0, 0.0), "a known nothing");
    close(median(dual.category3_market.upstream_kgco2e.as_ref()), 1e6 * factor("contract.hydro.upstream_gwp"));
    assert!(!codes(&dual).iter().any(|code| code.starts_with("residual")), "no rest, no residual mix: {:?}", codes(&dual));
}

#[test]
fn by_place_nothing_moves_with_a_contract_and_own_generation_moves_both() {
    let bare = at("DEU", &[]);
    let bought = at("DEU", &[share(ContractKind::GreenTariff, Technology::Wind, 0.7)]);
    let own = at("DEU", &[share(ContractKind::OwnGeneration, Technology::Solar, 0.3)]);
    for profile in [Profile::Full, Profile::Operational, Profile::SciConsumer, Profile::GhgLocation] {
        assert_eq!(gwp(profile, &bare), gwp(profile, &bought), "{profile}");
        assert!(gwp(profile, &own)[1] < 0.8 * gwp(profile, &bare)[1], "{profile}");
    }
    assert!(gwp(Profile::GhgMarket, &bought)[1] < 0.5 * gwp(Profile::GhgMarket, &bare)[1]);
    assert!(gwp(Profile::GhgMarket, &own)[1] < 0.8 * gwp(Profile::GhgMarket, &bare)[1]);
    let dual = dual_report(&DRAWN, &own, &SET);
    assert_eq!(dual.scope1_kgco2e.as_ref().map(|own| own.high().as_kg()), Some(0.0), "solar burns nothing");
    let lost = factor("grid_loss.DEU");
    close(median(dual.category3_location.losses_kgco2e.as_ref()), 7e5 * factor("grid.DEU.gwp") * lost / (1.0 - lost));
    let gas = dual_report(&DRAWN, &at("DEU", &[share(ContractKind::OwnGeneration, Technology::Gas, 0.5)]), &SET);
    close(median(gas.scope1_kgco2e.as_ref()), 5e5 * factor("contract.gas.gwp"));
}

#[test]
fn the_profiles_of_an_inventory_are_scope_2_and_category_3_together() {
    let deployment = at("DEU", &[share(ContractKind::Ppa, Technology::Wind, 0.6)]);
    let drawn = Drawn { boundary: Boundary::Server, ..DRAWN };
    let dual = dual_report(&drawn, &deployment, &SET);
    for (profile, scope2, category3) in [
        (Profile::GhgLocation, &dual.scope2_location_kgco2e, &dual.category3_location),
        (Profile::GhgMarket, &dual.scope2_market_kgco2e, &dual.category3_market),
    ] {
        close(gwp(profile, &deployment)[1], median(scope2.as_ref()) + median(category3.total_kgco2e.as_ref()));
    }
}

#[test]
fn losses_count_in_full_and_in_an_inventory_and_nowhere_else() {
    let place = at("IND", &[]);
    let lost = factor("grid_loss.IND");
    close(gwp(Profile::Full, &place)[1] / gwp(Profile::Operational, &place)[1], 1.0 / (1.0 - lost));
    close(gwp(Profile::GhgLocation, &place)[1] / gwp(Profile::SciConsumer, &place)[1], 1.0 / (1.0 - lost));
    let energy = |profile| metered(profile, &place).impacts.row(Indicator::EnergyKwh);
    assert_eq!(energy(Profile::Full), energy(Profile::Operational), "energy is that of the meter");
}

#[test]
fn fallbacks_are_named() {
    let japan = dual("JPN", &[]);
    assert!(codes(&japan).contains(&"residual_mix_unknown"));
    assert_eq!(median(japan.scope2_market_kgco2e.as_ref()), median(japan.scope2_location_kgco2e.as_ref()));
    let california = dual("US-CISO", &[]);
    assert!(codes(&california).contains(&"grid_combustion_only") && !codes(&california).contains(&"scope2_life_cycle"));
    let ratio = median(california.category3_location.upstream_kgco2e.as_ref()) / median(california.scope2_location_kgco2e.as_ref());
    assert!((ratio / factor("grid_upstream.WOR.ratio") - 1.0).abs() < 0.05, "{ratio}");
    let mix = dual("DEU", &[share(ContractKind::GreenTariff, Technology::Mix, 0.5)]);
    assert!(codes(&mix).contains(&"contract_factor_missing"));
    close(median(mix.scope2_market_kgco2e.as_ref()), 1e6 * factor("residual.DEU.gwp"));
    let elsewhere = ContractShare { zone: Some("NOR".to_owned()), ..share(ContractKind::Ppa, Technology::Hydro, 0.5) };
    assert!(codes(&dual("DEU", &[elsewhere])).contains(&"contract_zone_differs"));
    let twice = [share(ContractKind::Ppa, Technology::Wind, 0.8), share(ContractKind::Ppa, Technology::Solar, 0.8)];
    assert!(matches!(check(&twice), Err(ContractError::Sum(_))));
    assert!(codes(&dual("DEU", &twice)).contains(&"contracts_exceed_load"));
    assert!(median(dual("DEU", &twice).scope2_market_kgco2e.as_ref()) == 0.0);
}

#[test]
fn an_hourly_intensity_stands_for_the_annual_one_and_keeps_a_spread() {
    let hourly = Deployment { grid_gwp: Some(CarbonIntensity::kg_per_kwh(0.25)), ..at("DEU", &[]) };
    let (annual, weighted) = (gwp(Profile::Operational, &at("DEU", &[])), gwp(Profile::Operational, &hourly));
    close(weighted[1] / annual[1], 0.25 / factor("grid.DEU.gwp"));
    assert!(weighted[2] / weighted[1] > 1.15, "{weighted:?}");
    let water = |deployment: &Deployment| metered(Profile::Full, deployment).impacts.row(Indicator::WaterL);
    assert_eq!(water(&hourly), water(&at("DEU", &[])), "a series of greenhouse gas says nothing of water");
    // By contract, what is left still counts by the residual mix of the year.
    close(gwp(Profile::GhgMarket, &hourly)[1], gwp(Profile::GhgMarket, &at("DEU", &[]))[1]);
}

#[test]
fn water_at_the_site_and_at_the_plants_stay_apart_and_scarcity_is_its_own_figure() {
    let drawn = Drawn { boundary: Boundary::Server, ..DRAWN };
    let parts = water_parts(&drawn, &at("DEU", &[]), &SET);
    let lost = factor("grid_loss.DEU");
    close(median(parts.on_site_l.as_ref()), 1e6 * factor("provider.default.wue"));
    close(median(parts.off_site_l.as_ref()), 1e6 * factor("provider.default.pue") * factor("grid.DEU.water") / (1.0 - lost));
    let whole = metered(Profile::Full, &at("DEU", &[])).impacts.row(Indicator::WaterL).unwrap()[1].get();
    let sum = median(parts.on_site_l.as_ref()) + median(parts.off_site_l.as_ref());
    assert!((sum / whole - 1.0).abs() < 0.1, "{sum} beside {whole}: medians do not add up exactly");
    let scarce = median(parts.scarcity_m3_world_eq.as_ref());
    assert!((scarce / (whole * 1e-3 * factor("water_scarcity.DEU")) - 1.0).abs() < 0.05, "{scarce}");
}

#[test]
fn a_contract_is_read_from_text_and_errors_name_the_known_words() {
    let contract: Contract = "ppa:wind:0.6".parse().unwrap();
    assert_eq!((contract.kind, contract.technology, contract.matching), (ContractKind::Ppa, Technology::Wind, Matching::Year));
    assert_eq!("own_generation:solar:0.1:hour".parse::<Contract>().unwrap().matching, Matching::Hour);
    let amount: Contract = "ppa:wind:5000kWh:hour".parse().unwrap();
    assert_eq!(amount.volume, Volume::Energy(Energy::kwh(5000.0)));
    assert!("ppa:wind:-1kwh".parse::<Contract>().is_err() && "ppa:wind:kwh".parse::<Contract>().is_err());
    let error = |text: &str| text.parse::<Contract>().unwrap_err().to_string();
    assert!(error("ppa:fusion:0.6").contains("fusion") && error("ppa:fusion:0.6").contains("wind, solar, hydro"));
    assert!(error("lease:wind:0.6").contains("guarantee_of_origin"));
    assert!(error("ppa:wind:1.6").contains("1.6") && error("ppa:wind:x").contains('x') && error("ppa:wind:nan").contains("nan"));
    assert!(error("ppa:wind").contains("kind:technology:share"));
    assert!(error("ppa:wind:0.5:month").contains("year, hour"));
}

fn wind(volume: f64, matching: Matching) -> Contract {
    Contract { kind: ContractKind::Ppa, technology: Technology::Wind, volume: Volume::Energy(Energy::kwh(volume)), zone: None, matching }
}

fn kwh(values: &[f64]) -> Vec<Energy> {
    values.iter().map(|value| Energy::kwh(*value)).collect()
}

fn shape(values: &[f64]) -> Vec<Ratio> {
    values.iter().map(|value| Ratio::new(*value)).collect()
}

#[test]
fn a_night_of_load_is_not_covered_by_a_day_of_sun() {
    let load = kwh(&[10.0, 10.0, 10.0, 10.0]);
    let profile = shape(&[0.0, 3.0, 1.0, 0.0]);
    let covered = |matching| {
        let contract = wind(40.0, matching);
        cover(&load, &[Supplied { contract: &contract, profile: Some(&profile) }]).unwrap()
    };
    let (hour, year) = (covered(Matching::Hour), covered(Matching::Year));
    assert_eq!((hour.covered[0].as_kwh(), hour.surplus[0].as_kwh(), hour.residual.as_kwh()), (20.0, 20.0, 20.0));
    assert_eq!((year.covered[0].as_kwh(), year.surplus[0].as_kwh(), year.residual.as_kwh()), (40.0, 0.0, 0.0));
    let missing = wind(40.0, Matching::Hour);
    assert!(matches!(cover(&load, &[Supplied { contract: &missing, profile: None }]), Err(ContractError::ProfileMissing(_))));
    assert!(matches!(
        cover(&load, &[Supplied { contract: &missing, profile: Some(&profile[1..]) }]),
        Err(ContractError::ProfileLength { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn covered_and_residual_are_the_load_and_hours_never_cover_more_than_the_year(
        steps in proptest::collection::vec((0.0..100.0f64, 0.001..50.0f64, 0.001..50.0f64), 1..60),
        volumes in (0.0..5000.0f64, 0.0..5000.0f64),
    ) {
        let load: Vec<f64> = steps.iter().map(|step| step.0).collect();
        let load = kwh(&load);
        let profiles = [steps.iter().map(|step| Ratio::new(step.1)).collect::<Vec<_>>(), steps.iter().map(|step| Ratio::new(step.2)).collect()];
        let mut sums = Vec::new();
        for matching in [[Matching::Hour; 2], [Matching::Hour, Matching::Year], [Matching::Year; 2]] {
            let contracts = [wind(volumes.0, matching[0]), wind(volumes.1, matching[1])];
            let supplied: Vec<_> = contracts.iter().zip(&profiles).map(|(contract, profile)| Supplied { contract, profile: Some(profile) }).collect();
            let coverage = cover(&load, &supplied).unwrap();
            let covered: f64 = coverage.covered.iter().map(|part| part.as_kwh()).sum();
            let whole = coverage.load.as_kwh();
            prop_assert!((covered + coverage.residual.as_kwh() - whole).abs() <= 1e-9 * whole.max(1.0));
            for ((part, surplus), volume) in coverage.covered.iter().zip(&coverage.surplus).zip([volumes.0, volumes.1]) {
                prop_assert!(part.as_kwh() >= 0.0 && (part.as_kwh() + surplus.as_kwh() - volume).abs() <= 1e-9 * volume.max(1.0));
            }
            prop_assert!(check(&coverage.shares(&supplied).into_iter().filter(|share| share.share.get() > 0.0).collect::<Vec<_>>()).is_ok());
            sums.push(covered);
        }
        prop_assert!(sums[0] <= sums[1] + 1e-6 && sums[1] <= sums[2] + 1e-6, "{sums:?}");
    }
}
