//! The balance sheet: what AI cost on one side, what it gave back on the other.

use crate::figure::grade;
use crate::page::{View, prose};
use crate::problem::Problem;
use books::Day;
use lca::{Indicator, Profile};
use maud::{Markup, html};
use quantity::Ratio;
use report::messages::Msg;
use report::{By, Change, Statement, Valued, chart, figures, names};
use std::sync::Arc;

/// A thousand draws never show more than this.
const MOST_SURE: f64 = 0.999;

/// The period of the same length before, when the books reach back so far.
pub fn before(view: &View) -> Result<Option<Arc<Valued>>, Problem> {
    let (Some((from, to)), Some((first, _))) = (view.range(), view.head.days) else { return Ok(None) };
    let length = to.0 - from.0 + 1;
    let start = Day(from.0 - length);
    if start < first {
        return Ok(None);
    }
    let request = view.query.range(Some(start), Some(Day(from.0 - 1))).request.by(By::Account);
    view.open.shelf.statement(&view.open.house, &view.head, &request).map(Some)
}

/// Both sides.
pub fn sheet(view: &View, now: &Valued, before: Option<&Valued>) -> Markup {
    html! {
        div.sheet {
            section aria-labelledby="cost" { h2 #cost { (view.say(Msg::SheetCost)) } (cost(view, now, before)) }
            section aria-labelledby="back" { h2 #back { (view.say(Msg::SheetBack)) } (back(view, &now.statement, before.map(|valued| &valued.statement))) }
        }
    }
}

fn cost(view: &View, now: &Valued, before: Option<&Valued>) -> Markup {
    let statement = &now.statement;
    let changes = before.map(|before| report::changes(now, before));
    let length = view.range().map_or(0, |(from, to)| to.0 - from.0 + 1);
    let figure_head = if statement.profile == Profile::Ecologits { Msg::ColFigureRange } else { Msg::ColFigure };
    html! {
        table.accounts {
            thead { tr {
                th scope="col" { (view.say(Msg::Indicator)) }
                th.num scope="col" { (view.say(figure_head)) }
                th scope="col" { (view.say(Msg::ColWidth)) }
                th scope="col" { (view.say(Msg::Grade)) }
                th scope="col" { @if before.is_some() { (view.fill(Msg::ColChange, &[&length.to_string()])) } @else { (view.say(Msg::ColChangePlain)) } }
            } }
            tbody { @for indicator in Indicator::ALL {
                (row(view, statement, *indicator, changes.as_deref()))
            } }
        }
        p.small.soft.legend {
            (view.fill(Msg::SheetLegend, &[&statement.total.grade.to_string(), view.say(names::grade(statement.total.grade))])) " "
            a href=(view.query.plain().href("/quality")) { (view.say(Msg::QualityTitle)) } " · "
            a href=(view.query.plain().href("/sources")) { (view.say(Msg::DataSources)) } " · "
            a href=(view.query.plain().href("/api/v1/statement/footprint")) { (view.say(Msg::DataJson)) }
        }
    }
}

fn row(view: &View, statement: &Statement, indicator: Indicator, changes: Option<&[Change]>) -> Markup {
    let impacts = &statement.total.impacts;
    let figure = figures::figure(impacts, indicator, &statement.currency, view.lang);
    let lack = report::outline::partial(statement, indicator, view.lang);
    html! {
        tr {
            th.name scope="row" {
                a href=(view.query.show(indicator).by(By::Account).href("/breakdown")) { (view.say(names::indicator(indicator))) }
                small { (view.say(names::indicator_long(indicator))) @if let Some(lack) = &lack { "; " (lack) } }
            }
            td.figure {
                @match &figure {
                    Some(figure) => {
                        span.median { (figure.median) } span.unit { (figure.unit) }
                        span.band { @if figure.exact { (view.say(Msg::WidthExact)) } @else { (figure.low) " – " (figure.high) } span.unit {} }
                    }
                    None => { span.median.gap { (view.say(Msg::Gap)) } span.unit {} }
                }
            }
            td.known { @if let Some(row) = impacts.row(indicator).filter(|row| row[1].get() > 0.0) {
                (chart::width(row)) span.hidden { (times(view, row)) }
            } }
            td.gradecell { @if let Some(figure) = &figure { (grade(view, figure.grade)) } }
            td.change { (change(view, indicator, changes)) }
        }
    }
}

fn times(view: &View, [low, median, high]: [Ratio; 3]) -> String {
    let ratio = |value: Ratio| quantity::human_number(value.get() / median.get(), 2, view.lang);
    view.fill(Msg::WidthWords, &[&ratio(low), &ratio(high)])
}

fn change(view: &View, indicator: Indicator, changes: Option<&[Change]>) -> Markup {
    let Some(changes) = changes else { return html! { small.soft { (view.say(Msg::ChangeNone)) } } };
    let Some(change) = changes.iter().find(|change| change.indicator == indicator) else {
        return html! { small.soft { (view.say(Msg::ChangeGap)) } };
    };
    let median = figures::signed_percent(change.relative(), view.lang);
    let certainty = |share: Ratio| figures::percent(Ratio::new(share.get().min(MOST_SURE)), view.lang);
    if !change.is_sure() {
        return html! { (view.say(Msg::ChangeUnclear)) small { (view.fill(Msg::ChangeMedian, &[&median])) } };
    }
    let less = change.share_less.get() > change.share_more.get();
    let (word, sure) = if less { (Msg::ChangeLess, change.share_less) } else { (Msg::ChangeMore, change.share_more) };
    html! { (median) small { (view.fill(word, &[&certainty(sure)])) } }
}

fn back(view: &View, now: &Statement, before: Option<&Statement>) -> Markup {
    let requests = now.total.requests;
    html! {
        div.back {
            @match now.total.outcomes {
                Some((accepted, rejected)) => {
                    @let known = accepted + rejected;
                    p { span.big { (figures::percent(ratio(accepted, known), view.lang)) } " " (view.say(Msg::BackAccepted)) }
                    @if let Some(requests) = requests { p.small.soft { (view.fill(Msg::BackCounts, &[
                        &figures::count(accepted, view.lang), &figures::count(rejected, view.lang),
                        &figures::percent(ratio(known.min(requests), requests), view.lang),
                    ])) } }
                }
                None => {
                    p { span.big { (view.say(Msg::BackUnknown)) } " " (view.say(Msg::BackUnknownWhy)) }
                    p.small.soft { (prose(view.say(Msg::BackHow))) }
                }
            }
            @if let Some(requests) = requests.filter(|requests| *requests > 0) { (per_thousand(view, now, requests)) }
            div {
                h3 { (view.say(Msg::BackDone)) }
                dl.rows {
                    (done(view, requests, before.and_then(|before| before.total.requests), Msg::DoneRequests))
                    (done(view, read(now), before.and_then(read), Msg::DoneRead))
                    (done(view, written(now), before.and_then(written), Msg::DoneWritten))
                }
                p.small.soft { (view.say(Msg::BackNoOutcome)) }
            }
        }
    }
}

/// The figures per thousand requests; one that lacks a part is a gap, since its requests are not told apart.
fn per_thousand(view: &View, now: &Statement, requests: i128) -> Markup {
    let count = Ratio::new(requests as f64 / 1000.0);
    let row = |indicator: Indicator| {
        let lack = report::outline::partial(now, indicator, view.lang);
        let figure = figures::figure_per(&now.total.impacts, indicator, count, &now.currency, view.lang).filter(|_| lack.is_none());
        html! {
            dt { (view.say(names::indicator(indicator))) }
            dd {
                @match figure {
                    Some(figure) => {
                        (figure.median) " " (figure.unit)
                        @if !figure.exact { small.soft { (figure.low) " – " (figure.high) } }
                    }
                    None => { span.gap { (view.say(Msg::Gap)) } @if let Some(lack) = &lack { small.soft { (lack) } } }
                }
            }
        }
    };
    html! {
        div {
            h3 { (view.say(Msg::BackPer)) }
            dl.rows.per { @for indicator in [Indicator::EnergyKwh, Indicator::GwpKgco2e, Indicator::WaterL, Indicator::Cost] { (row(indicator)) } }
        }
    }
}

fn done(view: &View, now: Option<i128>, before: Option<i128>, what: Msg) -> Markup {
    let Some(now) = now else { return html! {} };
    html! {
        dt { (figures::count(now, view.lang)) }
        dd {
            (view.say(what))
            @if let Some(before) = before.filter(|before| *before > 0) {
                small.soft { (figures::signed_percent(Ratio::new(now as f64 / before as f64 - 1.0), view.lang)) }
            }
        }
    }
}

fn read(statement: &Statement) -> Option<i128> {
    statement.total.token_classes.as_ref().map(|tokens| tokens.input + tokens.cache_read + tokens.cache_write)
}

fn written(statement: &Statement) -> Option<i128> {
    statement.total.token_classes.as_ref().map(|tokens| tokens.output + tokens.reasoning)
}

fn ratio(part: i128, whole: i128) -> Ratio {
    Ratio::new(if whole > 0 { part as f64 / whole as f64 } else { 0.0 })
}
