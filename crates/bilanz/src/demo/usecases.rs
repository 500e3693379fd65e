//! The use cases of the fictive organisation: who asks which model how often, when, and how long.

/// Token length of a request: a lognormal by mean and median.
#[derive(Clone, Copy)]
pub(super) struct Length {
    /// Mean, tokens.
    pub(super) mean: f64,
    /// Median, tokens.
    pub(super) median: f64,
}

impl Length {
    /// Location and width of the logarithm.
    ///
    /// Where the published mean is not above the median (a bounded length), a
    /// width of 0.4 stands in and the mean is kept.
    pub(super) fn log_normal(self) -> (f64, f64) {
        let variance = 2.0 * libm::log(self.mean / self.median);
        if variance > 0.16 { (libm::log(self.median), libm::sqrt(variance)) } else { (libm::log(self.mean) - 0.08, 0.4) }
    }
}

/// Azure LLM trace 2023, conversation.
pub(super) const CHAT_IN: Length = Length { mean: 1_154.7, median: 1_020.0 };
/// Azure LLM trace 2023, conversation.
pub(super) const CHAT_OUT: Length = Length { mean: 211.1, median: 129.0 };
/// Azure LLM trace 2023, code.
pub(super) const CODE_IN: Length = Length { mean: 2_047.8, median: 1_469.0 };
/// Azure LLM trace 2023, code.
pub(super) const CODE_OUT: Length = Length { mean: 27.9, median: 13.0 };
/// Mooncake, FAST 2025, conversation.
pub(super) const LONG_IN: Length = Length { mean: 12_035.1, median: 6_909.0 };
/// Mooncake, FAST 2025, conversation.
pub(super) const LONG_OUT: Length = Length { mean: 342.6, median: 350.0 };
/// `ServeGen`, deepseek-r1, weighted by request rate.
pub(super) const REASON_IN: Length = Length { mean: 1_268.2, median: 208.0 };
/// `ServeGen`, deepseek-r1, weighted by request rate; 70 % of it is reasoning.
pub(super) const REASON_OUT: Length = Length { mean: 1_527.4, median: 792.0 };
/// Share of reasoning in the output, from the same.
pub(super) const REASON_SHARE: f64 = 0.70;
/// Share of prompt blocks seen before, Mooncake conversation.
pub(super) const CACHED_SHARE: f64 = 0.366;

/// When in the week a use case is used; hours are central European winter time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rhythm {
    /// Monday to Friday, in working hours, little between Christmas and the new year.
    Office,
    /// Every day, most in the evening, more before Christmas.
    Shop,
    /// Every night.
    Night,
    /// Around the clock.
    Always,
}

/// One use case with one model.
pub(super) struct UseCase {
    /// Account path.
    pub(super) account: &'static str,
    /// Provider id.
    pub(super) provider: &'static str,
    /// Model as `provider/name`.
    pub(super) model: &'static str,
    /// Model as the log spells it.
    pub(super) reported: &'static str,
    /// Cloud region; empty where the provider does not say.
    pub(super) region: &'static str,
    /// First and last day of the year, from 0; a ramp of two weeks joins two models.
    pub(super) days: (i32, i32),
    /// Requests per day at the start of the year.
    pub(super) requests: f64,
    /// Times as many at the end of the year.
    pub(super) growth: f64,
    /// When.
    pub(super) rhythm: Rhythm,
    /// Minutes that one entry covers.
    pub(super) slot_min: i32,
    /// Input length.
    pub(super) input: Length,
    /// Output length, reasoning included.
    pub(super) output: Length,
    /// Share of the output that is reasoning; `None` where the model has none.
    pub(super) reasoning: Option<f64>,
    /// Day from which prompts are cached, and the share of input that is then read from the cache.
    pub(super) cached: Option<(i32, f64)>,
    /// Image tokens per request.
    pub(super) image_tokens: f64,
    /// Mean inter-token time, ms; `None` where the log has no durations.
    pub(super) inter_token_ms: Option<f64>,
    /// Share of answers that were accepted; `None` where nobody asked.
    pub(super) accepted: Option<f64>,
}

const PLAIN: UseCase = UseCase {
    account: "",
    provider: "openai",
    model: "",
    reported: "",
    region: "",
    days: (0, 364),
    requests: 0.0,
    growth: 1.0,
    rhythm: Rhythm::Office,
    slot_min: 60,
    input: CHAT_IN,
    output: CHAT_OUT,
    reasoning: None,
    cached: None,
    image_tokens: 0.0,
    inter_token_ms: None,
    accepted: None,
};

/// First day of the small model of the chat assistant: 1 July.
pub(super) const MIGRATION: i32 = 181;
/// Days that the change of model takes.
pub(super) const RAMP: i32 = 14;

