//! Which sources a figure rests on, with the factors taken from each.

use crate::SourceNote;
use crate::factors::{FactorSet, Source};
use std::collections::{BTreeMap, BTreeSet};

/// Sources in use and the ids of the factors taken from them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cited(BTreeMap<String, (Source, BTreeSet<String>)>);

impl Cited {
    pub(crate) fn of<'a>(used: impl Iterator<Item = &'a str>, factors: &FactorSet) -> Self {
        let mut cited = Self::default();
        for id in used {
            if let Some(source) = factors.source_of(id) {
                cited.cite(source, id);
            }
        }
        cited
    }

    pub(crate) fn cite(&mut self, source: &Source, id: &str) {
        self.0.entry(source.id.clone()).or_insert_with(|| (source.clone(), BTreeSet::new())).1.insert(id.to_owned());
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (key, (source, ids)) in &other.0 {
            self.0.entry(key.clone()).or_insert_with(|| (source.clone(), BTreeSet::new())).1.extend(ids.iter().cloned());
        }
    }

    pub(crate) fn notes(&self) -> Vec<SourceNote> {
        const SHOWN: usize = 12;
        self.0
            .values()
            .map(|(source, ids)| {
                let mut names: Vec<String> = ids.iter().take(SHOWN).cloned().collect();
                if ids.len() > SHOWN {
                    names.push(format!("and {} more", ids.len() - SHOWN));
                }
                SourceNote {
                    id: source.id.clone(),
                    citation: source.citation.clone(),
                    licence: source.licence.clone(),
                    retrieved: source.retrieved.clone(),
                    factors: names,
                }
            })
            .collect()
    }
}
