//! Series of the grid and of a load: read with a place for every error, set against each other step by step.

use crate::error::{ImportError, RowError};
use crate::input::Input;
use crate::table::{Column, Record, Table};
use lca::Technology;
use quantity::{CarbonIntensity, Energy, Ratio};
use std::io::BufRead;

/// What follows the zone in the name of a column of life-cycle intensity.
const INTENSITY: &str = "_ci_lca_gco2e_per_kwh";
/// What follows zone and technology in the name of a column of shares.
const SHARE: &str = "_share_of_generation";
/// Decimals kept of an intensity in grams or of a share.
const CELL_DECIMALS: i32 = 6;
/// Decimals kept of an energy in kilowatt-hours.
const KWH_DECIMALS: i32 = 9;
const MS_PER_HOUR: f64 = 3_600_000.0;

/// Why a series cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SeriesError {
    /// The file is at fault.
    #[error(transparent)]
    File(#[from] ImportError),
    /// The series has no such zone.
    #[error("{file} has no intensity of the zone `{zone}`; it has: {known}")]
    Zone {
        /// The file.
        file: String,
        /// The zone as asked.
        zone: String,
        /// The zones it has.
        known: String,
    },
    /// The series does not say when a technology generates.
    #[error(
        "{file} does not say when {technology} generates in `{zone}` (no column `{zone}_{technology}_share_of_generation`); it has: {known}"
    )]
    Profile {
        /// The file.
        file: String,
        /// The zone as asked.
        zone: String,
        /// The technology as asked.
        technology: Technology,
        /// The columns of shares it has.
        known: String,
    },
    /// Load and grid share no hour.
    #[error("{load} and {grid} have no hour in common for `{zone}`; check the years of both, in UTC")]
    Apart {
        /// The file of the load.
        load: String,
        /// The file of the grid.
        grid: String,
        /// The zone as asked.
        zone: String,
    },
}

/// Columns of numbers over even steps of time, in UTC; a missing cell is a gap.
#[derive(Debug, Clone, PartialEq)]
struct Steps {
    file: String,
    start_ms: i64,
    step_ms: i64,
    names: Vec<String>,
    /// By column, then by step, as integers of the last decimal kept.
    cells: Vec<Vec<Option<i64>>>,
}

impl Steps {
    fn read(input: &mut dyn BufRead, file: &str, takes: impl Fn(&str) -> bool, decimals: i32, asks: &str) -> Result<Self, ImportError> {
        let mut silent = |_| {};
        let table = Table::open(Input::new(input, &mut silent), file)?;
        let time = table.required("time_utc")?;
        let names: Vec<String> = table.header().iter().filter(|name| takes(name)).cloned().collect();
        if names.is_empty() {
            return Err(ImportError::input(
                file,
                Some(1),
                format!("the header has no column {asks}; it has: {}", table.header().join(", ")),
            ));
        }
        let columns: Vec<Column> = names.iter().map(|name| table.column(name)).collect();
        let mut rows: Vec<(u64, i64, Vec<Option<i64>>)> = Vec::new();
        table.rows(|record, line| {
            let at = time_of(record, time, rows.last().map(|(_, ms, _)| *ms))?;
            let cells = columns.iter().map(|column| cell(record, *column, decimals)).collect::<Result<_, _>>()?;
            rows.push((line, at, cells));
            Ok(())
        })?;
        Self::even(file, names, &rows)
    }

    /// Puts the rows on even steps; a row left out is a gap.
    fn even(file: &str, names: Vec<String>, rows: &[(u64, i64, Vec<Option<i64>>)]) -> Result<Self, ImportError> {
        let steps = || rows.windows(2).map(|pair| pair[1].1 - pair[0].1);
        let (Some(step_ms), Some((_, start_ms, _)), Some((_, end_ms, _))) = (steps().min(), rows.first(), rows.last()) else {
            return Err(ImportError::input(file, None, "a series needs at least two rows, so that the length of a step can be told"));
        };
        if let Some(place) = steps().position(|step| step % step_ms != 0) {
            let minutes = step_ms / 60_000;
            return Err(ImportError::input(
                file,
                Some(rows[place + 1].0),
                format!("the time does not fall on the steps of the series, {minutes} minutes from its start on; remove or move the row"),
            ));
        }
        let count = (end_ms - start_ms) / step_ms + 1;
        let length = usize::try_from(count).ok().filter(|length| *length <= rows.len().saturating_mul(1000)).ok_or_else(|| {
            ImportError::input(file, None, "most steps of the series are missing; check the times of the first and the last row")
        })?;
        let mut cells = vec![vec![None; length]; names.len()];
        for (_, at, row) in rows {
            let place = usize::try_from((at - start_ms) / step_ms).unwrap_or(usize::MAX);
            for (column, cell) in cells.iter_mut().zip(row) {
                if let Some(slot) = column.get_mut(place) {
                    *slot = *cell;
                }
            }
        }
        Ok(Self { file: file.to_owned(), start_ms: *start_ms, step_ms, names, cells })
    }

