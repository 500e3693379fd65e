//! Reading Rust without parsing it: code lines without comments, tests and, where asked, strings.

/// Lines of code with their number: comments cut, unit tests at the end of a file left out.
pub fn code(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let tests = line.trim() == "#[cfg(test)]"
            && lines[place + 1..]
                .iter()
                .find(|next| !next.trim_start().starts_with("#["))
                .is_some_and(|next| next.trim_start().starts_with("mod "));
        if tests {
            break;
        }
        let line = cut_comment(line);
        if !line.trim().is_empty() {
            found.push((place + 1, line.to_owned()));
        }
    }
    found
}

/// The line up to `//`, unless that stands in a string.
fn cut_comment(line: &str) -> &str {
    let bytes = line.as_bytes();
    let (mut quoted, mut place) = (false, 0);
    while place < bytes.len() {
        match bytes[place] {
            b'\\' if quoted => place += 1,
            // A quote as a character, 'x', opens no string.
            b'"' if place == 0 || bytes[place - 1] != b'\'' => quoted = !quoted,
            b'/' if !quoted && bytes.get(place + 1) == Some(&b'/') => return &line[..place],
            _ => {}
        }
        place += 1;
    }
    line
}

/// The string literals of a line, without their quotes.
pub fn strings(line: &str) -> Vec<String> {
    line.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The line with its string literals emptied.
pub fn without_strings(line: &str) -> String {
    line.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}

/// Identifiers of a piece of code.
pub fn identifiers(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

/// The crate a path belongs to, and the rest: (`lca`, `src/lib.rs`).
pub fn place(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("crates/")?.split_once('/')
}

/// Whether the path is product code (not a test, a bench or a build script) of a crate.
pub fn product(path: &str) -> Option<&str> {
    let (name, rest) = place(path)?;
    let test = rest.ends_with("/tests.rs") || rest.contains("/tests/") || rest.ends_with("_tests.rs");
    (rest.starts_with("src/") && rest.ends_with(".rs") && !test).then_some(name)
}

#[test]
fn comments_strings_and_tests_are_told_apart() {
    let text = "let a = \"x // y\"; // why\n//! doc\nlet q = '\"'; // z\n#[cfg(test)]\nmod tests {\n    bad();\n}\n";
    assert_eq!(code(text), [(1, "let a = \"x // y\"; ".to_owned()), (3, "let q = '\"'; ".to_owned())]);
    assert_eq!(strings("f(\"a\", \"b\")"), ["a", "b"]);
    assert_eq!(without_strings("f(\"a\", x)"), "f(\"\", x)");
    assert_eq!(product("crates/lca/src/lib.rs"), Some("lca"));
    assert_eq!(product("crates/lca/src/tests/laws.rs"), None);
}
