//! Finds in the body of a request what rules and edits need, in one pass.

use super::json_body::{Begins, Reader, Span};
use super::prompt::{Gauge, Part};
use super::{Asked, AskedError, Dialect, Operation};

/// Longest name of a user and longest value of metadata that is kept, bytes.
const LONGEST_WORD: usize = 512;
/// Most entries of metadata that are kept.
const MOST_METADATA: usize = 32;

/// Where in a body the values stand that may be edited.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Behind the opening brace of the body.
    pub(super) top: Option<Inside>,
    /// The model with its quotes.
    pub(super) model: Option<Span>,
    pub(super) model_in_path: bool,
    /// `stream_options`: its value, or the inside of its object.
    pub(super) stream_options: Option<Span>,
    pub(super) stream_options_inside: Option<Inside>,
    pub(super) include_usage: Option<Span>,
    /// Limits of the output with their value.
    pub(super) limits: Vec<(Span, Option<u64>)>,
    /// The object that may hold the limit (`generationConfig` …): its value, or its inside.
    pub(super) config: Option<Span>,
    pub(super) config_inside: Option<Inside>,
}

/// The place behind an opening brace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inside {
    pub(super) at: usize,
    pub(super) empty: bool,
}

/// Known keys; each may stand once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Model,
    Stream,
    StreamOptions,
    IncludeUsage,
    Limit,
    SecondLimit,
    Config,
    Choices,
    User,
    SafetyIdentifier,
    Metadata,
}

/// Reads the body into `asked`.
pub(super) fn read(operation: Operation, body: &[u8], asked: &mut Asked) -> Result<(), AskedError> {
    let mut reader = Reader::new(body);
    if reader.begins()? != Begins::Object {
        return Err(reader.error("it does not begin with a brace"));
    }
    let mut gauge = Gauge::default();
    let mut names = Names::default();
    let mut seen = 0;
    let start = reader.at;
    let mut more = reader.open(b'}')?;
    asked.places.top = Some(Inside { at: start + 1, empty: !more });
    while more {
        let key = reader.key()?;
        match known(operation, &reader, key, keys(operation), &mut seen)? {
            None => gauge.top(&mut reader, key)?,
            Some(Known::Model) => {
                let word = word(&mut reader, "model")?;
                asked.model = reader.decoded(word)?;
                asked.places.model = Some(Span { start: word.start - 1, end: word.end + 1 });
            }
            Some(Known::Stream) => asked.stream = truth(&mut reader, "stream")?.unwrap_or(asked.stream),
            Some(Known::StreamOptions) => stream_options(&mut reader, &mut gauge, asked)?,
            Some(Known::Config) => config(operation, &mut reader, &mut gauge, asked)?,
            Some(Known::Metadata) => metadata(&mut reader, &mut gauge, &mut names)?,
            Some(Known::User) => names.user = optional_word(&mut reader, &mut gauge)?.unwrap_or_default(),
            Some(Known::SafetyIdentifier) => names.safety = optional_word(&mut reader, &mut gauge)?.unwrap_or_default(),
            Some(found) => number(found, &mut reader, &mut gauge, asked)?,
        }
        more = reader.more(b'}')?;
    }
    reader.finish()?;
    if operation == Operation::Messages
        && let Some(place) = names.metadata.iter().position(|(name, _)| name == "user_id")
    {
        names.user = names.metadata.remove(place).1;
    }
    asked.user = if names.user.is_empty() { names.safety } else { names.user };
    names.metadata.sort();
    asked.metadata = names.metadata;
    gauge.into_asked(asked);
    Ok(())
}

/// Names that a request carries beside its prompt.
#[derive(Debug, Default)]
struct Names {
    user: String,
    safety: String,
    metadata: Vec<(String, String)>,
}

