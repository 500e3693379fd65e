//! Processor time of a program: the seconds its threads ran, times the power of a busy core, at a place.

use crate::cited::Cited;
use crate::evaluate::EvaluateError;
use crate::plan::weakness;
use crate::{Activity, Deployment, Evaluator, Evidence, Kind, Sample, Stats};
use quantity::Grade;

/// Power of a logical core that is busy, watts.
const CORE_WATTS: &str = "process.core_watts";

impl Evaluator<'_> {
    /// Values the processor time of a program, in milliseconds of a busy logical core; `None` when the factor set has no power for it.
    ///
    /// The machine is not known, so the grade is E. Memory, disks, idle cores and the making of the machine are not in it.
    ///
    /// # Errors
    /// As [`Evaluator::sample`].
    pub fn processor_time(&mut self, cpu_ms: u64, deployment: &Deployment) -> Result<Option<Sample>, EvaluateError> {
        let Some(factor) = self.factors.factor(CORE_WATTS) else { return Ok(None) };
        let watts = self.sampler.values(factor);
        let scores = self.sampler.scores(&factor.id);
        // One watt over one millisecond is a million nanojoules.
        let stats = Stats { entries: 1, energy_nj: i128::from(cpu_ms) * 1_000_000, ..Stats::default() };
        let activity = Activity { kind: Kind::Electricity, evidence: Evidence::Share, stats, ..Activity::default() };
        let mut sample = self.sample(&activity, deployment)?.shared(&watts);
        for weights in &mut sample.grade_kwh {
            let kwh = weights.values().sum::<f64>() * factor.distribution.median().get();
            *weights = std::iter::once((Grade::E, kwh)).filter(|_| !weights.is_empty()).collect();
        }
        sample.variables.insert(factor.id.clone(), scores);
        sample.cited.add(&Cited::of(std::iter::once(CORE_WATTS), self.factors));
        let text =
            "the power of the machine is not metered: time of a core times a cited power; memory, idle cores and making are not in it";
        sample.weaknesses.insert(weakness("processor_power", CORE_WATTS, text));
        Ok(Some(sample))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Deployment, Evaluator, FactorSet, Indicator, Profile};
    use quantity::Grade;

    #[test]
    fn an_hour_of_a_core_is_its_power_with_the_building_on_top() {
        let set = FactorSet::embedded().unwrap();
        let mut evaluator = Evaluator::new(&set, Profile::Full);
        let at = Deployment { zone: Some("DEU".to_owned()), ..Deployment::default() };
        let impact = evaluator.processor_time(3_600_000, &at).unwrap().unwrap().impact();
        let [low, median, high] = impact.impacts.row(Indicator::EnergyKwh).unwrap().map(quantity::Ratio::get);
        // Between the idle and the doubled full power of a logical core, in watts.
        assert!(low > 0.0007 && (0.002..0.008).contains(&median) && high < 0.03, "{low} {median} {high}");
        assert!(high / low > 2.0, "the machine is not known");
        let twice = evaluator.processor_time(7_200_000, &at).unwrap().unwrap().impact();
        let doubled = twice.impacts.row(Indicator::EnergyKwh).unwrap()[1].get();
        assert!((doubled / median - 2.0).abs() < 1e-9);
        assert_eq!(impact.grade, Grade::E);
        assert!(impact.basis.weaknesses.iter().any(|weakness| weakness.code == "processor_power"));
        assert!(impact.sources.iter().any(|source| source.factors.iter().any(|factor| factor == "process.core_watts")));
    }
}
