//! Tables of the live page: the last calls, the sums, the budgets.

use super::json::SHOWN as SHOWN_CALLS;
use super::snapshot::Snapshot;
use crate::figure::grade;
use crate::gateway::{End, Seen};
use crate::page::{View, breakable, prose};
use books::Metric;
use govern::BudgetState;
use lca::Indicator;
use maud::{Markup, html};
use quantity::{Lang, Ratio, human_number};
use report::messages::Msg;
use report::{By, Group, Statement, chart, figures, names};

/// Indicators that are shown.
pub const SHOWN: [Indicator; 4] = [Indicator::EnergyKwh, Indicator::GwpKgco2e, Indicator::WaterL, Indicator::Cost];
/// Rows of sums and budgets that are shown; the JSON has all.
const SHOWN_ROWS: usize = 20;

/// `14:03:59` of a time in milliseconds since 1970 UTC.
pub fn time(time_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(time_ms).map_or_else(|_| "?".to_owned(), |time| time.strftime("%H:%M:%S").to_string())
}

/// `24 Nov 2026, 14:03`.
fn moment(time_ms: i64, lang: Lang) -> String {
    let day = books::Day(i32::try_from(time_ms.div_euclid(86_400_000)).unwrap_or_default());
    let clock = jiff::Timestamp::from_millisecond(time_ms).map_or_else(|_| "?".to_owned(), |time| time.strftime("%H:%M").to_string());
    format!("{}, {clock}", figures::day(day, lang))
}

const fn end(end: End) -> Msg {
    match end {
        End::Complete => Msg::EndComplete,
        End::Failed => Msg::EndFailed,
        End::ClientGone => Msg::EndClientGone,
        End::UpstreamFault => Msg::EndUpstreamFault,
    }
}

fn or_unknown(view: &View, word: &str) -> Markup {
    html! { @if word.is_empty() { span.gap { (view.say(Msg::Unknown)) } } @else { (word) } }
}

/// The last calls, newest first.
pub fn calls(view: &View, now: &Snapshot) -> Markup {
    let heads = [
        (Msg::LiveTime, false),
        (Msg::Account, false),
        (Msg::ByModel, false),
        (Msg::LiveUpstream, false),
        (Msg::LiveEnd, false),
        (Msg::LiveTokensIn, true),
        (Msg::LiveTokensOut, true),
        (Msg::LiveDuration, true),
        (Msg::LiveFirstToken, true),
        (Msg::LiveActed, false),
    ];
    html! {
        h2 { (view.say(Msg::LiveRequests)) }
        @if now.recent.is_empty() { p { (view.say(Msg::LiveNothing)) } } @else {
            div.scroll.window tabindex="0" role="region" aria-label=(view.say(Msg::LiveRequests)) { table.data {
                thead { tr { @for (name, number) in heads { th.num[number] scope="col" { (view.say(name)) } } } }
                tbody { @for seen in now.recent.iter().take(SHOWN_CALLS) { (call(view, seen)) } }
            } }
        }
    }
}

fn call(view: &View, seen: &Seen) -> Markup {
    let tokens = |count: Option<i64>| {
        html! { @match count {
            Some(count) => { (figures::count_exact(i128::from(count), view.lang)) @if seen.estimated { small { (view.say(Msg::LiveEstimated)) } } }
            None => { span.gap { (view.say(Msg::Gap)) } }
        } }
    };
    let seconds = |time_ms: i64| format!("{} s", human_number(time_ms as f64 / 1000.0, 2, view.lang));
    let well = seen.end == End::Complete && seen.status < 400;
    html! {
        tr {
            th.nowrap scope="row" { (time(seen.time_ms)) }
            td { (or_unknown(view, &seen.account)) }
            td { (or_unknown(view, &seen.model)) }
            td { (seen.upstream) }
            td { @if seen.status > 0 { (seen.status) } @else { (view.say(Msg::LiveNoHead)) } ", " @if well { (view.say(end(seen.end))) } @else { strong { (view.say(end(seen.end))) } } }
            td.num { (tokens(seen.input_tokens)) }
            td.num { (tokens(seen.output_tokens)) }
            td.num { (seconds(seen.duration_ms)) }
            td.num { @match seen.ttft_ms { Some(time_ms) => { (seconds(time_ms)) } None => { span.soft { "–" } } } }
            td { @if seen.acted.is_empty() { span.soft { "–" } } @else { (seen.acted) } }
        }
    }
}

