//! One request asked of all rules: rounds over the rules until nothing changes the request any more.

use crate::admission::{Admission, Hold, Refusal, Verdict};
use crate::compile::{Budget, Compiled, Covers};
use crate::condition::View;
use crate::counter::{Place, whose};
use crate::governor::Ask;
use crate::pricer::Pricer;
use crate::rates::Rates;
use crate::refuse::{self, Limit};
use books::{Effect, Entry, Metric};
use std::sync::Arc;

/// Asks all rules.
///
/// A rule that caps or downgrades changes the request, gives back what was reserved so far, and all rules are asked again:
/// so every rule sees the request that goes out, and every budget holds what that needs. Each rule does so at most once for
/// its effect and once for its soft effect, which bounds the rounds.
pub(crate) fn decide(rules: &[Compiled], pricer: &Arc<Pricer>, ask: &Ask<'_>, used: Option<&Entry>, now_ms: i64) -> Verdict {
    let mut pass = Pass { pricer, ask, used, now_ms, cap: None, downgrade: None, left: Vec::new(), moves: Vec::new(), moved: Vec::new() };
    loop {
        let mut round = Round { holds: Vec::new(), tags: Vec::new(), acted: Vec::new() };
        match pass.round(rules, &mut round) {
            Ok(()) => {
                let mut acted = pass.moves;
                acted.append(&mut round.acted);
                return Verdict::Admitted(Admission {
                    sent: false,
                    holds: std::mem::take(&mut round.holds),
                    pricer: Arc::clone(pricer),
                    cap_output_tokens: pass.cap.and_then(|cap| u64::try_from(cap).ok()),
                    downgrade: pass.downgrade.map(|(asked, _)| asked),
                    tags: std::mem::take(&mut round.tags),
                    acted,
                });
            }
            Err(Stop::Again) => {}
            Err(Stop::Refused(refusal)) => return Verdict::Refused(*refusal),
        }
    }
}

/// The request as it has been changed so far.
struct Pass<'a> {
    pricer: &'a Arc<Pricer>,
    ask: &'a Ask<'a>,
    /// What was used in the end, in a replay: asked for in the place of an upper estimate.
    used: Option<&'a Entry>,
    now_ms: i64,
    cap: Option<i64>,
    /// The model as the rule names it, and as it is valued.
    downgrade: Option<(String, String)>,
    /// Models that it was sent away from.
    left: Vec<String>,
    /// What changed the request, for `acted`.
    moves: Vec<String>,
    /// Rules that changed it, by place and by which of their effects.
    moved: Vec<(usize, When)>,
}

/// One round; what it holds is given back when it ends early.
struct Round {
    holds: Vec<Hold>,
    tags: Vec<String>,
    acted: Vec<String>,
}

impl Drop for Round {
    fn drop(&mut self) {
        for hold in &self.holds {
            hold.cell.give_back(hold.left);
        }
    }
}

/// Why a round ends early.
enum Stop {
    /// The request was changed.
    Again,
    Refused(Box<Refusal>),
}

/// When an effect holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Policy,
    Hard,
    Soft,
}

