//! The file below a journal: appended to, cut, made durable.

use std::fs::File;
use std::io::{Error, ErrorKind, Result, Write};
#[cfg(test)]
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// A file that is only appended to. In tests it may stand on a disk that is nearly full.
#[derive(Debug)]
pub(crate) struct LogFile {
    file: File,
    /// Bytes that the disk still takes.
    #[cfg(test)]
    room: Option<Arc<AtomicI64>>,
}

impl LogFile {
    /// Over a file opened for appending.
    pub(crate) fn new(file: File) -> Self {
        Self {
            file,
            #[cfg(test)]
            room: None,
        }
    }

    /// On a disk with so much room.
    #[cfg(test)]
    pub(crate) fn within(file: File, room: Arc<AtomicI64>) -> Self {
        Self { file, room: Some(room) }
    }

    /// Another file on the same disk.
    pub(crate) fn like(&self, file: File) -> Self {
        Self {
            file,
            #[cfg(test)]
            room: self.room.clone(),
        }
    }

    #[cfg(not(test))]
    fn write(&self, bytes: &[u8]) -> Result<usize> {
        (&self.file).write(bytes)
    }

    /// Takes the last bytes that fit, as a real disk does, and then nothing.
    #[cfg(test)]
    fn write(&self, bytes: &[u8]) -> Result<usize> {
        let Some(room) = &self.room else { return (&self.file).write(bytes) };
        let fits = usize::try_from(room.load(Ordering::SeqCst)).unwrap_or(0).min(bytes.len());
        if fits == 0 {
            return Err(ErrorKind::StorageFull.into());
        }
        // Half of it at a time, so that every frame meets a short write.
        let written = (&self.file).write(&bytes[..fits.div_ceil(2)])?;
        room.fetch_sub(written as i64, Ordering::SeqCst);
        Ok(written)
    }

    /// Appends everything, in one `write` where the system takes it whole.
    pub(crate) fn write_all(&self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            match self.write(bytes) {
                Ok(0) => return Err(Error::from(ErrorKind::WriteZero)),
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Cuts the file.
    pub(crate) fn set_len(&self, bytes: u64) -> Result<()> {
        self.file.set_len(bytes)
    }

    /// Makes what was appended durable.
    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync_data()
    }

    /// Gives the lock back before the file is closed.
    pub(crate) fn unlock(&self) {
        // It goes with the last handle anyway.
        let _ = self.file.unlock();
    }
}
