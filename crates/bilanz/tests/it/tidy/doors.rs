//! Law 2: HTTP and provider JSON only in `serve` and `measure`; the method reads neither clock nor file.

use super::text::{code, product, strings, without_strings};

/// Field names that only a provider's JSON has.
const PROVIDER_WORDS: [&str; 10] = [
    "prompt_tokens",
    "completion_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "uncached_input_tokens",
    "input_cached_tokens",
    "num_model_requests",
    "resourceSpans",
    "inputTokenCount",
    "usageMetadata",
];
/// What opens a socket.
const SOCKETS: [&str; 5] = ["std::net", "tokio::net", "TcpStream", "TcpListener", "UdpSocket"];
/// What reaches outside.
const OUTSIDE: [&str; 9] = ["std::time", "std::fs", "std::net", "std::env", "std::process", "std::io", "tokio", "async fn", ".await"];
/// What reads the clock.
const CLOCKS: [&str; 4] = ["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now"];
/// What prints.
const PRINTS: [&str; 5] = ["println!", "eprintln!", "print!(", "eprint!(", "dbg!"];

/// Sockets and provider JSON only in the rooms that own them.
pub fn wire(path: &str, text: &str) -> Vec<String> {
    let Some(name) = product(path) else { return Vec::new() };
    let mut problems = Vec::new();
    for (number, line) in code(text) {
        let bare = without_strings(&line);
        if !["serve", "measure", "bilanz"].contains(&name) {
            for word in SOCKETS.iter().filter(|word| bare.contains(**word)) {
                problems.push(format!("{path}:{number}: `{word}` opens a socket; only serve and measure do"));
            }
        }
        if !["serve", "measure"].contains(&name) {
            for word in strings(&line) {
                if PROVIDER_WORDS.contains(&word.as_str()) || word.starts_with("gen_ai.") {
                    problems.push(format!("{path}:{number}: `{word}` is a provider's field; only serve and measure read it"));
                }
            }
        }
    }
    problems
}

/// `quantity` and `lca` are pure.
pub fn pure(path: &str, text: &str) -> Vec<String> {
    if !matches!(product(path), Some("lca" | "quantity")) {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (number, line) in code(text) {
        let bare = without_strings(&line);
        for word in OUTSIDE.iter().filter(|word| bare.contains(**word)) {
            problems.push(format!("{path}:{number}: `{word}`: the method reads no clock, no file, no environment, and does not wait"));
        }
    }
    problems
}

/// Clock and terminal belong to the binary.
pub fn outermost(path: &str, text: &str) -> Vec<String> {
    let Some(name) = product(path) else { return Vec::new() };
    if name == "bilanz" {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (number, line) in code(text) {
        let bare = without_strings(&line);
        for word in CLOCKS.iter().filter(|word| bare.contains(**word)) {
            problems.push(format!("{path}:{number}: `{word}`: only the binary reads the clock; take the time as an argument"));
        }
        for word in PRINTS.iter().filter(|word| bare.contains(**word)) {
            problems.push(format!("{path}:{number}: `{word}`: only the binary speaks to the terminal"));
        }
    }
    problems
}

#[test]
fn a_socket_or_a_providers_field_in_the_wrong_room_is_found() {
    let sound = "//! Sums.\nlet tokens = row.input_tokens; // OpenAI says \"prompt_tokens\"\n";
    let check = super::fails_and_passes;
    check(wire, "crates/report/src/lib.rs", "let n = value[\"prompt_tokens\"].as_i64();\n", sound);
    check(wire, "crates/ledger/src/lib.rs", "let name = \"gen_ai.request.model\";\n", sound);
    check(wire, "crates/govern/src/lib.rs", "use std::net::TcpStream;\n", sound);
    assert!(wire("crates/measure/src/openai.rs", "let n = value[\"prompt_tokens\"];\n").is_empty());
}

#[test]
fn a_method_that_looks_outside_is_found() {
    let sound = "//! Pure.\npub fn f(hours: &[Ratio]) -> Ratio {\n    hours[0]\n}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
    let check = super::fails_and_passes;
    check(pure, "crates/lca/src/lib.rs", "let text = std::fs::read_to_string(path);\n", sound);
    check(pure, "crates/lca/src/lib.rs", "use std::time::SystemTime;\n", sound);
    check(pure, "crates/quantity/src/lib.rs", "let home = std::env::var(\"HOME\");\n", sound);
    check(pure, "crates/lca/src/lib.rs", "pub async fn evaluate() {}\n", sound);
}

#[test]
fn a_clock_or_a_print_inside_is_found() {
    let sound = "//! Quiet.\npub fn f(now_ms: i64) -> String {\n    format!(\"println! at {now_ms}\")\n}\n";
    let check = super::fails_and_passes;
    check(outermost, "crates/serve/src/lib.rs", "let now = std::time::SystemTime::now();\n", sound);
    check(outermost, "crates/report/src/lib.rs", "println!(\"{total}\");\n", sound);
    assert!(outermost("crates/bilanz/src/main.rs", "println!(\"{total}\");\n").is_empty());
}
