//! Counts as a provider states them, and their normal form: disjoint classes.

use super::slot::Slot;
use books::MOST_TOKENS_PER_REQUEST;
use lca::Counts;

const FIRST: usize = Slot::Input as usize;
const SLOTS: usize = Slot::CompletionTokens as usize - FIRST + 1;

/// How a provider counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Convention {
    /// Cache, audio, images and reasoning are parts of the input and the output; what is not stated is unknown (OpenAI, Ollama).
    Parts,
    /// Cache is counted beside the input; a cache that is not stated was not used (Anthropic, Bedrock).
    CacheBeside,
    /// Cache is a part of the input, thoughts stand beside the output; zeros are left out of the message (Gemini).
    ThoughtsBeside,
}

/// Counts as stated; a count that cannot be believed is kept as odd.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    values: [Option<i64>; SLOTS],
    odd: u32,
    /// Audio and images within prompt, output and cache, from lists by modality.
    pub(super) prompt: Modalities,
    pub(super) output: Modalities,
    pub(super) cache: Modalities,
}

/// Tokens of one list by modality.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Modalities {
    pub(super) given: bool,
    pub(super) audio: i64,
    pub(super) image: i64,
}

/// A count as spelt; `None` when it is no number of things or too large to be true.
pub(super) fn count(spelt: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(spelt).ok()?;
    let whole = text.strip_suffix(".0").unwrap_or(text);
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    whole.parse().ok().filter(|count| *count <= MOST_TOKENS_PER_REQUEST)
}

impl Tally {
    /// Whether a slot holds a count.
    pub(super) fn holds(slot: Slot) -> bool {
        (Slot::Input..=Slot::CompletionTokens).contains(&slot)
    }

    /// Notes a count; the last one stays.
    pub(super) fn set(&mut self, slot: Slot, value: Option<i64>) {
        let index = slot as usize - FIRST;
        if let Some(place) = self.values.get_mut(index) {
            *place = value;
            self.odd = if value.is_some() { self.odd & !(1 << index) } else { self.odd | (1 << index) };
        }
    }

    fn get(&self, slot: Slot) -> Option<i64> {
        self.values.get((slot as usize).checked_sub(FIRST)?).copied().flatten()
    }

    /// Whether nothing was stated.
    pub(super) fn is_empty(&self) -> bool {
        self.odd == 0 && self.values.iter().all(Option::is_none)
    }

    /// Takes what a later statement says; what it leaves out stays.
    pub(super) fn merge(&mut self, later: &Self) {
        for (index, value) in later.values.iter().enumerate() {
            let odd = later.odd & (1 << index);
            if let (Some(place), true) = (self.values.get_mut(index), value.is_some() || odd != 0) {
                *place = *value;
                self.odd = (self.odd & !(1 << index)) | odd;
            }
        }
        for (place, value) in [(&mut self.prompt, later.prompt), (&mut self.output, later.output), (&mut self.cache, later.cache)] {
            if value.given {
                *place = value;
            }
        }
    }

