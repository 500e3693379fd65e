//! HTTPS for the mock: a certificate and a key from PEM, HTTP/2 and HTTP/1.1 by agreement.

use super::Tls;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// What turns a connection into an encrypted one.
///
/// # Errors
/// When the PEM holds no certificate or no key, or both do not fit together.
pub(super) fn acceptor(tls: &Tls) -> io::Result<TlsAcceptor> {
    let bad = |what: String| io::Error::new(io::ErrorKind::InvalidInput, what);
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&tls.certificate_pem)
        .collect::<Result<_, _>>()
        .map_err(|error| bad(format!("the certificate is no PEM: {error}")))?;
    if chain.is_empty() {
        return Err(bad("the certificate file holds no certificate; it has to be PEM".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(&tls.key_pem).map_err(|error| bad(format!("the key is no PEM private key: {error}")))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(format!("TLS cannot be set up: {error}")))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| bad(format!("certificate and key do not fit: {error}")))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
