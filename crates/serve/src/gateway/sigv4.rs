//! Signatures of AWS, version 4, for a request whose body is known.
//!
//! Pure: the time and the credentials come as arguments. Unlike S3, the services signed here encode the path once more
//! than it is sent, so that `%3A` in a model id is signed as `%253A`.

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderName, HeaderValue};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";

/// What AWS knows the gateway by. Its `Debug` shows no secret.
#[derive(Clone)]
pub struct AwsCredentials {
    /// Access key id (`AWS_ACCESS_KEY_ID`); it travels in the clear.
    pub access_key: String,
    /// Secret access key (`AWS_SECRET_ACCESS_KEY`); it never travels.
    pub secret_key: String,
    /// Token of a temporary session (`AWS_SESSION_TOKEN`).
    pub session_token: Option<String>,
}

impl fmt::Debug for AwsCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsCredentials").finish_non_exhaustive()
    }
}

/// Why a request cannot be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The time is outside what a date of AWS can say.
    #[error("the time of the signature is outside the years 0 to 9999; set the clock of this machine")]
    Time,
    /// A credential cannot stand in a header.
    #[error(
        "AWS_ACCESS_KEY_ID or AWS_SESSION_TOKEN, or the region, holds a character that no header can carry; look for a line break in it"
    )]
    Credential,
}

/// What is signed: the request as it will be sent.
#[derive(Debug, Clone, Copy)]
pub struct ToSign<'a> {
    /// Method.
    pub method: &'a str,
    /// Path and query, byte for byte as sent.
    pub path_and_query: &'a str,
    /// Value of `host` as sent, with the port where it is not the scheme's own.
    pub host: &'a str,
    /// Headers to cover beside `host` and those that signing adds; only ones that nobody changes on the way.
    pub headers: &'a [(HeaderName, HeaderValue)],
    /// SHA-256 of the body.
    pub body_sha256: [u8; 32],
}

/// The headers to set on the request: `x-amz-date`, `x-amz-security-token` where there is one, `authorization`.
///
/// `service` is `bedrock` for Bedrock's runtime, `time_ms` is milliseconds since 1970 UTC. Set the headers, do not add them
/// beside others of their names. Values of headers that are signed and repeated are joined by a comma, in order.
///
/// # Errors
/// When the time cannot be written, or a credential cannot stand in a header.
pub fn sign(
    request: &ToSign<'_>,
    region: &str,
    service: &str,
    credentials: &AwsCredentials,
    time_ms: i64,
) -> Result<Vec<(HeaderName, HeaderValue)>, SignError> {
    let time = jiff::Timestamp::from_millisecond(time_ms).map_err(|_| SignError::Time)?;
    let stamp = time.strftime("%Y%m%dT%H%M%SZ").to_string();
    // A year before 0 has a sign, and no place in AWS's dates.
    let day = stamp.get(..8).filter(|day| day.bytes().all(|byte| byte.is_ascii_digit())).ok_or(SignError::Time)?;

    let mut signed: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for (name, value) in request.headers {
        // What signing sets itself is never taken from the request.
        if !["host", "authorization", DATE, TOKEN].contains(&name.as_str()) {
            let joined = signed.entry(name.as_str()).or_default();
            if !joined.is_empty() {
                joined.push(b',');
            }
            joined.extend(trimmed(value.as_bytes()));
        }
    }
    signed.insert("host", trimmed(request.host.as_bytes()));
    signed.insert(DATE, stamp.clone().into_bytes());
    if let Some(token) = &credentials.session_token {
        signed.insert(TOKEN, trimmed(token.as_bytes()));
    }
    let names = signed.keys().copied().collect::<Vec<_>>().join(";");

    let canonical = hex(&Sha256::digest(canonical_request(request, &signed, &names)));
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let to_sign = format!("{ALGORITHM}\n{stamp}\n{scope}\n{canonical}");
    let mut key = format!("AWS4{}", credentials.secret_key).into_bytes();
    for part in [day, region, service, "aws4_request"] {
        key = mac(&key, part.as_bytes());
    }
    let signature = hex(&mac(&key, to_sign.as_bytes()));
    let authorization = format!("{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", credentials.access_key);

    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| SignError::Credential);
    let secret = |text: &str| value(text).map(|mut value| (value.set_sensitive(true), value).1);
    let mut headers = vec![(HeaderName::from_static(DATE), value(&stamp)?)];
    if let Some(token) = &credentials.session_token {
        headers.push((HeaderName::from_static(TOKEN), secret(token)?));
    }
    headers.push((http::header::AUTHORIZATION, secret(&authorization)?));
    Ok(headers)
}

