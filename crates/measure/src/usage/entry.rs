//! From a metered request to an entry: whose it is, and what follows from its counts.

use super::super::accounts::{Accounts, Own};
use super::super::labels::Labels;
use super::super::mapping::{Mapping, Names};
use super::super::times::fill_inter_token;
use books::Entry;
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

/// What a live request says about whose it is; empty is "not stated".
#[derive(Debug, Clone, Default)]
pub struct Claims<'a> {
    /// Account that the gateway key is bound to.
    pub account: &'a str,
    /// Id of the gateway key.
    pub key: &'a str,
    /// User that the request names.
    pub user: &'a str,
    /// Site of the upstream.
    pub site: &'a str,
    /// Zone of the upstream.
    pub zone: &'a str,
    /// Labels and marks, as `name=value`.
    pub tags: &'a [String],
}

/// Finds accounts by the rules of the configuration; each distinct claim is asked once.
#[derive(Default)]
pub struct Placer(Mutex<Accounts>);

impl Placer {
    /// Fills account, site, zone and labels of an entry whose source and model are set.
    pub fn place(&self, mapping: &Mapping<'_>, claims: &Claims<'_>, entry: &mut Entry) {
        let stated = |text| Some(text).filter(|text: &&str| !text.is_empty());
        let labels = Labels {
            key: stated(claims.key),
            user: stated(claims.user),
            tags: claims.tags.iter().map(|tag| Cow::Borrowed(tag.as_str())).collect(),
            ..Labels::default()
        };
        let own = Own { account: claims.account, site: claims.site, zone: claims.zone };
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(scope) = accounts.resolve(mapping, &entry.source, &labels, own, &entry.model) else { return };
        entry.account = Arc::clone(&scope.account);
        entry.site = Arc::clone(&scope.site);
        entry.zone = Arc::clone(&scope.zone);
        entry.labels = Arc::clone(&scope.labels);
    }
}

/// Fills what follows from the counts of one request: context, inter-token time, times of the compatible profile.
pub fn complete(entry: &mut Entry, duration_ms: i64, ttft_ms: Option<i64>, names: &dyn Names) {
    let counts = &mut entry.counts;
    counts.duration_ms = Some(duration_ms);
    counts.ttft_ms = ttft_ms;
    if counts.requests.is_some_and(|requests| requests > 0) && (counts.input_tokens.is_some() || counts.output_tokens.is_some()) {
        counts.fill_context();
    }
    if let Some(ttft_ms) = ttft_ms {
        fill_inter_token(counts, duration_ms, ttft_ms);
    }
    if !entry.model.is_empty()
        && (counts.output_tokens.is_some() || counts.output_all() > 0)
        && let Some((low, high)) = names.generation_us(&entry.model, counts.output_all(), Some(duration_ms))
    {
        counts.generation_low_us = Some(low);
        counts.generation_high_us = Some(high);
    }
}
