//! The gateway as configured: its doors, where requests go, and other names for models.

use serde::Deserialize;
use std::path::PathBuf;

/// When a record counts as kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// Written before the last bytes of the answer: survives the death of the process.
    #[default]
    Process,
    /// On the disk before the last bytes of the answer: survives the death of the machine.
    Power,
}

/// What to do when the journal cannot be written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// Refuse new requests.
    #[default]
    Refuse,
    /// Serve on, keep what fits in memory and count the rest as a gap.
    Serve,
}

/// Whether the caller is told what the answer cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImpactTo {
    /// Nothing is added.
    #[default]
    Off,
    /// Headers on answers that are no stream, a comment at the end of a stream.
    Caller,
}

/// What happens upstream when the client goes away before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnDisconnect {
    /// The upstream connection is closed; what passed is counted by estimate.
    Abort,
    /// The rest is read, within bounds, up to the usage.
    Drain,
}

/// `[gateway]`: the door for model traffic.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gateway {
    /// Whether a gateway key is required; off loopback it is unless this says `false`.
    pub require_keys: Option<bool>,
    /// When a record counts as kept.
    pub durability: Durability,
    /// What to do when the journal cannot be written.
    pub on_journal_failure: OnFailure,
    /// Whether the caller is told what the answer cost.
    pub impact: ImpactTo,
    /// Longest request body that is taken, MiB.
    pub max_body_mib: u32,
    /// Threads that serve; one per core when left out.
    pub workers: Option<usize>,
    /// Names beside loopback that a request may give as its host.
    pub hosts: Vec<String>,
    /// Seconds between sealings of the journal.
    pub seal_every_s: u32,
    /// Seconds a client may take for its head.
    pub head_timeout_s: u32,
    /// Seconds a client may pause within its body.
    pub body_timeout_s: u32,
    /// Certificate chain of the listener, PEM.
    pub tls_certificate: Option<PathBuf>,
    /// Private key of the listener, PEM.
    pub tls_key: Option<PathBuf>,
    /// Where OpenTelemetry metrics are sent (OTLP over HTTP, JSON); nowhere when left out.
    pub otlp_metrics_url: Option<String>,
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            require_keys: None,
            durability: Durability::default(),
            on_journal_failure: OnFailure::default(),
            impact: ImpactTo::default(),
            max_body_mib: 64,
            workers: None,
            hosts: Vec::new(),
            seal_every_s: 60,
            head_timeout_s: 15,
            body_timeout_s: 60,
            tls_certificate: None,
            tls_key: None,
            otlp_metrics_url: None,
        }
    }
}

/// `[upstream.NAME]`: a provider, reached under the path `/NAME`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Upstream {
    /// Scheme, host and an optional path, such as `https://api.openai.com`.
    pub base_url: String,
    /// Provider id for the books; the name of the upstream when left out.
    pub provider: Option<String>,
    /// Variable of the environment with the credential that the gateway holds; clients bring their own when left out.
    pub credential_env: Option<String>,
    /// Header that carries it; by dialect when left out (`authorization`, `x-api-key`, `x-goog-api-key`, `api-key`).
    pub credential_header: Option<String>,
    /// Region for signatures of AWS; requests are signed with `AWS_ACCESS_KEY_ID` and its companions.
    pub aws_region: Option<String>,
    /// Region or grid zone where it runs, when it is known.
    pub zone: Option<String>,
    /// Site as configured.
    pub site: Option<String>,
    /// Whether the gateway asks for the usage of streams.
    pub ask_usage: bool,
    /// What happens when the client goes away; `drain` for billed providers, `abort` otherwise, when left out.
    pub on_disconnect: Option<OnDisconnect>,
    /// Further attempts after one that failed before its answer began.
    pub retries: u32,
    /// Milliseconds to connect.
    pub connect_timeout_ms: u32,
    /// Seconds until the head of the answer, and between its parts.
    pub idle_timeout_s: u32,
    /// Certificates of authorities beside those of the system, PEM.
    pub ca_file: Option<PathBuf>,
}

impl Default for Upstream {
    fn default() -> Self {
        Self {
            base_url: String::new(),
            provider: None,
            credential_env: None,
            credential_header: None,
            aws_region: None,
            zone: None,
            site: None,
            ask_usage: true,
            on_disconnect: None,
            retries: 1,
            connect_timeout_ms: 10_000,
            idle_timeout_s: 600,
            ca_file: None,
        }
    }
}

/// `[[route]]`: another name for a model, and where its requests go, in order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The name that clients ask for.
    pub model: String,
    /// `upstream/model`, best first; the next is taken when one fails before its answer begins.
    pub to: Vec<String>,
}
