//! Who may knock: the host that a request names, and the page that it comes from.

use super::refusal::Why;
use http::header;
use std::net::SocketAddr;

/// One door: an address and the names it answers to.
#[derive(Debug, Clone)]
pub struct Door {
    address: SocketAddr,
    names: Vec<String>,
}

impl Door {
    /// The door at `address`, for loopback names, its own address and these names; `*` is any.
    pub fn new(address: SocketAddr, names: &[String]) -> Self {
        Self { address, names: names.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    /// Checks host and origin: a page of another site must not reach a gateway on loopback by a name it controls.
    pub fn check(&self, parts: &http::request::Parts) -> Result<(), (Why, String)> {
        let mut hosts = parts.headers.get_all(header::HOST).iter();
        let host =
            hosts.next().map(|host| host.to_str().unwrap_or("?")).or_else(|| parts.uri.authority().map(http::uri::Authority::as_str));
        if hosts.next().is_some() || !host.is_some_and(|host| self.knows(host)) {
            return Err((
                Why::HostUnknown,
                "this host name is not served here; call it by its address, or name it in `hosts` of [gateway]".to_owned(),
            ));
        }
        if let Some(origin) = parts.headers.get(header::ORIGIN) {
            let name = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map_or("", |(_, name)| name);
            if !self.knows(name) {
                return Err((Why::OriginForeign, "pages of other sites may not call this gateway; call it from a program".to_owned()));
            }
        }
        Ok(())
    }

    fn knows(&self, host: &str) -> bool {
        let name = match host.rfind(':') {
            Some(colon) if !host.ends_with(']') => &host[..colon],
            _ => host,
        };
        let own = match name.trim_matches(['[', ']']).parse::<std::net::IpAddr>() {
            Ok(address) => address.is_loopback() || address == self.address.ip(),
            Err(_) => name.eq_ignore_ascii_case("localhost"),
        };
        own || self.names.iter().any(|known| known == "*" || known.eq_ignore_ascii_case(name) || known.eq_ignore_ascii_case(host))
    }
}
