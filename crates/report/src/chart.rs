//! Charts as SVG from the server: a band over time, a bar with its interval, a scale of how well a figure is known.
//!
//! Shapes stretch with the page while strokes keep their width; labels are HTML, so they stay readable on a small screen.

use maud::{Markup, html};
use quantity::{Lang, Ratio, human_number};

/// One step of a band chart.
pub struct Step {
    /// Place on the time axis; steps that follow each other differ by one.
    pub place: i32,
    /// Name of the step, such as a day.
    pub key: String,
    /// Low, median, high; `None` is a gap.
    pub row: Option<[Ratio; 3]>,
    /// The figure in words, for the crosshair.
    pub text: String,
    /// Whether the period cuts the step short.
    pub partial: bool,
}

/// What a band chart needs beside its steps.
pub struct Frame<'a> {
    /// Id that is unique on the page.
    pub id: &'a str,
    /// Name of the chart, for those who do not see it.
    pub title: &'a str,
    /// What it shows, in words.
    pub finding: &'a str,
    /// Base units in one unit of the axis.
    pub unit_size: Ratio,
    /// Unit of the axis.
    pub unit: &'a str,
    /// Word for the crosshair's empty state.
    pub hint: &'a str,
    /// Language of the numbers.
    pub lang: Lang,
}

const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 250.0;

/// A median line over its interval; a missing step breaks the line, it is never drawn as zero.
#[must_use]
pub fn band(steps: &[Step], frame: &Frame<'_>) -> Markup {
    let (first, last) = (steps.first().map_or(0, |s| s.place), steps.last().map_or(0, |s| s.place));
    let slots = f64::from(last - first + 1).max(1.0);
    let highest = steps.iter().filter_map(|step| step.row).map(|row| row[2].get()).fold(0.0, f64::max) / frame.unit_size.get();
    let (tick, ticks) = axis(highest);
    let x = |place: i32| (f64::from(place - first) + 0.5) * WIDTH / slots;
    let y = |value: Ratio| HEIGHT - value.get() / frame.unit_size.get() / (tick * ticks as f64) * HEIGHT;
    let segments: Vec<&[Step]> =
        steps.chunk_by(|a, b| b.place == a.place + 1 && a.row.is_some() && b.row.is_some()).filter(|part| part[0].row.is_some()).collect();
    let few = steps.len() <= 24;
    html! {
        div.chart {
            p.axis-unit aria-hidden="true" { (frame.unit) }
            div.y aria-hidden="true" {
                @for place in (0..=ticks).rev() {
                    span { (tick_label(place as f64 * tick, tick, frame.lang)) }
                }
            }
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-labelledby={ (frame.id) "-t " (frame.id) "-d" } data-chart=(frame.id) {
                title id={ (frame.id) "-t" } { (frame.title) }
                desc id={ (frame.id) "-d" } { (frame.finding) }
                @for place in 1..=ticks {
                    @let at = number(HEIGHT - place as f64 / ticks as f64 * HEIGHT);
                    line.grid x1="0" x2=(WIDTH) y1=(at) y2=(at) {}
                }
                @for part in &segments {
                    path.band-area d=(area(part, &x, &y)) {}
                    @if part.len() == 1 {
                        @if let Some(row) = part[0].row {
                            line.band-line x1=(number(x(part[0].place))) x2=(number(x(part[0].place))) y1=(number(y(row[0]))) y2=(number(y(row[2]))) {}
                        }
                    }
                }
                line.base x1="0" x2=(WIDTH) y1=(HEIGHT) y2=(HEIGHT) {}
                @for part in &segments {
                    polyline.median-line points=(line(part, &x, &y)) {}
                }
                @for step in steps {
                    @if let Some(row) = step.row.filter(|_| few || segments.iter().any(|part| part.len() == 1 && part[0].place == step.place)) {
                        @let (cx, cy) = (number(x(step.place)), number(y(row[1])));
                        line.dot x1=(cx) x2=(cx) y1=(cy) y2=(cy) {}
                        @if step.partial { line.dot-core x1=(cx) x2=(cx) y1=(cy) y2=(cy) {} }
                    }
                }
                line.cross x1="0" x2="0" y1="0" y2=(HEIGHT) {}
                @for step in steps {
                    rect.hit x=(number(x(step.place) - WIDTH / slots / 2.0)) y="0" width=(number(WIDTH / slots)) height=(HEIGHT)
                        data-x=(number(x(step.place))) data-text={ (step.key) ": " (step.text) } {
                        title { (step.key) ": " (step.text) }
                    }
                }
            }
            div.x aria-hidden="true" {
                @for label in time_labels(steps) { span { (label) } }
            }
            output.readout for=(frame.id) data-hint=(frame.hint) {}
        }
    }
}

