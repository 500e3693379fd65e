//! Wherever a gateway key stands, it is found, and nothing of it goes on.

use super::labels::LabelError;
use super::*;
use proptest::prelude::*;

const KEY: &str = "bk_abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const OTHER: &str = "bk_0000000000000000000000000000000000000000000";

fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in list {
        headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

fn names(headers: &HeaderMap) -> Vec<&str> {
    headers.keys().map(HeaderName::as_str).collect()
}

#[test]
fn a_key_is_found_in_every_place_and_taken_off_there() {
    let bearer = format!("Bearer {KEY}");
    let lower = format!("bearer  {KEY} ");
    for (name, value) in [
        ("x-bilanz-key", KEY),
        ("authorization", &bearer),
        ("authorization", &lower),
        ("authorization", KEY),
        ("x-api-key", KEY),
        ("api-key", KEY),
        ("x-goog-api-key", KEY),
    ] {
        let mut headers = headers(&[(name, value), ("content-type", "application/json")]);
        let found = find(&headers, "/v1/messages").unwrap().unwrap();
        assert_eq!((found.secret(), &found.place), (KEY.as_bytes(), &Place::Header(HeaderName::from_static(name))));
        assert_eq!(strip(&mut headers, "/v1/messages"), "/v1/messages");
        assert_eq!(names(&headers), ["content-type"], "{name}");
    }
}

#[test]
fn a_key_in_the_query_is_found_in_any_spelling_and_the_rest_stays_as_it_was() {
    let encoded: String = KEY.bytes().map(|byte| format!("%{byte:02x}")).collect();
    for (target, left) in [
        (format!("/v1beta/models/g:generateContent?key={KEY}"), "/v1beta/models/g:generateContent"),
        (format!("/m?alt=sse&key={KEY}&x=%7E+y"), "/m?alt=sse&x=%7E+y"),
        (format!("/m?key={encoded}&alt=sse"), "/m?alt=sse"),
        (format!("/m?%6Bey=bk%5F{}", &KEY[3..]), "/m"),
        (format!("/m?a&&key={KEY}"), "/m?a&"),
    ] {
        let found = find(&HeaderMap::new(), &target).unwrap().unwrap();
        assert_eq!((found.secret(), &found.place), (KEY.as_bytes(), &Place::Query));
        assert_eq!(strip(&mut HeaderMap::new(), &target), left);
    }
}

#[test]
fn credentials_of_the_provider_are_no_gateway_keys_and_stay() {
    let before = headers(&[("authorization", "Bearer sk-proj-1"), ("x-api-key", "sk-ant-1"), ("x-goog-api-key", "AIza1")]);
    let mut after = before.clone();
    assert_eq!(find(&before, "/m?key=AIza1").unwrap(), None);
    assert_eq!(strip(&mut after, "/m?key=AIza1"), "/m?key=AIza1");
    assert_eq!(after, before);
    // With the gateway's key in its own header, the provider's passes.
    let mut both = headers(&[("authorization", "Bearer sk-proj-1"), ("x-bilanz-key", KEY)]);
    assert_eq!(find(&both, "/").unwrap().unwrap().secret(), KEY.as_bytes());
    assert_eq!(strip(&mut both, "/"), "/");
    assert_eq!(both, headers(&[("authorization", "Bearer sk-proj-1")]));
}

#[test]
fn the_same_key_twice_is_one_and_two_keys_are_an_error() {
    let bearer = format!("Bearer {KEY}");
    let same = headers(&[("x-api-key", KEY), ("authorization", &bearer)]);
    let target = format!("/?key={KEY}");
    let found = find(&same, &target).unwrap().unwrap();
    assert_eq!(found.place, Place::Header(AUTHORIZATION));
    for (list, target) in [
        (vec![("x-api-key", KEY), ("x-bilanz-key", OTHER)], "/"),
        (vec![("x-api-key", KEY), ("x-api-key", OTHER)], "/"),
        (vec![("authorization", OTHER)], target.as_str()),
    ] {
        let mut headers = headers(&list);
        assert_eq!(find(&headers, target).unwrap_err(), Ambiguous);
        // Even then nothing would go on.
        assert_eq!(strip(&mut headers, target), "/");
        assert!(headers.is_empty());
    }
}

#[test]
fn in_its_own_header_anything_is_a_key_and_nothing_else_is_lost_by_it() {
    let mut headers = headers(&[("x-bilanz-key", "app"), ("content-type", "application/json")]);
    assert_eq!(find(&headers, "/?app=1").unwrap().unwrap().secret(), b"app");
    assert_eq!(strip(&mut headers, "/?app=1"), "/?app=1");
    assert_eq!(names(&headers), ["content-type"]);
}

#[test]
fn nothing_for_the_gateway_itself_goes_on() {
    let mut headers = headers(&[("x-bilanz-label-team", "a"), ("x-bilanz-account", "org/a"), ("accept", "*/*")]);
    let _ = strip(&mut headers, "/");
    assert_eq!(names(&headers), ["accept"]);
}

#[test]
fn a_key_is_shown_to_nobody() {
    let found = find(&headers(&[("x-api-key", KEY)]), "/").unwrap().unwrap();
    assert_eq!(format!("{found:?}"), "Found { secret: Secret(..), place: Header(\"x-api-key\") }");
}

#[test]
fn the_upstreams_credential_stands_where_its_dialect_expects_it() {
    for (dialect, header, name, value) in [
        (Dialect::Openai, None, "authorization", "Bearer sk-up"),
        (Dialect::Ollama, None, "authorization", "Bearer sk-up"),
        (Dialect::Bedrock, None, "authorization", "Bearer sk-up"),
        (Dialect::Anthropic, None, "x-api-key", "sk-up"),
        (Dialect::Gemini, None, "x-goog-api-key", "sk-up"),
        (Dialect::Openai, Some("api-key"), "api-key", "sk-up"),
        (Dialect::Anthropic, Some("Authorization"), "authorization", "Bearer sk-up"),
    ] {
        // Whatever the client sent of its own does not pass beside it.
        let mut headers = headers(&[
            ("authorization", "AWS4-HMAC-SHA256 Credential=AKID"),
            ("x-amz-date", "20150830T123600Z"),
            ("x-amz-security-token", "t"),
            ("x-amz-content-sha256", "00"),
            ("x-api-key", "sk-client"),
            ("api-key", "sk-client"),
            ("x-goog-api-key", "sk-client"),
            ("accept", "*/*"),
        ]);
        assert_eq!(detach(&mut headers, "/m?alt=sse&k%65y=AIza"), "/m?alt=sse");
        assert_eq!(names(&headers), ["accept"]);
        attach(&mut headers, dialect, header, "sk-up\n").unwrap();
        assert_eq!(headers.len(), 2);
        assert_eq!(headers[name], value);
        assert!(headers[name].is_sensitive());
    }
    let mut headers = HeaderMap::new();
    attach(&mut headers, Dialect::Openai, None, "Basic dXNlcjpw").unwrap();
    assert_eq!(headers["authorization"], "Basic dXNlcjpw");
    assert_eq!(attach(&mut headers, Dialect::Openai, None, " ").unwrap_err(), Unusable::Credential);
    assert_eq!(attach(&mut headers, Dialect::Openai, None, "a\nb").unwrap_err(), Unusable::Credential);
    assert_eq!(attach(&mut headers, Dialect::Openai, Some("no header"), "a").unwrap_err(), Unusable::Header);
}

#[test]
fn what_concerns_one_connection_stays_on_it() {
    let mut headers = headers(&[
        ("host", "gateway.test"),
        ("connection", "close, X-Private , host"),
        ("connection", "x-other"),
        ("x-private", "1"),
        ("x-other", "1"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "keep-alive"),
        ("proxy-authenticate", "Basic"),
        ("proxy-authorization", "Basic eDp5"),
        ("te", "trailers"),
        ("trailer", "x-sum"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "websocket"),
        ("accept", "*/*"),
    ]);
    hop_by_hop(&mut headers);
    assert_eq!(names(&headers), ["host", "accept"]);
}

#[test]
fn labels_are_read_and_malformed_ones_refused() {
    let read = |list: &[(&'static str, &str)]| labels(&headers(list));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        read(&[("x-bilanz-label-team", " Köln "), ("x-bilanz-label-app_1", "a b"), ("x-bilanz-account", "org")]).unwrap(),
        [pair("app_1", "a b"), pair("team", "Köln")]
    );
    assert_eq!(read(&[("x-bilanz-label-", "a")]).unwrap_err(), LabelError::Name(String::new()));
    assert_eq!(read(&[("x-bilanz-label-a.b", "a")]).unwrap_err(), LabelError::Name("a.b".to_owned()));
    assert!(matches!(read(&[("x-bilanz-label-abcdefghijklmnopqrstuvwxyz0123456", "a")]).unwrap_err(), LabelError::Name(_)));
    for value in ["", "a\tb", "\u{85}", &"x".repeat(129)] {
        assert_eq!(read(&[("x-bilanz-label-team", value)]).unwrap_err(), LabelError::Value("team".to_owned()), "{value:?}");
    }
    assert!(read(&[("x-bilanz-label-team", &"x".repeat(128))]).is_ok());
    let mut latin = HeaderMap::new();
    latin.insert("x-bilanz-label-team", HeaderValue::from_bytes(b"K\xf6ln").unwrap());
    assert_eq!(labels(&latin).unwrap_err(), LabelError::Value("team".to_owned()));
    assert_eq!(read(&[("x-bilanz-label-a", "1"), ("x-bilanz-label-a", "1")]).unwrap(), [pair("a", "1")]);
    assert_eq!(read(&[("x-bilanz-label-a", "1"), ("x-bilanz-label-a", "2")]).unwrap_err(), LabelError::Twice("a".to_owned()));
    let mut many = HeaderMap::new();
    for number in 0..9 {
        assert_eq!(labels(&many).unwrap().len(), number);
        many.insert(HeaderName::try_from(format!("x-bilanz-label-l{number}")).unwrap(), HeaderValue::from_static("v"));
    }
    assert_eq!(labels(&many).unwrap_err(), LabelError::TooMany(9));
}

#[test]
fn an_account_is_read_apart_from_labels() {
    assert_eq!(account(&headers(&[("x-bilanz-account", " org/team ")])), Some("org/team"));
    assert_eq!(account(&headers(&[("x-bilanz-account", " ")])), None);
    assert_eq!(account(&HeaderMap::new()), None);
}

/// A secret as it may be spelt in a query: each byte plain or percent-encoded, with digits in either case.
fn spelling(secret: &str, ways: &[u8]) -> String {
    secret
        .bytes()
        .zip(ways.iter().cycle())
        .map(|(byte, way)| match way % 4 {
            0 => format!("%{byte:02x}"),
            1 => format!("%{byte:02X}"),
            2 => format!("%25{byte:02X}"),
            _ => char::from(byte).to_string(),
        })
        .collect()
}

proptest! {
    #[test]
    fn no_header_and_no_query_holds_the_key_after_strip(
        secret in "bk_[A-Za-z0-9_-]{8,50}",
        key_header in 0..KEY_HEADERS.len(),
        scheme in prop::sample::select(vec!["", "Bearer ", "bearer ", "BEARER\t"]),
        other in prop::sample::select(vec!["cookie", "referer", "x-trace", "x-bilanz-label-a", "authorization", "forwarded"]),
        around in ("[ -~]{0,10}", "[ -~]{0,10}"),
        name in prop::sample::select(vec!["key", "k%65y", "token", "x"]),
        ways in prop::collection::vec(any::<u8>(), 1..20),
        rest in prop::collection::vec("[a-z]{1,5}(=[a-z%+]{0,5})?", 0..4),
    ) {
        let mut headers = HeaderMap::new();
        headers.insert(KEY_HEADERS[key_header].clone(), HeaderValue::try_from(format!("{scheme}{secret}")).unwrap());
        headers.append(HeaderName::from_static(other), HeaderValue::try_from(format!("{}{secret}{}", around.0, around.1)).unwrap());
        headers.append("x-kept", HeaderValue::from_static("yes"));
        let spelt = spelling(&secret, &ways);
        let query = rest.iter().map(String::as_str).chain([format!("{name}={spelt}").as_str()]).collect::<Vec<_>>().join("&");
        let left = strip(&mut headers, &format!("/v1/m?{query}"));
        for (name, value) in &headers {
            prop_assert!(!value.to_str().unwrap().contains(&secret), "{}", name);
        }
        prop_assert!(!left.contains(&spelt));
        prop_assert!(!String::from_utf8_lossy(&target::decode(&left)).contains(&secret));
        prop_assert_eq!(left.clone(), if rest.is_empty() { "/v1/m".to_owned() } else { format!("/v1/m?{}", rest.join("&")) });
        prop_assert!(headers.contains_key("x-kept"));
        prop_assert_eq!(find(&headers, &left).unwrap(), None);
        // Once more changes nothing.
        let again = strip(&mut headers.clone(), &left);
        prop_assert_eq!(again, left);
    }

    #[test]
    fn what_holds_no_gateway_key_passes_byte_for_byte(query in "[ -~]{0,40}", value in "[a-z0-9 -]{0,30}") {
        prop_assume!(!query.contains("bk") && !query.contains('%'));
        let before = headers(&[("authorization", &value), ("cookie", &value)]);
        let mut after = before.clone();
        let target = format!("/v1/m?{query}");
        prop_assert_eq!(strip(&mut after, &target), target);
        prop_assert_eq!(after, before);
    }
}
