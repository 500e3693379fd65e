//! What can stand at a known path of an answer, and how a tree of known paths is written.

/// A known key, what it means and what is known below it; `*` is every element of a list.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) key: &'static str,
    pub(super) slot: Slot,
    pub(super) kids: &'static [Node],
}

/// A leaf.
pub(super) const fn leaf(key: &'static str, slot: Slot) -> Node {
    Node { key, slot, kids: &[] }
}

/// A container without a meaning of its own.
pub(super) const fn walk(key: &'static str, kids: &'static [Node]) -> Node {
    Node { key, slot: Slot::None, kids }
}

/// A container or leaf with a meaning and known keys below.
pub(super) const fn node(key: &'static str, slot: Slot, kids: &'static [Node]) -> Node {
    Node { key, slot, kids }
}

/// How a value is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Take {
    /// Not at all.
    Nothing,
    /// A number or a truth value.
    Literal,
    /// A short string, whole.
    Word,
    /// A string of any length, in pieces.
    Text,
    /// Any value, as spelt.
    Raw,
}

/// What a value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    None,
    /// One document: a body, an event, a line.
    Document,
    /// A list of documents.
    List,
    /// The object that holds the usage.
    Usage,
    /// The same, in the last document of a stream.
    LastUsage,
    /// One answer or a piece of it.
    Choice,
    /// Numbers that stand for a text: no tokens come out.
    Embedding,
    /// An error object; its type is within.
    Error,
    /// Details by modality.
    PromptDetails,
    OutputDetails,
    CacheDetails,
    /// One modality.
    PromptPart,
    OutputPart,
    CachePart,
    Modality,
    ModalityTokens,
    // Counts.
    Input,
    CacheRead,
    CacheWrite,
    CacheWriteShort,
    CacheWriteLong,
    Output,
    /// Output as a placeholder before it began.
    OutputSoFar,
    Reasoning,
    Tools,
    Total,
    AudioInput,
    ImageInput,
    AudioOutput,
    ImageOutput,
    /// Counts under keys whose convention is that of OpenAI, in bodies of several makers.
    PromptTokens,
    CompletionTokens,
    /// Provider time.
    Milliseconds,
    Nanoseconds,
    /// `done` of a line.
    Finished,
    // Words.
    Model,
    Tier,
    Region,
    AnswerId,
    Kind,
    ErrorKind,
    ErrorCode,
    Finish,
    /// Who speaks: the first piece of an answer says it.
    Role,
    // Texts.
    Text,
    Reason,
    ReasonTwin,
    Delta,
    Arguments,
}

impl Slot {
    /// How a value at this slot is taken.
    pub(super) const fn take(self) -> Take {
        match self {
            Self::None
            | Self::Document
            | Self::List
            | Self::Usage
            | Self::LastUsage
            | Self::Choice
            | Self::Embedding
            | Self::PromptDetails
            | Self::OutputDetails
            | Self::CacheDetails
            | Self::PromptPart
            | Self::OutputPart
            | Self::CachePart => Take::Nothing,
            Self::Model
            | Self::Tier
            | Self::Region
            | Self::AnswerId
            | Self::Kind
            | Self::ErrorKind
            | Self::ErrorCode
            | Self::Error
            | Self::Finish
            | Self::Role
            | Self::Modality => Take::Word,
            Self::Text | Self::Reason | Self::ReasonTwin | Self::Delta => Take::Text,
            Self::Arguments => Take::Raw,
            _ => Take::Literal,
        }
    }
}
