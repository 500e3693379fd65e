//! Tidy: the laws of the house as pure checks over text, each with a broken sample on which it fails.

mod arrows;
mod doors;
mod factors;
mod files;
mod numbers;
mod stored;
mod text;
mod words;

use std::path::{Path, PathBuf};

/// A check: problems of one file, each as `path:line: what and why`.
type Check = fn(path: &str, text: &str) -> Vec<String>;

/// Every check that looks at one file alone.
const CHECKS: [(&str, Check); 15] = [
    ("arrows: crates depend in one direction", arrows::direction),
    ("arrows: engines and HTTP in their own rooms", arrows::outside_crates),
    ("doors: sockets and provider JSON only in serve and measure", doors::wire),
    ("doors: the method reads no clock and no file", doors::pure),
    ("doors: only the binary prints and reads the clock", doors::outermost),
    ("stored: no impact in the books", stored::impacts),
    ("stored: no prompt and no answer in the books", stored::bodies),
    ("numbers: no bare f64 in a public signature", numbers::bare_floats),
    ("numbers: never a silent zero", numbers::silent_zero),
    ("files: one sentence first, no file too long", files::shape),
    ("files: every module is declared, every link leads somewhere", files::headings),
    ("words: one word per thing", words::synonyms),
    ("words: reasons for exceptions", words::reasons),
    ("words: no path of one machine, no address of a registry", words::places),
    ("words: no white space at the end of a line", words::white_space),
];

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every text file of the tree as (path from the root, text).
fn tree() -> Vec<(String, String)> {
    const SKIP: [&str; 5] = ["target", "node_modules", ".git", "snapshots", "fixtures"];
    const KINDS: [&str; 14] = ["rs", "toml", "md", "py", "sh", "mjs", "js", "css", "json", "yml", "html", "csv", "svg", "txt"];
    fn walk(folder: &Path, root: &Path, found: &mut Vec<(String, String)>) {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !SKIP.contains(&name.as_str()) {
                    walk(&path, root, found);
                }
            } else if path.extension().is_some_and(|kind| KINDS.contains(&kind.to_str().unwrap())) || path.ends_with(".ci/run") {
                let place = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                found.push((place, std::fs::read_to_string(&path).unwrap_or_default()));
            }
        }
    }
    let root = root().canonicalize().unwrap();
    let mut found = Vec::new();
    walk(&root, &root, &mut found);
    found
}

#[test]
fn the_tree_keeps_the_laws() {
    let tree = tree();
    assert!(tree.len() > 60, "only {} files found below {}", tree.len(), root().display());
    let mut problems = Vec::new();
    for (law, check) in CHECKS {
        for (path, text) in &tree {
            problems.extend(check(path, text).into_iter().map(|problem| format!("{problem}   [{law}]")));
        }
    }
    problems.extend(files::median(&tree));
    problems.extend(files::orphans(&tree));
    problems.extend(files::links(&tree));
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// Expects that `check` finds something in a broken sample and nothing in a sound one.
fn fails_and_passes(check: Check, path: &str, broken: &str, sound: &str) {
    let found = check(path, broken);
    assert!(!found.is_empty(), "no problem found in {path}:\n{broken}");
    assert!(found.iter().all(|problem| problem.starts_with(path)), "{found:?}");
    let found = check(path, sound);
    assert!(found.is_empty(), "{found:?} in {path}:\n{sound}");
}
