//! The trend: the shown indicator over time, with its band.

use crate::figure::{Figure, cells, choose_indicator, figure, heads, unit};
use crate::page::{View, joined};
use crate::problem::Problem;
use maud::{Markup, html};
use quantity::Ratio;
use report::chart::{Frame, Step, band};
use report::messages::Msg;
use report::{By, Point, Series, Statement, figures, names};

/// The figure of the trend; `choose` adds the choice of the indicator.
pub fn trend(view: &View, choose: bool) -> Result<Markup, Problem> {
    let step = report::step(&view.query.request, &view.head);
    let valued = view.statement(step)?;
    let statement = &valued.statement;
    let series = report::series(statement);
    let show = view.query.show;
    let name = view.say(names::indicator(show));
    let title = view.fill(Msg::FigSeries, &[name]);
    let finding = finding(view, statement, &series);
    let highest = series.points.iter().filter_map(|point| point.impacts.row(show)).map(|row| row[2].get()).fold(0.0, f64::max);
    let (unit_size, unit_name) = figures::axis_unit(show, Ratio::new(highest), &statement.currency);
    let steps: Vec<Step> = series
        .points
        .iter()
        .map(|point| Step {
            place: if step == By::Day { point.from.0 } else { month(point) },
            key: figures::step(&point.key, view.lang),
            row: point.impacts.row(show),
            text: figures::line(&point.impacts, show, &statement.currency, view.lang),
            partial: point.partial,
        })
        .collect();
    let frame = Frame {
        id: "trend-chart",
        title: &title,
        finding: &finding,
        unit_size,
        unit: &unit_name,
        hint: view.say(Msg::KeyHint),
        lang: view.lang,
    };
    let band_name = if statement.profile == lca::Profile::Ecologits { Msg::KeyRange } else { Msg::KeyBand };
    let picture = html! {
        @if choose { (choose_indicator(view)) }
        @if highest > 0.0 {
            (band(&steps, &frame))
            p.key { span.k-median { (view.say(Msg::KeyMedian)) } span.k-band { (view.say(band_name)) } }
        }
    };
    let query = view.query.by(step);
    let table = table(view, statement, &series);
    let parts = Figure { id: "trend", title: &title, finding: &finding, picture, table, query: &query, api: "/api/v1/series" };
    Ok(figure(view, &parts))
}

fn month(point: &Point) -> i32 {
    let date = point.from.date();
    i32::from(date.year()) * 12 + i32::from(date.month())
}

fn finding(view: &View, statement: &Statement, series: &Series) -> String {
    let show = view.query.show;
    let median = |point: &&Point| point.impacts.row(show).map_or(-1.0, |row| row[1].get());
    let Some(top) = series.points.iter().max_by(|a, b| median(a).total_cmp(&median(b))).filter(|point| median(point) >= 0.0) else {
        return view.fill(Msg::FindNothing, &[view.say(report::gap_reason(show, statement.coverage.entries == 0))]);
    };
    let line = |impacts| joined(&figures::line(impacts, show, &statement.currency, view.lang));
    let message = if series.step == By::Month { Msg::FindSeriesMonth } else { Msg::FindSeries };
    let mut text = view.fill(message, &[&line(&statement.total.impacts), &figures::step(&top.key, view.lang), &line(&top.impacts)]);
    if statement.coverage.days_without_entries > 0 && series.step == By::Day {
        text.push(' ');
        text.push_str(&view.fill(Msg::FindMissing, &[&statement.coverage.days_without_entries.to_string()]));
    }
    if series.points.iter().any(|point| point.partial) {
        text.push(' ');
        text.push_str(view.say(Msg::FindPartial));
    }
    text
}

fn table(view: &View, statement: &Statement, series: &Series) -> Markup {
    let show = view.query.show;
    html! {
        table.data data-api=(view.query.by(series.step).href("/api/v1/series")) data-indicator=(show.as_str()) {
            thead { tr {
                th scope="col" { (view.say(names::by(series.step))) } th.num scope="col" { (view.say(Msg::Requests)) }
                (heads(view, unit(statement, show))) th scope="col" { (view.say(Msg::Grade)) }
            } }
            tbody { @for point in &series.points { tr data-key=(point.key) {
                th scope="row" { (point.key) } td.num { (report::outline::count_exact(point.requests, view.lang)) }
                (cells(view, point.impacts.row(show))) td { (point.grade) }
            } } }
        }
    }
}
