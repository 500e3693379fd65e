//! One normaliser for model names: prefixes of hosts, dated snapshots, aliases.

use super::arn::without_arn;
use super::set::FactorSet;
use std::collections::HashMap;

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

/// Geographic prefixes of cross-region inference profiles, before a point or a slash.
const GEOGRAPHIC: [&str; 15] =
    ["us", "eu", "apac", "global", "jp", "au", "in", "ca", "sa", "me", "af", "us-gov", "us_gov", "global-standard", "data-zone"];

/// Words of an address that route a request and say nothing about the model.
const ROUTES: [&str; 10] =
    ["models", "accounts", "fireworks", "publishers", "google", "routers", "invoke", "converse", "claude_platform", "*"];

/// Words that a host or a maker puts before a name.
const LEADS: [&str; 7] = ["fw-", "meta-textgeneration-", "meta-", "nvidia-", "cohere-", "zai-", "spot-"];

/// Endings that leave the number of parameters as it is: tuning, precision, stage of release, route.
const SAME_SIZE: [&str; 45] = [
    "latest",
    "preview",
    "exp",
    "experimental",
    "beta",
    "default",
    "customtools",
    "instruct",
    "chat",
    "it",
    "base",
    "hf",
    "pt",
    "maas",
    "thinking",
    "reasoning",
    "non",
    "free",
    "nitro",
    "floor",
    "online",
    "extended",
    "cloud",
    "us",
    "eu",
    "spot",
    "basic",
    "long",
    "rope",
    "draft",
    "bf16",
    "fp16",
    "fp8",
    "fp4",
    "nvfp4",
    "mxfp4",
    "int8",
    "int4",
    "4bit",
    "8bit",
    "awq",
    "gptq",
    "gguf",
    "mlx",
    "speciale",
];

/// Endings that hosts give to faster service of the same public weights; makers of closed models give them to other models.
const SERVICE: [&str; 4] = ["turbo", "ultra", "fast", "instant"];

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
        let mut name = without_arn(reported.trim());
        let mut maker = server.clone();
        // `azure/gpt-4o`, `bedrock/us-east-1/anthropic.claude-...`, `openrouter/openai/gpt-4o`: hosts and routes come first.
        while let Some((prefix, rest)) = name.split_once('/') {
            if let Some(id) = self.provider_id(prefix) {
                if server.is_empty() {
                    id.clone_into(&mut server);
                }
                id.clone_into(&mut maker);
            } else if !routes(prefix) {
                break;
            }
            name = rest;
        }
        // Fine-tuned models carry their base model: `ft:gpt-4o:organisation::id`.
        if let Some(base) = name.strip_prefix("ft:").and_then(|rest| rest.split(':').next()) {
            name = base;
        }
        if let Some((prefix, rest)) = name.split_once('.')
            && GEOGRAPHIC.contains(&prefix)
        {
            name = rest;
        }
        let whole = name;
        // Bedrock spells `maker.model-v1:0`.
        if let Some((prefix, rest)) = name.split_once('.')
            && let Some(id) = self.provider_id(prefix)
        {
            id.clone_into(&mut maker);
            name = rest;
        }
        if let Some(id) = self.find(&maker, name).or_else(|| self.find(&maker, whole)) {
            return self.known(server, id);
        }
        let prefixed = maker.is_empty() || name.is_empty() || name.to_lowercase().starts_with(&format!("{maker}/"));
        let model = if prefixed { name.to_owned() } else { format!("{maker}/{name}") };
        ModelName { provider: server, model, known: false }
    }

    /// The model that a name without hosts and routes means.
    fn find(&self, maker: &str, name: &str) -> Option<&str> {
        let stems = stems(name);
        // What is nearest to the reported spelling wins: first nothing is cut, then ever more.
        for stem in &stems {
            for (spelling, service) in spellings(stem) {
                for key in [format!("{maker}/{spelling}"), spelling] {
                    let exact = self.model_index.get(&key).map(String::as_str);
                    if let Some(id) = exact.or_else(|| only(self.name_index.get(&canonical(&key))))
                        && (!service || self.parts.models.get(id).is_some_and(|model| model.open))
                    {
                        return Some(id);
                    }
                }
            }
        }
        stems.iter().find_map(|stem| only(self.core_index.get(&canonical(&core(stem)))))
    }

    /// Indexes the spellings of a model: without hosts, and without what leaves its size as it is.
    pub(super) fn index_names(&mut self) {
        for model in self.parts.models.values() {
            for spelling in model.aliases.iter().chain([&model.id]) {
                let own = spelling.split_once('/').map_or(spelling.as_str(), |(_, rest)| rest);
                let last = own.rsplit('/').next().unwrap_or(own);
                insert(&mut self.name_index, canonical(spelling), &model.id);
                insert(&mut self.name_index, canonical(own), &model.id);
                for stem in [last, without_lead(last)] {
                    insert(&mut self.name_index, canonical(stem), &model.id);
                    insert(&mut self.core_index, canonical(&core(stem)), &model.id);
                }
            }
        }
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
        let near = |spelling: &str, word: &str| strsim::normalized_damerau_levenshtein(spelling, word);
        let scored = self.model_index.iter().map(|(key, id)| (near(key, &word).max(near(&tail(key), &tail(&word))), id.clone()));
        nearest(scored, 0.5)
    }

    /// The accelerators whose spelling is closest to a word, best first.
    #[must_use]
    pub fn nearest_accelerators(&self, word: &str) -> Vec<String> {
        let word = word.to_lowercase();
        let near = |spelling: &String| strsim::jaro_winkler(&spelling.to_lowercase(), &word);
        let scored = self.accelerators().values().map(|row| (row.aliases.iter().map(near).fold(near(&row.id), f64::max), row.id.clone()));
        nearest(scored, 0.7)
    }

    /// Up to three grid zones or cloud regions whose id or name looks like the word, as `DEU (Germany)`.
    #[must_use]
    pub fn nearest_zones(&self, word: &str) -> Vec<String> {
        let word = word.to_lowercase();
        let near = |spelling: &str| strsim::jaro_winkler(&spelling.to_lowercase(), &word);
        let zones = self.zones().values().map(|row| {
            let score = [&row.id, &row.name_en, &row.name_de].map(|spelling| near(spelling)).into_iter().fold(0.0, f64::max);
            (score, format!("{} ({})", row.id, row.name_en))
        });
        let regions = self.regions().values().map(|row| {
            let short = row.id.split_once('/').map_or(row.id.as_str(), |(_, short)| short);
            (near(&row.id).max(near(short)), row.id.clone())
        });
        nearest(zones.chain(regions), 0.8)
    }
}

