//! The request as the upstream gets it: its own host, its own credential, nothing of ours.

use super::client_body::UpBody;
use super::credentials;
use super::sigv4::{self, ToSign};
use super::upstream::Upstream;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use sha2::{Digest, Sha256};
use std::io::Read;

/// What is sent, but for the body.
pub struct Prepared<'a> {
    pub method: &'a Method,
    /// Headers of the client, without a gateway key.
    pub headers: &'a HeaderMap,
    /// Path and query behind the prefix.
    pub path: &'a str,
    /// Whether the answer is metered; then it is asked for uncompressed.
    pub metered: bool,
}

/// Builds the request. `whole` is the body where it was read, for signatures.
pub fn request(upstream: &Upstream, prepared: &Prepared<'_>, body: UpBody, whole: Option<&Bytes>, now_ms: i64) -> Request<UpBody> {
    let mut headers = prepared.headers.clone();
    credentials::hop_by_hop(&mut headers);
    headers.remove(header::HOST);
    // hyper states the length of what is really sent.
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::EXPECT);
    headers.remove(header::ORIGIN);
    if prepared.metered {
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    if let Ok(host) = HeaderValue::try_from(upstream.authority.as_str()) {
        headers.insert(header::HOST, host);
    }
    let mut path = prepared.path.to_owned();
    if upstream.credential.is_some() || upstream.aws.is_some() {
        path = credentials::detach(&mut headers, &path);
    }
    if let Some(credential) = &upstream.credential {
        // Checked at the start, so it fits; if it did not, the provider would say so.
        let _ = credentials::attach(&mut headers, upstream.dialect, upstream.config.credential_header.as_deref(), credential);
    }
    let path = format!("{}{path}", upstream.base_path);
    if let Some(aws) = &upstream.aws {
        let signed: Vec<(HeaderName, HeaderValue)> =
            headers.get(header::CONTENT_TYPE).map(|value| (header::CONTENT_TYPE, value.clone())).into_iter().collect();
        let to_sign = ToSign {
            method: prepared.method.as_str(),
            path_and_query: &path,
            host: upstream.authority.as_str(),
            headers: &signed,
            body_sha256: Sha256::digest(whole.map(Bytes::as_ref).unwrap_or_default()).into(),
        };
        // A request that cannot be signed goes unsigned, and the provider says so.
        for (name, value) in sigv4::sign(&to_sign, &upstream.region, "bedrock", aws, now_ms).unwrap_or_default() {
            headers.insert(name, value);
        }
    }
    let mut request = Request::new(body);
    *request.method_mut() = prepared.method.clone();
    // It came as a path, so it is one; a path that is none becomes `/`, which no provider serves.
    *request.uri_mut() = path.parse().unwrap_or_default();
    *request.headers_mut() = headers;
    request
}

/// Whether a path leaves its place by `..`, in whatever spelling: as a server sees it that decodes before it splits, and as one
/// that takes backslashes for slashes or leaves out what stands behind a semicolon.
pub fn climbs(path: &str) -> bool {
    let plain = path.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\").replace("%3b", ";");
    plain.contains('\\') || plain.split('/').any(|part| matches!(part.split(';').next(), Some("." | "..")))
}

/// The body as plain bytes, at most `limit` of them.
///
/// # Errors
/// When the encoding is unknown, or the bytes are not of it, or too many.
pub fn decoded(headers: &HeaderMap, body: &Bytes, limit: usize) -> Result<Bytes, String> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase());
    let reader: Box<dyn Read + '_> = match encoding.as_deref() {
        None | Some("" | "identity") => return Ok(body.clone()),
        Some("gzip" | "x-gzip") => Box::new(flate2::read::MultiGzDecoder::new(body.as_ref())),
        Some("deflate") => Box::new(flate2::read::ZlibDecoder::new(body.as_ref())),
        Some("br") => Box::new(brotli_decompressor::Decompressor::new(body.as_ref(), 8192)),
        Some("zstd") => Box::new(zstd::stream::read::Decoder::new(body.as_ref()).map_err(|error| error.to_string())?),
        Some(other) => return Err(format!("the content-encoding `{other}` is not known here; send gzip, br, zstd or none")),
    };
    let mut plain = Vec::new();
    // One byte more than allowed tells the two cases apart, and no bomb unfolds further.
    reader.take(limit as u64 + 1).read_to_end(&mut plain).map_err(|_| "the body is not what its content-encoding says".to_owned())?;
    if plain.len() > limit {
        return Err(format!("the body unfolds to more than {} MiB", limit >> 20));
    }
    Ok(Bytes::from(plain))
}

#[cfg(test)]
mod tests {
    use super::climbs;

    #[test]
    fn a_path_that_climbs_is_known_in_every_spelling() {
        for path in [
            "/..",
            "/../v1",
            "/v1/./chat",
            "/%2e%2E/v1",
            "/.%2e/v1",
            "/..%2f..%2Fv1",
            "/v1%2f..%2fadmin",
            "/v1%5c..%5cadmin",
            "/v1\\admin",
            "/v1/..;/admin",
            "/v1/..%3Bx/admin",
        ] {
            assert!(climbs(path), "{path}");
        }
        for path in [
            "/",
            "/v1/chat/completions",
            "/model/a..b/converse",
            "/v1/models/gpt-4.1",
            "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Ainference-profile%2Fx.y/converse",
            "/v1/...",
        ] {
            assert!(!climbs(path), "{path}");
        }
    }
}
