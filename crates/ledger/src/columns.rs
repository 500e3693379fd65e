//! Entries turned into columns, one buffer per day, without an allocation per row.

use crate::schema::{STORED, WORDS};
use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray, StringBuilder,
};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, SchemaRef};
use arrow::error::ArrowError;
use books::{Entry, Identity};
use lca::Counts;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, LazyLock};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Slots of the table that finds a word by the address of its shared string.
const SLOTS: usize = 4096;

/// A fast hash for short words; they come from the user's own files, so it need not resist attack.
#[derive(Default)]
struct TextHasher(u64);

impl Hasher for TextHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }
    fn write_u8(&mut self, byte: u8) {
        // `str` closes with one byte; mixing it in needs no second pass.
        self.0 ^= u64::from(byte);
    }
    fn finish(&self) -> u64 {
        self.0
    }
}

/// Numbers for words that repeat.
///
/// Importers share their strings, so most words are found by address; the
/// table holds a clone of what it knows, hence an address cannot be reused.
#[derive(Default)]
pub(crate) struct Interner {
    words: Vec<Arc<str>>,
    by_text: HashMap<Arc<str>, u32, BuildHasherDefault<TextHasher>>,
    by_address: Vec<Option<(Arc<str>, u32)>>,
    bytes: usize,
}

impl Interner {
    /// The number of a word.
    pub(crate) fn number(&mut self, word: &Arc<str>) -> u32 {
        if self.by_address.is_empty() {
            self.by_address.resize(SLOTS, None);
        }
        let address = Arc::as_ptr(word).cast::<u8>() as usize;
        let slot = ((address >> 4) ^ (address >> 16)) % SLOTS;
        if let Some((known, number)) = &self.by_address[slot]
            && Arc::ptr_eq(known, word)
        {
            return *number;
        }
        let number = self.number_of_text(word);
        self.by_address[slot] = Some((word.clone(), number));
        number
    }

    fn number_of_text(&mut self, word: &Arc<str>) -> u32 {
        if let Some(number) = self.by_text.get(word) {
            return *number;
        }
        let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.words.push(word.clone());
        self.by_text.insert(word.clone(), number);
        self.bytes += word.len() + 64;
        number
    }

    /// Bytes held, about.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The words by number.
    pub(crate) fn words(&self) -> &[Arc<str>] {
        &self.words
    }
}

/// A nullable column that costs nothing until its first value.
#[derive(Default)]
struct Sparse<T> {
    values: Vec<T>,
    known: Vec<bool>,
}

impl<T: Copy + Default> Sparse<T> {
    fn push(&mut self, row: usize, value: Option<T>) {
        match value {
            Some(value) => {
                if self.values.is_empty() {
                    self.values.resize(row, T::default());
                    self.known.resize(row, false);
                }
                self.values.push(value);
                self.known.push(true);
            }
            None if self.values.is_empty() => {}
            None => {
                self.values.push(T::default());
                self.known.push(false);
            }
        }
    }

    fn nulls(&self) -> Option<NullBuffer> {
        if self.known.iter().all(|known| *known) { None } else { Some(NullBuffer::from(self.known.as_slice())) }
    }
}

/// The rows of one day that are not written yet.
pub(crate) struct DayColumns {
    /// Number of the part they will be written to; part of every row's address.
    pub(crate) part: u32,
    rows: usize,
    id_hi: Vec<i64>,
    id_lo: Vec<i64>,
    external: Vec<bool>,
    content_hi: Sparse<i64>,
    content_lo: Sparse<i64>,
    external_ids: Option<StringBuilder>,
    start: Vec<i64>,
    end: Vec<i64>,
    rank: Vec<i32>,
    words: [Vec<u32>; WORDS.len()],
    counts: [Sparse<i64>; Counts::NAMES.len()],
    energy: Sparse<i128>,
}