/// The three best names that score at least so much, best first.
fn nearest(scored: impl Iterator<Item = (f64, String)>, least: f64) -> Vec<String> {
    let mut scored: Vec<(f64, String)> = scored.filter(|(score, _)| *score >= least).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut names: Vec<String> = Vec::new();
    for (_, name) in scored {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(3);
    names
}

fn insert(index: &mut HashMap<String, Vec<String>>, key: String, id: &str) {
    let ids = index.entry(key).or_default();
    if !ids.iter().any(|known| known == id) {
        ids.push(id.to_owned());
    }
}

/// The one model a spelling means; none when it could mean several.
fn only(ids: Option<&Vec<String>>) -> Option<&str> {
    match ids.map(Vec::as_slice) {
        Some([id]) => Some(id),
        _ => None,
    }
}

/// Whether a part of an address routes the request: a word, a geography, a cloud region or a commitment.
fn routes(part: &str) -> bool {
    let region = || {
        let pieces: Vec<&str> = part.split('-').collect();
        matches!(pieces[..], [area, .., number] if pieces.len() > 2 && area.len() == 2 && digits(number))
    };
    ROUTES.contains(&part) || GEOGRAPHIC.contains(&part) || part.ends_with("-commitment") || region()
}

/// A name and what remains without the organisation, the maker before a point and a leading word.
fn stems(name: &str) -> Vec<&str> {
    let mut all = vec![name];
    if let Some((_, last)) = name.rsplit_once('/') {
        all.push(last);
    }
    for index in 0..all.len() {
        if let Some((prefix, rest)) = all[index].split_once('.')
            && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && rest.starts_with(|first: char| first.is_ascii_alphabetic())
        {
            all.push(rest);
        }
    }
    for index in 0..all.len() {
        all.push(without_lead(all[index]));
    }
    all.dedup();
    all
}

/// A name without the word that a host or a maker puts before it.
fn without_lead(name: &str) -> &str {
    let cut = |lead: &&str| name.split_at_checked(lead.len()).filter(|(head, _)| head.eq_ignore_ascii_case(lead));
    LEADS.iter().find_map(cut).map_or(name, |(_, rest)| rest)
}

/// A spelling without what differs between hosts: case, separators, `v` before and `p` between digits.
///
/// `llama-v3p1-8b`, `llama3-1-8b` and `Llama-3.1-8B` meet in `llama 3 1 8 b`; `gpt-4.1` and `gpt-41`
/// stay apart, and so do `fable-5-v1`, a revision of the host, and `fable-5-1`, another model.
fn canonical(spelling: &str) -> String {
    let text: Vec<char> = spelling.to_lowercase().chars().collect();
    let digit = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(char::is_ascii_digit);
    let letter = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|mark| mark.is_alphabetic());
    let mut out = String::with_capacity(text.len() + 8);
    let mut gap = false;
    for (at, mark) in text.iter().enumerate() {
        let (before, after) = (at.checked_sub(1), at.checked_add(1));
        let numbered = out.ends_with(|last: char| last.is_ascii_digit());
        let version = *mark == 'v' && !letter(before) && !numbered && digit(after);
        let point = *mark == 'p' && digit(before) && digit(after);
        if !(mark.is_alphanumeric() || *mark == '/') || version || point {
            gap = true;
            continue;
        }
        let turn = (mark.is_ascii_digit() && letter(before)) || (mark.is_alphabetic() && digit(before));
        if (gap || turn) && !out.is_empty() {
            out.push(' ');
        }
        gap = false;
        out.push(*mark);
    }
    out
}

