//! Text: tables for the terminal, at most 100 columns wide.

use crate::messages::Msg;
use crate::table::wrap;
use crate::{Statement, codes, figures, names, outline};
use quantity::Lang;
use std::fmt::Write as _;

const WIDTH: usize = 100;

/// The statement as text.
pub fn text(statement: &Statement, lang: Lang) -> String {
    let say = |message: Msg| message.text(lang);
    let mut out = String::new();
    let who = if statement.organisation.is_empty() { String::new() } else { format!("{} · ", statement.organisation) };
    let _ = writeln!(out, "{}", say(Msg::Title));
    let _ = writeln!(out, "{who}{} · {} `{}`", outline::period(statement, lang), say(Msg::Profile), statement.profile);
    if let Some(account) = &statement.account {
        let _ = writeln!(out, "{} {}", say(Msg::Account), crate::table::shorten(account, 80));
    }
    let requests = outline::count_exact(statement.total.requests, lang);
    let tokens = outline::count_exact(statement.total.tokens, lang);
    let _ = writeln!(out, "{requests} {} · {tokens} {}\n", say(Msg::RequestsOf), say(Msg::TokensOf));
    out.push_str(&outline::total(statement, lang).text());
    for indicator in lca::Indicator::ALL {
        if let Some(lack) = outline::partial(statement, *indicator, lang) {
            let _ = writeln!(out, "* {} {lack}", say(names::indicator(*indicator)));
        }
    }
    let _ = writeln!(out, "\n{}: {}\n", say(Msg::Outcomes), outline::outcomes(statement, lang));
    let tables = (14..=34).rev().step_by(4).map(|width| outline::groups(statement, lang, width).text());
    let fits = |table: &String| table.lines().all(|line| line.chars().count() <= WIDTH);
    out.push_str(&tables.clone().find(fits).or_else(|| tables.last()).unwrap_or_default());
    if let Some(rest) = outline::rest(statement, lang) {
        let _ = writeln!(out, "{rest}");
    }
    if let Some(note) = outline::sums(statement, lang) {
        let _ = writeln!(out, "{}", wrap(note, WIDTH, 0));
    }
    below(&mut out, statement, lang);
    out
}

fn below(out: &mut String, statement: &Statement, lang: Lang) {
    let say = |message: Msg| message.text(lang);
    let mut section = |title: Msg, lines: Vec<String>| {
        let _ = writeln!(out, "\n{}", say(title));
        for line in lines {
            let _ = writeln!(out, "  {}", wrap(&line, WIDTH - 2, 4));
        }
    };
    section(Msg::Boundary, vec![outline::boundary(statement, lang)]);
    let driver = |driver: &quantity::Driver| format!("{}  {}", figures::percent(driver.share, lang), driver.factor);
    if !statement.drivers.is_empty() {
        section(Msg::Drivers, statement.drivers.iter().take(5).map(driver).collect());
    }
    let weak: Vec<String> = outline::weaknesses(&statement.weaknesses, lang)
        .into_iter()
        .map(|(text, about)| format!("{text} ({})", outline::about(&about, lang)))
        .collect();
    section(Msg::Weaknesses, if weak.is_empty() { vec![say(Msg::NoWeaknesses).to_owned()] } else { weak });
    let mut cover: Vec<String> = vec![format!("{}: {}", say(Msg::Entries), figures::count_exact(statement.coverage.entries, lang))];
    cover.extend(outline::shares(statement, lang).map(|(name, share)| format!("{name}: {}", figures::percent(share, lang))));
    cover.push(format!("{}: {}", say(Msg::CoverDays), statement.coverage.days_without_entries));
    cover.push(format!("{}: {}", say(Msg::StagesIn), outline::stages_in(statement, lang)));
    cover.extend(outline::stages_out(statement, lang).into_iter().map(|line| format!("{}: {line}", say(Msg::StagesOut))));
    cover.extend(outline::gaps(statement, lang).into_iter().map(|line| format!("{}: {line}", say(Msg::Gap))));
    section(Msg::Coverage, cover);
    let told: Vec<String> = statement
        .disclosures
        .iter()
        .map(|row| {
            let name = names::key(&row.provider, crate::By::Provider, lang);
            format!("{name} ({}): {}", figures::percent(row.energy_share, lang), outline::disclosure(row, lang))
        })
        .collect();
    if !told.is_empty() {
        section(Msg::Disclosures, told);
    }
    let found: Vec<String> = statement
        .findings
        .iter()
        .map(|finding| {
            let rows = if finding.rows == 1 { Msg::RowsOne } else { Msg::Rows };
            let severity = say(names::severity(finding.severity));
            format!(
                "{severity}, {} {}, {}: {}",
                finding.rows,
                say(rows),
                codes::about_text(&finding.about, lang),
                codes::finding_text(finding, lang)
            )
        })
        .collect();
    section(Msg::Findings, if found.is_empty() { vec![say(Msg::NoFindings).to_owned()] } else { found });
    let cited = statement
        .sources
        .iter()
        .map(|source| format!("[{}] {} ({}, {} {})", source.id, source.citation, source.licence, say(Msg::Retrieved), source.retrieved));
    let cited: Vec<String> = cited.collect();
    section(Msg::Sources, if cited.is_empty() { vec![say(Msg::NoSources).to_owned()] } else { cited });
    if !statement.factor_overrides.is_empty() {
        section(Msg::Overrides, statement.factor_overrides.clone());
    }
    let pins = [(Msg::LedgerHead, &statement.ledger_head), (Msg::FactorSet, &statement.factor_set), (Msg::Method, &statement.method)];
    section(Msg::Evidence, pins.map(|(name, value)| format!("{}: {value}", say(name))).to_vec());
}
