//! Handshakes of the gateway's TLS over a pipe: who is believed, and who is not.
//!
//! The authority and the leaf for `gateway.test` are valid from 2020 to 2120, the expired leaf from 2001 to 2002. Their
//! keys protect nothing.

use super::*;
use rustls::pki_types::ServerName;
use std::io::Write as _;

const AUTHORITY: &str = "\
-----BEGIN CERTIFICATE-----
MIIBNDCB3KADAgECAgEBMAoGCCqGSM49BAMCMBkxFzAVBgNVBAMMDlRlc3QgYXV0
aG9yaXR5MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAZMRcwFQYD
VQQDDA5UZXN0IGF1dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKQX
AXFHu/AQdn/gR4SRJMGXlRF6ikJMwKbfjZqLMAGdYjPPwhx1Cgp1eZmDbIGEQAUx
QY1AyYGp+84x+DZMozyjEzARMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
RwAwRAIgZtc9fV7fS5hBv5zoEdxMYluUriTHsUvn4hUvIg0KgFoCIA8Ot7axzAUR
0jgtn3qx+VpX64oo+NxGrPlTBI2Jq/Wi
-----END CERTIFICATE-----
";
const LEAF: &str = "\
-----BEGIN CERTIFICATE-----
MIIBYDCCAQWgAwIBAgIBAjAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IGF1
dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFzEVMBMG
A1UEAwwMZ2F0ZXdheS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBKDb
o7qZ2uQJ9tzyb87HOr6n7m8Xwe/clVcurAEsyiOCM1ZzkvYZX6kFwkq8E5CSPtTS
qCMy42SLiknB4pE5K6M+MDwwFwYDVR0RBBAwDoIMZ2F0ZXdheS50ZXN0MBMGA1Ud
JQQMMAoGCCsGAQUFBwMBMAwGA1UdEwEB/wQCMAAwCgYIKoZIzj0EAwIDSQAwRgIh
AIWFdmQFhng2hQVWGipgCE3DpmxArV9p6jafYr7+GmuUAiEA7gIdpF/7wfJOjO/u
t6f7nnIENZOjDElMRZVSArthNaA=
-----END CERTIFICATE-----
";
const EXPIRED: &str = "\
-----BEGIN CERTIFICATE-----
MIIBXjCCAQOgAwIBAgIBAzAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IGF1
dGhvcml0eTAeFw0wMTAxMDEwMDAwMDBaFw0wMjAxMDEwMDAwMDBaMBcxFTATBgNV
BAMMDGdhdGV3YXkudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABASg26O6
mdrkCfbc8m/Oxzq+p+5vF8Hv3JVXLqwBLMojgjNWc5L2GV+pBcJKvBOQkj7U0qgj
MuNki4pJweKROSujPjA8MBcGA1UdEQQQMA6CDGdhdGV3YXkudGVzdDATBgNVHSUE
DDAKBggrBgEFBQcDATAMBgNVHRMBAf8EAjAAMAoGCCqGSM49BAMCA0kAMEYCIQC9
BO/4A9Phd8vQeg6lwvUAHQIi78eJrpeLMQxXE7mvbAIhAM3B+gYjB1cCVMAJZ9NL
x5omFF6p5FdPassMNkX3Zi6M
-----END CERTIFICATE-----
";
const LEAF_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgo4ogCmmQrXz6GNJu
kVw06gjqMT9Ma409DKyV0pfBN9OhRANCAAQEoNujupna5An23PJvzsc6vqfubxfB
79yVVy6sASzKI4IzVnOS9hlfqQXCSrwTkJI+1NKoIzLjZIuKScHikTkr
-----END PRIVATE KEY-----
";

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn server(certificate: &str) -> Arc<ServerConfig> {
    server_config(file(certificate).path(), file(LEAF_KEY).path()).unwrap()
}

fn client(authorities: &str) -> Arc<ClientConfig> {
    client_config_with(Vec::new(), Some(file(authorities).path()), String::new()).unwrap()
}