    /// The disjoint classes, and what could not be believed.
    pub(super) fn normal(&self, convention: Convention) -> (Counts, &'static str) {
        let mut doubt = if self.odd == 0 { "" } else { "a count is negative, no whole number, or above 10000000" };
        let mut counts = Counts::default();
        let openai_names = self.get(Slot::Input).is_none() && self.get(Slot::PromptTokens).is_some();
        let convention = if openai_names { Convention::Parts } else { convention };
        let input = self.get(Slot::Input).or(self.get(Slot::PromptTokens));
        let output = self.get(Slot::Output).or(self.get(Slot::CompletionTokens));
        let (cached, written) = (self.get(Slot::CacheRead), self.written());
        counts.cache_read_tokens = cached;
        counts.cache_write_tokens = written;
        counts.reasoning_tokens = self.get(Slot::Reasoning);
        match convention {
            Convention::CacheBeside => {
                counts.input_tokens = input;
                counts.output_tokens = output;
                if input.is_some() {
                    // zero: this provider counts its cache beside the input and leaves out what was not used
                    counts.cache_read_tokens = Some(cached.unwrap_or(0));
                    counts.cache_write_tokens = Some(written.unwrap_or(0)); // zero: as above
                }
            }
            Convention::Parts => {
                counts.input_tokens = rest(input, &[cached, written]);
                counts.output_tokens = self.visible(input, output);
                self.parts_by_slot(&mut counts);
            }
            Convention::ThoughtsBeside => {
                // zero: the message leaves out zeros (proto3)
                let (cached, tools) = (cached.unwrap_or(0), self.get(Slot::Tools).unwrap_or(0));
                counts.input_tokens = rest(input, &[Some(cached)]).map(|rest| rest + tools);
                if input.is_some() {
                    counts.cache_read_tokens = Some(cached);
                    counts.output_tokens = Some(output.unwrap_or(0)); // zero: as above; a blocked answer has no candidates
                    counts.reasoning_tokens = Some(counts.reasoning_tokens.unwrap_or(0)); // zero: as above
                }
                self.parts_by_list(&mut counts);
            }
        }
        if input.is_some() && counts.input_tokens.is_none() {
            doubt = "more cached tokens than input tokens";
            (counts.cache_read_tokens, counts.cache_write_tokens) = (None, None);
        }
        if output.is_some() && counts.output_tokens.is_none() {
            doubt = "more reasoning tokens than output tokens";
            counts.reasoning_tokens = None;
        }
        (counts, doubt)
    }

    /// Cache writes: the whole when it is stated, else the sum by lifetime.
    fn written(&self) -> Option<i64> {
        let lifetimes = [self.get(Slot::CacheWriteShort), self.get(Slot::CacheWriteLong)];
        let sum = lifetimes.iter().flatten().copied().reduce(|one, other| one + other);
        self.get(Slot::CacheWrite).or(sum)
    }

    /// Output without reasoning. A total that only adds up with the reasoning beside shows that it stands there (xAI).
    fn visible(&self, input: Option<i64>, output: Option<i64>) -> Option<i64> {
        let reasoning = self.get(Slot::Reasoning);
        if let (Some(input), Some(output), Some(reasoning), Some(total)) = (input, output, reasoning, self.get(Slot::Total))
            && total == input + output + reasoning
        {
            return Some(output);
        }
        rest(output, &[reasoning])
    }

    fn parts_by_slot(&self, counts: &mut Counts) {
        let (audio, image) = (self.get(Slot::AudioInput), self.get(Slot::ImageInput));
        if let Some(text) = rest(counts.input_tokens, &[audio, image]) {
            counts.input_tokens = Some(text);
            (counts.audio_input_tokens, counts.image_input_tokens) = (audio, image);
        }
        let (audio, image) = (self.get(Slot::AudioOutput), self.get(Slot::ImageOutput));
        if let Some(text) = rest(counts.output_tokens, &[audio, image]) {
            counts.output_tokens = Some(text);
            (counts.audio_output_tokens, counts.image_output_tokens) = (audio, image);
        }
    }

    fn parts_by_list(&self, counts: &mut Counts) {
        if self.prompt.given {
            let audio = self.prompt.audio.saturating_sub(self.cache.audio).max(0);
            let image = self.prompt.image.saturating_sub(self.cache.image).max(0);
            if let Some(text) = rest(counts.input_tokens, &[Some(audio), Some(image)]) {
                counts.input_tokens = Some(text);
                (counts.audio_input_tokens, counts.image_input_tokens) = (Some(audio), Some(image));
            }
        }
        if self.output.given {
            let (audio, image) = (self.output.audio, self.output.image);
            if let Some(text) = rest(counts.output_tokens, &[Some(audio), Some(image)]) {
                counts.output_tokens = Some(text);
                (counts.audio_output_tokens, counts.image_output_tokens) = (Some(audio), Some(image));
            }
        }
    }
}

/// What is left of the whole; `None` when the whole is unknown or smaller than its parts.
fn rest(whole: Option<i64>, parts: &[Option<i64>]) -> Option<i64> {
    let inside = parts.iter().flatten().fold(0i64, |sum, part| sum.saturating_add(*part));
    whole.and_then(|whole| whole.checked_sub(inside)).filter(|rest| *rest >= 0)
}
