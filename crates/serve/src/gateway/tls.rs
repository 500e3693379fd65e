//! TLS of the gateway: towards the upstreams and for its own listener.
//!
//! Certificates are always verified; there is no way to switch that off. The cryptography is ring's. Both sides offer
//! HTTP/2 first and HTTP/1.1 after it.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why TLS cannot be set up: which file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read as PEM.
    #[error("{file}: cannot be read as PEM ({why}); give a file this process may read, with blocks `-----BEGIN {block}-----`", file = file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What stands at the start of such a block.
        block: &'static str,
        /// What went wrong.
        why: String,
    },
    /// A file holds nothing of what is needed.
    #[error("{file}: holds no block `-----BEGIN {block}-----`; give the PEM file that has it", file = file.display())]
    Empty {
        /// The file.
        file: PathBuf,
        /// What stands at the start of such a block.
        block: &'static str,
    },
    /// A certificate cannot serve as an authority.
    #[error("{file}: certificate {number} is no authority's that can be used ({why}); give the authority's own certificate", file = file.display())]
    Authority {
        /// The file.
        file: PathBuf,
        /// Place of the certificate within the file, from 1.
        number: usize,
        /// What went wrong.
        why: rustls::Error,
    },
    /// The system has no authorities, and none were given.
    #[error(
        "no certificates of authorities were found on this system{why}; install its bundle (the package is often called ca-certificates) or set `ca_file` of the upstream"
    )]
    NoRoots {
        /// What went wrong, behind a colon, or nothing.
        why: String,
    },
    /// Certificate and key of the listener do not make a pair.
    #[error("{certificate} and {key}: cannot be used together ({why}); the first certificate must be the listener's own, and the key must be its key", certificate = certificate.display(), key = key.display())]
    Pair {
        /// The certificate chain.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// What went wrong.
        why: rustls::Error,
    },
    /// The cryptography supports no version of TLS; a fault of the build.
    #[error("TLS cannot start ({0}); this is a fault of the program, please report it")]
    Provider(rustls::Error),
}

/// What the gateway trusts and offers when it connects to an upstream: the authorities of this system, and those of `ca_file`.
///
/// The variables `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the system's authorities, as they do elsewhere.
///
/// # Errors
/// When there is no authority at all, or `ca_file` cannot be used.
pub fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, TlsError> {
    let native = rustls_native_certs::load_native_certs();
    let why = native.errors.first().map(|error| format!(": {error}")).unwrap_or_default();
    client_config_with(native.certs, ca_file, why)
}

fn client_config_with(native: Vec<CertificateDer<'static>>, ca_file: Option<&Path>, why: String) -> Result<Arc<ClientConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    // Old systems hold certificates that no one can use any more; the others still count.
    roots.add_parsable_certificates(native);
    if let Some(file) = ca_file {
        for (place, certificate) in certificates(file)?.into_iter().enumerate() {
            roots.add(certificate).map_err(|why| TlsError::Authority { file: file.to_owned(), number: place + 1, why })?;
        }
    }
    if roots.is_empty() {
        return Err(TlsError::NoRoots { why });
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Provider)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols();
    Ok(Arc::new(config))
}

/// What the gateway's listener shows and offers: the chain in `certificate`, its own first, with its `key`.
///
/// # Errors
/// When a file cannot be read or holds no such thing, or the two do not belong together.
pub fn server_config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = certificates(certificate)?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, "PRIVATE KEY", &error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Provider)?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|why| TlsError::Pair { certificate: certificate.to_owned(), key: key.to_owned(), why })?;
    config.alpn_protocols = protocols();
    Ok(Arc::new(config))
}

fn protocols() -> Vec<Vec<u8>> {
    vec![b"h2".to_vec(), b"http/1.1".to_vec()]
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    const BLOCK: &str = "CERTIFICATE";
    let found: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error: rustls::pki_types::pem::Error| unreadable(file, BLOCK, &error))?;
    if found.is_empty() { Err(TlsError::Empty { file: file.to_owned(), block: BLOCK }) } else { Ok(found) }
}

fn unreadable(file: &Path, block: &'static str, error: &rustls::pki_types::pem::Error) -> TlsError {
    use rustls::pki_types::pem::Error;
    // Only the kind of fault is told: the file of a key holds a secret, and some errors quote what they read.
    let why = match error {
        Error::NoItemsFound => return TlsError::Empty { file: file.to_owned(), block },
        Error::Io(error) => error.to_string(),
        Error::MissingSectionEnd { .. } => "a block has no end".to_owned(),
        Error::IllegalSectionStart { .. } => "a block starts in an unknown way".to_owned(),
        Error::Base64Decode(_) => "a block is no base64".to_owned(),
        _ => "it is malformed".to_owned(),
    };
    TlsError::Unreadable { file: file.to_owned(), block, why }
}

#[cfg(test)]
mod tests;
