//! Faults: asked for by header or model name, or happening by seeded chance.

use super::encode::Coding;
use super::tokens::mix;
use thiserror::Error;

/// Why a list of faults was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaultError {
    /// No fault has this name.
    #[error(
        "`{0}` is no fault; known are status=CODE (or the code alone), reset, reset-before, stall[=MS], slow[=MS], one-byte, no-usage, \
         bad-usage, error-in-stream, wrong-length, gzip, br, zstd, crlf, comments, usage-in-text, choices-null, big[=KB], chunked, http1.0"
    )]
    Unknown(String),
    /// A number was expected.
    #[error("`{0}` needs a number after `=`")]
    Number(String),
    /// A chance was expected.
    #[error("`{0}` is not FAULT:CHANCE with a chance between 0 and 1, like reset:0.01")]
    Chance(String),
}

/// What shall go wrong with one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Faults {
    pub(super) status: Option<u16>,
    pub(super) reset: bool,
    pub(super) reset_before: bool,
    pub(super) stall_ms: Option<u64>,
    pub(super) slow_ms: Option<u64>,
    pub(super) one_byte: bool,
    pub(super) no_usage: bool,
    pub(super) bad_usage: bool,
    pub(super) error_in_stream: bool,
    pub(super) wrong_length: bool,
    pub(super) coding: Option<Coding>,
    pub(super) crlf: bool,
    pub(super) comments: bool,
    pub(super) usage_in_text: bool,
    pub(super) choices_null: bool,
    pub(super) big_kb: u64,
    pub(super) chunked: bool,
    pub(super) http10: bool,
}

/// Long enough that whoever waits for it gives up first.
const STALL_MS: u64 = 3_600_000;

impl Faults {
    /// Adds one fault, `name` or `name=value`.
    ///
    /// # Errors
    /// When the name is unknown or the value is no number.
    pub(super) fn add(&mut self, text: &str) -> Result<(), FaultError> {
        let text = text.trim();
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let number = |default: Option<u64>| match value {
            Some(value) => value.parse().map_err(|_| FaultError::Number(text.to_owned())),
            None => default.ok_or_else(|| FaultError::Number(text.to_owned())),
        };
        match name {
            "status" => self.status = Some(code(number(None)?, text)?),
            "reset" => self.reset = true,
            "reset-before" => self.reset_before = true,
            "stall" => self.stall_ms = Some(number(Some(STALL_MS))?),
            "slow" => self.slow_ms = Some(number(Some(20))?),
            "one-byte" => self.one_byte = true,
            "no-usage" => self.no_usage = true,
            "bad-usage" => self.bad_usage = true,
            "error-in-stream" => self.error_in_stream = true,
            "wrong-length" => self.wrong_length = true,
            "gzip" => self.coding = Some(Coding::Gzip),
            "br" => self.coding = Some(Coding::Brotli),
            "zstd" => self.coding = Some(Coding::Zstd),
            "crlf" => self.crlf = true,
            "comments" => self.comments = true,
            "usage-in-text" => self.usage_in_text = true,
            "choices-null" => self.choices_null = true,
            "big" => self.big_kb = number(Some(64))?.min(65_536),
            "chunked" => self.chunked = true,
            "http1.0" => self.http10 = true,
            _ => match name.parse() {
                Ok(number) => self.status = Some(code(number, text)?),
                Err(_) => return Err(FaultError::Unknown(text.to_owned())),
            },
        }
        Ok(())
    }

    /// Adds a list, parts separated by commas or plus signs.
    ///
    /// # Errors
    /// When a part is not understood.
    pub(super) fn add_list(&mut self, text: &str) -> Result<(), FaultError> {
        text.split([',', '+']).filter(|part| !part.trim().is_empty()).try_for_each(|part| self.add(part))
    }

    /// Takes faults off a model name; a name whose suffix is no fault (`command-r+`) stays whole.
    pub(super) fn split_model(&mut self, model: &str) -> Option<String> {
        let (name, suffix) = model.split_once('+').filter(|(_, suffix)| !suffix.is_empty())?;
        let mut faults = *self;
        faults.add_list(suffix).ok()?;
        *self = faults;
        Some(name.to_owned())
    }

