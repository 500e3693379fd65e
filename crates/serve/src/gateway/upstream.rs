//! An upstream, resolved from the configuration: where it is, how it is spoken to, whose credential it gets.

use super::sigv4::AwsCredentials;
use super::{GatewayError, Secrets, tls};
use books::OnDisconnect;
use http::uri::{Authority, Scheme};
use measure::usage::Dialect;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Providers that are there without any configuration.
const BUILT_IN: [(&str, &str, Dialect, bool); 12] = [
    ("openai", "https://api.openai.com", Dialect::Openai, true),
    ("anthropic", "https://api.anthropic.com", Dialect::Anthropic, true),
    ("gemini", "https://generativelanguage.googleapis.com", Dialect::Gemini, true),
    ("bedrock", "https://bedrock-runtime.us-east-1.amazonaws.com", Dialect::Bedrock, true),
    ("azure", "", Dialect::Openai, true),
    ("mistral", "https://api.mistral.ai", Dialect::Openai, true),
    ("deepseek", "https://api.deepseek.com", Dialect::Openai, true),
    ("groq", "https://api.groq.com/openai", Dialect::Openai, true),
    ("openrouter", "https://openrouter.ai/api", Dialect::Openai, true),
    ("together", "https://api.together.xyz", Dialect::Openai, true),
    ("ollama", "http://127.0.0.1:11434", Dialect::Ollama, false),
    ("vllm", "http://127.0.0.1:8000", Dialect::Openai, false),
];

/// A provider as the gateway reaches it.
pub struct Upstream {
    /// First part of the path, and name in messages.
    pub name: Arc<str>,
    /// Place among the upstreams, for the pools.
    pub index: usize,
    pub https: bool,
    pub authority: Authority,
    pub host: String,
    pub port: u16,
    /// Path before every path; no slash at its end.
    pub base_path: String,
    pub provider: Arc<str>,
    pub dialect: Dialect,
    pub config: books::Upstream,
    pub drains: bool,
    /// The credential that the gateway holds.
    pub credential: Option<String>,
    pub aws: Option<AwsCredentials>,
    pub region: Arc<str>,
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// Set once the upstream has refused to be asked for usage.
    pub refuses_usage: AtomicBool,
}

impl Upstream {
    /// Whether streams are asked for their usage.
    pub fn asks_usage(&self) -> bool {
        self.config.ask_usage && !self.refuses_usage.load(Ordering::Relaxed)
    }
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream").field("name", &self.name).field("authority", &self.authority).finish_non_exhaustive()
    }
}

/// All upstreams: the configured ones, and the built-in ones that the configuration does not replace.
pub fn all(config: &books::Config, secrets: &dyn Secrets) -> Result<Vec<Arc<Upstream>>, GatewayError> {
    let mut list = Vec::new();
    for (name, upstream) in &config.upstream {
        list.push((name.clone(), upstream.clone()));
    }
    for (name, base_url, ..) in BUILT_IN {
        if !base_url.is_empty() && !config.upstream.contains_key(name) {
            list.push((name.to_owned(), books::Upstream { base_url: base_url.to_owned(), ..books::Upstream::default() }));
        }
    }
    list.into_iter().enumerate().map(|(index, (name, upstream))| resolve(&name, index, upstream, secrets).map(Arc::new)).collect()
}

fn resolve(name: &str, index: usize, config: books::Upstream, secrets: &dyn Secrets) -> Result<Upstream, GatewayError> {
    let fail = |message: String| GatewayError(format!("[upstream.{name}]: {message}"));
    if name == "v1"
        || name == "health"
        || name.is_empty()
        || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    {
        return Err(fail("the name is the first part of a path; use letters, digits, - and _ (`v1` and `health` are taken)".to_owned()));
    }
    let known = BUILT_IN.iter().find(|(known, ..)| *known == name);
    let base_url = match (config.base_url.as_str(), known) {
        ("", Some((_, url, ..))) if !url.is_empty() => *url,
        ("", _) => return Err(fail("base_url is missing; write for example base_url = \"https://api.example.com\"".to_owned())),
        (url, _) => url,
    };
    let uri: http::Uri = base_url.parse().map_err(|error| fail(format!("base_url `{base_url}` is no address: {error}")))?;
    let https = match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => true,
        Some(scheme) if *scheme == Scheme::HTTP => false,
        _ => return Err(fail(format!("base_url `{base_url}` begins neither with https:// nor http://"))),
    };
    let authority = uri.authority().cloned().ok_or_else(|| fail(format!("base_url `{base_url}` names no host")))?;
    if authority.as_str().contains('@') {
        return Err(fail(
            "base_url holds a user or password; keep credentials in the environment and name the variable in credential_env".to_owned(),
        ));
    }
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    let port = authority.port_u16().unwrap_or(if https { 443 } else { 80 });
    let provider = config.provider.clone().unwrap_or_else(|| name.to_owned());
    let like = BUILT_IN.iter().find(|(known, ..)| *known == name || *known == provider);
    let credential = match &config.credential_env {
        Some(variable) => Some(secrets.get(variable).filter(|secret| !secret.is_empty()).ok_or_else(|| {
            fail(format!("the variable {variable} named in credential_env is not set; set it, or leave credential_env out and let clients bring their own"))
        })?),
        None => None,
    };
    let dialect = like.map_or(Dialect::Openai, |(_, _, dialect, _)| *dialect);
    if let Some(credential) = &credential {
        let mut headers = http::HeaderMap::new();
        super::credentials::attach(&mut headers, dialect, config.credential_header.as_deref(), credential)
            .map_err(|error| fail(error.to_string()))?;
    }
    let aws = match &config.aws_region {
        Some(_) => Some(AwsCredentials {
            access_key: secrets.get("AWS_ACCESS_KEY_ID").ok_or_else(|| {
                fail("aws_region is set, so requests are signed, but AWS_ACCESS_KEY_ID is not in the environment".to_owned())
            })?,
            secret_key: secrets.get("AWS_SECRET_ACCESS_KEY").ok_or_else(|| {
                fail("aws_region is set, so requests are signed, but AWS_SECRET_ACCESS_KEY is not in the environment".to_owned())
            })?,
            session_token: secrets.get("AWS_SESSION_TOKEN"),
        }),
        None => None,
    };
    let billed = like.is_some_and(|(.., billed)| *billed);
    let region = config.aws_region.clone().or_else(|| region_of(&host)).unwrap_or_default();
    let tls = if https { Some(tls::client_config(config.ca_file.as_deref()).map_err(|error| fail(error.to_string()))?) } else { None };
    Ok(Upstream {
        name: name.into(),
        index,
        https,
        base_path: uri.path().trim_end_matches('/').to_owned(),
        authority,
        host,
        port,
        provider: provider.into(),
        dialect,
        drains: config.on_disconnect.map_or(billed, |policy| policy == OnDisconnect::Drain),
        credential,
        aws,
        region: region.into(),
        tls,
        refuses_usage: AtomicBool::new(false),
        config,
    })
}

/// The region that a host name of a cloud tells.
fn region_of(host: &str) -> Option<String> {
    let rest = host.strip_prefix("bedrock-runtime.").or_else(|| host.strip_prefix("bedrock-runtime-fips."))?;
    rest.split('.').next().map(str::to_owned)
}
