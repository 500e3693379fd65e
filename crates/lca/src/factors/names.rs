//! One normaliser for model names: prefixes of hosts, dated snapshots, aliases.

use super::set::FactorSet;

/// What a reported model name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelName {
    /// Provider that served it, normalised; empty when nothing told.
    pub provider: String,
    /// `provider/name`: the factor set's id when known, else the reported name in normal form.
    pub model: String,
    /// Whether the factor set knows it.
    pub known: bool,
}

/// Geographic prefixes of cross-region inference profiles.
const GEOGRAPHIC: [&str; 5] = ["us.", "eu.", "apac.", "global.", "jp."];

impl FactorSet {
    /// The provider id a spelling means.
    #[must_use]
    pub fn provider_id(&self, word: &str) -> Option<&str> {
        self.provider_index.get(&word.trim().to_lowercase()).map(String::as_str)
    }

    /// Whether the set knows a model by this spelling.
    #[must_use]
    pub fn model_known(&self, model: &str) -> bool {
        self.resolve_model("", model).known
    }

    /// What `reported` means when `provider` (may be empty) served it.
    #[must_use]
    pub fn resolve_model(&self, provider: &str, reported: &str) -> ModelName {
        let mut server = self.provider_id(provider).map_or_else(|| provider.trim().to_lowercase(), str::to_owned);
        let mut name = reported.trim();
        let mut maker = server.clone();
        // `azure/gpt-4o`, `bedrock/anthropic.claude-...`, `openrouter/openai/gpt-4o`: hosts come first.
        while let Some((prefix, rest)) = name.split_once('/') {
            if matches!(prefix, "models" | "accounts" | "fireworks" | "publishers" | "google") && self.provider_id(prefix).is_none() {
                name = rest;
                continue;
            }
            let Some(id) = self.provider_id(prefix) else { break };
            if server.is_empty() {
                id.clone_into(&mut server);
            }
            id.clone_into(&mut maker);
            name = rest;
        }
        // Fine-tuned models carry their base model: `ft:gpt-4o:organisation::id`.
        if let Some(base) = name.strip_prefix("ft:").and_then(|rest| rest.split(':').next()) {
            name = base;
        }
        if let Some(short) = GEOGRAPHIC.iter().find_map(|prefix| name.strip_prefix(prefix)) {
            name = short;
        }
        // Bedrock spells `maker.model-v1:0`.
        if let Some((prefix, rest)) = name.split_once('.')
            && let Some(id) = self.provider_id(prefix)
        {
            id.clone_into(&mut maker);
            name = rest;
        }
        for candidate in spellings(name) {
            for key in [format!("{maker}/{candidate}"), candidate.clone()] {
                if let Some(id) = self.model_index.get(&key) {
                    return self.known(server, id);
                }
            }
        }
        // A host serves models of others: the name alone decides when it is unique.
        for candidate in spellings(name) {
            let ending = format!("/{candidate}");
            let mut found: Vec<&String> = self.model_index.iter().filter(|(key, _)| key.ends_with(&ending)).map(|(_, id)| id).collect();
            found.sort_unstable();
            found.dedup();
            if let [id] = found[..] {
                return self.known(server, id);
            }
        }
        let prefixed = maker.is_empty() || name.is_empty() || name.to_lowercase().starts_with(&format!("{maker}/"));
        let model = if prefixed { name.to_owned() } else { format!("{maker}/{name}") };
        ModelName { provider: server, model, known: false }
    }

    fn known(&self, server: String, id: &str) -> ModelName {
        let provider =
            if server.is_empty() { self.parts.models.get(id).map(|model| model.provider.clone()).unwrap_or_default() } else { server };
        ModelName { provider, model: id.to_owned(), known: true }
    }

    /// The known models whose names are nearest to `word`, best first, at most three.
    #[must_use]
    pub fn nearest_models(&self, word: &str) -> Vec<String> {
        let word = word.to_lowercase();
        let tail = |text: &str| text.rsplit('/').next().unwrap_or(text).to_owned();
        let mut scored: Vec<(f64, &String)> = self
            .model_index
            .iter()
            .map(|(key, id)| {
                (
                    strsim::normalized_damerau_levenshtein(key, &word)
                        .max(strsim::normalized_damerau_levenshtein(&tail(key), &tail(&word))),
                    id,
                )
            })
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let mut names: Vec<String> = Vec::new();
        for (score, id) in scored {
            if score >= 0.5 && !names.contains(id) {
                names.push(id.clone());
            }
            if names.len() == 3 {
                break;
            }
        }
        names
    }
}

/// The spellings to try, most exact first, in lower case: as it stands, without
/// Bedrock's revision, without the date of the snapshot, without `-latest`.
fn spellings(name: &str) -> Vec<String> {
    let mut all = vec![name.to_lowercase()];
    let mut push = |text: &str| {
        if !text.is_empty() && !all.iter().any(|known| known == text) {
            all.push(text.to_owned());
        }
    };
    let lower = name.to_lowercase();
    let mut short = lower.as_str();
    if let Some((before, revision)) = short.rsplit_once(":")
        && revision.bytes().all(|byte| byte.is_ascii_digit())
    {
        short = before.rsplit_once("-v").filter(|(_, v)| v.bytes().all(|byte| byte.is_ascii_digit())).map_or(before, |(head, _)| head);
        push(short);
    }
    if let Some((before, "free" | "beta" | "nitro" | "floor" | "online" | "extended" | "thinking")) = short.split_once(':') {
        short = before;
        push(short);
    }
    if let Some(stripped) = without_date(short) {
        push(stripped);
        short = stripped;
    }
    for ending in ["-latest", "-preview", "-exp"] {
        if let Some(stripped) = short.strip_suffix(ending) {
            push(stripped);
        }
    }
    all
}

/// Cuts a trailing snapshot date: `-2024-08-06`, `-20250929`, `@20250929`, `-0613`, `-04-2024`.
fn without_date(name: &str) -> Option<&str> {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((head, date)) = name.rsplit_once('@')
        && digits(date, 8)
    {
        return Some(head);
    }
    let pieces: Vec<&str> = name.split('-').collect();
    let cut = |count: usize| {
        let length: usize = pieces[pieces.len() - count..].iter().map(|piece| piece.len() + 1).sum();
        name.get(..name.len() - length).filter(|head| !head.is_empty())
    };
    match pieces[..] {
        [_, .., year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2) => cut(3),
        [_, .., month, year] if digits(month, 2) && digits(year, 4) => cut(2),
        [_, .., date] if digits(date, 8) || digits(date, 4) => cut(1),
        _ => None,
    }
}