/// A bar up to the median, with its interval as a band; `longest` is the end of the scale.
#[must_use]
pub fn bar(row: Option<[Ratio; 3]>, longest: Ratio) -> Markup {
    let x = |value: Ratio| number(if longest.get() > 0.0 { value.get() / longest.get() * 100.0 } else { 0.0 });
    html! {
        svg.scale viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            line.axis x1="0" x2="0" y1="0" y2="16" {}
            @if let Some([low, median, high]) = row {
                line.span x1=(x(low)) x2=(x(high)) y1="8" y2="8" {}
                line.reach x1="0" x2=(x(median)) y1="8" y2="8" {}
                line.tick x1=(x(median)) x2=(x(median)) y1="2" y2="14" {}
            }
        }
    }
}

/// How wide an interval is: low and high against the median, on one scale from an eighth to eightfold.
#[must_use]
pub fn width(row: [Ratio; 3]) -> Markup {
    let [low, median, high] = row.map(Ratio::get);
    let at = |value: f64| {
        let doublings = if value > 0.0 && median > 0.0 { libm::log2(value / median) } else { 0.0 };
        number(60.0 + doublings.clamp(-3.0, 3.0) * 20.0)
    };
    html! {
        svg.scale viewBox="0 0 120 20" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            line.axis x1="0" x2="120" y1="10" y2="10" {}
            line.span x1=(at(low)) x2=(at(high)) y1="10" y2="10" {}
            line.tick x1="60" x2="60" y1="3" y2="17" {}
        }
    }
}

/// A part of a whole.
#[must_use]
pub fn share(part: Ratio) -> Markup {
    html! {
        svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.whole x="0" y="0" width="100" height="10" {}
            rect.part x="0" y="0" width=(number(part.get().clamp(0.0, 1.0) * 100.0)) height="10" {}
        }
    }
}

/// Distance and number of the ticks for an axis that reaches `highest`.
fn axis(highest: f64) -> (f64, usize) {
    if highest <= 0.0 || !highest.is_finite() {
        return (1.0, 1);
    }
    let rough = highest / 5.0;
    let power = libm::pow(10.0, libm::floor(libm::log10(rough)));
    let tick = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= rough * 0.999).unwrap_or(power * 10.0);
    (tick, (highest / tick).ceil().max(1.0) as usize)
}

fn tick_label(value: f64, tick: f64, lang: Lang) -> String {
    let places = (0..9).find(|places| ((tick * libm::pow(10.0, f64::from(*places))).fract()).abs() < 1e-9).unwrap_or(0);
    human_number(value, usize::try_from(places).unwrap_or(0), lang)
}

/// First, middle and last step.
fn time_labels(steps: &[Step]) -> Vec<&str> {
    match steps {
        [] => Vec::new(),
        [only] => vec![&only.key],
        [first, .., last] if steps.len() < 5 => vec![&first.key, &last.key],
        _ => vec![&steps[0].key, &steps[steps.len() / 2].key, &steps[steps.len() - 1].key],
    }
}

/// One closed path: along the high ends, back along the low ends.
fn area(part: &[Step], x: &dyn Fn(i32) -> f64, y: &dyn Fn(Ratio) -> f64) -> String {
    let corner = |step: &Step, end: usize| step.row.map(|row| format!("{} {}", number(x(step.place)), number(y(row[end]))));
    let there = part.iter().filter_map(|step| corner(step, 2));
    let back = part.iter().rev().filter_map(|step| corner(step, 0));
    format!("M{}Z", there.chain(back).collect::<Vec<_>>().join("L"))
}

fn line(part: &[Step], x: &dyn Fn(i32) -> f64, y: &dyn Fn(Ratio) -> f64) -> String {
    let point = |step: &Step| step.row.map(|row| format!("{},{}", number(x(step.place)), number(y(row[1]))));
    part.iter().filter_map(point).collect::<Vec<_>>().join(" ")
}

/// A coordinate with at most two digits after the point, so that pages stay small and equal.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
