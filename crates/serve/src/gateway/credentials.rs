//! Credentials on their way through: the gateway's key comes off, the upstream's goes on.
//!
//! Pure functions over headers and the target of a request. A gateway key never reaches an upstream: wherever a secret
//! with the gateway's prefix stands among credentials, it is taken off, whether the key is known or not.

use http::header::{AUTHORIZATION, CONNECTION, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue};
use measure::usage::Dialect;
use std::fmt;

mod labels;
mod target;

pub use labels::{account, labels};

/// Header of the gateway's own for its key.
pub const GATEWAY_KEY: HeaderName = HeaderName::from_static("x-bilanz-key");
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const API_KEY: HeaderName = HeaderName::from_static("api-key");
const X_GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");
/// Name of the query's part in which Google's libraries may send a key.
const QUERY_KEY: &[u8] = b"key";
/// What all headers for the gateway itself begin with.
const OWN: &str = "x-bilanz-";
/// From this length on a key is also looked for where no key belongs; anything shorter is no key, and stands in many words.
const SECRET_BYTES_MIN: usize = 8;
/// Headers of a request that its sender signed for AWS; the signature covers the gateway's host and is worth nothing upstream.
const AWS_SIGNED: [&str; 3] = ["x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];

/// Headers in which libraries send a key, in the order of the search.
const KEY_HEADERS: [HeaderName; 5] = [GATEWAY_KEY, AUTHORIZATION, X_API_KEY, API_KEY, X_GOOG_API_KEY];

/// A secret that shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Where a key stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In this header.
    Header(HeaderName),
    /// In the query.
    Query,
}

/// The gateway key of a request. Drop it once it has been looked up; its `Debug` does not show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    secret: Secret,
    /// Where it stood first, in the order of the search.
    pub place: Place,
}

impl Found {
    /// The bytes, for the look-up by hash.
    #[must_use]
    pub fn secret(&self) -> &[u8] {
        &self.secret.0
    }
}

/// Two different gateway keys in one request: whose it is cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request carries more than one gateway key; send one, in `x-bilanz-key` or where the provider's key would stand")]
pub struct Ambiguous;

/// The gateway key of a request. In `x-bilanz-key` any value counts as one, elsewhere only what begins with the prefix of
/// gateway keys.
///
/// # Errors
/// When there are two different ones.
pub fn find(headers: &HeaderMap, path_and_query: &str) -> Result<Option<Found>, Ambiguous> {
    let mut all = all(headers, path_and_query).into_iter();
    let Some(first) = all.next() else { return Ok(None) };
    if all.any(|other| other.secret != first.secret) { Err(Ambiguous) } else { Ok(Some(first)) }
}

/// Every gateway key, in the order of the search.
fn all(headers: &HeaderMap, path_and_query: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for name in &KEY_HEADERS {
        for value in headers.get_all(name) {
            let secret = bare(value.as_bytes());
            if is_gateway_key(secret) || (*name == GATEWAY_KEY && !secret.is_empty()) {
                found.push(Found { secret: Secret(secret.to_vec()), place: Place::Header(name.clone()) });
            }
        }
    }
    for (name, value) in target::pairs(path_and_query) {
        let value = target::decode(value);
        if target::decode(name) == QUERY_KEY && is_gateway_key(bare(&value)) {
            found.push(Found { secret: Secret(bare(&value).to_vec()), place: Place::Query });
        }
    }
    found
}

