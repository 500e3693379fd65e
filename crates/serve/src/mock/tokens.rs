//! What a request truly uses, and the words of its answer: derived from the body alone, never from chance.

use super::ask::Ask;
use super::route::Dialect;
use serde::Serialize;

/// Tokens by class; the classes do not overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct TrueUsage {
    /// Input that no cache held, in tokens.
    pub input_uncached: u64,
    /// Input read from a cache, in tokens.
    pub cache_read: u64,
    /// Input written to a cache, in tokens.
    pub cache_write: u64,
    /// Output that the caller sees, in tokens; where a dialect does not tell reasoning apart, it is in here.
    pub output_visible: u64,
    /// Output that only the model saw, in tokens.
    pub reasoning: u64,
}

impl TrueUsage {
    /// All input.
    pub(super) fn input(&self) -> u64 {
        self.input_uncached + self.cache_read + self.cache_write
    }

    /// All output.
    pub(super) fn output(&self) -> u64 {
        self.output_visible + self.reasoning
    }
}

/// A well mixed number from another (splitmix64).
pub(super) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number from bytes, eight at a time: long prompts must not slow a load test.
pub(super) fn digest(seed: u64, bytes: &[u8]) -> u64 {
    let mut state = seed ^ (bytes.len() as u64);
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = chunk.iter().fold(0, |word: u64, byte| (word << 8) | u64::from(*byte));
        state = (state.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    mix(chunks.remainder().iter().fold(state, |state, byte| state.rotate_left(8) ^ u64::from(*byte)))
}

/// What the request uses, and whether its limit cut the answer short.
pub(super) fn plan(ask: &Ask) -> (TrueUsage, bool) {
    if let Some(told) = ask.told {
        return (told, false);
    }
    let input = ask.prompt_bytes.div_ceil(4).max(1);
    let mut usage = TrueUsage { input_uncached: input, ..TrueUsage::default() };
    if ask.model.contains("cache") {
        usage.cache_read = input * (1 + ask.hash % 3) / 4;
        if matches!(ask.dialect, Dialect::Anthropic | Dialect::Bedrock) {
            usage.cache_write = (input - usage.cache_read) / 2;
        }
        usage.input_uncached = input - usage.cache_read - usage.cache_write;
    }
    if ask.op.embeds() {
        return (usage, false);
    }
    let wanted = 5 + (ask.hash >> 8) % 56;
    let output = wanted.min(ask.limit.unwrap_or(wanted)).max(1);
    let tells_reasoning = matches!(ask.dialect, Dialect::Openai | Dialect::Azure | Dialect::Mistral | Dialect::Gemini);
    if tells_reasoning && ask.model.contains("reason") {
        usage.reasoning = output * (1 + (ask.hash >> 16) % 3) / 4;
    }
    usage.output_visible = output - usage.reasoning;
    (usage, output < wanted)
}

const WORDS: [&str; 32] = [
    "the", "grid", "hums", "under", "a", "grey", "sky", "and", "servers", "turn", "river", "water", "into", "warm", "air", "while",
    "small", "numbers", "walk", "in", "rows", "to", "tell", "what", "was", "spent", "on", "each", "answer", "we", "asked", "für",
];

/// The n-th word of an answer, with a space in front of all but the first.
pub(super) fn word(hash: u64, number: u64) -> (&'static str, &'static str) {
    let word = WORDS[(mix(hash ^ number) % 32) as usize];
    (if number == 0 { "" } else { " " }, word)
}

#[cfg(test)]
mod tests {
    use super::super::ask::Ask;
    use super::super::route::{Dialect, Op};
    use super::plan;

    #[test]
    fn plain_models_use_plain_tokens_and_others_all_classes() {
        let ask = |model: &str, dialect, hash| Ask {
            model: model.to_owned(),
            prompt_bytes: 401,
            hash,
            ..Ask::empty(dialect, Op::ChatCompletions)
        };
        for hash in (0..2000).map(super::mix) {
            let (usage, _) = plan(&ask("gpt", Dialect::Openai, hash));
            assert_eq!((usage.input_uncached, usage.cache_read, usage.cache_write, usage.reasoning), (101, 0, 0, 0));
            assert!((5..=60).contains(&usage.output_visible));
            let (usage, _) = plan(&ask("gpt-cache-reason", Dialect::Openai, hash));
            assert!(usage.cache_read > 0 && usage.reasoning > 0 && usage.output_visible > 0 && usage.input() == 101);
            let (usage, _) = plan(&ask("claude-cache", Dialect::Anthropic, hash));
            assert!(usage.cache_read > 0 && usage.cache_write > 0 && usage.input_uncached > 0 && usage.input() == 101);
        }
        let (usage, cut) = plan(&Ask { limit: Some(3), ..ask("gpt", Dialect::Openai, 9) });
        assert!(cut && usage.output() == 3);
    }
}
