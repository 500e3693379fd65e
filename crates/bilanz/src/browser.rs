//! Opens the dashboard in the user's browser, where there is one.

use std::process::{Command, Stdio};

/// Tries to open an address; a missing browser is no failure, since the address is printed too.
pub(crate) fn open(url: &str) {
    let candidates: &[(&str, &[&str])] = if cfg!(target_os = "macos") {
        &[("open", &[])]
    } else if cfg!(target_os = "windows") {
        &[("cmd", &["/C", "start", ""])]
    } else {
        &[("xdg-open", &[])]
    };
    for (program, arguments) in candidates {
        let started =
            Command::new(program).args(*arguments).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        if started.is_ok() {
            return;
        }
    }
}
