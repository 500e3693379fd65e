//! The counters of one budget, window by window: a bounded number of each.

use crate::calendar;
use crate::counter::{Cell, Place};
use arc_swap::ArcSwap;
use books::{Per, Window};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most counters of one rule in one window. Whoever comes later shares one more counter, named [`OTHERS`]: memory stays
/// bounded, nobody is without a limit, and made-up names push nobody's counter out.
pub(crate) const MOST_COUNTERS: usize = 65_536;
/// The counter of all who came after [`MOST_COUNTERS`].
pub(crate) const OTHERS: &str = "(others)";
/// Windows of one budget that are kept while requests come: the open one, and those whose end has just passed on another thread.
const MOST_WINDOWS: usize = 3;
/// Names longer than this are counted under their hash.
const MAX_NAME_BYTES: usize = 256;
const SHARDS: usize = 16;

/// The counters of one budget.
pub(crate) struct Book {
    window: Window,
    per: Per,
    most_windows: usize,
    most_counters: usize,
    windows: ArcSwap<Vec<Arc<Cells>>>,
    rolling: Mutex<()>,
    hasher: RandomState,
}

/// The counters of one window.
struct Cells {
    from_ms: i64,
    to_ms: i64,
    all: Arc<Cell>,
    others: Arc<Cell>,
    count: AtomicUsize,
    shards: Vec<Mutex<HashMap<Box<str>, Arc<Cell>>>>,
}

impl Book {
    pub(crate) fn new(window: Window, per: Per) -> Self {
        Self::bounded(window, per, MOST_WINDOWS, MOST_COUNTERS)
    }

    /// For a replay: every window is kept.
    pub(crate) fn of_all_windows(window: Window, per: Per) -> Self {
        Self::bounded(window, per, usize::MAX, MOST_COUNTERS)
    }

    pub(crate) fn bounded(window: Window, per: Per, most_windows: usize, most_counters: usize) -> Self {
        Self { window, per, most_windows, most_counters, windows: ArcSwap::default(), rolling: Mutex::new(()), hasher: RandomState::new() }
    }

    /// The counter of `whose` in the window that holds `at_ms`.
    pub(crate) fn place(&self, at_ms: i64, whose: &str) -> Place {
        let windows = self.windows.load();
        match windows.iter().find(|cells| cells.from_ms <= at_ms && at_ms < cells.to_ms) {
            Some(cells) => self.place_in(cells, whose),
            None => {
                drop(windows);
                self.place_in(&self.roll(at_ms), whose)
            }
        }
    }

    /// Opens the window that holds `at_ms`, and lets go of the oldest other one when there are too many.
    fn roll(&self, at_ms: i64) -> Arc<Cells> {
        let _rolling = lock(&self.rolling);
        let known = self.windows.load();
        let (from_ms, to_ms) = calendar::bounds(self.window, at_ms);
        if let Some(cells) = known.iter().find(|cells| cells.from_ms == from_ms) {
            return Arc::clone(cells);
        }
        let shards = if self.per == Per::Rule { 0 } else { SHARDS };
        let opened = Arc::new(Cells {
            from_ms,
            to_ms,
            all: Arc::new(Cell::new("")),
            others: Arc::new(Cell::new(OTHERS)),
            count: AtomicUsize::new(0),
            shards: std::iter::repeat_with(Mutex::default).take(shards).collect(),
        });
        let mut next = Vec::clone(&known);
        next.push(Arc::clone(&opened));
        // Newest first: the open window is found at once.
        next.sort_by_key(|cells| std::cmp::Reverse(cells.from_ms));
        while next.len() > self.most_windows {
            let Some(oldest) = next.iter().rposition(|cells| cells.from_ms != from_ms) else { break };
            next.remove(oldest);
        }
        self.windows.store(Arc::new(next));
        opened
    }

    fn place_in(&self, cells: &Cells, whose: &str) -> Place {
        let of = |cell: &Arc<Cell>| Place { cell: Arc::clone(cell), from_ms: cells.from_ms, to_ms: cells.to_ms };
        if cells.shards.is_empty() {
            return of(&cells.all);
        }
        let hashed;
        let whose = if whose.len() > MAX_NAME_BYTES {
            hashed = digest(whose);
            &hashed
        } else {
            whose
        };
        let shard = self.hasher.hash_one(whose) as usize % SHARDS;
        let mut shard = lock(&cells.shards[shard]);
        if let Some(cell) = shard.get(whose) {
            return of(cell);
        }
        if cells.count.fetch_add(1, Ordering::Relaxed) >= self.most_counters {
            cells.count.fetch_sub(1, Ordering::Relaxed);
            return of(&cells.others);
        }
        let cell = Arc::new(Cell::new(whose));
        shard.insert(Box::from(whose), Arc::clone(&cell));
        of(&cell)
    }

    /// All counters of the windows that hold `now_ms` (or of all windows), sorted by window and name.
    pub(crate) fn places(&self, now_ms: Option<i64>) -> Vec<Place> {
        let windows = self.windows.load_full();
        let mut places = Vec::new();
        for cells in windows.iter().filter(|cells| now_ms.is_none_or(|now_ms| cells.from_ms <= now_ms && now_ms < cells.to_ms)) {
            let of = |cell: &Arc<Cell>| Place { cell: Arc::clone(cell), from_ms: cells.from_ms, to_ms: cells.to_ms };
            if cells.shards.is_empty() {
                places.push(of(&cells.all));
            }
            for shard in &cells.shards {
                places.extend(lock(shard).values().map(of));
            }
            if cells.count.load(Ordering::Relaxed) >= self.most_counters {
                places.push(of(&cells.others));
            }
        }
        places.sort_by(|a, b| a.from_ms.cmp(&b.from_ms).then_with(|| a.cell.whose.cmp(&b.cell.whose)));
        places
    }

    /// Lets go of windows that ended before `before_ms`; requests on their way keep their counter.
    pub(crate) fn drop_closed(&self, before_ms: i64) {
        if self.windows.load().iter().all(|cells| cells.to_ms > before_ms) {
            return;
        }
        let _rolling = lock(&self.rolling);
        let open = self.windows.load().iter().filter(|cells| cells.to_ms > before_ms).cloned().collect();
        self.windows.store(Arc::new(open));
    }
}

/// A name too long to keep, by its hash.
fn digest(whose: &str) -> String {
    let short = Sha256::digest(whose.as_bytes());
    short.iter().take(16).fold("sha256-".to_owned(), |mut text, byte| {
        text.extend([byte >> 4, byte & 15].into_iter().filter_map(|digit| char::from_digit(u32::from(digit), 16)));
        text
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that died here left whole values: every change is one insert.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
