//! Exact sums by day and key: asked of the raw segments, or read from roll-ups.

use crate::engine::Engine;
use crate::error;
use crate::store::Store;
use crate::table::EntriesTable;
use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, RecordBatch};
use arrow::datatypes::{Date32Type, Decimal128Type, Int32Type};
use books::{Day, Head, ImportRecord, Ledger, LedgerError, Rank, SumKey, SumRow, Sums, apply_precedence};
use lca::{Counts, Stats};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Text columns of the key, in the order of the answer.
const KEY_WORDS: [&str; 11] = ["account", "provider", "model", "region", "zone", "site", "source", "kind", "stage", "evidence", "currency"];

/// All output tokens of a row.
const OUTPUT: &str =
    "coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0) + coalesce(image_output_tokens, 0) + coalesce(audio_output_tokens, 0)";
/// All input tokens of a row.
const INPUT: &str = "coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0) + coalesce(image_input_tokens, 0) + coalesce(audio_input_tokens, 0)";

/// The derived sums of [`Stats`].
const DERIVED: [&str; 7] = [
    "requests_input_unknown",
    "requests_output_unknown",
    "requests_cache_unknown",
    "output_input_unknown",
    "requests_cost_known",
    "images_as_tokens",
    "audio_ms_as_tokens",
];

/// The SQL of each derived sum, in the order of [`DERIVED`]; rows of media need more than rows of tokens.
fn derived(media: bool) -> [String; DERIVED.len()] {
    // What `Counts::answers_by_media` and `Counts::only_media` say.
    let answers = format!("(coalesce(images, 0) > 0 OR coalesce(videos, 0) > 0 OR coalesce(audio_ms, 0) > 0) AND {OUTPUT} = 0");
    let unless = |clause: String| if media { format!(" AND NOT ({clause})") } else { String::new() };
    let input_unknown = format!("input_tokens IS NULL{}", unless(format!("{answers} AND {INPUT} = 0")));
    let output_unknown = format!("output_tokens IS NULL{}", unless(answers));
    [
        format!("CASE WHEN {input_unknown} THEN requests END"),
        format!("CASE WHEN {output_unknown} THEN requests END"),
        "CASE WHEN cache_read_tokens IS NULL THEN requests END".to_owned(),
        format!("CASE WHEN {input_unknown} THEN {OUTPUT} END"),
        "CASE WHEN cost_micro IS NOT NULL THEN requests END".to_owned(),
        "CASE WHEN image_output_tokens > 0 THEN images END".to_owned(),
        "CASE WHEN coalesce(audio_input_tokens, 0) + coalesce(audio_output_tokens, 0) > 0 THEN audio_ms END".to_owned(),
    ]
}

/// The question for the sums of a table. Quantities that no row states are left out: they cost time and are zero.
fn question(table: &EntriesTable) -> String {
    let mut sql = format!("SELECT day, {}, rank, CAST(count(*) AS DECIMAL(38,0)) AS entries", KEY_WORDS.join(", "));
    for name in Counts::NAMES.iter().chain(&["energy_nj"]).filter(|name| table.states(name)) {
        sql.push_str(&format!(", sum({name}) AS {name}"));
    }
    let media = ["images", "videos", "audio_ms"].iter().any(|name| table.states(name));
    if table.states("requests") || media {
        let cases = derived(media);
        for (name, case) in DERIVED.iter().zip(&cases).take(if media { cases.len() } else { 5 }) {
            sql.push_str(&format!(", sum({case}) AS {name}"));
        }
    }
    sql.push_str(&format!(" FROM entries GROUP BY day, {}, rank", KEY_WORDS.join(", ")));
    sql
}

/// Asks the segments of a table.
pub(crate) fn sum_segments(store: &Store, table: EntriesTable) -> Result<Vec<RecordBatch>, LedgerError> {
    let sql = question(&table);
    let session = store.engine().session(table)?;
    let answer = store.engine().run(async move { Engine::collect(session.sql(&sql).await?).await })?;
    answer.map(|(_, batches)| batches).map_err(|error| error::about(&store.path("segments"), error))
}

/// Rows of several answers, added up by key.
#[derive(Default)]
pub(crate) struct Totals {
    rows: HashMap<SumKey, Box<Stats>>,
    words: HashSet<Arc<str>>,
}