/// The spellings to try, most exact first, in lower case: as it stands, without Bedrock's
/// revision, then cut from the end by what leaves the size as it is. The mark says that an
/// ending of faster service was cut, which counts for public weights only.
fn spellings(name: &str) -> Vec<(String, bool)> {
    let lower = name.to_lowercase();
    let mut all = vec![(lower.clone(), false)];
    let mut service = false;
    let mut push = |text: &str, service: bool| {
        if !text.is_empty() && !all.iter().any(|(known, _)| known == text) {
            all.push((text.to_owned(), service));
        }
    };
    let mut short = lower.as_str();
    if let Some((before, revision)) = short.rsplit_once(':')
        && digits(revision)
    {
        push(before, false);
        short = before.rsplit_once("-v").filter(|(_, version)| digits(version)).map_or(before, |(head, _)| head);
        push(short, false);
    }
    let flat = short.replace(['@', ':', '_', ' '], "-");
    let mut short = flat.as_str();
    push(short, false);
    loop {
        if let Some(stripped) = without_date(short).or_else(|| without_ending(short, &SAME_SIZE)) {
            short = stripped;
        } else if let Some(stripped) = without_ending(short, &SERVICE) {
            short = stripped;
            service = true;
        } else {
            break;
        }
        push(short, service);
    }
    all
}

/// A name without every ending that leaves its size as it is.
fn core(name: &str) -> String {
    let lower = name.to_lowercase();
    let short = lower.rsplit_once(':').filter(|(_, revision)| digits(revision)).map_or(lower.as_str(), |(head, _)| head);
    let flat = short.replace(['@', ':', '_', ' '], "-");
    let mut short = flat.as_str();
    while let Some(stripped) = without_date(short).or_else(|| without_ending(short, &SAME_SIZE)) {
        short = stripped;
    }
    short.to_owned()
}

/// Cuts one ending of the list, a revision (`-v1`, `-v1p5`), a length of context (`-128k`) or a precision (`-q4_k_m`).
fn without_ending<'n>(name: &'n str, endings: &[&str]) -> Option<&'n str> {
    let (head, ending) = name.rsplit_once('-')?;
    let numbered = |mark: char| ending.strip_prefix(mark).is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    let many = head.contains('-') || head.bytes().any(|byte| byte.is_ascii_digit());
    let cut = endings.contains(&ending)
        || (many && numbered('v'))
        || numbered('q')
        || ending.strip_suffix('k').is_some_and(digits)
        // What is left of `q4_k_m`.
        || (matches!(ending, "k" | "m" | "s") && (head.ends_with("-k") || head.rsplit('-').next().is_some_and(|last| last.starts_with('q'))));
    (cut && !head.is_empty()).then_some(head)
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Cuts a trailing snapshot: `-2024-08-06`, `-20250929`, `-0613`, `-04-2024`, `-001`.
fn without_date(name: &str) -> Option<&str> {
    let sized = |text: &str, count: usize| text.len() == count && digits(text);
    let pieces: Vec<&str> = name.split('-').collect();
    let cut = |count: usize| {
        let length: usize = pieces[pieces.len() - count..].iter().map(|piece| piece.len() + 1).sum();
        name.get(..name.len() - length).filter(|head| !head.is_empty())
    };
    match pieces[..] {
        [_, .., year, month, day] if sized(year, 4) && sized(month, 2) && sized(day, 2) => cut(3),
        [_, .., month, year] if sized(month, 2) && sized(year, 4) => cut(2),
        [_, .., month, day] if sized(month, 2) && sized(day, 2) => cut(2),
        [_, .., date] if digits(date) && date.len() >= 4 => cut(1),
        [_, .., revision] if sized(revision, 3) && revision.starts_with('0') => cut(1),
        _ => None,
    }
}
