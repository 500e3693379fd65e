//! Rows of a segment turned back into entries; words that repeat are shared.

use crate::columns::FED;
use crate::error;
use crate::schema::WORDS;
use crate::segment::picked;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Decimal128Type, Int32Type, Int64Type};
use books::{Entry, LedgerError, Rank};
use lca::{Counts, Evidence, Kind, Stage};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::collections::HashSet;
use std::fs::File;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

/// More distinct words than this are forgotten, so that labels that never repeat fill no memory.
const MOST_WORDS: usize = 1 << 16;

/// The words met so far.
#[derive(Debug, Default)]
pub(crate) struct Words(HashSet<Arc<str>>);

impl Words {
    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(word) = self.0.get(text) {
            return word.clone();
        }
        if self.0.len() >= MOST_WORDS {
            self.0.clear();
        }
        let word: Arc<str> = Arc::from(text);
        self.0.insert(word.clone());
        word
    }
}

/// Hands the entries of the rows `wanted` (sorted) of a segment to `each`, in the order of the file.
pub(crate) fn read_rows(path: &Path, wanted: &[u32], rows: u64, words: &mut Words, each: &mut dyn FnMut(Entry)) -> Result<(), LedgerError> {
    let file = File::open(path).map_err(error::at(path))?;
    // Text as dictionaries: a word is looked up once for all rows of a batch that hold it.
    let options = ArrowReaderOptions::new().with_schema(FED.clone());
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).map_err(error::parquet(path))?;
    let names = FED.fields().iter().map(|field| field.name().as_str()).filter(|name| !IDENTITY.contains(name));
    let mask = ProjectionMask::columns(builder.parquet_schema(), names);
    let selection = picked(wanted, usize::try_from(rows).unwrap_or(usize::MAX));
    let reader = builder.with_projection(mask).with_batch_size(8192).with_row_selection(selection).build().map_err(error::parquet(path))?;
    for batch in reader {
        let batch = batch.map_err(|error| error::about(path, error))?;
        Columns::of(&batch, words)
            .and_then(|columns| columns.entries(batch.num_rows(), each))
            .map_err(|error| error::about(path, error))?;
    }
    Ok(())
}

/// What an entry does not hold.
const IDENTITY: [&str; 5] = ["id_hi", "id_lo", "external", "content_hi", "content_lo"];

/// One text column: the words by number, and the number of each row.
struct Text<'a> {
    words: Vec<Arc<str>>,
    numbers: &'a [i32],
}

impl Text<'_> {
    fn word(&self, row: usize) -> Result<&Arc<str>, LedgerError> {
        usize::try_from(self.numbers[row])
            .ok()
            .and_then(|number| self.words.get(number))
            .ok_or_else(|| error::inner("a word without a number"))
    }

    /// All words as what they stand for; `None` where the word is empty.
    fn parsed<T: FromStr>(&self) -> Result<Vec<Option<T>>, LedgerError> {
        let parse = |word: &Arc<str>| {
            let parsed = word.parse().map_err(|_| LedgerError(format!("`{word}` is no word that this program knows; use a newer bilanz")));
            if word.is_empty() { Ok(None) } else { parsed.map(Some) }
        };
        self.words.iter().map(parse).collect()
    }
}

struct Columns<'a> {
    texts: Vec<Text<'a>>,
    external_ids: &'a arrow::array::StringArray,
    times: [&'a [i64]; 2],
    ranks: &'a [i32],
    counts: Vec<&'a arrow::array::Int64Array>,
    energy: &'a arrow::array::Decimal128Array,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch, known: &mut Words) -> Result<Self, LedgerError> {
        let column = |name: &str| batch.column_by_name(name).ok_or_else(|| error::inner(format!("no column {name}")));
        let longs = |name: &str| column(name).map(|column| column.as_primitive::<Int64Type>());
        let mut texts = Vec::with_capacity(WORDS.len());
        for name in WORDS {
            let dictionary = column(name)?.as_dictionary::<Int32Type>();
            let words = dictionary.values().as_string::<i32>();
            let words = words.iter().map(|word| known.shared(word.unwrap_or_default())).collect();
            texts.push(Text { words, numbers: dictionary.keys().values() });
        }
        Ok(Self {
            texts,
            external_ids: column("external_id")?.as_string(),
            times: [longs("time_start_ms")?.values(), longs("time_end_ms")?.values()],
            ranks: column("rank")?.as_primitive::<Int32Type>().values(),
            counts: Counts::NAMES.iter().map(|name| longs(name)).collect::<Result<_, _>>()?,
            energy: column("energy_nj")?.as_primitive::<Decimal128Type>(),
        })
    }

    fn entries(&self, rows: usize, each: &mut dyn FnMut(Entry)) -> Result<(), LedgerError> {
        let [source, kind, stage, evidence, account, provider, model, model_reported, region, zone, site, currency, labels] =
            self.texts.as_slice()
        else {
            return Err(error::inner("a row of the wrong width"));
        };
        let (kinds, stages, evidences) = (kind.parsed::<Kind>()?, stage.parsed::<Stage>()?, evidence.parsed::<Evidence>()?);
        let number = |text: &Text<'_>, row: usize| usize::try_from(text.numbers[row]).map_err(error::inner);
        let counts: Vec<_> = self.counts.iter().enumerate().filter(|(_, column)| column.null_count() < column.len()).collect();
        for row in 0..rows {
            let mut values = [None; Counts::NAMES.len()];
            for (place, column) in &counts {
                values[*place] = (!column.is_null(row)).then(|| column.value(row));
            }
            each(Entry {
                source: source.word(row)?.clone(),
                rank: usize::try_from(self.ranks[row])
                    .ok()
                    .and_then(|rank| Rank::ALL.get(rank))
                    .copied()
                    .ok_or_else(|| error::inner("an unknown rank in a segment"))?,
                external_id: (!self.external_ids.is_null(row)).then(|| self.external_ids.value(row).into()),
                kind: kinds.get(number(kind, row)?).copied().flatten().ok_or_else(|| error::inner("a row without a kind"))?,
                stage: stages.get(number(stage, row)?).copied().flatten(),
                evidence: evidences.get(number(evidence, row)?).copied().flatten().ok_or_else(|| error::inner("a row without evidence"))?,
                time_start_ms: self.times[0][row],
                time_end_ms: self.times[1][row],
                account: account.word(row)?.clone(),
                provider: provider.word(row)?.clone(),
                model: model.word(row)?.clone(),
                model_reported: model_reported.word(row)?.clone(),
                region: region.word(row)?.clone(),
                zone: zone.word(row)?.clone(),
                site: site.word(row)?.clone(),
                currency: currency.word(row)?.clone(),
                labels: labels.word(row)?.clone(),
                counts: Counts { energy_nj: (!self.energy.is_null(row)).then(|| self.energy.value(row)), ..Counts::from_array(values) },
            });
        }
        Ok(())
    }
}
