//! A house of its own for each test: an empty folder, and the real binary run in it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Header of a plain usage table, as far as the tests need it.
pub const HEADER: &str =
    "time_start,time_end,provider,model,region,use_case,requests,input_tokens_uncached,output_tokens,energy_kwh,source_id\n";

/// A row of that table: one hour of a chat assistant.
pub fn row(number: usize) -> String {
    let (day, hour) = (1 + number / 24 % 28, number % 24);
    format!(
        "2026-01-{day:02}T{hour:02}:00:00Z,2026-01-{day:02}T{hour:02}:30:00Z,openai,gpt-4o,,acme/support,{},{},{},,row-{number}\n",
        1 + number % 7,
        1_000 + number,
        100 + number % 13
    )
}

/// A table of `rows` sound rows.
pub fn table(rows: usize) -> String {
    std::iter::once(HEADER.to_owned()).chain((0..rows).map(row)).collect()
}

/// The binary under test.
pub fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_bilanz")
}

/// A folder with books in it; gone when dropped.
pub struct House {
    folder: tempfile::TempDir,
}

impl House {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The folder in which every command runs.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where the books lie.
    pub fn books(&self) -> PathBuf {
        self.path().join("books")
    }

    /// Writes a file beside the books.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A command that is ready to run: `--books books` is added where the verb takes it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.current_dir(self.path()).args(arguments).stdin(Stdio::null());
        if !["evaluate", "factors", "completions", "--help"].contains(&arguments[0]) {
            command.args(["--books", "books"]);
        }
        command
    }

    /// Runs and returns everything.
    pub fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs, expects success, returns stdout.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "{arguments:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs with `--json`, expects success, returns the document.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let all: Vec<&str> = arguments.iter().copied().chain(["--json"]).collect();
        serde_json::from_str(&self.ok(&all)).unwrap()
    }

    /// Runs, expects failure with nothing on stdout, returns stderr.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{arguments:?} was accepted");
        assert!(output.status.code().is_some(), "{arguments:?} died by a signal: {error}");
        assert!(output.stdout.is_empty(), "{arguments:?} wrote to stdout: {}", String::from_utf8_lossy(&output.stdout));
        assert!(!error.contains("panicked"), "{arguments:?} panicked: {error}");
        error
    }

    /// The statement as it is printed: equal bytes mean unchanged books.
    pub fn statement(&self) -> String {
        self.ok(&["report", "footprint", "--json"])
    }

    /// Sealed segments, sorted.
    pub fn segments(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        files(&self.books(), &mut found);
        found.retain(|path| {
            path.extension().is_some_and(|kind| kind == "parquet") && path.components().any(|part| part.as_os_str() == "segments")
        });
        found.sort();
        found
    }
}

/// All files below a folder.
pub fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// The folder with the research traces, or a word that the test was left out.
pub fn data(test: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "large data lie outside the repository; this variable says where")]
    let folder = std::env::var_os("BILANZ_DATA").map(PathBuf::from);
    // A test runs in its crate; a relative folder is meant from the root.
    let folder = folder.map(|folder| if folder.is_relative() { crate::tidy::root().join(folder) } else { folder });
    let found = folder.filter(|folder| folder.is_dir());
    if found.is_none() {
        skip(test, "BILANZ_DATA names no folder with the research traces");
    }
    found
}

/// Says that a test was left out, and why.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub fn skip(test: &str, why: &str) {
    eprintln!("skipped: {test}: {why}");
}