    fn column(&self, name: &str) -> Option<&[Option<i64>]> {
        let place = self.names.iter().position(|known| known.eq_ignore_ascii_case(name))?;
        self.cells.get(place).map(Vec::as_slice)
    }

    /// The cell at a moment; `None` is a gap or lies outside.
    fn at(&self, column: &[Option<i64>], ms: i64) -> Option<i64> {
        let place = usize::try_from((ms - self.start_ms).div_euclid(self.step_ms)).ok()?;
        column.get(place).copied().flatten()
    }

    fn known(&self, ending: &str) -> String {
        let list: Vec<&str> = self.names.iter().filter_map(|name| name.strip_suffix(ending)).collect();
        if list.is_empty() { "none".to_owned() } else { list.join(", ") }
    }
}

fn time_of(record: &Record, column: Column, before: Option<i64>) -> Result<i64, RowError> {
    let stamp = record.time(column)?.ok_or_else(|| record.error(column, "the time is missing; every row of a series needs one"))?;
    if before.is_some_and(|before| stamp.ms <= before) {
        return Err(record.error(column, "the time is not after that of the row before; sort the rows and remove doubles"));
    }
    Ok(stamp.ms)
}

fn cell(record: &Record, column: Column, decimals: i32) -> Result<Option<i64>, RowError> {
    match record.scaled(column, decimals)? {
        Some(value) if value < 0 => Err(record.error(column, format!("`{}` is below zero", record.text(column)))),
        value => Ok(value),
    }
}

fn unscaled(value: i64, decimals: i32) -> f64 {
    let mut unit = 1.0;
    for _ in 0..decimals {
        unit *= 10.0;
    }
    value as f64 / unit
}

/// Intensities and shares of generation of grid zones.
#[derive(Debug, Clone, PartialEq)]
pub struct GridSeries(Steps);

/// A load: kilowatt-hours per step.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadSeries(Steps);

/// A load set against the intensity of a zone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighted {
    /// The whole load, as far as it is stated.
    pub energy: Energy,
    /// Mean intensity, weighted by the load of the hours that have one.
    pub intensity: CarbonIntensity,
    /// Hours of load without an intensity; they are left out of the mean.
    pub hours_missing: Ratio,
    /// Load in these hours.
    pub energy_missing: Energy,
    /// Hours of the load series that state no load.
    pub load_hours_missing: Ratio,
}

/// When a technology generates, over the steps of a load.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// One value per step that states a load, in the order of [`LoadSeries::steps`].
    pub steps: Vec<Ratio>,
    /// Hours without a value; nothing is covered there.
    pub hours_missing: Ratio,
}

impl GridSeries {
    /// Reads columns such as `DE_ci_lca_gco2e_per_kwh` beside `time_utc`; an empty cell or a row left out is a gap.
    ///
    /// # Errors
    /// Names file, line and column: a time or number that is none, times out of order or off the steps.
    pub fn read(input: &mut dyn BufRead, file: &str) -> Result<Self, ImportError> {
        let takes = |name: &str| name.ends_with(INTENSITY) || name.ends_with(SHARE);
        Ok(Self(Steps::read(input, file, takes, CELL_DECIMALS, "`<zone>_ci_lca_gco2e_per_kwh`")?))
    }

    /// The zones with an intensity.
    #[must_use]
    pub fn zones(&self) -> Vec<&str> {
        self.0.names.iter().filter_map(|name| name.strip_suffix(INTENSITY)).collect()
    }

