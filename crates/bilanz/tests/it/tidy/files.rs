//! Law 8: small files that say what they are for, none forgotten, and links that lead somewhere.

/// No file is longer than this.
const LINES_MAX: usize = 800;
/// Half of the files are no longer than this.
const LINES_MEDIAN: usize = 150;

/// A Rust file opens with one sentence and has at most 800 lines.
pub fn shape(path: &str, text: &str) -> Vec<String> {
    if !path.ends_with(".rs") {
        return Vec::new();
    }
    let mut problems = Vec::new();
    let opening: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//! ")).collect();
    let sentence = opening.join(" ");
    if sentence.len() < 20 {
        problems.push(format!("{path}:1: open with one sentence of purpose, `//! ...`"));
    } else if !sentence.trim_end().ends_with(['.', ':', '?', '!', ';', '`']) {
        problems.push(format!("{path}:1: the first paragraph is no whole sentence: {sentence}"));
    }
    let lines = text.lines().count();
    if lines > LINES_MAX {
        problems.push(format!("{path}:{lines}: longer than {LINES_MAX} lines; cut it where it holds two thoughts"));
    }
    problems
}

/// Headings of a Markdown page with their line, code blocks left out.
fn page_headings(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced && line.starts_with('#') {
            found.push((number + 1, line));
        }
    }
    found
}

/// A Markdown page has one title.
pub fn headings(path: &str, text: &str) -> Vec<String> {
    if !path.ends_with(".md") {
        return Vec::new();
    }
    let titles: Vec<_> = page_headings(text).into_iter().filter(|(_, line)| line.starts_with("# ")).collect();
    match titles.as_slice() {
        [(1, _)] => Vec::new(),
        [] => vec![format!("{path}:1: a page opens with its title, `# ...`")],
        [(line, _)] => vec![format!("{path}:{line}: the title stands first")],
        [_, (line, _), ..] => vec![format!("{path}:{line}: a second title; one page, one `# ...`")],
    }
}

/// Half of the Rust files are short.
pub fn median(tree: &[(String, String)]) -> Vec<String> {
    let mut lengths: Vec<usize> = tree.iter().filter(|(path, _)| path.ends_with(".rs")).map(|(_, text)| text.lines().count()).collect();
    lengths.sort_unstable();
    let Some(median) = lengths.get(lengths.len() / 2) else { return Vec::new() };
    if *median > LINES_MEDIAN { vec![format!("the median file has {median} lines, more than {LINES_MEDIAN}")] } else { Vec::new() }
}

/// Every source file is a module of its crate.
pub fn orphans(tree: &[(String, String)]) -> Vec<String> {
    let text_of = |path: &str| tree.iter().find(|(name, _)| name == path).map(|(_, text)| text.as_str());
    let mut problems = Vec::new();
    for (path, _) in tree {
        let Some((folder, file)) = path.rsplit_once('/') else { continue };
        let inside = path.starts_with("crates/") && (path.contains("/src/") || path.contains("/tests/it/"));
        let Some(name) = file.strip_suffix(".rs").filter(|name| inside && !["lib", "main"].contains(name)) else { continue };
        let (folder, name) = if name == "mod" { folder.rsplit_once('/').unwrap_or_default() } else { (folder, name) };
        let parents = [format!("{folder}/lib.rs"), format!("{folder}/main.rs"), format!("{folder}/mod.rs"), format!("{folder}.rs")];
        let declared = |text: &str| {
            text.lines().any(|line| {
                line.trim_end().strip_suffix(';').is_some_and(|line| {
                    line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ")
                        == format!("mod {name}")
                })
            })
        };
        let own_program = folder.ends_with("/bin");
        if !own_program && !parents.iter().filter_map(|parent| text_of(parent)).any(declared) {
            problems.push(format!("{path}:1: no module declares this file; it is never compiled"));
        }
    }
    problems
}

/// Relative links of Markdown pages lead to files that exist.
pub fn links(tree: &[(String, String)]) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, text) in tree.iter().filter(|(path, _)| path.ends_with(".md")) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, line) in text.lines().enumerate() {
            for target in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let target = target.split('#').next().unwrap_or_default();
                if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                    continue;
                }
                if !super::root().join(folder).join(target).exists() {
                    problems.push(format!("{path}:{}: the link to `{target}` leads nowhere", number + 1));
                }
            }
        }
    }
    problems
}

#[test]
fn a_file_without_purpose_or_end_is_found() {
    let sound = "//! One sentence that says why.\n\nfn f() {}\n";
    let check = super::fails_and_passes;
    check(shape, "crates/lca/src/a.rs", "fn f() {}\n", sound);
    check(shape, "crates/lca/src/a.rs", "//! a heading without a sentence\n", sound);
    check(shape, "crates/lca/src/a.rs", &format!("{sound}{}", "// x\n".repeat(LINES_MAX)), sound);
}

#[test]
fn a_page_with_two_titles_is_found() {
    let sound = "# Title\n\n## Part\n\n```sh\n# a comment\n```\n";
    let check = super::fails_and_passes;
    check(headings, "README.md", "# One\n\n# Two\n", sound);
    check(headings, "README.md", "text\n", sound);
}

#[test]
fn a_tree_of_long_files_is_found() {
    let file = |name: &str, lines: usize| (format!("crates/lca/src/{name}.rs"), "// x\n".repeat(lines));
    assert!(!median(&[file("a", 10), file("b", 200), file("c", 300)]).is_empty());
    assert!(median(&[file("a", 10), file("b", 100), file("c", 700)]).is_empty());
}

#[test]
fn a_forgotten_file_is_found() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let lib = file("crates/lca/src/lib.rs", "mod a;\npub mod b;\n");
    let sound = [
        lib.clone(),
        file("crates/lca/src/a.rs", "mod deep;\n"),
        file("crates/lca/src/a/deep.rs", ""),
        file("crates/lca/src/b/mod.rs", ""),
    ];
    assert_eq!(orphans(&sound), Vec::<String>::new());
    assert_eq!(orphans(&[lib, file("crates/lca/src/c.rs", "")]).len(), 1);
}

#[test]
fn a_link_to_nowhere_is_found() {
    let page = |text: &str| [("README.md".to_owned(), text.to_owned())];
    assert_eq!(links(&page("see [laws](NO-SUCH-PAGE.md#laws)")).len(), 1);
    assert!(links(&page("see [manifest](Cargo.toml), [site](https://example.org), [below](#part)")).is_empty());
}