fn canonical_request(request: &ToSign<'_>, signed: &BTreeMap<&str, Vec<u8>>, names: &str) -> Vec<u8> {
    let (path, query) = request.path_and_query.split_once('?').unwrap_or((request.path_and_query, ""));
    let mut text = format!("{}\n{}\n{}\n", request.method, canonical_path(path), canonical_query(query)).into_bytes();
    for (name, value) in signed {
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        text.extend_from_slice(value);
        text.push(b'\n');
    }
    text.extend_from_slice(format!("\n{names}\n{}", hex(&request.body_sha256)).as_bytes());
    text
}

/// The path as sent, dot segments and empty ones resolved, encoded once more; `/` stays.
fn canonical_path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let folder = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end)) && !parts.is_empty();
    let encoded: String = parts.iter().map(|part| format!("/{}", encode(part.as_bytes()))).collect();
    if parts.is_empty() || folder { encoded + "/" } else { encoded }
}

/// Names and values in one spelling, sorted by name, then by value.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encode(&decode(name)), encode(&decode(value))))
        .collect();
    pairs.sort_unstable();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let digit = |place: usize| bytes.get(place).and_then(|byte| char::from(*byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while let Some(byte) = bytes.get(place) {
        match (byte, digit(place + 1), digit(place + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high * 16 + low);
                place += 3;
            }
            _ => {
                decoded.push(*byte);
                place += 1;
            }
        }
    }
    decoded
}

