//! The table `entries`: the live segments of one snapshot, hidden rows left out.

use crate::engine::segments_url;
use crate::schema::{DAY, READ};
use crate::segment::selection;
use crate::snapshot::{Segment, Snapshot};
use arrow::datatypes::{Schema, SchemaRef};
use books::Day;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::scalar::ScalarValue;
use object_store::ObjectMeta;
use object_store::path::Path;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// The segments of one snapshot, or of one link, as a table.
#[derive(Debug)]
pub(crate) struct EntriesTable {
    segments: Vec<Segment>,
    schema: SchemaRef,
}

impl EntriesTable {
    /// All live segments between two days (both included), or those of one link.
    pub(crate) fn new(snapshot: &Snapshot, from: Option<Day>, to: Option<Day>, link: Option<i64>) -> Self {
        let wanted = |segment: &&Segment| {
            segment.live_rows() > 0
                && from.is_none_or(|from| segment.day >= from)
                && to.is_none_or(|to| segment.day <= to)
                && link.is_none_or(|link| segment.link == link)
        };
        let segments = snapshot.live().map(|(_, segment)| segment).filter(wanted).cloned().collect();
        let mut fields = READ.fields().to_vec();
        fields.push(DAY.clone());
        Self { segments, schema: Arc::new(Schema::new(fields)) }
    }

    /// Whether any row of these segments states this quantity.
    pub(crate) fn states(&self, column: &str) -> bool {
        self.segments.iter().any(|segment| segment.columns.split(',').any(|name| name == column))
    }

    fn plan(&self, session: &dyn Session, projection: Option<&Vec<usize>>, limit: Option<usize>) -> Result<Arc<dyn ExecutionPlan>> {
        if self.segments.is_empty() {
            // The engine cannot sort what has no partition at all.
            let schema = match projection {
                Some(columns) => Arc::new(self.schema.project(columns)?),
                None => self.schema.clone(),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let schema = TableSchema::builder(READ.clone()).with_table_partition_cols(vec![DAY.clone()]).build();
        let files: Vec<_> = self.segments.iter().map(file).collect();
        let groups = FileGroup::new(files).split_files(session.config().target_partitions());
        let config = FileScanConfigBuilder::new(segments_url()?, Arc::new(ParquetSource::new(schema)))
            .with_file_groups(groups)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

fn file(segment: &Segment) -> PartitionedFile {
    let meta = ObjectMeta {
        location: Path::from(segment.path.as_str()),
        // Segments never change, so any fixed time keeps their footers in the cache.
        last_modified: Default::default(),
        size: segment.bytes,
        e_tag: None,
        version: None,
    };
    let file = PartitionedFile::new_from_meta(meta).with_partition_values(vec![ScalarValue::Date32(Some(segment.day.0))]);
    if segment.hidden.is_empty() {
        return file;
    }
    let rows = usize::try_from(segment.rows).unwrap_or(usize::MAX);
    file.with_extension(ParquetRowSelection::new(selection(&segment.hidden, rows)))
}

impl TableProvider for EntriesTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn scan<'a, 'b, 'c, 'd, 'f>(
        &'a self,
        session: &'b dyn Session,
        projection: Option<&'c Vec<usize>>,
        _filters: &'d [Expr],
        limit: Option<usize>,
    ) -> Pin<Box<dyn Future<Output = Result<Arc<dyn ExecutionPlan>>> + Send + 'f>>
    where
        'a: 'f,
        'b: 'f,
        'c: 'f,
        'd: 'f,
        Self: 'f,
    {
        let plan = self.plan(session, projection, limit);
        Box::pin(async move { plan })
    }

    /// Filters skip whole files and row groups; the engine applies them to rows itself.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}