/// Sums since the start, with the four figures.
pub fn sums(view: &View, statement: &Statement, by: By) -> Markup {
    let title = view.fill(Msg::LiveSums, &[&names::by_within(by, view.lang)]);
    let count = |count: Option<i128>| html! { @match count { Some(count) => { (figures::count(count, view.lang)) } None => { span.gap { (view.say(Msg::Gap)) } } } };
    let line = |group: &Group, name: Markup, whole: bool| {
        html! { tr.sum[whole] {
            th scope="row" { (name) }
            td.num { (count(group.requests)) }
            td.num { (count(group.tokens)) }
            @for indicator in SHOWN { td.num { @match figures::figure(&group.impacts, indicator, &statement.currency, view.lang) {
                Some(figure) => { (figure.median) " " (figure.unit) small { @if figure.exact { (view.say(Msg::WidthExact)) } @else { (figure.low) " – " (figure.high) } } }
                None => { span.gap { (view.say(Msg::Gap)) } }
            } } }
            td { (grade(view, group.grade)) }
        } }
    };
    html! {
        h2 { (title) }
        @if statement.groups.is_empty() { p { (view.say(Msg::LiveNothing)) } } @else {
            div.scroll tabindex="0" role="region" aria-label=(title) { table.data.figures {
                thead { tr {
                    th scope="col" { (view.say(names::by(by))) } th.num scope="col" { (view.say(Msg::Requests)) } th.num scope="col" { (view.say(Msg::Tokens)) }
                    @for indicator in SHOWN { th.num scope="col" { (view.say(names::indicator(indicator))) } }
                    th scope="col" { (view.say(Msg::Grade)) }
                } }
                tbody {
                    @for group in statement.groups.iter().take(SHOWN_ROWS) { (line(group, breakable(&names::key(&group.key, by, view.lang)), false)) }
                    @if statement.groups.len() > 1 { (line(&statement.total, html! { (view.say(Msg::Total)) }, true)) }
                }
            } }
            @if statement.groups.len() > SHOWN_ROWS { p.small { (view.fill(Msg::LiveMore, &[&(statement.groups.len() - SHOWN_ROWS).to_string()])) } }
            p.small.soft { (view.say(Msg::LiveSumsNote)) @if let Some(note) = report::outline::sums(statement, view.lang) { " " (note) } }
        }
    }
}

/// Millionths as a figure with as many digits as it needs.
fn amount(micro: i64, metric: Metric, lang: Lang) -> String {
    let value = micro as f64 / 1e6;
    let places = match (metric, value.abs()) {
        (Metric::Tokens | Metric::Requests, _) => 0,
        (_, size) if size == 0.0 || size >= 100.0 => 0,
        (_, size) if size >= 1.0 => 2,
        (_, size) if size >= 0.01 => 4,
        _ => 6,
    };
    let unit = match metric {
        Metric::Kwh => "kWh",
        Metric::KgCo2e => "kg CO₂e",
        Metric::Litres => "L",
        Metric::Eur => "EUR",
        Metric::Tokens => Msg::TokensOf.text(lang),
        Metric::Requests => Msg::RequestsOf.text(lang),
    };
    format!("{} {unit}", human_number(value, places, lang))
}

/// Every open counter with its headroom.
pub fn budgets(view: &View, now: &Snapshot) -> Markup {
    let mut states: Vec<&BudgetState> = now.budgets.iter().collect();
    let used = |state: &BudgetState| {
        let limit = state.hard_micro.or(state.soft_micro).filter(|limit| *limit > 0)?;
        Some(state.spent_micro as f64 / limit as f64)
    };
    // The fullest first, since they are the ones that will act.
    states.sort_by(|a, b| used(b).unwrap_or(-1.0).total_cmp(&used(a).unwrap_or(-1.0)));
    html! {
        h2 { (view.say(Msg::LiveBudgets)) }
        @if !now.has_budgets { p { (prose(view.say(Msg::LiveNoBudgets))) } } @else if states.is_empty() { p { (view.say(Msg::LiveBudgetIdle)) } }
        ul.list { @for state in states.iter().take(SHOWN_ROWS) { (budget(view, state)) } }
        @if states.len() > SHOWN_ROWS { p.small { (view.fill(Msg::LiveMore, &[&(states.len() - SHOWN_ROWS).to_string()])) } }
    }
}

fn budget(view: &View, state: &BudgetState) -> Markup {
    let amount = |micro: i64| amount(micro, state.metric, view.lang);
    let (spent, reserved) = (amount(state.spent_micro), amount(state.reserved_micro));
    let taken = state.spent_micro.saturating_add(state.reserved_micro);
    let limit = state.hard_micro.or(state.soft_micro);
    let share = limit.filter(|limit| *limit > 0).map(|limit| Ratio::new(taken as f64 / limit as f64));
    let full = state.hard_micro.is_some_and(|hard| state.spent_micro >= hard) || state.refused > 0;
    let warns = state.soft_micro.is_some_and(|soft| state.spent_micro >= soft);
    let words = match state.hard_micro {
        Some(hard) => view.fill(Msg::LiveBudget, &[&spent, &amount(hard), &reserved, &amount(hard.saturating_sub(taken).max(0))]),
        None => view.fill(Msg::LiveBudgetOpen, &[&spent, &reserved]),
    };
    let mut notes = vec![view.fill(Msg::LiveBudgetUntil, &[&moment(state.to_ms, view.lang)])];
    if let Some(soft) = state.soft_micro {
        notes.push(view.fill(Msg::LiveBudgetSoft, &[&amount(soft)]));
    }
    if state.refused > 0 {
        notes.push(view.fill(Msg::LiveBudgetRefused, &[&state.refused.to_string()]));
    }
    if state.unvalued > 0 {
        notes.push(view.fill(Msg::LiveBudgetUnvalued, &[&state.unvalued.to_string()]));
    }
    html! {
        li.budget {
            div { strong { (state.rule) } @if !state.whose.is_empty() { " · " (breakable(&state.whose)) }
                @if full { " " span.tag { (view.say(Msg::LiveBudgetFull)) } } @else if warns { " " span.tag { (view.say(Msg::LiveBudgetWarns)) } }
            }
            @if let Some(share) = share { div.meter { (chart::share(share)) span.num { (figures::percent(share, view.lang)) } } }
            div { (words) small { (notes.join(" · ")) } }
        }
    }
}