/// The words of kinds, stages and evidence as shared strings, so that they intern by address.
struct Closed {
    empty: Arc<str>,
    kinds: Vec<Arc<str>>,
    stages: Vec<Arc<str>>,
    evidence: Vec<Arc<str>>,
}

static CLOSED: LazyLock<Closed> = LazyLock::new(|| {
    use lca::{Evidence, Kind, Stage};
    let kinds = [Kind::Inference, Kind::Electricity, Kind::Training, Kind::Hardware];
    let evidence = [Evidence::Plug, Evidence::Counter, Evidence::Share, Evidence::Counted, Evidence::Estimated];
    Closed {
        empty: Arc::from(""),
        kinds: kinds.iter().map(|kind| Arc::from(kind.as_str())).collect(),
        stages: Stage::ALL.iter().map(|stage| Arc::from(stage.as_str())).collect(),
        evidence: evidence.iter().map(|evidence| Arc::from(evidence.as_str())).collect(),
    }
});

impl DayColumns {
    /// An empty buffer for part `part`.
    pub(crate) fn new(part: u32) -> Self {
        Self {
            part,
            rows: 0,
            id_hi: Vec::new(),
            id_lo: Vec::new(),
            external: Vec::new(),
            content_hi: Sparse::default(),
            content_lo: Sparse::default(),
            external_ids: None,
            start: Vec::new(),
            end: Vec::new(),
            rank: Vec::new(),
            words: std::array::from_fn(|_| Vec::new()),
            counts: std::array::from_fn(|_| Sparse::default()),
            energy: Sparse::default(),
        }
    }

    /// Rows held.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a row and returns its number and the bytes it takes, about.
    pub(crate) fn push(&mut self, entry: &Entry, identity: &Identity, interner: &mut Interner) -> (u32, usize) {
        let row = self.rows;
        let mut bytes = 16 + 1 + 16 + 4 + 4 * WORDS.len();
        self.id_hi.push((identity.id >> 64) as i64);
        self.id_lo.push(identity.id as i64);
        self.external.push(identity.external);
        let content = identity.external.then_some(identity.content);
        self.content_hi.push(row, content.map(|content| (content >> 64) as i64));
        self.content_lo.push(row, content.map(|content| content as i64));
        match (&entry.external_id, &mut self.external_ids) {
            (Some(id), ids) => {
                let ids = ids.get_or_insert_with(|| {
                    let mut ids = StringBuilder::new();
                    (0..row).for_each(|_| ids.append_null());
                    ids
                });
                ids.append_value(id);
                bytes += id.len() + 22;
            }
            (None, Some(ids)) => ids.append_null(),
            (None, None) => {}
        }
        self.start.push(entry.time_start_ms);
        self.end.push(entry.time_end_ms);
        self.rank.push(entry.rank.number());
        let closed = &*CLOSED;
        let words: [&Arc<str>; WORDS.len()] = [
            &entry.source,
            &closed.kinds[entry.kind as usize],
            entry.stage.map_or(&closed.empty, |stage| &closed.stages[stage as usize]),
            &closed.evidence[entry.evidence as usize],
            &entry.account,
            &entry.provider,
            &entry.model,
            &entry.model_reported,
            &entry.region,
            &entry.zone,
            &entry.site,
            &entry.currency,
            &entry.labels,
        ];
        for (column, word) in self.words.iter_mut().zip(words) {
            column.push(interner.number(word));
        }
        for (column, value) in self.counts.iter_mut().zip(entry.counts.as_array()) {
            column.push(row, value);
            bytes += if column.values.is_empty() { 0 } else { 9 };
        }
        self.energy.push(row, entry.counts.energy_nj);
        bytes += if self.energy.values.is_empty() { 0 } else { 17 };
        self.rows += 1;
        (u32::try_from(row).unwrap_or(u32::MAX), bytes)
    }

