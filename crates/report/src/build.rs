//! `build()`: the statement as a fold over the books.

use crate::contract::{Cell, Lots, contract};
use crate::{By, Group, Period, Request, Statement, Tokens, boundary, coverage, findings};
use books::{Config, Head, ImportRecord, Sums};
use lca::{Evaluator, FactorSet, Sample};
use lca::{Impact, Indicator, Kind, Stats};
use quantity::{Ratio, six_digits};

/// Why a statement could not be built.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The period ends before it starts.
    #[error("the period ends ({to}) before it starts ({from}); swap the two days")]
    Period {
        /// First day as asked.
        from: books::Day,
        /// Last day as asked.
        to: books::Day,
    },
    /// The method refused an activity.
    #[error("{0}")]
    Method(String),
    /// A format could not be written.
    #[error("the statement could not be written as {format}: {reason}")]
    Format {
        /// Name of the format.
        format: &'static str,
        /// What went wrong.
        reason: String,
    },
}

/// A statement with the draws behind its total, for differences between periods.
#[derive(Clone)]
pub struct Valued {
    /// What is said.
    pub statement: Statement,
    /// The draws of the total.
    pub total: Sample,
}

/// The statement of the books for one request.
///
/// # Errors
/// When the period is upside down or the method refuses an activity.
pub fn build(
    request: &Request,
    sums: Sums,
    head: &Head,
    imports: &[ImportRecord],
    config: &Config,
    factors: &FactorSet,
) -> Result<Statement, ReportError> {
    value(request, &sums, head, imports, config, factors).map(|valued| valued.statement)
}

/// The statement and the draws behind its total.
///
/// # Errors
/// When the period is upside down or the method refuses an activity.
pub fn value(
    request: &Request,
    sums: &Sums,
    head: &Head,
    imports: &[ImportRecord],
    config: &Config,
    factors: &FactorSet,
) -> Result<Valued, ReportError> {
    if let (Some(from), Some(to)) = (request.from, request.to)
        && from > to
    {
        return Err(ReportError::Period { from, to });
    }
    let period = Period { from: request.from.or(head.days.map(|days| days.0)), to: request.to.or(head.days.map(|days| days.1)) };
    let lots = Lots::of(&sums.rows, request);
    let cells = contract(&lots, request.by, config);
    let mut evaluator = Evaluator::new(factors, request.profile);
    let (mut groups, total, counted) = evaluate(&cells, &mut evaluator, config)?;
    let impact = total.impact();
    let total_group = group("total".to_owned(), &counted, &impact, &total);
    if request.by == By::Stage {
        groups = stages(&impact, &total_group);
    }
    sort(&mut groups, request.by);
    let mut coverage = coverage::coverage(request, &lots, &period, &total_group, &impact, config, factors);
    let (disclosures, partial) = coverage::disclosures(&lots, &total_group, &mut evaluator, config, factors)?;
    coverage.partial = partial;
    let statement = Statement {
        statement: "footprint".to_owned(),
        organisation: config.organisation.clone(),
        period,
        by: request.by,
        profile: request.profile,
        account: request.account.clone(),
        currency: if impact.currency.is_empty() { factors.currency().to_owned() } else { impact.currency.clone() },
        groups,
        stages: impact.stages.clone(),
        drivers: rounded(&impact.basis.drivers),
        weaknesses: impact.basis.weaknesses.clone(),
        boundary: boundary::sentence(request.profile, &coverage.stages_included, quantity::Lang::En),
        coverage,
        disclosures,
        findings: findings::merge(imports, &sums.findings),
        sources: impact.sources.clone(),
        ledger_head: head.digest.clone(),
        factor_set: factors.name().to_owned(),
        method: impact.method.clone(),
        factor_overrides: factors.overrides().to_vec(),
        total: total_group,
    };
    Ok(Valued { statement, total })
}

/// Evaluates the cells group by group; the total is the sum of the draws, not of the intervals.
fn evaluate(cells: &[Cell], evaluator: &mut Evaluator<'_>, config: &Config) -> Result<(Vec<Group>, Sample, Counted), ReportError> {
    let mut groups = Vec::new();
    let (mut total, mut total_counted) = (Sample::zero(), Counted::default());
    for cells in cells.chunk_by(|a, b| a.group == b.group) {
        let (mut sample, mut counted) = (Sample::zero(), Counted::default());
        for cell in cells {
            sample.add(&sample_of(cell, evaluator, config)?);
            counted.add(cell);
        }
        groups.push(group(cells[0].group.to_string(), &counted, &sample.impact(), &sample));
        total.add(&sample);
        total_counted.merge(&counted);
    }
    Ok((groups, total, total_counted))
}

