//! Figures of METHOD.md that the tests compute: kept between marks, written anew with `BILANZ_BLESS=1`.

use std::path::Path;

/// Compares a block of METHOD.md with what was just computed.
pub(crate) fn figures(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../METHOD.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (open, close) = (format!("<!-- figures: {name} -->\n"), format!("<!-- end: {name} -->"));
    let (_, rest) = page.split_once(&open).unwrap_or_else(|| panic!("METHOD.md has no block `{name}`"));
    let (shown, _) = rest.split_once(&close).unwrap_or_else(|| panic!("block `{name}` of METHOD.md has no end"));
    if shown == text {
        return;
    }
    assert!(
        std::env::var_os("BILANZ_BLESS").is_some(),
        "METHOD.md shows\n{shown}\nfor `{name}`, but the code gives\n{text}\n(BILANZ_BLESS=1 writes it)"
    );
    // The page may have been written by another test since.
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(&open).unwrap();
    let (_, after) = rest.split_once(&close).unwrap();
    std::fs::write(path, format!("{before}{open}{text}{close}{after}")).unwrap();
}
