//! Made-up callers: a gentle, seeded stream of calls to a gateway, for the demo and its check.

use crate::outbound;
use serde_json::json;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Calls that one lot of callers has on their way at most.
const MOST_AT_ONCE: usize = 16;

/// In which form a caller speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Chat completions, at an upstream of this name.
    Chat(&'static str),
    /// The Responses API of `OpenAI`.
    Responses,
    /// Messages of Anthropic.
    Messages,
    /// Contents of Gemini.
    Contents,
    /// Converse of Bedrock.
    Converse,
    /// Embeddings of `OpenAI`.
    Embeddings,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// Gateway key.
    pub key: Arc<str>,
    /// In which form.
    pub form: Form,
    /// Model, as the provider spells it.
    pub model: &'static str,
    /// Whether a stream is asked for.
    pub stream: bool,
    /// Input tokens that the made-up provider shall tell, without those of a cache.
    pub input_tokens: u64,
    /// Input tokens from a cache.
    pub cached_tokens: u64,
    /// Output tokens.
    pub output_tokens: u64,
}

/// How calls ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcomes {
    /// Answered with success, to the end.
    pub answered: u64,
    /// Answered with 4xx: refused, by a budget or otherwise.
    pub refused: u64,
    /// Anything else.
    pub failed: u64,
}

#[derive(Debug, Default)]
struct Tally {
    answered: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

/// Callers that run on a thread of their own; they end when dropped.
#[derive(Debug)]
pub struct Callers {
    tally: Arc<Tally>,
    stop: watch::Sender<bool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What comes next, and how long to wait before it.
pub type Next = Box<dyn FnMut() -> Option<(Duration, Call)> + Send>;

impl Callers {
    /// Starts calling a gateway, until `next` gives nothing more or the callers are stopped.
    ///
    /// # Errors
    /// When no thread or no runtime starts.
    pub fn start(gateway_url: &str, next: Next) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = watch::channel(false);
        let tally = Arc::new(Tally::default());
        let (url, count) = (gateway_url.to_owned(), Arc::clone(&tally));
        let thread =
            std::thread::Builder::new().name("callers".to_owned()).spawn(move || runtime.block_on(call(url, next, stopped, count)))?;
        Ok(Self { tally, stop, thread: Some(thread) })
    }

    /// How calls ended by now.
    #[must_use]
    pub fn outcomes(&self) -> Outcomes {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Outcomes { answered: of(&self.tally.answered), refused: of(&self.tally.refused), failed: of(&self.tally.failed) }
    }

    /// Waits until all calls are made and answered.
    #[must_use]
    pub fn finish(mut self) -> Outcomes {
        if let Some(thread) = self.thread.take() {
            // A thread that died has counted what it did.
            let _ = thread.join();
        }
        self.outcomes()
    }
}

impl Drop for Callers {
    fn drop(&mut self) {
        // The thread is gone already when all calls are made.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn call(url: String, mut next: Next, mut stopped: watch::Receiver<bool>, tally: Arc<Tally>) {
    let mut calls = JoinSet::new();
    while let Some((wait, call)) = next() {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stopped.changed() => return,
        }
        while calls.len() >= MOST_AT_ONCE {
            let _ = calls.join_next().await;
        }
        while calls.try_join_next().is_some() {}
        calls.spawn(one(url.clone(), call, Arc::clone(&tally)));
    }
    let all = async { while calls.join_next().await.is_some() {} };
    tokio::select! {
        () = all => {}
        _ = stopped.changed() => {}
    }
}

async fn one(url: String, call: Call, tally: Arc<Tally>) {
    let (path, body) = wording(&call);
    let cached = if call.cached_tokens > 0 { format!(",cache_read={}", call.cached_tokens) } else { String::new() };
    let usage = format!("input={},output={}{cached}", call.input_tokens, call.output_tokens);
    let count = match outbound::post(&format!("{url}{path}"), "/", &[("x-bilanz-key", &call.key), ("x-mock-usage", &usage)], body).await {
        Ok(answered) if answered.status.is_success() && answered.whole => &tally.answered,
        Ok(answered) if answered.status.is_client_error() => &tally.refused,
        _ => &tally.failed,
    };
    count.fetch_add(1, Ordering::Relaxed);
}

/// Path and body of a call.
fn wording(call: &Call) -> (String, String) {
    const WORDS: &str = "Wie steht es um meine Bestellung? ";
    let (model, stream, most) = (call.model, call.stream, call.output_tokens);
    // About as long as so many tokens are, since budgets reserve by the length of the body.
    let bytes = usize::try_from(call.input_tokens + call.cached_tokens).unwrap_or(usize::MAX).min(100_000) * 3;
    let words = WORDS.repeat(bytes / WORDS.len() + 1);
    let messages = json!([{ "role": "user", "content": words }]);
    let (path, body) = match call.form {
        Form::Chat(upstream) => (
            format!("/{upstream}/v1/chat/completions"),
            json!({ "model": model, "stream": stream, "max_tokens": most, "messages": messages }),
        ),
        Form::Responses => {
            ("/openai/v1/responses".to_owned(), json!({ "model": model, "stream": stream, "max_output_tokens": most, "input": words }))
        }
        Form::Messages => {
            ("/anthropic/v1/messages".to_owned(), json!({ "model": model, "stream": stream, "max_tokens": most, "messages": messages }))
        }
        Form::Contents => {
            let verb = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
            let body =
                json!({ "contents": [{ "role": "user", "parts": [{ "text": words }] }], "generationConfig": { "maxOutputTokens": most } });
            (format!("/gemini/v1beta/models/{model}:{verb}"), body)
        }
        Form::Converse => {
            let verb = if stream { "converse-stream" } else { "converse" };
            let body =
                json!({ "messages": [{ "role": "user", "content": [{ "text": words }] }], "inferenceConfig": { "maxTokens": most } });
            (format!("/bedrock/model/{}/{verb}", model.replace(':', "%3A")), body)
        }
        Form::Embeddings => ("/openai/v1/embeddings".to_owned(), json!({ "model": model, "input": words })),
    };
    (path, body.to_string())
}