/// The protocol agreed on, or why the client hangs up.
fn handshake(client: Arc<ClientConfig>, server: Arc<ServerConfig>, host: &str) -> Result<Vec<u8>, String> {
    let host = ServerName::try_from(host.to_owned()).unwrap();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let (near, far) = tokio::io::duplex(1 << 16);
        let (client, server) =
            tokio::join!(tokio_rustls::TlsConnector::from(client).connect(host, near), tokio_rustls::TlsAcceptor::from(server).accept(far));
        assert!(client.is_err() || server.is_ok());
        client.map(|stream| stream.get_ref().1.alpn_protocol().unwrap_or_default().to_vec()).map_err(|error| error.to_string())
    })
}

#[test]
fn a_known_authority_is_believed_and_http_2_agreed_on() {
    assert_eq!(handshake(client(AUTHORITY), server(LEAF), "gateway.test").unwrap(), b"h2");
}

#[test]
fn a_client_without_http_2_gets_http_1() {
    let mut old = ClientConfig::clone(&client(AUTHORITY));
    old.alpn_protocols = vec![b"http/1.1".to_vec()];
    assert_eq!(handshake(Arc::new(old), server(LEAF), "gateway.test").unwrap(), b"http/1.1");
}

#[test]
fn the_authorities_of_the_system_count_beside_the_file() {
    let native = vec![CertificateDer::from_pem_slice(AUTHORITY.as_bytes()).unwrap()];
    let config = client_config_with(native, None, String::new()).unwrap();
    assert_eq!(handshake(config, server(LEAF), "gateway.test").unwrap(), b"h2");
}

#[test]
fn an_unknown_authority_is_not_believed() {
    // The expired leaf stands in for an authority that signed nothing.
    let why = handshake(client(EXPIRED), server(LEAF), "gateway.test").unwrap_err();
    assert!(why.contains("UnknownIssuer"), "{why}");
}

#[test]
fn another_host_is_not_believed() {
    let why = handshake(client(AUTHORITY), server(LEAF), "other.test").unwrap_err();
    assert!(why.contains("not valid for name"), "{why}");
}

#[test]
fn an_expired_certificate_is_not_believed() {
    let why = handshake(client(AUTHORITY), server(EXPIRED), "gateway.test").unwrap_err();
    assert!(why.contains("expired"), "{why}");
}

#[test]
fn errors_say_which_file_and_what_to_do_and_nothing_of_the_key() {
    let good = file(LEAF);
    let key = file(LEAF_KEY);
    let gone = Path::new("no/such/file.pem");
    for (certificate, key, blamed, expected) in [
        (gone, key.path(), gone, "BEGIN CERTIFICATE"),
        (good.path(), gone, gone, "BEGIN PRIVATE KEY"),
        (key.path(), key.path(), key.path(), "holds no block `-----BEGIN CERTIFICATE"),
        (good.path(), good.path(), good.path(), "holds no block `-----BEGIN PRIVATE KEY"),
    ] {
        let why = server_config(certificate, key).unwrap_err().to_string();
        assert!(why.starts_with(&blamed.display().to_string()) && why.contains(expected), "{why}");
    }
    let secret = "c2VjcmV0";
    for broken in [LEAF_KEY.replace("-----END", "-END"), LEAF_KEY.replace("MIGH", &format!("!{secret}")), format!("-----BEGIN {secret}")] {
        let broken = file(&broken);
        let why = server_config(good.path(), broken.path()).unwrap_err();
        assert!(!format!("{why} {why:?}").contains(secret), "{why:?}");
        assert!(why.to_string().contains("PEM"), "{why}");
    }
    let why = server_config(file(AUTHORITY).path(), key.path()).unwrap_err().to_string();
    assert!(why.contains("cannot be used together"), "{why}");
}

#[test]
fn no_authority_at_all_is_an_error_and_so_is_a_file_without_one() {
    let why = client_config_with(Vec::new(), None, ": the folder is missing".to_owned()).unwrap_err().to_string();
    assert!(why.contains("the folder is missing") && why.contains("ca_file"), "{why}");
    // A typo in `ca_file` never falls back to the authorities of the system.
    let native = || vec![CertificateDer::from_pem_slice(AUTHORITY.as_bytes()).unwrap()];
    let empty = file("nothing\n");
    assert!(matches!(client_config_with(native(), Some(empty.path()), String::new()).unwrap_err(), TlsError::Empty { .. }));
    let broken = file("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let why = client_config_with(native(), Some(broken.path()), String::new()).unwrap_err();
    assert!(matches!(why, TlsError::Authority { number: 1, .. }), "{why}");
}
