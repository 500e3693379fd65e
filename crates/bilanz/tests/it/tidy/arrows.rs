//! Law 1: dependencies between crates go one way, and engines and HTTP stay in their rooms.

use super::text::place;

/// The arrows: a crate, and what it may depend on of the house.
const ARROWS: [(&str, &[&str]); 10] = [
    ("quantity", &[]),
    ("lca", &["quantity"]),
    ("books", &["quantity", "lca"]),
    ("ledger", &["quantity", "lca", "books"]),
    ("measure", &["quantity", "lca", "books"]),
    ("reduce", &["quantity", "lca", "books"]),
    ("govern", &["quantity", "lca", "books"]),
    ("report", &["quantity", "lca", "books"]),
    ("serve", &["quantity", "lca", "books", "measure", "reduce", "govern", "report"]),
    ("bilanz", &["quantity", "lca", "books", "ledger", "measure", "reduce", "govern", "report", "serve"]),
];

/// Crates from outside that only some rooms may know; a name ending in `*` is a prefix.
const ROOMS: [(&str, &[&str], &str); 14] = [
    ("datafusion*", &["ledger"], "the query engine stays behind `trait Ledger`"),
    ("arrow*", &["ledger"], "the query engine stays behind `trait Ledger`"),
    ("parquet", &["ledger"], "the query engine stays behind `trait Ledger`"),
    ("object_store", &["ledger"], "the query engine stays behind `trait Ledger`"),
    ("rusqlite", &["ledger"], "the manifest is the ledger's own"),
    ("axum*", &["serve"], "HTTP is served in one room"),
    ("hyper*", &["serve", "measure"], "HTTP stays in serve and measure"),
    ("reqwest", &["serve", "measure"], "HTTP stays in serve and measure"),
    ("ureq", &["serve", "measure"], "HTTP stays in serve and measure"),
    ("tower*", &["serve", "measure"], "HTTP stays in serve and measure"),
    ("http", &["serve", "measure"], "HTTP stays in serve and measure"),
    ("tokio*", &["serve", "measure", "ledger", "bilanz"], "the method and the statements are not asynchronous"),
    ("anyhow", &["bilanz"], "libraries have typed errors"),
    ("chrono*", &[], "dates go through jiff"),
];

/// The dependencies a manifest names, with their line: (line, name).
fn dependencies(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            inside = section.ends_with("dependencies");
            // [dependencies.name] names its crate in the heading.
            if let Some((_, name)) = section.split_once("dependencies.") {
                found.push((number + 1, name.to_owned()));
            }
        } else if inside
            && !line.starts_with('#')
            && let Some((name, value)) = line.split_once('=')
        {
            let renamed = value.split_once("package").and_then(|(_, rest)| rest.split('"').nth(1));
            let name = name.trim().split('.').next().unwrap_or_default();
            found.push((number + 1, renamed.unwrap_or(name).to_owned()));
        }
    }
    found
}

fn manifest(path: &str) -> Option<&str> {
    place(path).and_then(|(name, rest)| (rest == "Cargo.toml").then_some(name))
}

/// A crate depends only on what lies below it.
pub fn direction(path: &str, text: &str) -> Vec<String> {
    let Some(name) = manifest(path) else { return Vec::new() };
    let Some((_, allowed)) = ARROWS.iter().find(|(room, _)| *room == name) else {
        return vec![format!("{path}:1: crate `{name}` has no place in the house; draw its arrows first")];
    };
    dependencies(text)
        .into_iter()
        .filter(|(_, on)| ARROWS.iter().any(|(room, _)| room == on) && !allowed.contains(&on.as_str()))
        .map(|(line, on)| format!("{path}:{line}: `{name}` must not depend on `{on}`; the arrows go one way"))
        .collect()
}

/// Engines, HTTP and the like only where they belong.
pub fn outside_crates(path: &str, text: &str) -> Vec<String> {
    let Some(name) = manifest(path) else { return Vec::new() };
    let mut problems = Vec::new();
    for (line, on) in dependencies(text) {
        for (pattern, rooms, why) in ROOMS {
            let hit = pattern.strip_suffix('*').map_or(on == pattern, |prefix| on.starts_with(prefix));
            if hit && !rooms.contains(&name) {
                problems.push(format!("{path}:{line}: `{name}` must not depend on `{on}`: {why}"));
            }
        }
    }
    problems
}

#[test]
fn an_arrow_that_points_back_is_found() {
    let manifest = |on: &str| format!("[package]\nname = \"x\"\n\n[dependencies]\nlca = {{ workspace = true }}\n{on}\n");
    let sound = manifest("serde = { workspace = true }");
    let check = super::fails_and_passes;
    check(direction, "crates/books/Cargo.toml", &manifest("ledger = { workspace = true }"), &sound);
    check(direction, "crates/report/Cargo.toml", &manifest("measure.workspace = true"), &sound);
    check(direction, "crates/serve/Cargo.toml", &manifest("[dev-dependencies]\nledger = \"1\""), &sound);
    check(direction, "crates/govern/Cargo.toml", &manifest("other = { package = \"reduce\", path = \"../reduce\" }"), &sound);
    check(direction, "crates/measure/Cargo.toml", &manifest("[dependencies.report]\nworkspace = true"), &sound);
    assert!(!direction("crates/attic/Cargo.toml", "[package]\n").is_empty());
}

#[test]
fn an_engine_outside_its_room_is_found() {
    let sound = "[dependencies]\nserde = { workspace = true }\n";
    let check = super::fails_and_passes;
    check(outside_crates, "crates/report/Cargo.toml", "[dependencies]\ndatafusion = { workspace = true }\n", sound);
    check(outside_crates, "crates/govern/Cargo.toml", "[dependencies]\nreqwest = \"0.12\"\n", sound);
    check(outside_crates, "crates/lca/Cargo.toml", "[dev-dependencies]\ntokio = \"1\"\n", sound);
    check(outside_crates, "crates/measure/Cargo.toml", "[dependencies]\naxum = \"0.8\"\n", sound);
}
