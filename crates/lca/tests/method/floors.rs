//! Physical floors: what no reading of the factors may undercut.

use crate::{SET, activity};
use lca::{Activity, Boundary, Counts, Deployment, Evaluator, Evidence, Indicator, Kind, Profile, Sample, Scope, Stage, Stats, Task};
use proptest::prelude::*;
use quantity::Ratio;

const KWH_NJ: i128 = 3_600_000_000_000_000;

fn draws(sample: &Sample, indicator: Indicator) -> Vec<f64> {
    sample.draws(indicator).unwrap().into_iter().map(Ratio::get).collect()
}

fn metered(zone: &str, profile: Profile) -> Sample {
    let metered = Activity {
        kind: Kind::Electricity,
        evidence: Evidence::Plug,
        stats: Stats::of(&Counts { energy_nj: Some(KWH_NJ), ..Counts::default() }),
        ..Activity::default()
    };
    let deployment = Deployment { zone: Some(zone.to_owned()), ..Deployment::default() };
    Evaluator::new(&SET, profile).sample(&metered, &deployment).unwrap()
}

#[test]
fn a_kilowatt_hour_takes_at_least_its_own_energy() {
    for zone in SET.zones().keys() {
        let sample = metered(zone, Profile::Operational);
        for (pe, kwh) in draws(&sample, Indicator::PeMj).iter().zip(draws(&sample, Indicator::EnergyKwh)) {
            assert!(*pe >= 3.6 * kwh * (1.0 - 1e-12), "{zone}: {pe} MJ for {kwh} kWh");
        }
    }
}

#[test]
fn no_site_takes_less_than_its_equipment() {
    let run = Activity {
        kind: Kind::Training,
        stage: Some(Stage::FineTuning),
        stats: Stats::of(&Counts { accelerator_ms: Some(3_600_000), ..Counts::default() }),
        ..Activity::default()
    };
    let at = |boundary, deployment: &Deployment| {
        let scope = Scope { profile: Profile::Operational, boundary };
        draws(&Evaluator::new(&SET, scope).sample(&run, deployment).unwrap(), Indicator::EnergyKwh)
    };
    let here = |provider: Option<&String>, zone: Option<&String>| Deployment {
        accelerator: Some("h100".to_owned()),
        provider: provider.cloned(),
        zone: zone.cloned(),
        ..Deployment::default()
    };
    let providers = SET.providers().keys().map(|provider| here(Some(provider), None));
    let regions = SET.regions().keys().map(|region| here(None, Some(region)));
    for deployment in providers.chain(regions) {
        let (site, server) = (at(Boundary::Site, &deployment), at(Boundary::Server, &deployment));
        for (site, server) in site.iter().zip(server) {
            assert!(*site >= server * (1.0 - 1e-12), "{deployment:?}: {site} of {server}");
        }
    }
}

#[test]
fn no_grid_and_no_contract_takes_greenhouse_gas_out_of_the_air() {
    for factor in SET.factors() {
        let rate = ["grid.", "residual.", "contract.", "grid_loss.", "grid_upstream."].iter().any(|start| factor.id.starts_with(start));
        assert!(!rate || factor.distribution.median().get() >= 0.0, "{}", factor.id);
    }
    for zone in SET.zones().keys() {
        for profile in [Profile::GhgLocation, Profile::GhgMarket, Profile::Full] {
            let lowest = draws(&metered(zone, profile), Indicator::GwpKgco2e).into_iter().fold(f64::INFINITY, f64::min);
            assert!(lowest > 0.0, "{zone} {profile}: {lowest}");
        }
    }
}

/// Joules of an operation that no H100 undercuts: half its design power at its peak of eight-bit arithmetic, twice that of sixteen bits.
fn least_j_per_operation() -> f64 {
    let of = |what: &str| SET.factor(&format!("accelerator.h100-sxm.{what}")).unwrap().distribution.median().get();
    0.5 * of("tdp_w") / (2.0 * of("peak_bf16_tflops") * 1e12)
}