/// Known keys at the top, by operation; the spellings of one key share its meaning.
fn keys(operation: Operation) -> &'static [(&'static str, Known)] {
    match operation.dialect() {
        Dialect::Openai => &[
            ("model", Known::Model),
            ("stream", Known::Stream),
            ("stream_options", Known::StreamOptions),
            ("max_tokens", Known::Limit),
            ("max_completion_tokens", Known::SecondLimit),
            ("max_output_tokens", Known::Limit),
            ("n", Known::Choices),
            ("user", Known::User),
            ("safety_identifier", Known::SafetyIdentifier),
            ("metadata", Known::Metadata),
        ],
        Dialect::Anthropic => {
            &[("model", Known::Model), ("stream", Known::Stream), ("max_tokens", Known::Limit), ("metadata", Known::Metadata)]
        }
        Dialect::Gemini => &[("generationConfig", Known::Config), ("generation_config", Known::Config), ("labels", Known::Metadata)],
        Dialect::Bedrock => match operation {
            Operation::Converse | Operation::ConverseStream => &[("inferenceConfig", Known::Config), ("requestMetadata", Known::Metadata)],
            _ => &[
                ("max_tokens", Known::Limit),
                ("max_completion_tokens", Known::SecondLimit),
                ("max_gen_len", Known::Limit),
                ("inferenceConfig", Known::Config),
                ("textGenerationConfig", Known::Config),
                ("metadata", Known::Metadata),
            ],
        },
        Dialect::Ollama => &[("model", Known::Model), ("stream", Known::Stream), ("options", Known::Config)],
    }
}

/// Known keys of the object that holds the limit.
const CONFIG: &[(&str, Known)] = &[
    ("maxOutputTokens", Known::Limit),
    ("max_output_tokens", Known::Limit),
    ("maxTokens", Known::Limit),
    ("max_new_tokens", Known::Limit),
    ("maxTokenCount", Known::Limit),
    ("num_predict", Known::Limit),
    ("candidateCount", Known::Choices),
    ("candidate_count", Known::Choices),
];

