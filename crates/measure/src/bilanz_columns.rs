//! The columns of `bilanz-usage.csv`.

use crate::error::{ImportError, RowError};
use crate::table::{Column, Table};

macro_rules! columns {
    ($($name:ident),+ $(,)?) => {
        /// Where each column stands.
        #[derive(Debug, Default)]
        pub(crate) struct Columns {
            $(pub(crate) $name: Column,)+
        }
        /// All names, in the order of the documentation.
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),+];
        impl Columns {
            fn find(table: &Table<'_>) -> Self {
                Self { $($name: table.column(stringify!($name)),)+ }
            }
        }
    };
}

columns!(
    time_start,
    time_end,
    provider,
    model,
    region,
    use_case,
    unit,
    requests,
    input_tokens_uncached,
    input_tokens_cache_read,
    input_tokens_cache_write,
    output_tokens,
    reasoning_tokens,
    images,
    audio_seconds,
    energy_kwh,
    cost,
    currency,
    source_id,
    account,
    zone,
    site,
    stage,
    evidence,
    duration_ms,
    ttft_ms,
    accepted,
    outcomes_accepted,
    outcomes_rejected,
    value,
    request_id,
    project,
    key,
    user,
    tags,
);

impl Columns {
    /// Checks the header: nothing unknown, and enough to work with.
    pub(crate) fn of(table: &Table<'_>, file: &str) -> Result<Self, ImportError> {
        for (index, name) in table.header().iter().enumerate() {
            if NAMES.contains(&name.as_str()) {
                continue;
            }
            let nearest = NAMES
                .iter()
                .map(|known| (strsim::jaro_winkler(known, &name.to_lowercase()), *known))
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .filter(|(likeness, _)| *likeness > 0.7)
                .map_or_else(|| format!("the columns are: {}", NAMES.join(", ")), |(_, known)| format!("did you mean `{known}`?"));
            let column = Some(format!("{} (`{}`)", index + 1, crate::numbers::shorten(name)));
            return Err(RowError { column, message: format!("the column is unknown; {nearest}") }.at(file, 1));
        }
        table.required("time_start")?;
        let columns = Self::find(table);
        if columns.model.is_none() && columns.energy_kwh.is_none() {
            return Err(ImportError::input(file, Some(1), "the header has neither `model` nor `energy_kwh`; add one of them"));
        }
        Ok(columns)
    }
}
