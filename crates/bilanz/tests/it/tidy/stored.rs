//! Laws 3 and 7: the books hold facts alone, neither an impact nor a word of what was asked or answered.

use super::text::{code, identifiers, product, strings};

/// Parts of a name that would say "impact".
const IMPACTS: [&str; 13] =
    ["gwp", "co2", "carbon", "water", "adpe", "pe_mj", "primary_energy", "ewaste", "emission", "footprint", "impact", "kwh", "intensity"];
/// Names under which prompts and answers travel.
const BODIES: [&str; 25] = [
    "prompt",
    "prompts",
    "messages",
    "message",
    "completion",
    "response",
    "answer",
    "content",
    "body",
    "text",
    "input",
    "output",
    "inputBodyJson",
    "outputBodyJson",
    "proxy_server_request",
    "requester_ip_address",
    "choices",
    "input_text",
    "output_text",
    "gen_ai.prompt",
    "gen_ai.completion",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.definitions",
];

/// Names that files of the books give to what they store: (line, name).
fn columns(path: &str, text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    match path {
        // Fields of the entry.
        "crates/books/src/entry.rs" => {
            for (number, line) in code(text) {
                if let Some((name, _)) = line.trim().strip_prefix("pub ").and_then(|rest| rest.split_once(':'))
                    && name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_' || letter.is_ascii_digit())
                {
                    found.push((number, name.to_owned()));
                }
            }
        }
        // Names in the list of statistics: one identifier and a comma on a line of its own.
        "crates/lca/src/stats.rs" => {
            for (number, line) in code(text) {
                if let Some(name) = line.trim().strip_suffix(',')
                    && identifiers(name).eq([name])
                {
                    found.push((number, name.to_owned()));
                }
            }
        }
        // Column names, folders and SQL of the ledger.
        _ if product(path) == Some("ledger") => {
            for (number, line) in code(text) {
                for word in strings(&line) {
                    let column = !word.is_empty()
                        && word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_' || letter.is_ascii_digit());
                    if column {
                        found.push((number, word));
                    }
                }
            }
        }
        _ => {}
    }
    found
}

/// No column, field or folder of the books is named like an impact; roll-ups lie outside the sealed folder.
pub fn impacts(path: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (line, name) in columns(path, text) {
        // The rank of a provider's own footprint, which is compared and never added.
        if name == "footprint" {
            continue;
        }
        if let Some(word) = IMPACTS.iter().find(|word| name.contains(**word)) {
            problems.push(format!(
                "{path}:{line}: `{name}` looks like an impact (`{word}`); the books store activities, impacts are computed when asked"
            ));
        }
    }
    if product(path) == Some("ledger") {
        for (number, line) in code(text) {
            let named = strings(&line).iter().any(|word| word.contains("ledger/rollup") || word.contains("ledger/cache"));
            if named {
                problems.push(format!("{path}:{number}: roll-ups live outside the sealed folder, so that they can be deleted at any time"));
            }
        }
    }
    problems
}

/// No column is named like a prompt or an answer, and no importer names such a field except to pass over it.
pub fn bodies(path: &str, text: &str) -> Vec<String> {
    let mut problems: Vec<String> = columns(path, text)
        .into_iter()
        .filter(|(_, name)| BODIES.contains(&name.as_str()))
        .map(|(line, name)| format!("{path}:{line}: `{name}` would hold what was asked or answered; that is never stored"))
        .collect();
    // The scanners of live answers name such fields, since they count texts as they pass; that they keep none is held by the
    // test `gateway::secrets`, which looks for planted texts in the books, the journal and all output.
    if product(path) == Some("measure") && !path.starts_with("crates/measure/src/usage/") {
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in code(text) {
            // A line may name such a field with its reason: `// passed over: ...`, there or above.
            let above = number.checked_sub(2).and_then(|above| lines.get(above)).is_some_and(|line| line.contains("// passed over:"));
            if above || lines.get(number - 1).is_some_and(|line| line.contains("// passed over:")) {
                continue;
            }
            for word in strings(&line).iter().filter(|word| BODIES.contains(&word.as_str())) {
                problems.push(format!(
                    "{path}:{number}: `{word}` holds what was asked or answered; say `// passed over: why` where it is skipped unread"
                ));
            }
        }
    }
    problems
}

#[test]
fn a_stored_impact_is_found() {
    let check = super::fails_and_passes;
    check(
        impacts,
        "crates/books/src/entry.rs",
        "pub struct Entry {\n    pub gwp_kgco2e: i64,\n}\n",
        "pub struct Entry {\n    pub counts: Counts,\n}\n",
    );
    check(
        impacts,
        "crates/lca/src/stats.rs",
        "stats!(\n    requests,\n    water_ml,\n);\n",
        "stats!(\n    requests,\n    input_tokens,\n);\n",
    );
    check(impacts, "crates/ledger/src/schema.rs", "Field::new(\"co2_g\", Int64, true),\n", "Field::new(\"energy_nj\", WIDE, true),\n");
    check(
        impacts,
        "crates/ledger/src/rollup.rs",
        "let folder = books.join(\"ledger/rollups\");\n",
        "let folder = books.join(\"cache/rollups\");\n",
    );
}

#[test]
fn a_stored_prompt_is_found() {
    let check = super::fails_and_passes;
    check(
        bodies,
        "crates/books/src/entry.rs",
        "pub struct Entry {\n    pub prompt: String,\n}\n",
        "pub struct Entry {\n    pub labels: Arc<str>,\n}\n",
    );
    check(bodies, "crates/ledger/src/schema.rs", "Field::new(\"messages\", Utf8, true),\n", "Field::new(\"labels\", Utf8, true),\n");
    check(
        bodies,
        "crates/measure/src/litellm.rs",
        "labels.push((\"messages\", row.get(\"messages\")));\n",
        "// passed over: it holds the prompt\nskip(\"messages\");\nlabels.push((\"team_id\", team));\n",
    );
}
