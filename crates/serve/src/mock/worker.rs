//! The threads of the mock: the first accepts and deals connections out, each serves its own on a small runtime.

use super::handle::handle;
use super::record::Shared;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

type Sender = mpsc::UnboundedSender<TcpStream>;
type Receiver = mpsc::UnboundedReceiver<TcpStream>;

/// Starts the threads.
///
/// # Errors
/// When the listener cannot be used or a thread or runtime cannot be made.
pub(super) fn start(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    shared: &Arc<Shared>,
    stopped: &watch::Receiver<bool>,
) -> io::Result<Vec<JoinHandle<()>>> {
    listener.set_nonblocking(true)?;
    let (senders, receivers): (Vec<Sender>, Vec<Receiver>) = (0..shared.options.threads.max(1)).map(|_| mpsc::unbounded_channel()).unzip();
    let mut accepting = Some((listener, senders));
    let mut threads = Vec::new();
    for (number, receiver) in receivers.into_iter().enumerate() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (tls, shared, stopped, accepting) = (tls.clone(), Arc::clone(shared), stopped.clone(), accepting.take());
        let thread = std::thread::Builder::new().name(format!("mock-provider-{number}")).spawn(move || {
            runtime.block_on(work(receiver, accepting, tls, shared, stopped));
        })?;
        threads.push(thread);
    }
    Ok(threads)
}

async fn work(
    mut receiver: Receiver,
    accepting: Option<(TcpListener, Vec<Sender>)>,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut tasks = JoinSet::new();
    if let Some((listener, senders)) = accepting {
        tasks.spawn(accept(listener, senders, Arc::clone(&shared)));
    }
    loop {
        tokio::select! {
            connection = receiver.recv() => match connection {
                Some(stream) => { tasks.spawn(serve(stream, tls.clone(), Arc::clone(&shared))); }
                None => break,
            },
            Some(_) = tasks.join_next() => {}
            _ = stopped.changed() => break,
        }
    }
    tasks.shutdown().await;
}

/// Deals connections out in turn: with one shared queue the quickest thread would take them all.
async fn accept(listener: TcpListener, senders: Vec<Sender>, shared: Arc<Shared>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let mut turn = 0;
    loop {
        match listener.accept().await.and_then(|(stream, _)| stream.into_std()) {
            Ok(stream) => {
                shared.tally.connections.fetch_add(1, Ordering::Relaxed);
                if senders.get(turn % senders.len()).is_none_or(|sender| sender.send(stream).is_err()) {
                    return;
                }
                turn += 1;
            }
            // Out of file descriptors, say: waiting lets others close theirs.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let Ok(stream) = tokio::net::TcpStream::from_std(stream) else { return };
    // Without it small frames wait for the acknowledgement of the last one; it fails only on a dead socket.
    let _ = stream.set_nodelay(true);
    // How a connection ends, its requests tell in the ledger.
    match tls {
        None => talk(stream, shared).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                talk(stream, shared).await;
            }
        }
    }
}

async fn talk<S>(stream: S, shared: Arc<Shared>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| handle(Arc::clone(&shared), request));
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}
