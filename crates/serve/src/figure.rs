//! The frame of a figure: its finding, its picture, and behind it the data, the command and the sources.

use crate::page::{View, breakable, capital, joined};
use crate::query::Query;
use lca::Indicator;
use maud::{Markup, html};
use quantity::Ratio;
use report::messages::Msg;
use report::{By, Format, Group, Statement, chart, figures, names};

/// What stands around a picture.
pub struct Figure<'a> {
    /// Id that is unique on the page.
    pub id: &'a str,
    /// Name.
    pub title: &'a str,
    /// What it shows, in words.
    pub finding: &'a str,
    /// The picture.
    pub picture: Markup,
    /// The table behind it.
    pub table: Markup,
    /// The question that gives the same figures.
    pub query: &'a Query,
    /// Path of the API that gives them.
    pub api: &'a str,
}

/// A figure with everything needed to check it.
pub fn figure(view: &View, parts: &Figure<'_>) -> Markup {
    let command = parts.query.command(&view.open.house.books_dir_label);
    html! {
        figure id=(parts.id) {
            figcaption { h2 { (parts.title) } p { (parts.finding) } }
            (parts.picture)
            details {
                summary { (view.say(Msg::DataTitle)) }
                div.more {
                    div.scroll tabindex="0" role="region" aria-label=(parts.title) { (parts.table) }
                    p.small { (view.say(Msg::DataCli)) ":" }
                    pre tabindex="0" { (command) }
                    p.small {
                        a href=(parts.query.href(parts.api)) { (view.say(Msg::DataJson)) } " · "
                        @if parts.api.ends_with("footprint") { a href=(parts.query.format(Format::Csv).href(parts.api)) { (view.say(Msg::DataCsv)) } " · " }
                        a href=(view.query.plain().href("/sources")) { (view.say(Msg::DataSources)) }
                    }
                }
            }
        }
    }
}

/// The cells low, median, high of an indicator, with all digits and in the base unit.
pub fn cells(view: &View, row: Option<[Ratio; 3]>) -> Markup {
    html! {
        @match row {
            Some(row) => { @for value in row { td.num data-value=(quantity::six_digits(value.get())) { (figures::digits(value, view.lang)) } } }
            None => { td.num.gap colspan="3" data-value="null" { (view.say(Msg::Gap)) } }
        }
    }
}

/// Low, median and high as column heads, with the base unit.
pub fn heads(view: &View, unit: &str) -> Markup {
    html! { @for name in [Msg::Low, Msg::Median, Msg::High] { th.num scope="col" { (view.say(name)) " " (unit) } } }
}

/// The base unit of an indicator in a statement.
pub fn unit(statement: &Statement, indicator: Indicator) -> &str {
    if indicator == Indicator::Cost { &statement.currency } else { names::base_unit(indicator) }
}

/// Groups as bars with their intervals, at most `most`; `wide` adds what was counted.
pub fn rank(view: &View, statement: &Statement, most: usize, wide: bool) -> Markup {
    let show = view.query.show;
    let row = |group: &Group| group.impacts.row(show);
    let mut groups: Vec<&Group> = statement.groups.iter().collect();
    if !matches!(statement.by, By::Stage | By::Day | By::Month) {
        let median = |group: &Group| row(group).map_or(-1.0, |row| row[1].get());
        groups.sort_by(|a, b| median(b).total_cmp(&median(a)));
    }
    let count = |group: &Group, value: Option<i128>| {
        value.map_or_else(|| report::outline::no_count(statement, group, view.lang), |value| figures::count(value, view.lang))
    };
    let longest = statement.groups.iter().filter_map(row).map(|row| row[2].get()).fold(0.0, f64::max);
    let key = |group: &Group| names::key(&group.key, statement.by, view.lang);
    html! {
        table.rank {
            thead { tr {
                th scope="col" { (view.say(names::by(statement.by))) }
                th.bar scope="col" { span.hidden { (view.say(names::band(statement.profile))) } }
                @if wide { th.num.wide scope="col" { (view.say(Msg::Requests)) } th.num.wide scope="col" { (view.say(Msg::Tokens)) } }
                th.num scope="col" { (view.say(names::indicator(show))) }
                th.num scope="col" { (view.say(Msg::Grade)) }
            } }
            tbody { @for group in groups.into_iter().take(most) { tr {
                th.label scope="row" {
                    @if statement.by == By::Account {
                        a href=(view.query.account(Some(group.key.clone())).href(view.path)) { (breakable(&key(group))) }
                    } @else { (breakable(&key(group))) }
                }
                td.bar { (chart::bar(row(group), Ratio::new(longest))) }
                @if wide { td.num.wide { (count(group, group.requests)) } td.num.wide { (count(group, group.tokens)) } }
                td.num { @match figures::figure(&group.impacts, show, &statement.currency, view.lang) {
                    Some(figure) => { (figure.median) " " (figure.unit) small { @if figure.exact { (view.say(Msg::WidthExact)) } @else { (figure.low) " – " (figure.high) } } }
                    None => { span.gap { (view.say(Msg::Gap)) } }
                } }
                td.num { (grade(view, group.grade)) }
            } } }
        }
        @if statement.groups.len() > most {
            p.small { a href=(view.query.by(statement.by).href("/breakdown")) { (view.fill(Msg::More, &[&(statement.groups.len() - most).to_string()])) } }
        }
    }
}

