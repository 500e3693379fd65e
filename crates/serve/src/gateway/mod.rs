//! The gateway: every call of a model passes here, is metered, held to the rules and written down.

mod answer;
mod attempt;
mod client_body;
mod credentials;
mod door;
mod exchange;
mod forward;
mod impact;
mod ingest;
mod keeping;
mod live;
mod metered;
mod plan;
mod pool;
mod refusal;
mod relay;
mod request_id;
mod server;
mod setup;
mod sigv4;
mod tls;
mod upstream;
mod worker;

pub use live::{End, Gaps, Histogram, Live, LiveKey, Seen};
pub use server::{GatewayDoor, serve};
pub use setup::{Clock, Gateway, GatewayError, Secrets, Setup};
pub(crate) use tls::client_config;
