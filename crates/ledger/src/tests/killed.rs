//! Imports killed at any moment: the next one finishes the job.

use super::{books, check, entries, import};
use crate::Store;
use books::Ledger;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const BOOKS: &str = "BILANZ_TEST_KILLED_BOOKS";

/// What the killed process does; does nothing when run as an ordinary test.
#[test]
#[expect(clippy::disallowed_methods, reason = "how the parent test tells its child which books to fill")]
fn child_that_imports() {
    if let Some(dir) = std::env::var_os(BOOKS) {
        let store = Store::open(Path::new(&dir)).unwrap();
        import(&store, "killed", &entries(11, 4000, 20));
    }
}

#[test]
fn killed_at_any_moment_nothing_is_lost_or_doubled() {
    let (dir, store) = books();
    let rows = entries(11, 4000, 20);
    import(&store, "before", &rows[..1000]);
    let program = std::env::current_exe().unwrap();
    for round in 0..16u64 {
        let mut child = Command::new(&program)
            .args(["tests::killed::child_that_imports", "--exact"])
            .env(BOOKS, dir.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(40 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let report = store.verify().unwrap();
        assert!(report.is_whole(), "{report:?}");
        if store.imports().unwrap().len() > 1 {
            break;
        }
    }
    import(&store, "after", &rows);
    check(&store, &rows);
}