/// Takes every gateway key off, known or not, and all headers for the gateway itself (`x-bilanz-…`: read labels and account
/// before). Returns the path and query to forward, as they stood but for what had to go.
///
/// Where the key stands in a header or a part of the query that is no place for keys, in plain or percent-encoded, that
/// value goes too. Credentials of the provider stay.
#[must_use]
pub fn strip(headers: &mut HeaderMap, path_and_query: &str) -> String {
    let mut secrets: Vec<Secret> = all(headers, path_and_query).into_iter().map(|found| found.secret).collect();
    secrets.retain(|secret| is_gateway_key(&secret.0) && secret.0.len() >= SECRET_BYTES_MIN);
    let goes = |name: &HeaderName, value: &[u8]| {
        name.as_str().starts_with(OWN) || (KEY_HEADERS.contains(name) && is_gateway_key(bare(value))) || target::holds(value, &secrets)
    };
    let doomed: Vec<HeaderName> =
        headers.iter().filter(|(name, value)| goes(name, value.as_bytes())).map(|(name, _)| name.clone()).collect();
    for name in doomed {
        // Another value under the same name, such as the provider's own key, stays.
        let kept: Vec<HeaderValue> = headers.get_all(&name).iter().filter(|value| !goes(&name, value.as_bytes())).cloned().collect();
        headers.remove(&name);
        for value in kept {
            headers.append(name.clone(), value);
        }
    }
    target::without(path_and_query, |name, value| {
        (target::decode(name) == QUERY_KEY && is_gateway_key(bare(&target::decode(value))))
            || target::holds(name.as_bytes(), &secrets)
            || target::holds(value.as_bytes(), &secrets)
    })
}

/// Takes off every credential that the client sent for the provider, signatures for AWS among them. Returns the path and
/// query without `key`.
#[must_use]
pub fn detach(headers: &mut HeaderMap, path_and_query: &str) -> String {
    for name in &KEY_HEADERS {
        headers.remove(name);
    }
    for name in AWS_SIGNED {
        headers.remove(name);
    }
    target::without(path_and_query, |name, _| target::decode(name) == QUERY_KEY)
}

/// A credential, or the name of its header, that no request can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The credential.
    #[error("the credential of the upstream is empty or holds a character that no header can carry; look for a line break in its variable")]
    Credential,
    /// The name.
    #[error("`credential_header` of the upstream is no name of a header; write a name such as `api-key`")]
    Header,
}

/// Puts the upstream's credential where its dialect expects it, or into `header`; call [`detach`] before, so that nothing
/// of the client's stands beside it. In `authorization` it becomes `Bearer CREDENTIAL`, unless it names a scheme itself.
///
/// # Errors
/// When the credential or the name cannot stand in a header.
pub fn attach(headers: &mut HeaderMap, dialect: Dialect, header: Option<&str>, credential: &str) -> Result<(), Unusable> {
    let name = match (header, dialect) {
        (Some(name), _) => HeaderName::from_bytes(name.as_bytes()).map_err(|_| Unusable::Header)?,
        (None, Dialect::Openai | Dialect::Ollama | Dialect::Bedrock) => AUTHORIZATION,
        (None, Dialect::Anthropic) => X_API_KEY,
        (None, Dialect::Gemini) => X_GOOG_API_KEY,
    };
    let credential = credential.trim();
    if credential.is_empty() {
        return Err(Unusable::Credential);
    }
    let text = if name == AUTHORIZATION && !credential.contains(' ') { format!("Bearer {credential}") } else { credential.to_owned() };
    let mut value = HeaderValue::from_str(&text).map_err(|_| Unusable::Credential)?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

/// Removes what concerns one connection alone (RFC 9110, 7.6.1), and whatever `connection` names.
///
/// `host` stays, whatever `connection` says: it is set anew for the upstream.
pub fn hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .filter(|name| *name != HOST)
        .collect();
    for name in named {
        headers.remove(name);
    }
    const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
    const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
    for name in [CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE]
    {
        headers.remove(name);
    }
}

/// The value without a scheme before it and without white space around it.
fn bare(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    match value.split_at_checked(6) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(b"bearer") && rest.first().is_some_and(u8::is_ascii_whitespace) => {
            rest.trim_ascii()
        }
        _ => value,
    }
}

fn is_gateway_key(value: &[u8]) -> bool {
    value.starts_with(govern::KeyRing::PREFIX.as_bytes())
}

#[cfg(test)]
mod tests;