    /// The words of this part alone, so that a writer thread needs nothing else.
    pub(crate) fn detach(self, interner: &Interner) -> Detached {
        let mut places: HashMap<u32, i32> = HashMap::new();
        let mut keys = Vec::with_capacity(WORDS.len());
        let mut texts = Vec::with_capacity(WORDS.len());
        for column in &self.words {
            places.clear();
            let mut text: Vec<Arc<str>> = Vec::new();
            let mut last = (u32::MAX, 0);
            let mut place = |number: u32| {
                if number != last.0 {
                    let place = *places.entry(number).or_insert_with(|| {
                        text.push(interner.words()[number as usize].clone());
                        i32::try_from(text.len() - 1).unwrap_or(i32::MAX)
                    });
                    last = (number, place);
                }
                last.1
            };
            keys.push(column.iter().map(|number| place(*number)).collect());
            texts.push(text);
        }
        Detached { columns: self, keys, texts }
    }
}

/// A part ready to be encoded on another thread.
pub(crate) struct Detached {
    columns: DayColumns,
    keys: Vec<Vec<i32>>,
    texts: Vec<Vec<Arc<str>>>,
}

/// The stored schema with text as dictionaries: what the writer is fed, never what a reader sees.
pub(crate) static FED: LazyLock<SchemaRef> = LazyLock::new(|| {
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let fields = STORED.fields().iter().map(|field| {
        if WORDS.contains(&field.name().as_str()) {
            Arc::new(Field::new(field.name(), dictionary.clone(), field.is_nullable()))
        } else {
            field.clone()
        }
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
});

impl Detached {
    /// Rows held.
    pub(crate) fn rows(&self) -> usize {
        self.columns.rows
    }

    /// Whether a column holds no value, or a single word throughout.
    pub(crate) fn is_plain(&self, name: &str) -> bool {
        if let Some(place) = WORDS.iter().position(|word| *word == name) {
            return self.texts[place].len() < 2;
        }
        match name {
            "energy_nj" => self.columns.energy.values.is_empty(),
            "external_id" => self.columns.external_ids.is_none(),
            _ => Counts::NAMES.iter().position(|count| *count == name).is_some_and(|place| self.columns.counts[place].values.is_empty()),
        }
    }

    /// The rows as one batch of [`FED`].
    pub(crate) fn into_batch(self) -> Result<RecordBatch, ArrowError> {
        let columns = self.columns;
        let rows = columns.rows;
        let whole = |column: Sparse<i64>| -> ArrayRef {
            if column.values.is_empty() {
                return Arc::new(Int64Array::new_null(rows));
            }
            let nulls = column.nulls();
            Arc::new(Int64Array::new(ScalarBuffer::from(column.values), nulls))
        };
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(columns.id_hi)),
            Arc::new(Int64Array::from(columns.id_lo)),
            Arc::new(BooleanArray::from(columns.external)),
            whole(columns.content_hi),
            whole(columns.content_lo),
            columns.external_ids.map_or_else(|| Arc::new(StringArray::new_null(rows)), |mut ids| Arc::new(ids.finish())),
            Arc::new(Int64Array::from(columns.start)),
            Arc::new(Int64Array::from(columns.end)),
            Arc::new(Int32Array::from(columns.rank)),
        ];
        for (keys, texts) in self.keys.into_iter().zip(self.texts) {
            let texts: StringArray = texts.iter().map(|text| Some(text.as_ref())).collect();
            arrays.push(Arc::new(DictionaryArray::<Int32Type>::try_new(Int32Array::from(keys), Arc::new(texts))?));
        }
        arrays.extend(columns.counts.into_iter().map(whole));
        let energy = if columns.energy.values.is_empty() {
            Decimal128Array::new_null(rows)
        } else {
            let nulls = columns.energy.nulls();
            Decimal128Array::new(ScalarBuffer::from(columns.energy.values), nulls)
        };
        arrays.push(Arc::new(energy.with_precision_and_scale(38, 0)?));
        RecordBatch::try_new(FED.clone(), arrays)
    }
}
