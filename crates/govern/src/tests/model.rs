//! Random sequences against a simple reference: one map of sums, no atomics, no windows kept apart.

use super::{NOW_MS, ask, entry, governor};
use crate::{Admission, Ask, Verdict};
use proptest::prelude::*;
use std::collections::BTreeMap;

const DAY_MS: i64 = 86_400_000;
const ALL_PER_DAY: i64 = 20_000;
const USER_PER_HOUR: i64 = 6;
const MINI_PER_MONTH: i64 = 30_000;

const RULES: &str = r#"
[[rule]]
name = "all"
metric = "tokens"
window = "day"
hard = 20000
[[rule]]
name = "user"
account = "acme"
metric = "requests"
window = "hour"
per = "user"
hard = 6
[[rule]]
name = "mini"
model = "openai/gpt-4o-mini"
metric = "tokens"
hard = 30000
effect = { cap_output_tokens = 10 }
"#;

/// What one step does.
#[derive(Debug, Clone)]
enum Step {
    Ask { user: usize, outside: bool, mini: bool, input: i64, output: i64 },
    Settle { which: usize, share: i64 },
    Attempt { which: usize, share: i64 },
    Drop { which: usize, sent: bool },
    Later { minutes: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_usize..3, any::<bool>(), any::<bool>(), 0_i64..2_000, 1_i64..3_000)
            .prop_map(|(user, outside, mini, input, output)| Step::Ask { user, outside, mini, input, output }),
        4 => (0_usize..100, 0_i64..140).prop_map(|(which, share)| Step::Settle { which, share }),
        1 => (0_usize..100, 0_i64..100).prop_map(|(which, share)| Step::Attempt { which, share }),
        1 => (0_usize..100, any::<bool>()).prop_map(|(which, sent)| Step::Drop { which, sent }),
        2 => (0_i64..90).prop_map(|minutes| Step::Later { minutes }),
    ]
}

/// Rule, whose, start of the window.
type Key = (&'static str, String, i64);

/// Counters, and what is left of the reservation in each.
type Holds = Vec<(Key, i64)>;

#[derive(Default, Clone, Copy, Debug, PartialEq, Eq)]
struct Sum {
    spent: i64,
    reserved: i64,
}

/// One request on its way, in the reference.
struct Open {
    input: i64,
    output: i64,
    /// Counter, and what is left of the reservation.
    holds: Holds,
    counted: bool,
}

#[derive(Default)]
struct Reference(BTreeMap<Key, Sum>);

impl Reference {
    /// The reservations of a request, or the rule that refuses it.
    fn ask(&mut self, keys: &[Key], input: i64, mut output: i64) -> Result<(Holds, i64), &'static str> {
        loop {
            let mut holds = Vec::new();
            let mut capped = false;
            for key in keys {
                let (needs, limit) = match key.0 {
                    "all" => (input + output, ALL_PER_DAY),
                    "user" => (1, USER_PER_HOUR),
                    _ => (input + output, MINI_PER_MONTH),
                };
                let sum = self.0.entry(key.clone()).or_default();
                if sum.spent + sum.reserved + needs <= limit {
                    holds.push((key.clone(), needs));
                } else if key.0 == "mini" && output > 10 {
                    (capped, output) = (true, 10);
                    break;
                } else {
                    return Err(key.0);
                }
            }
            if !capped {
                holds.iter().for_each(|(key, needs)| self.0.entry(key.clone()).or_default().reserved += needs);
                return Ok((holds, output));
            }
        }
    }

    fn charge(&mut self, open: &mut Open, tokens: i64) {
        for (key, left) in &mut open.holds {
            let actual = if key.0 == "user" { i64::from(!open.counted) } else { tokens };
            let sum = self.0.entry(key.clone()).or_default();
            let held = actual.min(*left);
            (sum.spent, sum.reserved, *left) = (sum.spent + actual, sum.reserved - held, *left - held);
        }
        open.counted = true;
    }

    fn end(&mut self, open: Open, keep: bool) {
        for (key, left) in open.holds {
            let sum = self.0.entry(key).or_default();
            sum.reserved -= left;
            sum.spent += if keep { left } else { 0 };
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_governor_does_what_the_reference_does(steps in prop::collection::vec(step(), 1..120)) {
        let governor = governor(RULES);
        let mut reference = Reference::default();
        let mut open: Vec<(Admission, Open, &'static str)> = Vec::new();
        let mut now_ms = NOW_MS;
        for step in steps {
            match step {
                Step::Later { minutes } => now_ms += minutes * 60_000,
                Step::Ask { user, outside, mini, input, output } => {
                    let user = ["ada", "bob", ""][user];
                    let model = if mini { "openai/gpt-4o-mini" } else { "openai/gpt-4o" };
                    let account = if outside { "other/x" } else { "acme/x" };
                    let mut keys: Vec<Key> = vec![("all", String::new(), now_ms - now_ms.rem_euclid(DAY_MS))];
                    if !outside {
                        keys.push(("user", user.to_owned(), now_ms - now_ms.rem_euclid(3_600_000)));
                    }
                    if mini {
                        // All of it happens in one November, or the first days of December.
                        let from = ["2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"].map(|text| text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
                        keys.push(("mini", String::new(), if now_ms < from[1] { from[0] } else { from[1] }));
                    }
                    let ask = Ask { user, model, account, input_tokens: input as u64, output_tokens: Some(output as u64), ..ask() };
                    match (governor.admit(&ask, now_ms), reference.ask(&keys, input, output)) {
                        (Verdict::Admitted(admission), Ok((holds, allowed))) => {
                            prop_assert_eq!(admission.cap_output_tokens, (allowed < output).then_some(10));
                            open.push((admission, Open { input, output: allowed, holds, counted: false }, model));
                        }
                        (Verdict::Refused(refusal), Err(rule)) => prop_assert_eq!(refusal.rule, rule),
                        (Verdict::Admitted(_), Err(rule)) => prop_assert!(false, "admitted against {}", rule),
                        (Verdict::Refused(refusal), Ok(_)) => prop_assert!(false, "refused: {:?}", refusal),
                    }
                }
                Step::Settle { which, share } | Step::Attempt { which, share } if !open.is_empty() => {
                    let place = which % open.len();
                    let (admission, request, model) = &mut open[place];
                    let output = request.output * share / 100;
                    let used = entry(model, request.input, output);
                    let tokens = request.input + output;
                    admission.sent();
                    admission.charge_attempt(&used);
                    reference.charge(request, tokens);
                    if matches!(step, Step::Settle { .. }) {
                        let (admission, request, _) = open.swap_remove(place);
                        drop(admission);
                        reference.end(request, false);
                    }
                }
                Step::Drop { which, sent } if !open.is_empty() => {
                    let (mut admission, request, _) = open.swap_remove(which % open.len());
                    if sent {
                        admission.sent();
                    }
                    drop(admission);
                    reference.end(request, sent);
                }
                Step::Settle { .. } | Step::Attempt { .. } | Step::Drop { .. } => {}
            }
            for state in governor.budgets(now_ms) {
                let known = ["all", "user", "mini"].into_iter().find(|name| **name == state.rule).unwrap();
                let expected = reference.0.get(&(known, state.whose.clone(), state.from_ms)).copied().unwrap_or_default();
                let found = Sum { spent: state.spent_micro / 1_000_000, reserved: state.reserved_micro / 1_000_000 };
                prop_assert_eq!(found, expected, "{:?}", &state);
                prop_assert!(state.spent_micro + state.reserved_micro <= state.hard_micro.unwrap() + state.overshoot_micro);
            }
        }
    }
}