/// All groups of a statement as a table of the shown indicator.
pub fn table(view: &View, statement: &Statement, api: &str) -> Markup {
    let show = view.query.show;
    let count = |group: &Group, value: Option<i128>| {
        value.map_or_else(|| report::outline::no_count(statement, group, view.lang), |value| figures::count_exact(value, view.lang))
    };
    html! {
        table.data data-api=(api) data-indicator=(show.as_str()) {
            thead { tr {
                th scope="col" { (view.say(names::by(statement.by))) }
                th.num scope="col" { (view.say(Msg::Requests)) } th.num scope="col" { (view.say(Msg::Tokens)) }
                (heads(view, unit(statement, show)))
                th scope="col" { (view.say(Msg::Grade)) }
            } }
            tbody { @for group in &statement.groups { tr data-key=(group.key) {
                th scope="row" { (names::key(&group.key, statement.by, view.lang)) }
                td.num { (count(group, group.requests)) } td.num { (count(group, group.tokens)) }
                (cells(view, group.impacts.row(show)))
                td { (group.grade) }
            } } }
        }
    }
}

/// A grade with its meaning.
pub fn grade(view: &View, grade: quantity::Grade) -> Markup {
    html! { span.grade title=(view.say(names::grade(grade))) { (grade) span.hidden { ": " (view.say(names::grade(grade))) } } }
}

/// The choice of the indicator shown.
pub fn choose_indicator(view: &View) -> Markup {
    html! {
        nav.tabs aria-label=(view.say(Msg::ShowLabel)) {
            @for indicator in Indicator::ALL {
                a href=(view.query.show(*indicator).href(view.path)) aria-current=[(*indicator == view.query.show).then_some("true")] { (view.say(names::indicator(*indicator))) }
            }
        }
    }
}

/// What the order of the groups says, and whether it is sure.
pub fn finding(view: &View, statement: &Statement) -> String {
    let show = view.query.show;
    let mut ranked: Vec<(&Group, [Ratio; 3])> =
        statement.groups.iter().filter_map(|group| Some((group, group.impacts.row(show)?))).collect();
    ranked.sort_by(|a, b| b.1[1].get().total_cmp(&a.1[1].get()));
    let line = |group: &Group| joined(&figures::line(&group.impacts, show, &statement.currency, view.lang));
    let key = |group: &Group| names::key(&group.key, statement.by, view.lang);
    match ranked.as_slice() {
        [] => {
            let reason = report::gap_reason(show, statement.coverage.entries == 0);
            view.fill(Msg::FindNothing, &[view.say(reason)])
        }
        [(only, _)] => view.fill(Msg::FindOne, &[&key(only), &line(only)]),
        [(first, _), ..] if statement.by == By::Stage => capital(&view.fill(Msg::FindStage, &[&key(first), &line(first)])),
        [(first, row), (_, next), ..] if row[0].get() > next[2].get() => {
            let all: f64 = ranked.iter().map(|(_, row)| row[1].get()).sum();
            let share = figures::percent(Ratio::new(if all > 0.0 { row[1].get() / all } else { 0.0 }), view.lang);
            view.fill(Msg::FindTop, &[&key(first), &line(first), &share])
        }
        [(first, _), ..] => view.fill(Msg::FindTopUnsure, &[&key(first), &line(first)]),
    }
}
