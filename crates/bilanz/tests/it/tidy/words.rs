//! Words: one per thing, a reason for every exception, nothing that only one machine knows.

use super::text::{code, identifiers, product, without_strings};

/// Identifiers that are a second word for something that has one.
const SYNONYMS: [(&str, &str); 12] = [
    ("emission", "gwp or Co2e"),
    ("emissions", "gwp or Co2e"),
    ("carbon_footprint", "gwp or Co2e"),
    ("co2eq", "co2e"),
    ("co2_eq", "co2e"),
    ("datacenter", "site"),
    ("data_center", "site"),
    ("vendor", "provider"),
    ("tenant", "account"),
    ("gpu_type", "accelerator"),
    ("confidence_interval", "low, median, high"),
    ("usage_record", "entry"),
];

/// This folder: its samples are broken on purpose.
const SAMPLES: &str = "crates/bilanz/tests/it/tidy/";

/// One word per thing, in identifiers; strings may hold what others call it.
pub fn synonyms(path: &str, text: &str) -> Vec<String> {
    if !path.ends_with(".rs") || path.starts_with(SAMPLES) {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (number, line) in code(text) {
        for word in identifiers(&without_strings(&line)) {
            if let Some((_, instead)) = SYNONYMS.iter().find(|(synonym, _)| word.eq_ignore_ascii_case(synonym)) {
                problems.push(format!("{path}:{number}: `{word}`: the word of this house is {instead}"));
            }
        }
    }
    problems
}

/// In product code `allow` and `expect` state a reason, and so does an ignored test anywhere.
pub fn reasons(path: &str, text: &str) -> Vec<String> {
    if !path.ends_with(".rs") || path.starts_with(SAMPLES) {
        return Vec::new();
    }
    let end = if product(path).is_some() { code(text).last().map_or(0, |(number, _)| *number) } else { 0 };
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let start = line.trim_start();
        let Some(attribute) = start.strip_prefix("#![").or_else(|| start.strip_prefix("#[")) else { continue };
        if number < end && (attribute.starts_with("allow(") || attribute.starts_with("expect(")) {
            let whole = text.lines().skip(number).take_while_inclusive(|line| !line.trim_end().ends_with(")]"));
            if !whole.iter().any(|line| line.contains("reason =")) {
                problems.push(format!("{path}:{}: an exception without a reason; write #[expect(..., reason = \"...\")]", number + 1));
            }
        }
        if attribute.starts_with("ignore]") {
            problems.push(format!("{path}:{}: a test is left out without a reason; write #[ignore = \"...\"]", number + 1));
        }
    }
    problems
}

trait TakeWhileInclusive<'a>: Iterator<Item = &'a str> + Sized {
    /// The items up to and with the first one that ends the run.
    fn take_while_inclusive(self, go_on: impl Fn(&str) -> bool) -> Vec<&'a str> {
        let mut taken = Vec::new();
        for item in self {
            taken.push(item);
            if !go_on(item) {
                break;
            }
        }
        taken
    }
}

impl<'a, I: Iterator<Item = &'a str>> TakeWhileInclusive<'a> for I {}

/// No absolute path of somebody's machine, and no address of a package registry.
pub fn places(path: &str, text: &str) -> Vec<String> {
    const PATHS: [&str; 5] = ["/root/", "/work/", "/home/", "/Users/", "C:\\Users"];
    const REGISTRIES: [&str; 7] =
        ["index.crates.io", "static.crates.io", "pypi.org", "pythonhosted.org", "registry.npmjs.org", "proxy.golang.org", "deb.debian.org"];
    if path.starts_with(SAMPLES) || path == "Cargo.lock" {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for start in PATHS {
            // Part of an address or of a longer path is something else.
            let own =
                line.match_indices(start).any(|(at, _)| line[..at].chars().next_back().is_none_or(|before| " \"'`(=:,[".contains(before)));
            if own {
                problems.push(format!("{path}:{}: `{start}` is a path of one machine", number + 1));
            }
        }
        for host in REGISTRIES.iter().filter(|host| line.contains(**host)) {
            problems.push(format!("{path}:{}: `{host}` is the address of a registry; clients know it, files need not", number + 1));
        }
    }
    problems
}

/// No white space at the end of a line, no tab in Rust, and one line break at the end of a file.
pub fn white_space(path: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t', '\r']) {
            problems.push(format!("{path}:{}: white space at the end of the line", number + 1));
        }
        if path.ends_with(".rs") && line.starts_with('\t') {
            problems.push(format!("{path}:{}: indented by a tab", number + 1));
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        problems.push(format!("{path}:{}: no line break at the end of the file", text.lines().count()));
    }
    problems
}

#[test]
fn a_second_word_for_one_thing_is_found() {
    let sound = "let gwp = total.gwp_kgco2e; // the emissions\nlet file = \"emissions.csv\";\n";
    super::fails_and_passes(synonyms, "crates/report/src/lib.rs", "let emissions = total;\n", sound);
    super::fails_and_passes(synonyms, "crates/books/src/lib.rs", "pub struct Tenant;\n", sound);
}

#[test]
fn an_exception_without_a_reason_is_found() {
    let sound = "#[expect(\n    clippy::panic,\n    reason = \"a test says no\"\n)]\n#[ignore = \"needs a GPU\"]\nfn f() {}\n";
    let check = super::fails_and_passes;
    check(reasons, "crates/lca/src/lib.rs", "#[allow(dead_code)]\nfn f() {}\n", sound);
    check(reasons, "crates/lca/src/lib.rs", "#[expect(\n    clippy::panic,\n)]\nfn f() {}\n// reason\n", sound);
    check(reasons, "crates/lca/src/lib.rs", "#[test]\n#[ignore]\nfn f() {}\n", sound);
}

#[test]
fn a_path_of_one_machine_is_found() {
    let sound = "See https://example.org/home/page and ../shared/data.\n";
    let check = super::fails_and_passes;
    check(places, "README.md", "Run `/home/ada/bilanz/target/debug/bilanz`.\n", sound);
    check(places, "crates/lca/src/lib.rs", "let path = \"/root/factors\";\n", sound);
    check(places, "tests/web/package-lock.json", "\"resolved\": \"https://registry.npmjs.org/x\"\n", sound);
}

#[test]
fn white_space_at_the_end_is_found() {
    let sound = "a\nb\n";
    let check = super::fails_and_passes;
    check(white_space, "README.md", "a \nb\n", sound);
    check(white_space, "README.md", "a\nb", sound);
    check(white_space, "crates/lca/src/lib.rs", "fn f() {\n\tg();\n}\n", sound);
}
