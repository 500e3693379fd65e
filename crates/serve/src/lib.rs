//! The doors: API and dashboard, on this machine alone unless told otherwise.

mod api;
mod api_page;
mod assets;
mod breakdown;
pub mod callers;
mod doors;
mod figure;
pub mod gateway;
mod lifecycle;
mod live;
pub mod mock;
mod openapi;
mod outbound;
mod overview;
mod page;
mod problem;
mod quality;
mod query;
mod sheet;
mod shelf;
mod sources;
mod trend;

pub use live::{OwnUse, ProcessUse, Say};

use axum::Router;
use axum::routing::get;
use std::future::Future;
use std::io;
use std::sync::Arc;

/// A line in both languages.
#[derive(Debug, Clone)]
pub struct DemoNote {
    /// English.
    pub en: String,
    /// German.
    pub de: String,
}

/// What the doors open on: the books, the factors, and a few words about them.
#[derive(Clone)]
pub struct House {
    /// The books.
    pub ledger: Arc<dyn books::Ledger>,
    /// The factors.
    pub factors: Arc<lca::FactorSet>,
    /// The configuration.
    pub config: Arc<books::Config>,
    /// A line shown on every page when the books are made up.
    pub demo_note: Option<DemoNote>,
    /// The gateway of this process, for the live page and the metrics.
    pub gateway: Option<Arc<gateway::Gateway>>,
    /// What this process has used of the machine, for the gateway's own footprint.
    pub own_use: Option<OwnUse>,
    /// Where warnings go while the doors are open.
    pub say: Option<Say>,
    /// Folder of the books with assessments, one per `.toml` file.
    pub assessments: Option<std::path::PathBuf>,
    /// How the user calls the folder of the books, for the command lines shown.
    pub books_dir_label: String,
    /// Version of the program.
    pub version: String,
}

/// A house with its shelf of statements built before and the rules of its doors.
pub(crate) struct Open {
    house: House,
    shelf: shelf::Shelf,
    desk: live::Desk,
    doors: doors::Doors,
}

/// Serves dashboard and API until `shutdown` completes; refuses a listener that is not on loopback.
///
/// # Errors
/// When the listener is reachable from elsewhere, or fails.
pub async fn run<F>(listener: tokio::net::TcpListener, house: House, shutdown: F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        let text = format!("{address} can be reached from other machines, and the house has no sign-in; listen on 127.0.0.1 or [::1]");
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    let doors = doors::Doors { port: Some(address.port()), names: Vec::new() };
    serve_until(listener, opened(house, doors), shutdown).await
}

/// Serves on any listener, to requests that name one of `names` as their host; for use behind a proxy that signs users in.
///
/// # Errors
/// When the listener fails.
pub async fn run_open<F>(listener: tokio::net::TcpListener, house: House, names: Vec<String>, shutdown: F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let doors = doors::Doors { port: None, names };
    serve_until(listener, opened(house, doors), shutdown).await
}

/// Serves, and sends metrics beside that.
async fn serve_until<F>(listener: tokio::net::TcpListener, open: Arc<Open>, shutdown: F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let served = axum::serve(listener, routes(Arc::clone(&open))).with_graceful_shutdown(shutdown);
    tokio::select! {
        ended = async { served.await } => ended,
        () = live::export(open) => Ok(()),
    }
}

/// The routes, for requests to loopback names on any port.
pub fn router(house: House) -> Router {
    routes(opened(house, doors::Doors { port: None, names: Vec::new() }))
}

fn opened(house: House, doors: doors::Doors) -> Arc<Open> {
    Arc::new(Open { house, shelf: shelf::Shelf::default(), desk: live::Desk::default(), doors })
}

fn routes(open: Arc<Open>) -> Router {
    Router::new()
        .route("/", get(overview::show))
        .route("/breakdown", get(breakdown::show))
        .route("/lifecycle", get(lifecycle::show))
        .route("/live", get(live::show))
        .route("/metrics", get(live::metrics))
        .route("/quality", get(quality::show))
        .route("/sources", get(sources::show))
        .route("/api", get(api_page::show))
        .route("/assets/app.css", get(assets::style))
        .route("/assets/app.js", get(assets::script))
        .route("/assets/icon.svg", get(assets::icon))
        .route("/api/v1/health", get(api::health))
        .route("/api/v1/statement/footprint", get(api::footprint))
        .route("/api/v1/series", get(api::series))
        .route("/api/v1/lifecycle", get(api::life_cycle))
        .route("/api/v1/live", get(live::api))
        .route("/api/v1/openapi.json", get(api::description))
        .fallback(page::lost)
        .method_not_allowed_fallback(doors::read_only)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&open), doors::guard))
        .with_state(open)
}
