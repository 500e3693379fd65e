//! Evidence to entries: usage files of eleven formats, read as streams.
//!
//! [`detect`] names the format of a file from its first bytes, [`read`] turns the
//! file into [`books::Entry`] values and hands them on in batches. Memory stays
//! constant whatever the size of the file; prompts and answers are never kept.

mod accounts;
mod anthropic_usage;
mod azure_trace;
mod bedrock;
mod bilanz_columns;
mod bilanz_outcomes;
mod bilanz_usage;
mod buckets;
mod detect;
mod error;
mod findings;
mod format;
mod grid_series;
mod import;
mod input;
mod intake;
mod json;
mod json_value;
mod labels;
mod langfuse;
mod langfuse_table;
mod langfuse_usage;
mod lines;
mod litellm;
mod litellm_table;
mod mapping;
mod mooncake;
mod numbers;
mod openai_export;
mod openai_usage;
mod otlp;
mod otlp_json;
pub mod otlp_live;
mod otlp_names;
mod otlp_protobuf;
mod otlp_span;
mod region;
mod table;
mod times;
mod tokens;
pub mod usage;

pub use detect::detect;
pub use error::{ImportError, Place, SinkError};
pub use format::{Format, FormatError};
pub use grid_series::{GridSeries, LoadSeries, SeriesError, Shape, Weighted};
pub use import::{ReadReport, read};
pub use mapping::{Mapping, ModelName, Names};
