//! Markdown: the same parts as the text, for wikis and reviews.

use crate::messages::{Msg, fill};
use crate::table::escape;
use crate::{Statement, codes, figures, names, outline};
use quantity::Lang;
use std::fmt::Write as _;

/// The statement as Markdown.
pub fn markdown(statement: &Statement, lang: Lang) -> String {
    let say = |message: Msg| message.text(lang);
    let mut out = format!("# {}\n\n", say(Msg::Title));
    let who = if statement.organisation.is_empty() { String::new() } else { format!("{} · ", escape(&statement.organisation)) };
    let requests = outline::count_exact(statement.total.requests, lang);
    let tokens = outline::count_exact(statement.total.tokens, lang);
    let _ = writeln!(out, "{who}{} · {} `{}`  ", outline::period(statement, lang), say(Msg::Profile), statement.profile);
    if let Some(account) = &statement.account {
        let _ = writeln!(out, "{} {}  ", say(Msg::Account), escape(account));
    }
    let _ = writeln!(out, "{requests} {} · {tokens} {}\n", say(Msg::RequestsOf), say(Msg::TokensOf));
    out.push_str(&outline::total(statement, lang).markdown());
    let _ = writeln!(out, "\n{}: {}", say(Msg::Outcomes), outline::outcomes(statement, lang));
    let _ = writeln!(out, "\n## {}\n", fill(Msg::Groups, lang, &[&names::by_within(statement.by, lang)]));
    out.push_str(&outline::groups(statement, lang, 60).markdown());
    if let Some(rest) = outline::rest(statement, lang) {
        let _ = writeln!(out, "\n{rest}");
    }
    if let Some(note) = outline::sums(statement, lang) {
        let _ = writeln!(out, "\n{note}");
    }
    let mut section = |title: Msg, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n## {}\n", say(title));
            for line in lines {
                let _ = writeln!(out, "- {line}");
            }
        }
    };
    section(Msg::Boundary, vec![escape(&outline::boundary(statement, lang))]);
    let driver = |driver: &quantity::Driver| format!("{} {}", figures::percent(driver.share, lang), escape(&driver.factor));
    section(Msg::Drivers, statement.drivers.iter().take(5).map(driver).collect());
    let weak = outline::weaknesses(&statement.weaknesses, lang);
    section(Msg::Weaknesses, weak.iter().map(|(text, about)| escape(&format!("{text} ({})", outline::about(about, lang)))).collect());
    let mut cover: Vec<String> =
        outline::shares(statement, lang).map(|(name, share)| format!("{name}: {}", figures::percent(share, lang))).to_vec();
    cover.push(format!("{}: {}", say(Msg::CoverDays), statement.coverage.days_without_entries));
    cover.push(format!("{}: {}", say(Msg::StagesIn), outline::stages_in(statement, lang)));
    cover.extend(outline::stages_out(statement, lang).into_iter().map(|line| format!("{}: {line}", say(Msg::StagesOut))));
    cover.extend(outline::gaps(statement, lang).into_iter().map(|line| format!("{}: {line}", say(Msg::Gap))));
    section(Msg::Coverage, cover);
    let told = statement.disclosures.iter().map(|row| {
        let share = figures::percent(row.energy_share, lang);
        format!(
            "**{}** ({share}): {}",
            escape(&names::key(&row.provider, crate::By::Provider, lang)),
            escape(&outline::disclosure(row, lang))
        )
    });
    section(Msg::Disclosures, told.collect());
    let found = statement.findings.iter().map(|finding| {
        let text = codes::finding_text(finding, lang);
        let severity = say(names::severity(finding.severity));
        format!("{severity}, {} × {}: {}", finding.rows, escape(&codes::about_text(&finding.about, lang)), escape(&text))
    });
    section(Msg::Findings, found.collect());
    let cited = statement.sources.iter().map(|source| {
        format!(
            "\\[{}\\] {} ({}, {} {})",
            escape(&source.id),
            escape(&source.citation),
            escape(&source.licence),
            say(Msg::Retrieved),
            source.retrieved
        )
    });
    section(Msg::Sources, cited.collect());
    section(Msg::Overrides, statement.factor_overrides.iter().map(|line| escape(line)).collect());
    let pins = [(Msg::LedgerHead, &statement.ledger_head), (Msg::FactorSet, &statement.factor_set), (Msg::Method, &statement.method)];
    section(Msg::Evidence, pins.map(|(name, value)| format!("{}: `{value}`", say(name))).to_vec());
    out
}