/// Outer white space cut, runs of spaces within made one.
fn trimmed(value: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = value.split(|byte| byte.is_ascii_whitespace()).filter(|part| !part.is_empty()).collect();
    parts.join(&b' ')
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length; the error cannot happen.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    //! Expected signatures: cases of AWS's published test suite by their names there, and requests to Bedrock. All were
    //! computed again with botocore 1.44.5 (`SigV4Auth`) and are equal, except where a test says otherwise.

    use super::*;

    const BEDROCK: &str = "bedrock";
    const NOON: i64 = 1_440_938_160_000; // 2015-08-30 12:36:00 UTC
    const SUITE_TOKEN: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

    fn credentials(token: Option<&str>) -> AwsCredentials {
        AwsCredentials {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: token.map(str::to_owned),
        }
    }

    #[derive(Clone, Copy)]
    struct Case<'a> {
        method: &'a str,
        host: &'a str,
        path: &'a str,
        headers: &'a [(&'static str, &'a str)],
        body: &'a str,
        service: &'a str,
        token: Option<&'a str>,
    }

    const PLAIN: Case<'static> =
        Case { method: "GET", host: "example.amazonaws.com", path: "/", headers: &[], body: "", service: "service", token: None };

    fn authorization(case: &Case<'_>) -> String {
        let headers: Vec<_> =
            case.headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())).collect();
        let request = ToSign {
            method: case.method,
            path_and_query: case.path,
            host: case.host,
            headers: &headers,
            body_sha256: Sha256::digest(case.body).into(),
        };
        let set = sign(&request, "us-east-1", case.service, &credentials(case.token), NOON).unwrap();
        assert_eq!(set[0], (HeaderName::from_static("x-amz-date"), HeaderValue::from_static("20150830T123600Z")));
        assert_eq!(set.len(), if case.token.is_some() { 3 } else { 2 });
        set.last().unwrap().1.to_str().unwrap().to_owned()
    }

    #[track_caller]
    fn expect(case: &Case<'_>, names: &str, signature: &str) {
        let service = case.service;
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, SignedHeaders={names}, Signature={signature}"
        );
        assert_eq!(authorization(case), expected);
    }

    #[test]
    fn the_published_cases_without_a_body_come_out_as_published() {
        let plain = "host;x-amz-date";
        for (path, signature) in [
            ("/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"), // get-vanilla
            ("/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"), // get-vanilla-query-order-key-case
            ("/?Param1=value2&Param1=value1", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"), // get-vanilla-query-order-value
            (
                "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
            ), // get-vanilla-query-unreserved
            (
                "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
            ), // get-unreserved
        ] {
            expect(&Case { path, ..PLAIN }, plain, signature);
        }
        let post = Case { method: "POST", ..PLAIN };
        expect(&post, plain, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"); // post-vanilla
    }

    #[test]
    fn the_published_cases_with_headers_and_bodies_come_out_as_published() {
        let trim = Case { headers: &[("my-header1", " value1"), ("my-header2", " \"a   b   c\"")], ..PLAIN };
        expect(
            &trim,
            "host;my-header1;my-header2;x-amz-date",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736", // get-header-value-trim
        );
        let sort = Case { method: "POST", headers: &[("my-header1", "value1")], ..PLAIN };
        expect(
            &sort,
            "host;my-header1;x-amz-date",
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c", // post-header-key-sort
        );
        let form =
            Case { method: "POST", headers: &[("content-type", "application/x-www-form-urlencoded")], body: "Param1=value1", ..PLAIN };
        expect(
            &form,
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a", // post-x-www-form-urlencoded
        );
        let token = Case { method: "POST", token: Some(SUITE_TOKEN), ..PLAIN };
        expect(
            &token,
            "host;x-amz-date;x-amz-security-token",
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead", // post-sts-header-before
        );
    }

    #[test]
    fn dots_slashes_and_spellings_of_a_query_are_signed_in_one_form() {
        let plain = "host;x-amz-date";
        for (path, signature) in [
            ("/./example/..//foo//bar/", "d5b423e64fd84e5a48d4c808476f26dc7b39e20e6ffa224cbd11852087f05a92"),
            ("//example//", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
        ] {
            expect(&Case { path, ..PLAIN }, plain, signature);
        }
        // The lower-case spelling is no case of botocore, which signs a query as it stands; here both spellings are one.
        for path in [
            "/foundation-models?byProvider=a%20b&x&byName=%C3%BC%2F&A=%3A",
            "/foundation-models?A=%3a&byName=%c3%bc%2f&byProvider=a%20b&x=",
        ] {
            let case = Case { host: "bedrock.us-east-1.amazonaws.com", path, service: BEDROCK, ..PLAIN };
            expect(&case, plain, "9af41b41b64b31b5276247051cc4d68481a40a97219a954198268c4e816a77f6");
        }
    }

    #[test]
    fn a_model_id_with_a_colon_is_encoded_once_more() {
        let case = Case {
            method: "POST",
            host: "bedrock-runtime.us-east-1.amazonaws.com",
            headers: &[("content-type", "application/json")],
            body: r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#,
            service: BEDROCK,
            ..PLAIN
        };
        let names = "content-type;host;x-amz-date";
        let path = "/model/anthropic.claude-3-5-sonnet-20240620-v1%3A0/converse";
        expect(&Case { path, ..case }, names, "68bd8c1403d522a90564452d1a50bfab282fd1f136a75add92048aaa969afaee");
        let path = "/model/anthropic.claude-3-5-sonnet-20240620-v1:0/converse";
        expect(&Case { path, ..case }, names, "4e4a2371f15da5e57c5ac3e3219d888f1b92978f1159990a12e8a4fc1b4d5b80");
        let path = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Feu.anthropic.claude-sonnet-4-20250514-v1%3A0/invoke-with-response-stream";
        let names = "content-type;host;x-amz-date;x-amz-security-token";
        let signature = "904ac3ff621fcf7cd9444e2c977a5e4d9ebf72caaae803a3ee59e3e4b808ca65";
        expect(&Case { path, token: Some("TOKEN/+="), ..case }, names, signature);
        assert_eq!(canonical_path("/model/a%3A0/converse"), "/model/a%253A0/converse");
    }

    #[test]
    fn a_port_that_is_sent_is_signed() {
        let case = Case {
            method: "POST",
            host: "bedrock.internal:8443",
            path: "/model/m/converse",
            headers: &[("content-type", "application/json")],
            body: "{}",
            service: BEDROCK,
            ..PLAIN
        };
        expect(&case, "content-type;host;x-amz-date", "6f4347be97b61662c2670abae344ad23397249f5351ecd780109a3b98ba4bbca");
    }

    #[test]
    fn headers_that_signing_sets_are_not_taken_from_the_request() {
        let own = [("authorization", "Bearer other"), ("x-amz-date", "19990101T000000Z"), ("x-amz-security-token", "old"), ("host", "x")];
        assert_eq!(authorization(&Case { headers: &own, ..PLAIN }), authorization(&PLAIN));
    }

    #[test]
    fn nothing_secret_is_shown() {
        let shown = format!("{:?}", credentials(Some("a-session-token")));
        assert!(["AKIDEXAMPLE", "wJalr", "a-session-token"].iter().all(|word| !shown.contains(word)), "{shown}");
        let request = ToSign { method: "GET", path_and_query: "/", host: "h", headers: &[], body_sha256: [0; 32] };
        let set = sign(&request, "eu-west-1", BEDROCK, &credentials(Some("a-session-token")), NOON).unwrap();
        let shown = format!("{set:?}");
        assert!(!shown.contains("a-session-token") && !shown.contains("Signature"), "{shown}");
    }

    #[test]
    fn what_cannot_be_signed_is_refused() {
        let request = ToSign { method: "GET", path_and_query: "/", host: "h", headers: &[], body_sha256: [0; 32] };
        assert_eq!(sign(&request, "r", "s", &credentials(None), i64::MAX).unwrap_err(), SignError::Time);
        assert_eq!(sign(&request, "r", "s", &credentials(None), -70_000_000_000_000).unwrap_err(), SignError::Time);
        assert_eq!(sign(&request, "r", "s", &credentials(Some("a\nb")), NOON).unwrap_err(), SignError::Credential);
    }
}