impl Totals {
    fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(word) = self.words.get(text) {
            return word.clone();
        }
        let word: Arc<str> = Arc::from(text);
        self.words.insert(word.clone());
        word
    }

    /// Adds the rows of an answer whose day lies between `from` and `to`.
    pub(crate) fn add(&mut self, batch: &RecordBatch, from: Option<Day>, to: Option<Day>) -> Result<(), LedgerError> {
        let column = |name: &str| batch.column_by_name(name).ok_or_else(|| error::inner(format!("no column {name} in the sums")));
        let days = column("day")?.as_primitive::<Date32Type>();
        let ranks = column("rank")?.as_primitive::<Int32Type>();
        let words = KEY_WORDS.iter().map(|name| Ok(text(column(name)?))).collect::<Result<Vec<_>, LedgerError>>()?;
        let decimals = |name: &str| batch.column_by_name(name).map(|column| column.as_primitive::<Decimal128Type>());
        let value = |column: Option<&Decimal128Array>, row: usize| {
            column.map_or(0, |column| if column.is_null(row) { 0 } else { column.value(row) })
        };
        let counts: Vec<_> = Counts::NAMES.iter().map(|name| decimals(name)).collect();
        let (entries, energy) = (decimals("entries"), decimals("energy_nj"));
        let derived = DERIVED.map(decimals);
        // Neighbouring rows mostly share their words; a look at the last row saves the hash.
        let mut last: Vec<Arc<str>> = vec![Arc::from(""); KEY_WORDS.len()];
        for row in 0..batch.num_rows() {
            let day = Day(days.value(row));
            if from.is_some_and(|from| day < from) || to.is_some_and(|to| day > to) {
                continue;
            }
            for (last, column) in last.iter_mut().zip(&words) {
                let text = column.value(row);
                if last.as_ref() != text {
                    *last = self.word(text);
                }
            }
            let key = key(day, &last, ranks.value(row))?;
            let mut stats = Stats { entries: value(entries, row), energy_nj: value(energy, row), ..Stats::default() };
            for (sum, column) in stats.as_array_mut().into_iter().zip(&counts) {
                *sum = value(*column, row);
            }
            stats.requests_input_unknown = value(derived[0], row);
            stats.requests_output_unknown = value(derived[1], row);
            stats.requests_cache_unknown = value(derived[2], row);
            stats.output_input_unknown = value(derived[3], row);
            stats.requests_cost_known = value(derived[4], row);
            stats.images_as_tokens = value(derived[5], row);
            stats.audio_ms_as_tokens = value(derived[6], row);
            match self.rows.entry(key) {
                std::collections::hash_map::Entry::Occupied(mut sums) => sums.get_mut().add(&stats),
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(Box::new(stats));
                }
            }
        }
        Ok(())
    }

    /// After precedence.
    pub(crate) fn finish(self) -> Sums {
        apply_precedence(self.rows.into_iter().map(|(key, stats)| SumRow { key, stats }).collect())
    }
}

/// A text column, whatever layout the engine answered in.
enum Text<'a> {
    View(&'a arrow::array::StringViewArray),
    Plain(&'a arrow::array::StringArray),
}

fn text(column: &ArrayRef) -> Text<'_> {
    column.as_string_view_opt().map_or_else(|| Text::Plain(column.as_string()), Text::View)
}

impl Text<'_> {
    fn value(&self, row: usize) -> &str {
        match self {
            Self::View(array) => array.value(row),
            Self::Plain(array) => array.value(row),
        }
    }
}

fn key(day: Day, words: &[Arc<str>], rank: i32) -> Result<SumKey, LedgerError> {
    let [account, provider, model, region, zone, site, source, kind, stage, evidence, currency] = words else {
        return Err(error::inner("a key of the wrong length"));
    };
    let rank = usize::try_from(rank).ok().and_then(|rank| Rank::ALL.get(rank)).copied();
    Ok(SumKey {
        day,
        account: account.clone(),
        provider: provider.clone(),
        model: model.clone(),
        region: region.clone(),
        zone: zone.clone(),
        site: site.clone(),
        source: source.clone(),
        rank: rank.ok_or_else(|| error::inner("an unknown rank in a segment"))?,
        kind: kind.parse().map_err(error::inner)?,
        stage: if stage.is_empty() { None } else { Some(stage.parse().map_err(error::inner)?) },
        evidence: evidence.parse().map_err(error::inner)?,
        currency: currency.clone(),
    })
}

impl Ledger for Store {
    fn head(&self) -> Result<Head, LedgerError> {
        Ok(self.manifest().snapshot()?.head())
    }

    fn sums(&self, from: Option<Day>, to: Option<Day>) -> Result<Sums, LedgerError> {
        let mut totals = Totals::default();
        self.add_rollups(from, to, &mut totals)?;
        Ok(totals.finish())
    }

    fn sums_raw(&self, from: Option<Day>, to: Option<Day>) -> Result<Sums, LedgerError> {
        let snapshot = self.manifest().snapshot()?;
        let mut totals = Totals::default();
        for batch in sum_segments(self, EntriesTable::new(&snapshot, from, to, None))? {
            totals.add(&batch, from, to)?;
        }
        Ok(totals.finish())
    }

    fn imports(&self) -> Result<Vec<ImportRecord>, LedgerError> {
        self.manifest().imports()
    }
}
