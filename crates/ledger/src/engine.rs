//! The query engine over the manifest's files: one runtime, one session per question.

use crate::error;
use crate::exact_sum::ExactSum;
use crate::table::EntriesTable;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use books::LedgerError;
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::logical_expr::AggregateUDF;
use datafusion::prelude::{SessionConfig, SessionContext};
use object_store::local::LocalFileSystem;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Bytes of Parquet footers kept in memory: a few thousand segments.
const FOOTER_BYTES: usize = 256 << 20;

/// Threads of the engine, ended without waiting: dropping a runtime inside another one would panic.
struct Threads(Option<tokio::runtime::Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

struct Running {
    threads: Threads,
    environment: Arc<RuntimeEnv>,
    cores: usize,
}

/// Started by the first question, so that imports and `verify` never pay for it.
pub(crate) struct Engine {
    segments: PathBuf,
    running: OnceLock<Running>,
}

/// The only place the engine can read from: the folder of segments.
pub(crate) fn segments_url() -> Result<ObjectStoreUrl, DataFusionError> {
    ObjectStoreUrl::parse("bilanz://segments")
}

impl Engine {
    pub(crate) fn new(segments: &Path) -> Self {
        Self { segments: segments.to_owned(), running: OnceLock::new() }
    }

    fn running(&self) -> Result<&Running, LedgerError> {
        if let Some(running) = self.running.get() {
            return Ok(running);
        }
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(cores).thread_name("query").enable_all().build();
        let runtime = runtime.map_err(|error| error::inner(format!("cannot start the query threads: {error}")))?;
        let environment = RuntimeEnvBuilder::new().with_metadata_cache_limit(FOOTER_BYTES).build_arc().map_err(error::inner)?;
        let folder = LocalFileSystem::new_with_prefix(&self.segments).map_err(|error| error::about(&self.segments, error))?;
        let url = segments_url().map_err(error::inner)?;
        environment.register_object_store(url.as_ref(), Arc::new(folder));
        Ok(self.running.get_or_init(|| Running { threads: Threads(Some(runtime)), environment, cores }))
    }

    /// A session that knows the table `entries` and exact sums.
    pub(crate) fn session(&self, table: EntriesTable) -> Result<SessionContext, LedgerError> {
        let running = self.running()?;
        let config =
            SessionConfig::new().with_target_partitions(running.cores).with_information_schema(true).with_collect_statistics(false);
        let session = SessionContext::new_with_config_rt(config, running.environment.clone());
        session.register_udaf(AggregateUDF::from(ExactSum::default()));
        session.register_table("entries", Arc::new(table)).map_err(error::inner)?;
        Ok(session)
    }

    /// Runs a question to its end.
    ///
    /// On a thread of its own, so that it may be asked from inside another
    /// runtime (the web server), which must not be blocked on.
    pub(crate) fn run<T: Send>(&self, question: impl Future<Output = T> + Send) -> Result<T, LedgerError> {
        let running = self.running()?;
        let runtime = running.threads.0.as_ref().ok_or_else(|| error::inner("the query threads ended"))?;
        std::thread::scope(|scope| scope.spawn(|| runtime.block_on(question)).join())
            .map_err(|_| error::inner("the query engine gave up on this question"))
    }

    /// All rows of a frame, with their schema.
    pub(crate) async fn collect(frame: DataFrame) -> Result<(SchemaRef, Vec<RecordBatch>), DataFusionError> {
        let schema = Arc::new(frame.schema().as_arrow().clone());
        Ok((schema, frame.collect().await?))
    }
}
