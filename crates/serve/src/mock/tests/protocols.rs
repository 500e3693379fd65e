//! HTTP/2 without TLS, the asynchronous entry, and certificates that are none.

use super::{CHAT, chat};
use crate::mock::{Mock, Options, Tls, run};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};

#[tokio::test]
async fn http2_works_without_tls_and_the_mock_ends_when_told() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async {
        let _ = ended.await;
    };
    let talk = async {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(connection);
        for stream in [false, true] {
            let request = http::Request::post(format!("http://mock{CHAT}")).body(Full::new(Bytes::from(chat("m", stream)))).unwrap();
            let response = sender.send_request(request).await.unwrap();
            assert_eq!((response.status(), response.version()), (http::StatusCode::OK, http::Version::HTTP_2));
            let text = response.into_body().collect().await.unwrap().to_bytes();
            assert!(String::from_utf8_lossy(&text).contains("prompt_tokens"));
        }
        end.send(()).unwrap();
    };
    let (result, ()) = tokio::join!(run(listener, Options::default(), shutdown), talk);
    result.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[test]
fn a_certificate_that_is_none_is_told() {
    let tls = Tls { certificate_pem: b"nothing".to_vec(), key_pem: b"nothing".to_vec() };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let error = Mock::start(listener, Options { tls: Some(tls), ..Options::default() }).unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}