#[test]
fn a_token_takes_at_least_its_arithmetic() {
    let scope = Scope { profile: Profile::Operational, boundary: Boundary::Accelerator };
    let mut evaluator = Evaluator::new(&SET, scope);
    let mut seen = 0;
    for model in SET.models().values().filter(|model| model.open) {
        let Some(active) = SET.factor(&format!("model.{}.params_active_b", model.id)) else { continue };
        let floor = 2.0 * active.distribution.median().get() * 1e9 * least_j_per_operation();
        for batch in [None, Some(Ratio::new(4096.0))] {
            let deployment = Deployment {
                model: Some(model.id.clone()),
                accelerator: Some("h100".to_owned()),
                zone: Some("USA".to_owned()),
                task: Some(Task::Chat),
                batch,
                ..Deployment::default()
            };
            let mut counts = Counts { requests: Some(1), input_tokens: Some(1000), output_tokens: Some(1000), ..Counts::default() };
            counts.fill_context();
            let sample = evaluator.sample(&activity(Stats::of(&counts)), &deployment).unwrap();
            for stage in [Stage::Prefill, Stage::Decode] {
                // An embedding writes nothing, and reads nothing twice.
                let Some(row) = sample.only(stage).row(Indicator::EnergyKwh).filter(|row| row[1].get() > 0.0) else { continue };
                let j_per_token = row[0].get() * 3.6e6 / 1000.0;
                assert!(j_per_token >= floor, "{} {stage}, {batch:?}: {j_per_token} J below {floor} J", model.id);
                seen += 1;
            }
        }
    }
    assert!(seen > 200, "{seen}");
}

/// An activity of every kind that the method values.
fn kinds(amount: i64) -> Vec<(&'static str, Activity, Deployment)> {
    let zone = Deployment { zone: Some("DEU".to_owned()), ..Deployment::default() };
    let of = |model: &str| Deployment { model: Some(model.to_owned()), ..zone.clone() };
    let text = |stats: Counts| activity(Stats::of(&stats));
    let mut asked =
        Counts { requests: Some(amount), input_tokens: Some(800 * amount), output_tokens: Some(300 * amount), ..Counts::default() };
    asked.fill_context();
    let h100 = Deployment { accelerator: Some("h100".to_owned()), ..zone.clone() };
    let of_kind =
        |kind, stage, evidence, counts: Counts| Activity { kind, stage, evidence, stats: Stats::of(&counts), ..Activity::default() };
    vec![
        ("inference, closed model", text(asked.clone()), of("openai/gpt-4o")),
        ("inference, open model", text(asked), of("huggingface_hub/meta-llama/Llama-3.1-8B-Instruct")),
        (
            "embedding",
            text(Counts { requests: Some(amount), input_tokens: Some(500 * amount), ..Counts::default() }),
            of("openai/text-embedding-3-small"),
        ),
        ("image", text(Counts { requests: Some(amount), images: Some(amount), ..Counts::default() }), of("openai/dall-e-3")),
        ("video", text(Counts { requests: Some(amount), videos: Some(amount), ..Counts::default() }), of("openai/sora-2")),
        ("audio", text(Counts { requests: Some(amount), audio_ms: Some(60_000 * amount), ..Counts::default() }), of("openai/whisper-1")),
        (
            "training",
            of_kind(
                Kind::Training,
                Some(Stage::PreTraining),
                Evidence::Counted,
                Counts { accelerator_ms: Some(3_600_000 * amount), ..Counts::default() },
            ),
            h100.clone(),
        ),
        (
            "electricity",
            of_kind(
                Kind::Electricity,
                None,
                Evidence::Counter,
                Counts { energy_nj: Some(KWH_NJ * i128::from(amount)), ..Counts::default() },
            ),
            zone,
        ),
        ("hardware", of_kind(Kind::Hardware, None, Evidence::Counted, Counts { devices: Some(amount), ..Counts::default() }), h100),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn every_interval_holds_its_median(amount in 1i64..100_000) {
        let mut valued = 0;
        for profile in Profile::ALL {
            for (name, activity, deployment) in kinds(amount) {
                let impact = Evaluator::new(&SET, *profile).sample(&activity, &deployment).unwrap().impact();
                for (stage, impacts) in impact.stages.iter().map(|(stage, impacts)| (Some(stage), impacts)).chain([(None, &impact.impacts)]) {
                    for indicator in Indicator::ALL {
                        let Some([low, median, high]) = impacts.row(*indicator) else { continue };
                        prop_assert!(
                            low.get() >= 0.0 && low <= median && median <= high && high.get().is_finite(),
                            "{name} {profile} {stage:?} {indicator}: {low:?} {median:?} {high:?}"
                        );
                        valued += 1;
                    }
                }
            }
        }
        prop_assert!(valued > 300, "{valued}");
    }
}

#[test]
fn every_kind_is_valued_in_some_profile() {
    for (name, activity, deployment) in kinds(10) {
        let valued = Profile::ALL
            .iter()
            .any(|profile| Evaluator::new(&SET, *profile).sample(&activity, &deployment).unwrap().row(Indicator::GwpKgco2e).is_some());
        assert!(valued, "{name}");
    }
}