impl Pass<'_> {
    fn model(&self) -> &str {
        self.downgrade.as_ref().map_or(self.ask.model, |(_, model)| model)
    }

    /// Most output tokens, as far as they are stated or capped.
    fn output_tokens(&self) -> Option<i64> {
        let stated = self.ask.output_tokens.map(|tokens| i64::try_from(tokens).unwrap_or(i64::MAX));
        match (stated, self.cap) {
            (Some(stated), Some(cap)) => Some(stated.min(cap)),
            (stated, cap) => stated.or(cap),
        }
    }

    fn view(&self) -> View<'_> {
        let requests = self.used.and_then(|used| used.counts.requests).unwrap_or(1).max(1);
        View {
            account: self.ask.account,
            key: self.ask.key,
            user: self.ask.user,
            provider: self.ask.provider,
            model: self.model(),
            upstream: self.ask.upstream,
            // The books do not say; and conditions are about one request of a bucket.
            stream: self.used.is_none().then_some(self.ask.stream),
            input_tokens: Some(self.input_tokens() / requests),
            output_tokens: self.output_tokens().map(|tokens| tokens / requests),
            labels: self.ask.labels,
            at_ms: self.now_ms,
        }
    }

    fn input_tokens(&self) -> i64 {
        i64::try_from(self.ask.input_tokens).unwrap_or(i64::MAX)
    }

    fn round(&mut self, rules: &[Compiled], round: &mut Round) -> Result<(), Stop> {
        // Several budgets of one round ask the same rates.
        let mut rates = None;
        for (place, rule) in rules.iter().enumerate() {
            match rule.covers(&self.view()) {
                Covers::No => continue,
                Covers::Yes => {}
                Covers::Failed(counts) => {
                    round.acted.push(format!("{}: condition failed", rule.name));
                    if !counts {
                        continue;
                    }
                }
            }
            match &rule.budget {
                None => self.policy(place, rule, round)?,
                Some(budget) => self.budget(place, rule, budget, &mut rates, round)?,
            }
        }
        Ok(())
    }

    fn policy(&mut self, place: usize, rule: &Compiled, round: &mut Round) -> Result<(), Stop> {
        match &rule.effect {
            Effect::Deny => Err(refused(refuse::policy(rule, &self.view()))),
            Effect::CapOutputTokens(_) | Effect::Downgrade(_) => {
                if self.change(place, rule, When::Policy, &rule.effect) {
                    return Err(Stop::Again);
                }
                match &rule.effect {
                    Effect::Downgrade(to) if self.was_model(to) => Err(refused(refuse::circle(rule, to, self.model()))),
                    _ => Ok(()),
                }
            }
            effect => {
                note(rule, effect, round);
                Ok(())
            }
        }
    }

    fn budget(
        &mut self,
        place: usize,
        rule: &Compiled,
        budget: &Budget,
        rates: &mut Option<Arc<Rates>>,
        round: &mut Round,
    ) -> Result<(), Stop> {
        let whose = whose(budget.per, self.ask.account, self.ask.key, self.model(), self.ask.user);
        let counter = budget.book.place(self.now_ms, whose);
        let output = self.output_tokens().unwrap_or(budget.assume_output_tokens);
        let hold = |cell: &Place, left: i64| Hold {
            cell: Arc::clone(&cell.cell),
            metric: budget.metric,
            compare: budget.compare,
            left,
            counted: false,
            each: self.used.is_some(),
        };
        let Some(ticks) = self.ticks(budget, output, rates) else {
            if rule.may_deny() {
                counter.cell.refuse();
                return Err(refused(refuse::unvalued(rule, budget.metric, &self.view())));
            }
            round.acted.push(format!("{}: not valued", rule.name));
            // Nothing is reserved, but should the amount be known in the end (a bill), it is charged.
            round.holds.push(hold(&counter, 0));
            return Ok(());
        };
        let limit =
            |ticks: i64, limit: i64, committed: i64| Limit { rule, budget, place: &counter, ticks, limit, committed, now_ms: self.now_ms };
        match (counter.cell.reserve(ticks, budget.hard), budget.hard) {
            (Ok(committed), _) => {
                round.holds.push(hold(&counter, ticks));
                match budget.soft {
                    Some(soft) if committed > soft => {
                        let refusal = || refuse::over(&limit(ticks, soft, committed.saturating_sub(ticks)), "soft limit of ");
                        match &rule.soft_effect {
                            Effect::Deny => {
                                counter.cell.refuse();
                                Err(refused(refusal()))
                            }
                            effect if self.changes(place, When::Soft, effect, output) => {
                                self.change(place, rule, When::Soft, &rule.soft_effect);
                                Err(Stop::Again)
                            }
                            effect => {
                                note(rule, effect, round);
                                Ok(())
                            }
                        }
                    }
                    _ => Ok(()),
                }
            }
            (Err(committed), Some(hard)) => {
                let refusal = refuse::over(&limit(ticks, hard, committed), "");
                match &rule.effect {
                    Effect::Allow | Effect::Warn | Effect::Tag(_) => {
                        // Without a limit there is nothing to refuse.
                        let _ = counter.cell.reserve(ticks, None);
                        round.holds.push(hold(&counter, ticks));
                        note(rule, &rule.effect, round);
                        Ok(())
                    }
                    effect if self.changes(place, When::Hard, effect, output) => {
                        self.change(place, rule, When::Hard, &rule.effect);
                        Err(Stop::Again)
                    }
                    Effect::Deny | Effect::CapOutputTokens(_) | Effect::Downgrade(_) => {
                        counter.cell.refuse();
                        Err(refused(refusal))
                    }
                }
            }
            // Without a hard limit nothing stands in the way.
            (Err(_), None) => Ok(()),
        }
    }

    /// What a request needs at most, in ticks of the metric, rounded up.
    fn ticks(&self, budget: &Budget, output: i64, rates: &mut Option<Arc<Rates>>) -> Option<i64> {
        let used = self.used.filter(|_| self.moves.is_empty());
        match budget.metric {
            Metric::Requests => self.used.map_or(Some(1), |used| used.counts.requests),
            Metric::Tokens => Some(self.input_tokens().saturating_add(output)),
            metric => {
                let ask = self.ask;
                let rates = rates.get_or_insert_with(|| {
                    let place = books::place(ask.place, ask.site, "", self.pricer.config());
                    self.pricer.rates(self.model(), ask.provider, place, ask.site)
                });
                if let Some(used) = used {
                    return rates.valued(&used.counts, used.evidence, &used.currency).ticks(metric, budget.compare);
                }
                rates.most(self.input_tokens(), output).ticks(metric, budget.compare)
            }
        }
    }

    fn is_model(&self, to: &str) -> bool {
        self.model() == to || self.model() == self.valued_as(to)
    }

    /// Whether the request had that model before and was sent away from it: to send it back would go round in a circle.
    fn was_model(&self, to: &str) -> bool {
        let model = self.valued_as(to);
        model != self.model() && self.left.contains(&model)
    }

    /// The model that a rule names, as the books call it.
    fn valued_as(&self, model: &str) -> String {
        self.pricer.factors().resolve_model(self.ask.provider, model).model
    }

    /// Whether an effect would change the request, and has not done so before.
    fn changes(&self, place: usize, when: When, effect: &Effect, output: i64) -> bool {
        match effect {
            Effect::CapOutputTokens(cap) => !self.moved.contains(&(place, when)) && output > i64::from(*cap),
            Effect::Downgrade(to) => !self.moved.contains(&(place, when)) && !self.is_model(to) && !self.was_model(to),
            Effect::Allow | Effect::Warn | Effect::Deny | Effect::Tag(_) => false,
        }
    }

    /// Changes the request; `false` where nothing is to be changed.
    fn change(&mut self, place: usize, rule: &Compiled, when: When, effect: &Effect) -> bool {
        let output = self.output_tokens().unwrap_or(i64::MAX);
        if !self.changes(place, when, effect, output) {
            return false;
        }
        match effect {
            Effect::CapOutputTokens(cap) => self.cap = Some(self.cap.map_or(i64::from(*cap), |known| known.min(i64::from(*cap)))),
            Effect::Downgrade(to) => {
                self.left.push(self.model().to_owned());
                self.downgrade = Some((to.clone(), self.valued_as(to)));
            }
            Effect::Allow | Effect::Warn | Effect::Deny | Effect::Tag(_) => return false,
        }
        self.moved.push((place, when));
        self.moves.push(format!("{}: {}", rule.name, word(effect)));
        true
    }
}

fn refused(refusal: Refusal) -> Stop {
    Stop::Refused(Box::new(refusal))
}

/// Notes an effect that lets the request through.
fn note(rule: &Compiled, effect: &Effect, round: &mut Round) {
    match effect {
        // It says nothing.
        Effect::Allow => return,
        Effect::Tag(tag) => round.tags.push(tag.clone()),
        // What was changed is noted already.
        Effect::CapOutputTokens(_) | Effect::Downgrade(_) => return,
        Effect::Warn | Effect::Deny => {}
    }
    round.acted.push(format!("{}: {}", rule.name, word(effect)));
}

/// An effect in a few words, for `acted`.
pub(crate) fn word(effect: &Effect) -> String {
    match effect {
        Effect::Allow => "allow".to_owned(),
        Effect::Warn => "warn".to_owned(),
        Effect::Deny => "deny".to_owned(),
        Effect::CapOutputTokens(tokens) => format!("cap_output_tokens {tokens}"),
        Effect::Downgrade(model) => format!("downgrade {model}"),
        Effect::Tag(tag) => format!("tag {tag}"),
    }
}
