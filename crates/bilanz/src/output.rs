//! Where words go: data to stdout, everything else to stderr.
#![expect(clippy::print_stderr, reason = "this is the one place that writes to the terminal")]

use anyhow::Context as _;
use std::io::Write as _;

/// Writes data to stdout; a reader that has gone away (`| head`) is no failure.
pub(crate) fn data(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") })
        .and_then(|()| out.flush())
    {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// A value as JSON on stdout.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> anyhow::Result<()> {
    data(&serde_json::to_string_pretty(value)?)
}

/// A remark for the person at the terminal.
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

/// What went wrong, with its causes, on stderr.
pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("error: {error}");
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        let text = cause.to_string();
        // A wrapper often repeats its cause; saying it once is enough.
        if !said.contains(&text) {
            eprintln!("  because: {text}");
        }
        said = text;
    }
}