/// Which known key this is. One that a lenient server could take for a known one, and a second one, are refused.
fn known(
    operation: Operation,
    reader: &Reader<'_>,
    key: Span,
    keys: &[(&'static str, Known)],
    seen: &mut u32,
) -> Result<Option<Known>, AskedError> {
    let spelt = reader.of(key);
    let decoded;
    let name = match std::str::from_utf8(spelt) {
        Ok(plain) if !plain.contains('\\') => plain,
        _ => {
            decoded = reader.decoded(key)?;
            &decoded
        }
    };
    let Some((own, known)) = keys.iter().find(|(own, _)| same_fold(own, name)) else { return Ok(None) };
    if *own != name {
        return Err(AskedError(format!("a key at byte {} is spelt almost like `{own}`; spell it so", key.start)));
    }
    let bit = 1 << (*known as u32);
    // A completion may be limited under two names at once; everything else stands once.
    if *seen & bit != 0 {
        return Err(AskedError(format!("`{own}` or its twin stands twice, at byte {}; state it once ({operation:?})", key.start)));
    }
    *seen |= bit;
    Ok(Some(*known))
}

/// Whether two keys are the same to a server that ignores case, as Go's JSON reader does.
fn same_fold(own: &str, name: &str) -> bool {
    if name.is_ascii() {
        return own.eq_ignore_ascii_case(name);
    }
    own.eq_ignore_ascii_case(&name.replace('\u{17F}', "s").replace('\u{212A}', "k"))
}

fn word(reader: &mut Reader<'_>, name: &str) -> Result<Span, AskedError> {
    if reader.begins()? != Begins::String {
        return Err(reader.error(&format!("`{name}` is no text")));
    }
    reader.string()
}

/// A text that is kept when it is short; other values are passed over.
fn optional_word(reader: &mut Reader<'_>, gauge: &mut Gauge) -> Result<Option<String>, AskedError> {
    if reader.begins()? != Begins::String {
        gauge.value(reader, Part::Silent)?;
        return Ok(None);
    }
    let span = reader.string()?;
    if span.end - span.start > LONGEST_WORD {
        return Ok(None);
    }
    reader.decoded(span).map(Some)
}

fn truth(reader: &mut Reader<'_>, name: &str) -> Result<Option<bool>, AskedError> {
    if reader.begins()? == Begins::Other {
        let span = reader.literal()?;
        match reader.of(span) {
            b"true" => return Ok(Some(true)),
            b"false" => return Ok(Some(false)),
            b"null" => return Ok(None),
            _ => {}
        }
    }
    Err(reader.error(&format!("`{name}` is neither true nor false")))
}

fn number(found: Known, reader: &mut Reader<'_>, gauge: &mut Gauge, asked: &mut Asked) -> Result<(), AskedError> {
    if reader.begins()? != Begins::Other {
        if matches!(found, Known::Limit | Known::SecondLimit | Known::Choices) {
            return Err(reader.error("a limit or a number of answers is no number"));
        }
        return gauge.value(reader, Part::Silent);
    }
    let span = reader.literal()?;
    let value = count(reader.of(span));
    if found == Known::Choices {
        asked.choices = value.and_then(|value| u32::try_from(value).ok()).unwrap_or(1).max(1);
    } else {
        asked.max_output_tokens = asked.max_output_tokens.max(value);
        asked.places.limits.push((span, value));
    }
    Ok(())
}

/// A count as spelt, also as `4096.0` or `1e3`; `None` for what is no count.
fn count(spelt: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(spelt).ok()?;
    text.parse().ok().or_else(|| {
        let value: f64 = text.parse().ok()?;
        // Above 2^53 not every integer has a float; no limit is that large.
        (value >= 0.0 && value.fract() == 0.0 && value < 9e15).then_some(value as u64)
    })
}

fn stream_options(reader: &mut Reader<'_>, gauge: &mut Gauge, asked: &mut Asked) -> Result<(), AskedError> {
    let start = {
        reader.peek()?;
        reader.at
    };
    if reader.begins()? != Begins::Object {
        gauge.value(reader, Part::Silent)?;
    } else {
        let mut seen = 0;
        let mut more = reader.open(b'}')?;
        asked.places.stream_options_inside = Some(Inside { at: start + 1, empty: !more });
        while more {
            let key = reader.key()?;
            match known(Operation::ChatCompletions, reader, key, &[("include_usage", Known::IncludeUsage)], &mut seen)? {
                Some(_) => {
                    reader.peek()?;
                    let value = reader.at;
                    asked.usage_asked = truth(reader, "include_usage")? == Some(true);
                    asked.places.include_usage = Some(Span { start: value, end: reader.at });
                }
                None => gauge.value(reader, Part::Silent)?,
            }
            more = reader.more(b'}')?;
        }
    }
    asked.places.stream_options = Some(Span { start, end: reader.at });
    Ok(())
}

fn config(operation: Operation, reader: &mut Reader<'_>, gauge: &mut Gauge, asked: &mut Asked) -> Result<(), AskedError> {
    let start = {
        reader.peek()?;
        reader.at
    };
    if reader.begins()? != Begins::Object {
        gauge.value(reader, Part::Silent)?;
    } else {
        let mut seen = 0;
        let mut more = reader.open(b'}')?;
        asked.places.config_inside = Some(Inside { at: start + 1, empty: !more });
        while more {
            let key = reader.key()?;
            match known(operation, reader, key, CONFIG, &mut seen)? {
                Some(found) => number(found, reader, gauge, asked)?,
                None => gauge.setting(reader, key)?,
            }
            more = reader.more(b'}')?;
        }
    }
    asked.places.config = Some(Span { start, end: reader.at });
    Ok(())
}

fn metadata(reader: &mut Reader<'_>, gauge: &mut Gauge, names: &mut Names) -> Result<(), AskedError> {
    if reader.begins()? != Begins::Object {
        return gauge.value(reader, Part::Silent);
    }
    let mut more = reader.open(b'}')?;
    while more {
        let key = reader.key()?;
        let value = optional_word(reader, gauge)?;
        if let Some(value) = value
            && key.end - key.start <= LONGEST_WORD
        {
            let name = reader.decoded(key)?;
            if names.metadata.iter().any(|(own, _)| *own == name) {
                return Err(AskedError(format!("a key of the metadata stands twice, at byte {}", key.start)));
            }
            if names.metadata.len() < MOST_METADATA {
                names.metadata.push((name, value));
            }
        }
        more = reader.more(b'}')?;
    }
    Ok(())
}
