//! Amortisation: training over the tokens that a model serves, on a line of its own and never inside a total.

use crate::cited::Cited;
use crate::plan::weakness;
use crate::sampler::lineage;
use crate::{Evaluator, Impact, Sample, WordError};
use quantity::Tokens;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// What must stand beside every amortised figure.
pub const AMORTISED_NOTE: &str = "Training shared out over use stands on a line of its own and is part of no total; \
    SCI for AI leaves it out of the consumer's score. The three allocations answer different questions and are not added up.";

/// How training is shared out over use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Allocation {
    /// Use bears none of it; it belongs to who trained the model.
    None,
    /// By the tokens used of all tokens served over the life of the model.
    PerToken,
    /// By the tokens used of the tokens served in the reporting year, which bears the whole training.
    Adopters,
}

/// How much a kind of model serves over its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Below 15 billion parameters.
    Small,
    /// To 100 billion.
    Medium,
    /// To 700 billion.
    Large,
    /// The flagship of a large service.
    Frontier,
}

impl Tier {
    /// The word in factors and flags.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
            Self::Frontier => "frontier",
        }
    }
    /// The tier of a size class of the factor set; unknown classes serve like a medium model.
    #[must_use]
    pub fn of_class(class: &str) -> Self {
        match class {
            "small" => Self::Small,
            "large" => Self::Large,
            "xlarge" => Self::Frontier,
            _ => Self::Medium,
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Tier {
    type Err = WordError;
    fn from_str(word: &str) -> Result<Self, WordError> {
        [Self::Small, Self::Medium, Self::Large, Self::Frontier].into_iter().find(|tier| tier.as_str() == word).ok_or_else(|| WordError {
            what: "tier",
            word: word.to_owned(),
            known: "small, medium, large, frontier".to_owned(),
        })
    }
}

/// What was used of a model and what it served; output tokens throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// Tokens of one's own use.
    pub used: Tokens,
    /// Tokens served over the life of the model; the prior of the tier where unknown.
    pub life: Option<Tokens>,
    /// Tokens served to everybody in the reporting year.
    pub year: Option<Tokens>,
    /// Tier of the model.
    pub tier: Tier,
}

/// Training under one allocation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Amortised {
    /// The allocation.
    pub allocation: Allocation,
    /// The part that the use bears; `None` where nothing is allocated, or where what was served is not known.
    pub impact: Option<Impact>,
    /// What it rests on, and what is missing.
    pub basis: String,
}

impl Evaluator<'_> {
    /// Training shared out over use, under the three allocations side by side; see [`AMORTISED_NOTE`].
    pub fn amortise(&mut self, training: &Sample, served: &Served) -> [Amortised; 3] {
        [
            Amortised {
                allocation: Allocation::None,
                impact: None,
                basis: "use bears nothing; training belongs to who trained the model".to_owned(),
            },
            self.per_token(training, served),
            adopters(training, served),
        ]
    }

    fn per_token(&mut self, training: &Sample, served: &Served) -> Amortised {
        let used = served.used.0 as f64;
        if let Some(life) = served.life.filter(|life| life.0 > 0) {
            return Amortised {
                allocation: Allocation::PerToken,
                impact: Some(part(training, used / life.0 as f64).impact()),
                basis: "tokens used of the tokens stated for the life of the model".to_owned(),
            };
        }
        let id = format!("training.served_tokens.{}", served.tier);
        let line = lineage(self.factors, &id);
        if line.is_empty() {
            return Amortised { allocation: Allocation::PerToken, impact: None, basis: format!("the factor set has no `{id}`") };
        }
        let mut shares = vec![used; crate::sampler::DRAWS];
        let mut sample = training.clone();
        for factor in &line {
            let scores = self.sampler.scores(&factor.id);
            for (share, score) in shares.iter_mut().zip(scores.iter()) {
                *share /= factor.distribution.at_z(*score);
            }
            sample.variables.insert(factor.id.clone(), scores);
        }
        sample.cited.add(&Cited::of(line.iter().map(|factor| factor.id.as_str()), self.factors));
        sample.weaknesses.insert(weakness(
            "served_tokens_prior",
            &id,
            "how many tokens the model serves over its life is not published; an assumption with a very wide spread stands in",
        ));
        Amortised {
            allocation: Allocation::PerToken,
            // Whoever uses more than the prior served has served it to himself: nobody bears more than the whole.
            impact: Some(sample.shared(&shares.iter().map(|share| share.min(1.0)).collect::<Vec<_>>()).impact()),
            basis: format!("tokens used of the tokens assumed for the life of the model ({id})"),
        }
    }
}

fn adopters(training: &Sample, served: &Served) -> Amortised {
    let year = served.year.filter(|year| year.0 > 0);
    Amortised {
        allocation: Allocation::Adopters,
        impact: year.map(|year| part(training, served.used.0 as f64 / year.0 as f64).impact()),
        basis: match year {
            Some(_) => "tokens used of the tokens served to everybody in the reporting year".to_owned(),
            None => "how many tokens the model served in the reporting year is not stated".to_owned(),
        },
    }
}

fn part(training: &Sample, share: f64) -> Sample {
    training.scaled(quantity::Ratio::new(share))
}