/// All use cases that call a model of a provider.
pub(super) const USE_CASES: [UseCase; 12] = [
    UseCase {
        account: "nordlicht/service/chat-assistant",
        model: "openai/gpt-4o",
        reported: "gpt-4o-2024-08-06",
        days: (0, MIGRATION + RAMP),
        requests: 2_400.0,
        growth: 1.9,
        rhythm: Rhythm::Shop,
        slot_min: 15,
        cached: Some((90, CACHED_SHARE)),
        inter_token_ms: Some(13.0),
        accepted: Some(0.71),
        ..PLAIN
    },
    UseCase {
        account: "nordlicht/service/chat-assistant",
        model: "openai/gpt-4o-mini",
        reported: "gpt-4o-mini-2024-07-18",
        days: (MIGRATION, 364),
        requests: 2_400.0,
        growth: 1.9,
        rhythm: Rhythm::Shop,
        slot_min: 15,
        cached: Some((90, CACHED_SHARE)),
        inter_token_ms: Some(9.0),
        accepted: Some(0.69),
        ..PLAIN
    },
    UseCase {
        account: "nordlicht/service/mail-triage",
        provider: "mistralai",
        model: "mistralai/mistral-small-3",
        reported: "mistral-small-2503",
        region: "francecentral",
        requests: 1_700.0,
        growth: 1.3,
        rhythm: Rhythm::Always,
        slot_min: 60,
        output: CODE_OUT,
        inter_token_ms: Some(7.0),
        ..PLAIN
    },
    UseCase {
        account: "nordlicht/shop/product-texts",
        provider: "anthropic",
        model: "anthropic/claude-3-5-sonnet",
        reported: "claude-3-5-sonnet-20241022",
        requests: 520.0,
        growth: 1.6,
        rhythm: Rhythm::Night,
        cached: Some((0, 0.6)),
        accepted: Some(0.86),
        ..PLAIN
    },
    UseCase {
        account: "nordlicht/shop/search",
        provider: "google_genai",
        model: "google_genai/gemini-2.0-flash",
        reported: "gemini-2.0-flash-001",
        region: "europe-west4",
        requests: 3_600.0,
        growth: 1.7,
        rhythm: Rhythm::Shop,
        slot_min: 30,
        output: CODE_OUT,
        inter_token_ms: Some(5.0),
        ..PLAIN
    },
    UseCase {
        account: "nordlicht/shop/campaign-ideas",
        provider: "aurora",
        model: "aurora/polar-1-preview",
        reported: "polar-1-preview",
        days: (244, 364),
        requests: 60.0,
        growth: 2.0,
        ..PLAIN
    },
    UseCase {
        account: "nordlicht/it/code-assistant",
        provider: "mistralai",
        model: "mistralai/codestral",
        reported: "codestral-latest",
        region: "francecentral",
        requests: 3_200.0,
        growth: 1.8,
        slot_min: 15,
        input: CODE_IN,
        output: CODE_OUT,
        inter_token_ms: Some(6.0),
        ..PLAIN
    },
    UseCase {
        account: "nordlicht/it/incident-analysis",
        model: "openai/o3-mini",
        reported: "o3-mini-2025-01-31",
        region: "swedencentral",
        days: (31, 364),
        requests: 170.0,
        growth: 2.2,
        rhythm: Rhythm::Always,
        input: REASON_IN,
        output: REASON_OUT,
        reasoning: Some(REASON_SHARE),
        inter_token_ms: Some(8.0),
        ..PLAIN
    },
    UseCase {
        account: "nordlicht/logistics/route-notes",
        provider: "google_genai",
        model: "google_genai/gemini-2.0-flash",
        reported: "gemini-2.0-flash-001",
        region: "us-central1",
        requests: 450.0,
        growth: 1.2,
        rhythm: Rhythm::Night,
        ..PLAIN
    },
    UseCase {
        account: "nordlicht/office/contract-review",
        provider: "mistralai",
        model: "mistralai/mistral-large-2",
        reported: "mistral-large-2411",
        region: "francecentral",
        requests: 130.0,
        growth: 1.5,
        input: LONG_IN,
        output: LONG_OUT,
        cached: Some((0, CACHED_SHARE)),
        inter_token_ms: Some(18.0),
        ..PLAIN
    },
    UseCase {
        account: "nordlicht/office/invoice-reading",
        model: "openai/gpt-4o",
        reported: "gpt-4o-2024-08-06",
        region: "swedencentral",
        requests: 620.0,
        growth: 1.4,
        slot_min: 30,
        image_tokens: 765.0,
        ..PLAIN
    },
    UseCase {
        account: "nordlicht/office/meeting-notes",
        model: "openai/gpt-4o-mini",
        reported: "gpt-4o-mini-2024-07-18",
        requests: 210.0,
        growth: 2.4,
        input: LONG_IN,
        output: LONG_OUT,
        ..PLAIN
    },
];

/// Account of the organisation's own server, whose plug is metered by the hour.
pub(super) const OWN_SERVER: &str = "nordlicht/office/policy-answers";
/// Account of the one fine-tuning run on it.
pub(super) const OWN_TRAINING: &str = "nordlicht/it/fine-tuning";
