//! Accounts: which rule of the configuration a row falls under, asked once per distinct scope.

use crate::labels::Labels;
use crate::mapping::Mapping;
use books::MapRule;
use std::collections::HashMap;
use std::sync::Arc;

/// The most distinct scopes kept at a time.
const MAX_SCOPES: usize = 1 << 16;

/// What a row itself says of its place in the books; empty is "not stated".
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Own<'r> {
    pub(crate) account: &'r str,
    pub(crate) site: &'r str,
    pub(crate) zone: &'r str,
}

/// Where a row belongs.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    pub(crate) labels: Arc<str>,
    pub(crate) account: Arc<str>,
    pub(crate) site: Arc<str>,
    pub(crate) zone: Arc<str>,
    pub(crate) assigned: bool,
}

/// The scopes seen so far.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    key: String,
    known: HashMap<Box<str>, Scope>,
}

impl Accounts {
    /// The scope of a row.
    pub(crate) fn resolve(
        &mut self,
        mapping: &Mapping<'_>,
        source: &str,
        labels: &Labels<'_>,
        own: Own<'_>,
        model: &str,
    ) -> Option<&Scope> {
        self.key.clear();
        labels.write(&mut self.key);
        let length = self.key.len();
        for part in [own.account, own.site, own.zone, model] {
            self.key.push('\u{1f}');
            self.key.push_str(part);
        }
        if !self.known.contains_key(self.key.as_str()) {
            if self.known.len() >= MAX_SCOPES {
                self.known.clear();
            }
            let scope = decide(mapping, source, labels, own, model, self.key.get(..length).unwrap_or_default());
            self.known.insert(self.key.as_str().into(), scope);
        }
        self.known.get(self.key.as_str())
    }
}

fn decide(mapping: &Mapping<'_>, source: &str, labels: &Labels<'_>, own: Own<'_>, model: &str, json: &str) -> Scope {
    let rule = mapping.config.map.iter().find(|rule| matches(rule, source, labels, model));
    let stated = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let account = stated(own.account)
        .or_else(|| rule.map(|rule| rule.account.clone()))
        .or_else(|| mapping.account.clone())
        .or_else(|| labels.use_case.and_then(stated))
        .or_else(|| mapping.config.default_account.clone())
        .filter(|account| !account.is_empty());
    let site = stated(own.site).or_else(|| rule.and_then(|rule| rule.site.clone())).unwrap_or_default();
    let zone = stated(own.zone).or_else(|| rule.and_then(|rule| rule.zone.clone())).or_else(|| mapping.zone.clone()).unwrap_or_default();
    Scope {
        labels: json.into(),
        assigned: account.is_some(),
        account: account.unwrap_or_else(|| "unassigned".to_owned()).into(),
        site: site.into(),
        zone: zone.into(),
    }
}

/// Whether every field that the rule states is what the row says.
fn matches(rule: &MapRule, source: &str, labels: &Labels<'_>, model: &str) -> bool {
    let is = |wanted: &Option<String>, values: &[Option<&str>]| {
        wanted.as_deref().is_none_or(|wanted| values.iter().flatten().any(|value| !value.is_empty() && *value == wanted))
    };
    is(&rule.project, &[labels.project, labels.team, labels.organisation])
        && is(&rule.key, &[labels.key])
        && is(&rule.user, &[labels.user, labels.end_user])
        && is(&rule.source, &[Some(source)])
        && is(&rule.model, &[Some(model)])
        && rule.tag.as_deref().is_none_or(|wanted| {
            labels.tags.iter().any(|tag| tag_matches(wanted, tag))
                || labels.plain().iter().any(|(name, value)| {
                    value.is_some_and(|value| {
                        !value.is_empty()
                            && (wanted == *name || wanted.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) == Some(value))
                    })
                })
        })
}

/// `name` matches every tag of that name, `name=value` also a tag spelt `name:value`.
fn tag_matches(wanted: &str, tag: &str) -> bool {
    if wanted == tag {
        return true;
    }
    let Some((name, value)) = tag.split_once(['=', ':']) else { return false };
    wanted == name || wanted.split_once('=') == Some((name, value))
}
