//! Laws 5 and 6: no bare `f64` at a public door, and never a silent zero.

use super::text::{code, identifiers, product, without_strings};

/// No `f64` in a public function, field, constant or alias outside `quantity`.
pub fn bare_floats(path: &str, text: &str) -> Vec<String> {
    if product(path).is_none_or(|name| name == "quantity") {
        return Vec::new();
    }
    let lines = code(text);
    let mut problems = Vec::new();
    let mut place = 0;
    while place < lines.len() {
        let (number, line) = &lines[place];
        let bare = without_strings(line);
        if let Some(rest) = bare.trim_start().strip_prefix("pub ") {
            // A signature ends at its body or semicolon; a field or constant at its line.
            let mut signature = rest.to_owned();
            if rest.contains("fn ") {
                while !signature.contains(['{', ';']) && place + 1 < lines.len() {
                    place += 1;
                    signature.push_str(&without_strings(&lines[place].1));
                }
                signature = signature.split(['{', ';']).next().unwrap_or_default().to_owned();
            } else if rest.contains('{') && !rest.contains('=') {
                signature.clear();
            }
            if identifiers(&signature).any(|word| word == "f64" || word == "f32") {
                problems.push(format!("{path}:{number}: a bare f64 in public; use a quantity, so that the unit is in the type"));
            }
        }
        place += 1;
    }
    problems
}

/// Words that tell that a line is about a figure that may be unknown.
const FIGURES: [&str; 11] = ["energy", "gwp", "co2e", "water", "adpe", "primary", "ewaste", "cost", "impacts", "estimate", "price"];
/// Ways to turn "unknown" into nothing.
const ZEROES: [&str; 6] =
    ["unwrap_or(0.0)", "unwrap_or(0)", "map_or(0.0,", "map_or(0,", "unwrap_or(ratio::new(0.0))", "unwrap_or_default()"];

/// Where a figure is spoken of, unknown never becomes zero without a reason: `// zero: why`, on the line or above.
pub fn silent_zero(path: &str, text: &str) -> Vec<String> {
    if !matches!(product(path), Some("lca" | "report" | "serve" | "reduce" | "govern")) {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().collect();
    let reason = |number: usize| lines.get(number - 1).is_some_and(|line| line.contains("// zero:"));
    let mut problems = Vec::new();
    for (number, line) in code(text) {
        let lower = without_strings(&line).to_lowercase();
        let about = FIGURES.iter().any(|word| lower.contains(word));
        // An empty text is an empty cell, which is what a gap looks like.
        let text_only = lower.contains("to_string()).unwrap_or_default()");
        let zero = ZEROES.iter().any(|zero| lower.contains(zero)) && !text_only;
        if about && zero && !reason(number) && !(number > 1 && reason(number - 1)) {
            problems.push(format!("{path}:{number}: an unknown figure becomes zero; keep the gap, or say `// zero: why`"));
        }
    }
    problems
}

#[test]
fn a_bare_float_in_public_is_found() {
    let sound = "pub fn total(&self) -> Energy {\n    self.sum\n}\npub(crate) fn score(z: f64) -> f64 {\n    z\n}\nfn f(x: f64) {}\n";
    let check = super::fails_and_passes;
    check(bare_floats, "crates/report/src/lib.rs", "pub fn total(&self) -> f64 {\n    0.1\n}\n", sound);
    check(bare_floats, "crates/lca/src/lib.rs", "pub const fn new(\n    kwh: f64,\n) -> Self {\n", sound);
    check(bare_floats, "crates/serve/src/lib.rs", "pub struct Bar {\n    pub height: f64,\n}\n", sound);
    check(bare_floats, "crates/lca/src/lib.rs", "pub const FLOOR: f64 = 3.6;\n", sound);
    assert!(bare_floats("crates/quantity/src/unit.rs", "pub const fn kwh(value: f64) -> Self {\n").is_empty());
}

#[test]
fn a_silent_zero_is_found() {
    let sound = "let energy = row.energy?;\nlet name = model.unwrap_or_default();\n// zero: a row without a bill has none\nlet cost = row.cost_micro.unwrap_or(0);\n";
    let check = super::fails_and_passes;
    check(silent_zero, "crates/report/src/lib.rs", "let energy = row.energy_kwh.unwrap_or(0.0);\n", sound);
    check(silent_zero, "crates/serve/src/lib.rs", "let height = impacts.gwp.map_or(0.0, |e| scale(e));\n", sound);
    check(silent_zero, "crates/lca/src/lib.rs", "let water = water.unwrap_or_default();\n", sound);
}