    /// The faults by name, separated by commas; empty when there are none.
    pub(super) fn names(&self) -> String {
        if *self == Self::default() {
            return String::new();
        }
        let with = |name: &str, value: Option<u64>| value.map(|value| format!("{name}={value}"));
        let set = |name: &str, on: bool| on.then(|| name.to_owned());
        let names = [
            with("status", self.status.map(u64::from)),
            set("reset", self.reset),
            set("reset-before", self.reset_before),
            with("stall", self.stall_ms),
            with("slow", self.slow_ms),
            set("one-byte", self.one_byte),
            set("no-usage", self.no_usage),
            set("bad-usage", self.bad_usage),
            set("error-in-stream", self.error_in_stream),
            set("wrong-length", self.wrong_length),
            self.coding.map(|coding| coding.as_str().to_owned()),
            set("crlf", self.crlf),
            set("comments", self.comments),
            set("usage-in-text", self.usage_in_text),
            set("choices-null", self.choices_null),
            with("big", (self.big_kb > 0).then_some(self.big_kb)),
            set("chunked", self.chunked),
            set("http1.0", self.http10),
        ];
        names.into_iter().flatten().collect::<Vec<_>>().join(",")
    }

    /// Whether the answer fails before or while it is sent.
    pub(super) fn cuts(&self) -> bool {
        self.reset || self.wrong_length
    }
}

fn code(number: u64, text: &str) -> Result<u16, FaultError> {
    u16::try_from(number).ok().filter(|code| (200..600).contains(code)).ok_or_else(|| FaultError::Unknown(text.to_owned()))
}

/// Faults that happen by chance, each with its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FaultMix {
    /// Fault and its chance in parts per million.
    chances: Vec<(String, u64)>,
}

impl FaultMix {
    /// Reads `reset:0.01,429:0.05,stall=500:0.01`.
    ///
    /// # Errors
    /// When a fault is unknown or its chance is not between 0 and 1.
    pub fn parse(text: &str) -> Result<Self, FaultError> {
        let mut chances = Vec::new();
        for part in text.split(',').filter(|part| !part.trim().is_empty()) {
            let chance = || FaultError::Chance(part.to_owned());
            let (fault, share) = part.split_once(':').ok_or_else(chance)?;
            let share: f64 = share.trim().parse().map_err(|_| chance())?;
            if !(0.0..=1.0).contains(&share) {
                return Err(chance());
            }
            Faults::default().add(fault)?;
            chances.push((fault.trim().to_owned(), (share * 1e6) as u64));
        }
        Ok(Self { chances })
    }

    /// The faults that the n-th request has.
    pub(super) fn draw(&self, seed: u64, number: u64) -> Faults {
        let mut faults = Faults::default();
        for (place, (fault, parts)) in self.chances.iter().enumerate() {
            if mix(mix(seed ^ number).wrapping_add(place as u64)) % 1_000_000 < *parts {
                // It was understood once, in `parse`.
                let _ = faults.add(fault);
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::{FaultError, FaultMix, Faults};

    #[test]
    fn faults_are_read_from_headers_and_model_names() {
        let mut faults = Faults::default();
        faults.add_list("slow=5, no-usage,429").unwrap();
        assert_eq!((faults.slow_ms, faults.no_usage, faults.status), (Some(5), true, Some(429)));
        let mut faults = Faults::default();
        assert_eq!(faults.split_model("gpt-4o+crlf+stall=7").as_deref(), Some("gpt-4o"));
        assert!(faults.crlf && faults.stall_ms == Some(7));
        let mut faults = Faults::default();
        assert_eq!(faults.split_model("command-r+"), None);
        assert_eq!(faults.split_model("command-r+08-2024"), None);
        assert_eq!(faults, Faults::default());
        assert_eq!(faults.add("rest"), Err(FaultError::Unknown("rest".to_owned())));
        assert_eq!(faults.add("slow=x"), Err(FaultError::Number("slow=x".to_owned())));
    }

    #[test]
    fn chance_is_seeded_and_keeps_its_share() {
        let mix = FaultMix::parse("reset:0.1,429:0.5").unwrap();
        let resets = |seed| (0..10_000).filter(|number| mix.draw(seed, *number).reset).count();
        assert!((800..1200).contains(&resets(1)), "{}", resets(1));
        assert_eq!(mix.draw(3, 5), mix.draw(3, 5));
        assert!((0..100).any(|number| mix.draw(1, number) != mix.draw(2, number)));
        assert!(FaultMix::parse("reset:1.5").is_err() && FaultMix::parse("reset").is_err() && FaultMix::parse("rest:0.1").is_err());
    }
}
