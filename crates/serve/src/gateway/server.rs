//! The listener and its threads: each thread has its own runtime, its own connections and its own journal.

use super::door::Door;
use super::exchange;
use super::keeping::{self, Keeping};
use super::pool::Pool;
use super::setup::{Gateway, GatewayError};
use super::tls;
use super::worker::Worker;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;

/// The longest head that is taken, bytes.
const HEAD_BYTES: usize = 64 << 10;
/// How long requests on their way may take to end when the gateway ends.
const LAST_ORDERS: Duration = Duration::from_secs(30);

/// An open door; requests are served until it is closed.
pub struct GatewayDoor {
    address: std::net::SocketAddr,
    tls: bool,
    close: watch::Sender<bool>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl GatewayDoor {
    /// The address, as URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", if self.tls { "https" } else { "http" }, self.address)
    }

    /// Closes the door, lets requests on their way end for up to half a minute, and waits for that.
    pub fn close(self) {
        // Nobody listens any more when all threads have ended already.
        let _ = self.close.send(true);
        for thread in self.threads {
            // A thread that died has said why.
            let _ = thread.join();
        }
    }
}

/// Opens the door on a listener.
///
/// # Errors
/// When the door would be open to other machines without keys and TLS and nobody said so, a certificate cannot be read, or a
/// journal cannot be made.
pub fn serve(gateway: &Arc<Gateway>, listener: TcpListener) -> Result<GatewayDoor, GatewayError> {
    let fail = |what: &str, error: &dyn std::fmt::Display| GatewayError(format!("{what}: {error}"));
    let address = listener.local_addr().map_err(|error| fail("the listener has no address", &error))?;
    let settings = &gateway.config.gateway;
    let tls = match (&settings.tls_certificate, &settings.tls_key) {
        (Some(certificate), Some(key)) => Some(tls::server_config(certificate, key).map_err(|error| GatewayError(error.to_string()))?),
        (None, None) => None,
        _ => return Err(GatewayError("[gateway] names one of tls_certificate and tls_key; name both or neither".to_owned())),
    };
    listener.set_nonblocking(true).map_err(|error| fail("the listener cannot be used", &error))?;
    let door = Arc::new(Door::new(address, &settings.hosts));
    let (close, closed) = watch::channel(false);
    let group = keeping::group(settings.durability);
    let workers = settings.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get)).max(1);
    let mut threads = Vec::with_capacity(workers);
    for number in 0..workers {
        let journal = gateway.keeper.journal().map_err(|error| GatewayError(error.to_string()))?;
        let keeping = Arc::new(Keeping::new(journal, gateway.live().clone(), settings.on_journal_failure, group.clone()));
        gateway.enlist(keeping.clone());
        let worker = Arc::new(Worker { pool: Pool::new(gateway.upstreams.len()), keeping });
        let listener = listener.try_clone().map_err(|error| fail("the listener cannot be shared", &error))?;
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| fail("no runtime for a thread", &error))?;
        let house =
            Threaded { gateway: gateway.clone(), worker, door: door.clone(), tls: tls.clone().map(tokio_rustls::TlsAcceptor::from) };
        let closed = closed.clone();
        let thread = std::thread::Builder::new()
            .name(format!("gateway-{number}"))
            .spawn(move || runtime.block_on(house.run(listener, closed)))
            .map_err(|error| fail("no thread for the gateway", &error))?;
        threads.push(thread);
    }
    Ok(GatewayDoor { address, tls: tls.is_some(), close, threads })
}

#[derive(Clone)]
struct Threaded {
    gateway: Arc<Gateway>,
    worker: Arc<Worker>,
    door: Arc<Door>,
    tls: Option<tokio_rustls::TlsAcceptor>,
}

impl Threaded {
    async fn run(self, listener: TcpListener, mut closed: watch::Receiver<bool>) {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
        let graceful = GracefulShutdown::new();
        let mut connections = tokio::task::JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(self.clone().connection(stream, graceful.watcher()));
                    }
                    // Out of file descriptors: what is open goes on, and new ones wait.
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                },
                _ = closed.changed() => break,
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
            }
        }
        drop(listener);
        let all = async {
            graceful.shutdown().await;
            while connections.join_next().await.is_some() {}
        };
        // What has not ended by then is written down as it stands when its task is dropped.
        let _ = tokio::time::timeout(LAST_ORDERS, all).await;
    }

    async fn connection(self, stream: TcpStream, watcher: hyper_util::server::graceful::Watcher) {
        // Without it the last frame of a stream may wait 40 ms for an acknowledgement.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let patience = Duration::from_secs(u64::from(self.gateway.config.gateway.head_timeout_s));
        match self.tls.clone() {
            None => self.speak(TokioIo::new(stream), patience, watcher).await,
            Some(tls) => {
                if let Ok(Ok(stream)) = tokio::time::timeout(patience, tls.accept(stream)).await {
                    self.speak(TokioIo::new(stream), patience, watcher).await;
                }
            }
        }
    }

    async fn speak<S>(self, stream: S, patience: Duration, watcher: hyper_util::server::graceful::Watcher)
    where
        S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(HEAD_BYTES);
        builder.http2().timer(TokioTimer::new()).max_header_list_size(HEAD_BYTES as u32).keep_alive_interval(Some(Duration::from_secs(60)));
        let Self { gateway, worker, door, .. } = self;
        let begun = Arc::new(AtomicBool::new(false));
        let asked = begun.clone();
        let service = service_fn(move |request| {
            asked.store(true, Ordering::Relaxed);
            exchange::handle(gateway.clone(), worker.clone(), door.clone(), request)
        });
        let connection = builder.serve_connection(stream, service);
        // A connection that breaks concerns only the request it carried, and that has written its own end.
        let mut connection = std::pin::pin!(watcher.watch(connection.into_owned()));
        // Before it is known which protocol a client speaks, nothing else limits how long it may take to say.
        if tokio::time::timeout(patience, &mut connection).await.is_err() && begun.load(Ordering::Relaxed) {
            let _ = connection.await;
        }
    }
}
