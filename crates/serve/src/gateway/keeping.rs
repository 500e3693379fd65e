//! The journal of one thread: what cannot be written waits in memory, and what waits or is lost is counted.

use super::live::Live;
use books::{Durability, Entry, Flush, Journal, LedgerError, OnFailure};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use tokio::sync::oneshot;

/// Records of one thread that may wait for the disk.
const MOST_WAITING: usize = 100_000;

/// What the thread that syncs is asked: this log, and who waits for it.
type Wanted = (Flush, oneshot::Sender<()>);

struct State {
    journal: Box<dyn Journal>,
    waiting: VecDeque<Entry>,
}

/// The journal of one thread of the gateway.
pub struct Keeping {
    state: Mutex<State>,
    live: Arc<Live>,
    on_failure: OnFailure,
    /// The thread that syncs, where records shall survive the death of the machine.
    group: Option<mpsc::Sender<Wanted>>,
}

impl Keeping {
    /// Over a new journal.
    pub fn new(journal: Box<dyn Journal>, live: Arc<Live>, on_failure: OnFailure, group: Option<mpsc::Sender<Wanted>>) -> Self {
        Self { state: Mutex::new(State { journal, waiting: VecDeque::new() }), live, on_failure, group }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what begins.
    ///
    /// # Errors
    /// When the journal cannot be written and requests are to be refused then.
    pub fn intend(&self, entry: &Entry) -> Result<(), LedgerError> {
        let mut state = self.state();
        let written = self.catch_up(&mut state).and_then(|()| state.journal.intend(entry));
        match (written, self.on_failure) {
            (Err(error), OnFailure::Refuse) => Err(error),
            _ => Ok(()),
        }
    }

    /// Notes what happened. Returns what the last bytes of the answer have to wait for, if anything.
    pub fn record(&self, entry: &Entry) -> Option<oneshot::Receiver<()>> {
        let mut state = self.state();
        if self.catch_up(&mut state).and_then(|()| state.journal.record(entry)).is_err() {
            if state.waiting.len() < MOST_WAITING {
                state.waiting.push_back(entry.clone());
                self.live.records_waiting.fetch_add(1, Ordering::Relaxed);
            } else {
                self.live.records_lost.fetch_add(1, Ordering::Relaxed);
            }
            return None;
        }
        let group = self.group.as_ref()?;
        let (tell, told) = oneshot::channel();
        group.send((state.journal.flusher(), tell)).ok()?;
        Some(told)
    }

    /// Writes what waits, oldest first.
    fn catch_up(&self, state: &mut State) -> Result<(), LedgerError> {
        while let Some(entry) = state.waiting.front() {
            state.journal.record(entry)?;
            state.waiting.pop_front();
            self.live.records_waiting.fetch_sub(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Begins another file, so that the current one can be sealed.
    ///
    /// # Errors
    /// When the new file cannot be made.
    pub fn rotate(&self) -> Result<(), LedgerError> {
        let mut state = self.state();
        self.catch_up(&mut state)?;
        state.journal.rotate()
    }
}

/// The thread that makes records durable in groups; `None` where the death of the machine need not be survived.
pub fn group(durability: Durability) -> Option<mpsc::Sender<Wanted>> {
    if durability != Durability::Power {
        return None;
    }
    let (sender, receiver) = mpsc::channel::<Wanted>();
    std::thread::spawn(move || {
        while let Ok(first) = receiver.recv() {
            let mut wanted = vec![first];
            wanted.extend(receiver.try_iter());
            let mut told = Vec::with_capacity(wanted.len());
            // Several may name the same log; syncing it once more costs little when nothing is dirty.
            for (flush, tell) in wanted {
                if flush().is_ok() {
                    told.push(tell);
                }
            }
            told.into_iter().for_each(|tell| {
                // The answer may have been given up meanwhile.
                let _ = tell.send(());
            });
        }
    });
    Some(sender)
}
