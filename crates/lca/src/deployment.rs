//! `Deployment`: how and where it was done; every unknown is said by `None`.

use crate::electricity::ContractShare;
use crate::{Media, Task};
use quantity::{CarbonIntensity, Ratio};

/// How an activity was served. Each field may be unknown, which widens the interval.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Deployment {
    /// Model as `provider/name` (or any spelling the factor set resolves).
    pub model: Option<String>,
    /// Provider that served it.
    pub provider: Option<String>,
    /// Active parameters in 10^9, where the model is given by its size.
    pub params_active_b: Option<Ratio>,
    /// Total parameters in 10^9.
    pub params_total_b: Option<Ratio>,
    /// Layers of the model.
    pub layers: Option<Ratio>,
    /// Key-value cache per token of context, in megabytes.
    pub kv_mb_per_token: Option<Ratio>,
    /// What the requests are for.
    pub task: Option<Task>,
    /// Cloud region or grid zone.
    pub zone: Option<String>,
    /// Site as configured; names PUE and WUE overrides as factors `site.<name>.pue` and `.wue`.
    pub site: Option<String>,
    /// Accelerator id or alias.
    pub accelerator: Option<String>,
    /// Number of accelerators that serve one copy of the model.
    pub accelerators: Option<u32>,
    /// Requests served together.
    pub batch: Option<Ratio>,
    /// Mean time between the tokens of an answer, milliseconds; narrows the batch where that is not stated.
    pub inter_token_ms: Option<Ratio>,
    /// Bytes per weight (2 for bf16, 1 for fp8, 0.53 for mxfp4: four bits and the scale of each block).
    pub bytes_per_weight: Option<Ratio>,
    /// Size and length of images, videos and audio.
    pub media: Option<Media>,
    /// How a model was tuned.
    pub tuning: Tuning,
    /// Energy of experiments and failed runs per energy of the training run; 0 where they are entered themselves.
    pub development: Option<Ratio>,
    /// Values the run that the maker published, where an activity of training states no amount.
    pub published: bool,
    /// Whether a purchase of accelerators includes their servers and the share of the network.
    pub with_server: Option<bool>,
    /// Years of service of the hardware.
    pub lifetime_years: Option<Ratio>,
    /// Mean intensity of the grid over the hours of the load, weighted by it; stands for the annual factor of the zone.
    pub grid_gwp: Option<CarbonIntensity>,
    /// Contracts for the electricity of the site, each with the share it covers.
    pub contracts: Vec<ContractShare>,
}

/// How a trained model is tuned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tuning {
    /// All weights are trained.
    #[default]
    Full,
    /// Low-rank adapters are trained; the weights stay.
    Lora,
}
