//! An entry of the books as rules see it: whose it is stands in its labels.

use crate::compile::{Compiled, Covers};
use crate::condition::View;
use books::Entry;
use std::sync::Arc;

/// What rules ask about, of an entry.
pub(crate) struct Seen {
    account: Arc<str>,
    provider: Arc<str>,
    model: Arc<str>,
    pub(crate) key: String,
    pub(crate) user: String,
    pub(crate) labels: Vec<(String, String)>,
    input_tokens: Option<i64>,
    output_tokens: Option<i64>,
    at_ms: i64,
}

impl Seen {
    /// Reads the labels; text that is no JSON object states nothing. Tokens of a bucket are those of its mean request.
    pub(crate) fn of(entry: &Entry) -> Self {
        let (mut key, mut user, mut labels) = (String::new(), String::new(), Vec::new());
        if let Ok(serde_json::Value::Object(stated)) = serde_json::from_str(&entry.labels) {
            for (name, value) in stated {
                match (name.as_str(), value) {
                    ("key", serde_json::Value::String(value)) => key = value,
                    ("user", serde_json::Value::String(value)) => user = value,
                    // Labels of a live request are kept as `name=value`.
                    ("tags", serde_json::Value::Array(tags)) => {
                        labels.extend(tags.iter().filter_map(serde_json::Value::as_str).map(|tag| {
                            let (name, value) = tag.split_once('=').unwrap_or((tag, ""));
                            (name.to_owned(), value.to_owned())
                        }))
                    }
                    (_, serde_json::Value::String(value)) => labels.push((name, value)),
                    _ => {}
                }
            }
        }
        let requests = entry.counts.requests.unwrap_or(1).max(1);
        let counts = &entry.counts;
        let stated = |class: [Option<i64>; 3], all: i64| class.iter().any(Option::is_some).then_some(all / requests);
        Self {
            account: Arc::clone(&entry.account),
            provider: Arc::clone(&entry.provider),
            model: Arc::clone(&entry.model),
            key,
            user,
            labels,
            input_tokens: stated([counts.input_tokens, counts.cache_read_tokens, counts.cache_write_tokens], counts.input_all()),
            output_tokens: stated([counts.output_tokens, counts.reasoning_tokens, counts.image_output_tokens], counts.output_all()),
            at_ms: entry.time_start_ms,
        }
    }

    pub(crate) fn view(&self) -> View<'_> {
        View {
            account: &self.account,
            key: &self.key,
            user: &self.user,
            provider: &self.provider,
            model: &self.model,
            upstream: "",
            stream: None,
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            labels: &self.labels,
            at_ms: self.at_ms,
        }
    }

    pub(crate) fn covered_by(&self, rule: &Compiled) -> bool {
        match rule.covers(&self.view()) {
            Covers::No => false,
            Covers::Yes => true,
            Covers::Failed(counts) => counts,
        }
    }
}