    /// Steps of the series.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.cells.first().map_or(0, Vec::len)
    }

    /// Whether it has no step.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Start of every step of a zone without an intensity, in milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// When the series has no such zone.
    pub fn gaps_ms(&self, zone: &str) -> Result<Vec<i64>, SeriesError> {
        let column = self.intensity(zone)?;
        let times = (0..).map(|place: i64| self.0.start_ms + place * self.0.step_ms);
        Ok(column.iter().zip(times).filter_map(|(cell, ms)| cell.is_none().then_some(ms)).collect())
    }

    fn intensity(&self, zone: &str) -> Result<&[Option<i64>], SeriesError> {
        self.0.column(&format!("{zone}{INTENSITY}")).ok_or_else(|| SeriesError::Zone {
            file: self.0.file.clone(),
            zone: zone.to_owned(),
            known: self.0.known(INTENSITY),
        })
    }

    /// Sets a load against the intensity of a zone.
    ///
    /// # Errors
    /// When the series has no such zone, or no hour in common with the load.
    pub fn weigh(&self, load: &LoadSeries, zone: &str) -> Result<Weighted, SeriesError> {
        let column = self.intensity(zone)?;
        let piece_ms = common(load.0.step_ms, self.0.step_ms);
        let pieces = load.0.step_ms / piece_ms;
        let piece_hours = piece_ms as f64 / MS_PER_HOUR;
        let (mut kwh, mut grams, mut weighed) = (0.0, 0.0, 0.0);
        let (mut missing_hours, mut silent_hours) = (0.0, 0.0);
        for (ms, step) in load.rows() {
            let Some(step) = step else {
                silent_hours += piece_hours * pieces as f64;
                continue;
            };
            let part = step / pieces as f64;
            for piece in 0..pieces {
                kwh += part;
                match self.0.at(column, ms + piece * piece_ms) {
                    Some(cell) => {
                        grams += part * unscaled(cell, CELL_DECIMALS);
                        weighed += part;
                    }
                    None => missing_hours += piece_hours,
                }
            }
        }
        if weighed <= 0.0 {
            return Err(SeriesError::Apart { load: load.0.file.clone(), grid: self.0.file.clone(), zone: zone.to_owned() });
        }
        Ok(Weighted {
            energy: Energy::kwh(kwh),
            intensity: CarbonIntensity::kg_per_kwh(grams / weighed / 1000.0),
            hours_missing: Ratio::new(missing_hours),
            energy_missing: Energy::kwh((kwh - weighed).max(0.0)),
            load_hours_missing: Ratio::new(silent_hours),
        })
    }

    /// When a technology generates in a zone, over the steps of a load: the shape of a contract without a meter of its own.
    ///
    /// # Errors
    /// When the series has no such column.
    pub fn shape(&self, load: &LoadSeries, zone: &str, technology: Technology) -> Result<Shape, SeriesError> {
        let column = self.0.column(&format!("{zone}_{technology}{SHARE}")).ok_or_else(|| SeriesError::Profile {
            file: self.0.file.clone(),
            zone: zone.to_owned(),
            technology,
            known: self.0.known(SHARE),
        })?;
        let piece_ms = common(load.0.step_ms, self.0.step_ms);
        let pieces = load.0.step_ms / piece_ms;
        let (mut steps, mut missing) = (Vec::new(), 0.0);
        for (ms, _) in load.rows().filter(|(_, step)| step.is_some()) {
            let cells: Vec<f64> = (0..pieces)
                .filter_map(|piece| self.0.at(column, ms + piece * piece_ms))
                .map(|cell| unscaled(cell, CELL_DECIMALS))
                .collect();
            missing += (pieces as f64 - cells.len() as f64) * piece_ms as f64 / MS_PER_HOUR;
            // A piece without a value covers nothing, and is counted as missing.
            steps.push(Ratio::new(cells.iter().sum::<f64>() / pieces as f64));
        }
        Ok(Shape { steps, hours_missing: Ratio::new(missing) })
    }
}

impl LoadSeries {
    /// Reads the columns `time_utc` and `kwh`; an empty cell or a row left out is a gap.
    ///
    /// # Errors
    /// Names file, line and column: a time or number that is none, times out of order or off the steps.
    pub fn read(input: &mut dyn BufRead, file: &str) -> Result<Self, ImportError> {
        Ok(Self(Steps::read(input, file, |name| name == "kwh", KWH_DECIMALS, "`kwh`")?))
    }

    /// The load of every step that states one.
    #[must_use]
    pub fn steps(&self) -> Vec<Energy> {
        self.rows().filter_map(|(_, step)| step.map(Energy::kwh)).collect()
    }

    /// Start and load of every step.
    fn rows(&self) -> impl Iterator<Item = (i64, Option<f64>)> + '_ {
        let times = (0..).map(|place: i64| self.0.start_ms + place * self.0.step_ms);
        times.zip(self.0.cells.first().into_iter().flatten().map(|cell| cell.map(|cell| unscaled(cell, KWH_DECIMALS))))
    }
}

/// The longest piece of time that divides both steps.
fn common(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { common(b, a % b) }
}
