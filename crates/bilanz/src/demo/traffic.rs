//! The demo's live traffic: who calls the gateway, with which budgets, how often.

use super::ORGANISATION;
use super::random::Random;
use super::usecases::{CHAT_IN, CHAT_OUT, CODE_IN, CODE_OUT, Length, OWN_SERVER};
use serve::callers::{Call, Form};
use std::sync::Arc;
use std::time::Duration;

/// Accounts that call, each with a gateway key of its own.
pub(crate) const LIVE_ACCOUNTS: [&str; 6] = [
    "nordlicht/service/chat-assistant",
    "nordlicht/service/mail-triage",
    "nordlicht/shop/product-texts",
    "nordlicht/shop/search",
    "nordlicht/it/code-assistant",
    OWN_SERVER,
];

/// One of the callers: its place among the accounts, form, model, share of streams in percent, weight, lengths.
type Caller = (usize, Form, &'static str, u64, u32, Length, Length);

const CALLERS: [Caller; 8] = [
    (0, Form::Chat("openai"), "gpt-4o-mini-2024-07-18", 80, 5, CHAT_IN, CHAT_OUT),
    (0, Form::Responses, "gpt-4o-2024-08-06", 50, 2, CHAT_IN, CHAT_OUT),
    (1, Form::Chat("mistral"), "mistral-small-2503", 0, 3, CHAT_IN, CODE_OUT),
    (2, Form::Messages, "claude-3-5-sonnet-20241022", 60, 3, CHAT_IN, CHAT_OUT),
    (3, Form::Contents, "gemini-2.0-flash-001", 40, 3, CHAT_IN, CODE_OUT),
    (3, Form::Embeddings, "text-embedding-3-small", 0, 1, CHAT_IN, CODE_OUT),
    (4, Form::Chat("mistral"), "codestral-latest", 90, 3, CODE_IN, CODE_OUT),
    (5, Form::Chat("vllm"), "meta-llama/Llama-3.1-8B-Instruct", 50, 2, CHAT_IN, CHAT_OUT),
];

/// Mean time between two calls, milliseconds.
const PAUSE_MS: f64 = 450.0;
/// The longest prompt and answer, tokens: the demo shall not need a large machine.
const MOST_TOKENS: f64 = 4_000.0;
/// The longest answer, tokens: a stream shall end within seconds.
const MOST_OUTPUT: u64 = 600;
/// One answer in so many comes from a cache in part.
const CACHED: u64 = 3;

/// The `bilanz.toml` of the live books: every upstream is the made-up provider.
#[must_use]
pub(crate) fn live_config_toml(provider_url: &str) -> String {
    let upstream = |name: &str| format!("[upstream.{name}]\nbase_url = \"{provider_url}\"\n");
    format!(
        "organisation = \"{ORGANISATION}\"\n\n[site.hamburg]\nzone = \"DEU\"\n\n[gateway]\nrequire_keys = true\nworkers = 1\nimpact = \"caller\"\nseal_every_s = 30\n\n\
         {}\n{}\n{}\n{}\n{}provider = \"huggingface_hub\"\nsite = \"hamburg\"\n\n\
         # Warns in the second half of most minutes.\n[[rule]]\nname = \"chat-tokens-a-minute\"\naccount = \"{}\"\nmetric = \"tokens\"\nwindow = \"minute\"\nsoft = 20000\nhard = 1000000\n\n\
         # Runs out before most minutes do.\n[[rule]]\nname = \"product-texts-a-minute\"\naccount = \"{}\"\nmetric = \"requests\"\nwindow = \"minute\"\nhard = 12\n\n\
         [[rule]]\nname = \"greenhouse-gas-a-day\"\nmetric = \"kgCO2e\"\nwindow = \"day\"\nsoft = 4\nhard = 5\ncompare = \"high\"\nassume_output_tokens = 512\n\n\
         [[rule]]\nname = \"short-code\"\naccount = \"{}\"\neffect = {{ cap_output_tokens = 256 }}\n",
        upstream("openai"),
        upstream("anthropic"),
        upstream("gemini"),
        upstream("mistral"),
        upstream("vllm"),
        LIVE_ACCOUNTS[0],
        LIVE_ACCOUNTS[2],
        LIVE_ACCOUNTS[4],
    )
}

/// Calls one after the other, each with the wait before it; `most` of them, or without end. `keys` are those of [`LIVE_ACCOUNTS`].
#[must_use]
pub(crate) fn calls(keys: &[String], most: Option<u64>, pause_scale: f64) -> serve::callers::Next {
    let keys: Vec<Arc<str>> = keys.iter().map(|key| Arc::from(key.as_str())).collect();
    let mut random = Random::new(2_000, 0);
    let mut left = most;
    Box::new(move || {
        if let Some(left) = &mut left {
            *left = left.checked_sub(1)?;
        }
        let all: u32 = CALLERS.iter().map(|caller| caller.4).sum();
        let mut pick = (random.uniform() * f64::from(all)) as u32;
        let (account, form, model, streams, _, input, output) = *CALLERS.iter().find(|caller| {
            let mine = pick < caller.4;
            pick = pick.saturating_sub(caller.4);
            mine
        })?;
        let input_tokens = length(&mut random, input);
        let cached_tokens = if form == Form::Chat("openai") && random.bits().is_multiple_of(CACHED) { input_tokens / 3 } else { 0 };
        let call = Call {
            key: keys.get(account)?.clone(),
            form,
            model,
            stream: random.bits() % 100 < streams,
            input_tokens: input_tokens - cached_tokens,
            cached_tokens,
            output_tokens: if form == Form::Embeddings { 0 } else { length(&mut random, output).min(MOST_OUTPUT) },
        };
        let wait_ms = -libm::log(random.uniform()) * PAUSE_MS * pause_scale;
        Some((Duration::from_millis(wait_ms.min(5_000.0) as u64), call))
    })
}

fn length(random: &mut Random, length: Length) -> u64 {
    let (location, width) = length.log_normal();
    libm::exp(location + width * random.normal()).clamp(1.0, MOST_TOKENS) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_calls_is_the_same_each_time_and_reaches_everybody() {
        let keys: Vec<String> = (0..LIVE_ACCOUNTS.len()).map(|number| format!("key-{number}")).collect();
        let draw = || {
            let next = calls(&keys, Some(200), 0.0);
            std::iter::from_fn(next).map(|(_, call)| call).collect::<Vec<_>>()
        };
        let (one, two) = (draw(), draw());
        assert_eq!(one.len(), 200);
        assert!(one.iter().zip(&two).all(|(a, b)| a.model == b.model && a.output_tokens == b.output_tokens && a.key == b.key));
        for key in &keys {
            assert!(one.iter().any(|call| *call.key == **key), "{key} never calls");
        }
        assert!(one.iter().any(|call| call.stream) && one.iter().any(|call| !call.stream) && one.iter().any(|call| call.cached_tokens > 0));
    }

    #[test]
    fn models_are_in_the_factor_base_and_the_rules_are_sound() {
        let set = Arc::new(lca::FactorSet::embedded().unwrap());
        for (_, form, model, ..) in CALLERS {
            let provider = match form {
                Form::Chat("vllm") => "huggingface_hub",
                Form::Chat(name) => name,
                Form::Responses | Form::Embeddings => "openai",
                Form::Messages => "anthropic",
                Form::Contents => "gemini",
                Form::Converse => "bedrock",
            };
            assert!(set.resolve_model(provider, model).known, "{provider} {model}");
        }
        let config = Arc::new(books::Config::parse("bilanz.toml", &live_config_toml("http://127.0.0.1:1")).unwrap());
        let pricer = Arc::new(govern::Pricer::new(set, config.clone()));
        govern::Governor::new(&config.rule, pricer).unwrap();
    }
}
