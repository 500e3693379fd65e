//! The parameters of the formulas: one list, so that a plan can fill any of them from a factor.

macro_rules! params {
    ($($name:ident),+ $(,)?) => {
        /// A parameter of a formula.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Param { $($name),+ }
        /// Number of parameters.
        pub(crate) const PARAMS: usize = Param::ALL.len();
        impl Param {
            /// All parameters, in order.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

params!(
    // The model.
    ActiveB,
    TotalB,
    LayersScale,
    LayersPower,
    KvScale,
    KvPower,
    // How it is served.
    Batch,
    BytesPerWeight,
    Accelerators,
    AcceleratorsRatio,
    LowPrecisionOverhead,
    // The law of inference.
    Em,
    Ef,
    Eo,
    Ep,
    Ek,
    Residual,
    PrefillResidual,
    Attention,
    CacheRead,
    CacheWrite,
    Host,
    Idle,
    InputPrior,
    OutputPrior,
    ForwardPasses,
    HardwareUnknown,
    PrecisionUnknown,
    LayoutUnknown,
    Software,
    // The accelerator, and the one that the law was fitted on.
    TdpW,
    MemoryGb,
    BandwidthGbS,
    PeakTflops,
    ReferenceTdpW,
    ReferenceBandwidthGbS,
    ReferencePeakTflops,
    PowerShare,
    ReservedRatio,
    // Making and scrapping it.
    LifetimeYears,
    PerServer,
    AcceleratorGwp,
    AcceleratorAdpe,
    AcceleratorPe,
    AcceleratorMass,
    ServerGwp,
    ServerAdpe,
    ServerPe,
    ServerMass,
    // The parts of an accelerator and what stands around it.
    DieGwp,
    DieWater,
    MemoryGwp,
    PackageGwp,
    BoardGwp,
    NetworkGwp,
    BuildingGwpPerKw,
    BuildingYears,
    TransportGwpPerKg,
    EndOfLifeGwpPerKg,
    // Training.
    TrainingPowerShare,
    Mfu,
    Goodput,
    FlopsPerParamToken,
    TuningRatio,
    RolloutShare,
    DevelopmentRatio,
    PublishedHours,
    PublishedKwh,
    PublishedGwp,
    // The site and its electricity.
    Pue,
    Wue,
    OwnGwp,
    GridGwp,
    GridUpstream,
    GridLossGwp,
    GridLoss,
    GridShare,
    GridWater,
    GridAdpe,
    GridPe,
    // Money.
    PriceInput,
    PriceOutput,
    PriceCacheRead,
    PriceCacheWrite,
    Exchange,
    // Images, video and audio.
    ImageJ,
    ImageSizeB,
    ImageSizePower,
    ImageResidual,
    ImageSteps,
    ImageStepsRef,
    ImagePixels,
    ImagePixelsRef,
    ImageSizeDoubt,
    ImagePixelsPower,
    ImageParallelPower,
    ImageParallelWait,
    ImageParallelResidual,
    VideoJ,
    VideoSizeB,
    VideoSizePower,
    VideoResidual,
    VideoSteps,
    VideoStepsRef,
    VideoPixels,
    VideoPixelsRef,
    VideoSizeDoubt,
    VideoFrames,
    VideoFramesRef,
    VideoSeconds,
    VideoFps,
    VideoVolumePower,
    VideoParallelPower,
    VideoParallelWait,
    VideoParallelResidual,
    AudioJ,
    AudioB,
    AudioSizePower,
    MediaHardware,
    MediaHardwarePower,
    MediaStepsPower,
    MediaAccelerators,
    MediaBatch,
    // Metering.
    Meter,
);

/// One value per parameter; NaN is a gap.
#[derive(Debug, Clone)]
pub(crate) struct Params([f64; PARAMS]);

impl Params {
    /// Nothing known.
    pub(crate) const fn new() -> Self {
        Self([f64::NAN; PARAMS])
    }
    /// The value of a parameter.
    pub(crate) fn at(&self, param: Param) -> f64 {
        self.0[param as usize]
    }
    pub(crate) fn values_mut(&mut self) -> &mut [f64; PARAMS] {
        &mut self.0
    }
}
