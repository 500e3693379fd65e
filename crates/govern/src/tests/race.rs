//! Many threads on one hard budget: it is never passed, and everything settles to exactly what was used.

use super::{NOW_MS, ask, entry, governor, rules};
use crate::book::Book;
use crate::{Ask, Governor, Verdict};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Numbers that look random, the same on every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

const THREADS: u64 = 64;
const ASKS: u64 = 400;

#[test]
fn a_hard_limit_is_never_passed() {
    let limit = 60_000_000;
    let governor = governor(&format!(
        "[[rule]]\nname = \"tokens\"\nmetric = \"tokens\"\nhard = {limit}\n[[rule]]\nname = \"kwh\"\nmetric = \"kWh\"\nhard = 1000\n[[rule]]\nname = \"users\"\nmetric = \"requests\"\nper = \"user\"\nhard = 3000\n"
    ));
    let (spent, done) = (AtomicI64::new(0), AtomicBool::new(false));
    let (admitted, refused) = (AtomicI64::new(0), AtomicI64::new(0));
    let watch = |most: i64| {
        for state in governor.budgets(NOW_MS) {
            let sum = state.spent_micro + state.reserved_micro;
            assert!(sum <= state.hard_micro.unwrap() && state.overshoot_micro == 0, "{state:?}");
            assert!(sum >= 0 && most > 0);
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (governor, spent, admitted, refused, watch) = (&governor, &spent, &admitted, &refused, &watch);
                scope.spawn(move || {
                    let mut numbers = Numbers(thread + 1);
                    for turn in 0..ASKS {
                        let (input, output) = (numbers.below(3_000) as i64, 1 + numbers.below(2_000) as i64);
                        let user = format!("u{}", numbers.below(5));
                        let ask = Ask { input_tokens: input as u64, output_tokens: Some(output as u64), user: &user, ..ask() };
                        let mut admission = match governor.admit(&ask, NOW_MS) {
                            Verdict::Admitted(admission) => admission,
                            Verdict::Refused(refusal) => {
                                assert!(refusal.over_limit, "{refusal:?}");
                                refused.fetch_add(1, Ordering::Relaxed);
                                continue;
                            }
                        };
                        admitted.fetch_add(1, Ordering::Relaxed);
                        if turn % 64 == 0 {
                            watch(limit);
                        }
                        let used = numbers.below(output as u64 + 1) as i64;
                        match numbers.below(6) {
                            0 => drop(admission),
                            1 => admission.release(),
                            2 => {
                                admission.sent();
                                spent.fetch_add(input + output, Ordering::Relaxed);
                            }
                            3 => {
                                admission.sent();
                                admission.charge_attempt(&entry("openai/gpt-4o", input / 2, used / 2));
                                admission.sent();
                                admission.settle(&entry("openai/gpt-4o", input / 2, used / 2));
                                spent.fetch_add(2 * (input / 2 + used / 2), Ordering::Relaxed);
                            }
                            _ => {
                                admission.sent();
                                admission.settle(&entry("openai/gpt-4o", input, used));
                                spent.fetch_add(input + used, Ordering::Relaxed);
                            }
                        }
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                watch(limit);
            }
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        done.store(true, Ordering::Relaxed);
    });
    let states = governor.budgets(NOW_MS);
    assert!(states.iter().all(|state| state.reserved_micro == 0));
    let tokens = &states[0];
    assert_eq!(tokens.spent_micro, spent.load(Ordering::Relaxed) * 1_000_000);
    // The test is about a limit that bites: some were refused, and what is left is less than the largest request.
    assert!(refused.load(Ordering::Relaxed) > 0 && admitted.load(Ordering::Relaxed) > 1_000);
    let users = states.iter().filter(|state| state.rule == "users");
    assert_eq!(users.clone().count(), 5);
    assert!(users.map(|state| state.spent_micro).sum::<i64>() > 0);
}

#[test]
fn counters_and_windows_are_made_once_by_many_threads() {
    let rules = rules("[[rule]]\nname = \"r\"\nmetric = \"requests\"\nper = \"user\"\nwindow = \"minute\"\nsoft = 1000000\n");
    let governor = Governor::with_books(&rules, super::pricer(), &Book::of_all_windows).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for minute in 0..40 {
                    for user in ["a", "b", "c"] {
                        let mut admission = super::admitted(governor.admit(&Ask { user, ..ask() }, NOW_MS + minute * 60_000));
                        admission.sent();
                    }
                }
            });
        }
    });
    let states = governor.states(None);
    assert_eq!(states.len(), 120);
    assert!(states.iter().all(|state| state.spent_micro == 16_000_000), "{states:?}");
}