/// The exact sums of a group, and what of them the entries never stated.
#[derive(Default)]
struct Counted {
    stats: Stats,
    /// Requests of models; electricity and the like have none.
    asked: i128,
    /// Of these, requests that state neither input nor output, at the most.
    silent: i128,
}

impl Counted {
    fn add(&mut self, cell: &Cell) {
        self.stats.add(&cell.stats);
        if cell.way.kind == Kind::Inference {
            self.asked += cell.stats.requests;
            self.silent += cell.stats.requests_input_unknown.min(cell.stats.requests_output_unknown);
        }
    }
    fn merge(&mut self, other: &Self) {
        self.stats.add(&other.stats);
        self.asked += other.asked;
        self.silent += other.silent;
    }
    /// Requests; `None` where tokens are stated, but for how many requests is not.
    fn requests(&self) -> Option<i128> {
        (self.stats.requests > 0 || self.stats.tokens_all() == 0).then_some(self.stats.requests)
    }
    /// Tokens; `None` where models were asked, but no token is stated.
    fn tokens(&self) -> Option<i128> {
        let tokens = self.stats.tokens_all();
        (tokens > 0 || self.asked == 0 || self.silent < self.asked).then_some(tokens)
    }
}

/// The draws of one cell.
pub fn sample_of(cell: &Cell, evaluator: &mut Evaluator<'_>, config: &Config) -> Result<Sample, ReportError> {
    let mut deployment = cell.way.deployment(config);
    if deployment.batch.is_none() {
        deployment.inter_token_ms = cell.stats.inter_token_ms();
    }
    evaluator.sample(&cell.way.activity(cell.stats.clone()), &deployment).map_err(|error| ReportError::Method(error.to_string()))
}

fn group(key: String, counted: &Counted, impact: &Impact, sample: &Sample) -> Group {
    let stats = &counted.stats;
    let tokens = counted.tokens();
    let outcomes = stats.outcomes_accepted + stats.outcomes_rejected;
    Group {
        key,
        requests: counted.requests(),
        tokens,
        token_classes: tokens.map(|_| Tokens {
            input: stats.input_tokens,
            cache_read: stats.cache_read_tokens,
            cache_write: stats.cache_write_tokens,
            output: stats.output_tokens,
            reasoning: stats.reasoning_tokens,
            image: stats.image_input_tokens + stats.image_output_tokens,
            audio: stats.audio_input_tokens + stats.audio_output_tokens,
        }),
        impacts: impact.impacts.clone(),
        grade: impact.grade,
        grade_shares: sample.grade_shares().into_iter().map(|(grade, share)| (grade, short(share))).collect(),
        outcomes: (outcomes > 0).then_some((stats.outcomes_accepted, stats.outcomes_rejected)),
    }
}

fn stages(impact: &Impact, total: &Group) -> Vec<Group> {
    let of_stage = |(stage, impacts): (&lca::Stage, &lca::Impacts)| Group {
        key: stage.as_str().to_owned(),
        requests: None,
        tokens: None,
        token_classes: None,
        impacts: impacts.clone(),
        grade: total.grade,
        grade_shares: total.grade_shares.clone(),
        outcomes: None,
    };
    impact.stages.iter().map(of_stage).collect()
}

/// Largest median GHG first, ties by key; days and months by time, stages by life cycle.
fn sort(groups: &mut [Group], by: By) {
    match by {
        By::Day | By::Month => groups.sort_by(|a, b| a.key.cmp(&b.key)),
        By::Stage => {}
        By::Account | By::Model | By::Provider | By::Site => groups.sort_by(|a, b| {
            let ghg = |group: &Group| group.impacts.row(Indicator::GwpKgco2e).map_or(-1.0, |row| row[1].get());
            ghg(b).total_cmp(&ghg(a)).then_with(|| a.key.cmp(&b.key))
        }),
    }
}

/// A share at the precision of every printed result.
pub fn short(share: Ratio) -> Ratio {
    Ratio::new(six_digits(share.get()))
}

fn rounded(drivers: &[quantity::Driver]) -> Vec<quantity::Driver> {
    drivers.iter().map(|driver| quantity::Driver { factor: driver.factor.clone(), share: short(driver.share) }).collect()
}
