//! Findings of imports and of precedence, merged and counted.

use books::{Finding, ImportRecord};
use std::collections::BTreeMap;

/// Findings of one code that are listed one by one; the rest is counted.
const LISTED: usize = 12;

/// Merges equal findings; of each code the twelve with most rows are listed, the rest counted in one line.
///
/// Imports that were taken back have no say.
#[must_use]
pub fn merge(imports: &[ImportRecord], noticed: &[Finding]) -> Vec<Finding> {
    let told = imports.iter().filter(|import| !import.reverted).flat_map(|import| &import.findings);
    let mut merged: BTreeMap<(&str, &str, &str), Finding> = BTreeMap::new();
    for finding in told.chain(noticed) {
        let slot = merged.entry((&finding.code, &finding.about, &finding.text)).or_insert_with(|| Finding { rows: 0, ..finding.clone() });
        slot.rows += finding.rows;
        slot.severity = slot.severity.max(finding.severity);
    }
    let mut codes: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for finding in merged.into_values() {
        codes.entry(finding.code.clone()).or_default().push(finding);
    }
    let mut listed = Vec::new();
    for (code, mut findings) in codes {
        findings.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.rows.cmp(&a.rows)).then_with(|| a.cmp(b)));
        if findings.len() > LISTED + 1 {
            let rest = findings.split_off(LISTED);
            findings.push(Finding {
                code,
                severity: rest.iter().map(|finding| finding.severity).max().unwrap_or(books::Severity::Note),
                about: format!("+{}", rest.len()),
                text: format!("{} more of the same kind", rest.len()),
                rows: rest.iter().map(|finding| finding.rows).sum(),
            });
        }
        listed.extend(findings);
    }
    listed.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    listed
}
