//! One request to another server, on a connection of its own; of the answer only the status is looked at.

use crate::gateway::client_config;
use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use tokio::net::TcpStream;

/// How an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// Its status.
    pub status: StatusCode,
    /// Whether it could be read to its end.
    pub whole: bool,
}

/// Posts a body of JSON with these headers; `path` is asked for where the address names none.
///
/// # Errors
/// When the address is none, or nothing answers there; with what to look at.
pub async fn post(url: &str, path: &str, headers: &[(&str, &str)], body: String) -> Result<Answered, String> {
    let uri: Uri = url.parse().map_err(|error| format!("the address cannot be read: {error}"))?;
    let secure = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err("the address begins neither with https:// nor http://".to_owned()),
    };
    let authority = uri.authority().filter(|name| !name.as_str().contains('@')).ok_or("the address names no host, or holds a password")?;
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let target = uri.path_and_query().map(http::uri::PathAndQuery::as_str).filter(|target| *target != "/").unwrap_or(path);
    let mut request =
        Request::post(target).header(http::header::HOST, authority.as_str()).header(http::header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body))).map_err(|error| error.to_string())?;
    let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|error| format!("{host}:{port} cannot be reached: {error}"))?;
    if !secure {
        return exchange(TokioIo::new(stream), request).await;
    }
    let mut config = (*client_config(None).map_err(|error| error.to_string())?).clone();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = rustls::pki_types::ServerName::try_from(host).map_err(|error| error.to_string())?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = connector.connect(name, stream).await.map_err(|error| format!("no TLS: {error}"))?;
    exchange(TokioIo::new(stream), request).await
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answered, String>
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.map_err(|error| error.to_string())?;
    let ask = async {
        let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let (status, mut body, mut whole) = (response.status(), response.into_body(), true);
        // Nothing of it is kept: nobody knows what stands in it.
        while let Some(frame) = body.frame().await {
            whole &= frame.is_ok();
        }
        Ok(Answered { status, whole })
    };
    tokio::pin!(connection);
    tokio::pin!(ask);
    tokio::select! {
        answer = &mut ask => answer,
        // The connection is done before the answer is: what there is of it is still read.
        _ = &mut connection => ask.await,
    }
}
