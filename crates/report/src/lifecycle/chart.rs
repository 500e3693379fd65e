//! The picture of a life cycle: one bar per stage, split by activity, with the interval below it.
//!
//! Lengths are percentages of the drawing's width, so bars stretch with the page and the numbers in them do not.

use super::{LifeCycle, Part};
use crate::messages::{Msg, fill};
use crate::{chart, figures, names};
use lca::{Indicator, Profile};
use maud::{Markup, html};
use quantity::{Lang, Ratio};

/// Below this share of the drawing's width, a number has no room in its bar.
const ROOM: f64 = 3.5;
/// The same on a narrow screen.
const NARROW_ROOM: f64 = 15.0;

/// What the picture shows, in one sentence.
#[must_use]
pub fn finding(life: &LifeCycle, indicator: Indicator, lang: Lang) -> String {
    let places = life.ranking.get(&indicator).map(Vec::as_slice).unwrap_or_default();
    let line = |part: &Part| joined(&figures::line(&part.impacts, indicator, &life.currency, lang));
    let part = |key: &str| life.stages.iter().find(|part| part.key == key);
    let text = match places {
        [] => fill(Msg::LifeNothing, lang, &[names::indicator(indicator).text(lang)]),
        [only] => {
            let told = part(&only.key).map(line).unwrap_or_default();
            fill(Msg::LifeFindOnly, lang, &[&stage_name(&only.key, lang), &told])
        }
        [first, second, ..] => {
            let (told, total) = (part(&first.key).map(line).unwrap_or_default(), line(&life.total));
            let name = stage_name(&first.key, lang);
            // Only the first has place 1 when it surely lies above every other.
            if places.iter().filter(|place| place.place == 1).count() == 1 {
                let share = part(&first.key).and_then(|part| share(part, indicator, lang)).unwrap_or_default();
                fill(Msg::LifeFindSure, lang, &[&name, &told, &total, &share])
            } else {
                fill(Msg::LifeFindUnsure, lang, &[&name, &told, &total, &stage_name(&second.key, lang)])
            }
        }
    };
    capital(&text)
}

/// The share of the total with its interval.
pub(super) fn share(part: &Part, indicator: Indicator, lang: Lang) -> Option<String> {
    let [low, median, high] = *part.shares.get(&indicator)?;
    if low == high {
        return Some(joined(&figures::percent(median, lang)));
    }
    let bare = |share| figures::percent(share, lang).trim_end_matches(" %").to_owned();
    Some(joined(&format!("{} ({} – {})", figures::percent(median, lang), bare(low), figures::percent(high, lang))))
}

/// The name of a stage by its word.
pub(super) fn stage_name(key: &str, lang: Lang) -> String {
    key.parse().map_or_else(|_| key.to_owned(), |stage| names::stage(stage).text(lang).to_owned())
}

fn joined(line: &str) -> String {
    line.replace(' ', "\u{a0}").replace('–', "–\u{2060}")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The figure: caption, bars with their table beside them, and the key.
#[must_use]
pub fn picture(life: &LifeCycle, indicator: Indicator, lang: Lang) -> Markup {
    let say = |message: Msg| message.text(lang);
    let title = fill(Msg::LifeStages, lang, &[say(names::indicator(indicator))]);
    let rows = || life.stages.iter().chain([&life.total]);
    let longest = rows().filter_map(|part| part.impacts.row(indicator)).map(|row| row[2].get()).fold(0.0, f64::max);
    let band = if life.profile == Profile::Ecologits { Msg::KeyRange } else { Msg::LifeKeyBand };
    html! {
        figure id={ "life-" (indicator.as_str()) } {
            figcaption { h2 { (title) } p { (finding(life, indicator, lang)) } }
            @if longest > 0.0 {
                div.scroll tabindex="0" role="region" aria-label=(title) {
                    table.rank.life {
                        thead { tr {
                            th scope="col" { (say(Msg::ByStage)) } th.bar scope="col" { span.hidden { (say(names::band(life.profile))) } }
                            th.num scope="col" { (say(names::indicator(indicator))) } th.num.wide scope="col" { (say(Msg::LifeShare)) } th.num scope="col" { (say(Msg::Grade)) }
                        } }
                        tbody { @for part in rows() {
                            @let sum = part.key == life.total.key;
                            tr.sum[sum] {
                                th.label scope="row" { @if sum { (say(Msg::Total)) } @else { (stage_name(&part.key, lang)) } }
                                td.bar { (bar(life, part, indicator, longest, lang)) }
                                td.num { (figure(life, part, indicator, lang)) }
                                td.num.wide { (share(part, indicator, lang).unwrap_or_default()) }
                                td.num { (grade(part, lang)) }
                            }
                        } }
                    }
                }
                p.key { span.k-split { (say(Msg::LifeKeyBar)) } span.k-whisker { (say(band)) } }
                p.small { (say(Msg::LifeKeyNumbers)) }
                ol.numbers.small { @for part in &life.activities { li { (part.key) " · " (line_or(life, part, indicator, lang)) } } }
                p.small.soft { (say(Msg::LifeSplit)) }
            }
        }
    }
}

/// The word where a part has no figure: left out by the profile, or a gap.
pub(super) fn no_figure(part: &Part) -> Msg {
    let none = Indicator::ALL.iter().all(|indicator| part.impacts.row(*indicator).is_none());
    let left_out =
        part.weaknesses.iter().any(|weakness| weakness.code.starts_with("left_out") || weakness.code == "hardware_attributed_by_use");
    if none && left_out { Msg::LifeLeftOut } else { Msg::Gap }
}

/// The figure in one line, or the word for why there is none.
pub(super) fn line_or(life: &LifeCycle, part: &Part, indicator: Indicator, lang: Lang) -> String {
    figures::figure(&part.impacts, indicator, &life.currency, lang)
        .map_or_else(|| no_figure(part).text(lang).to_owned(), |figure| figure.line())
}

/// The figure of a part with its interval below it, or the word for a gap.
pub(super) fn figure(life: &LifeCycle, part: &Part, indicator: Indicator, lang: Lang) -> Markup {
    html! { @match figures::figure(&part.impacts, indicator, &life.currency, lang) {
        Some(figure) => { (figure.median) " " (figure.unit) small { @if figure.exact { (Msg::WidthExact.text(lang)) } @else { (figure.low) " – " (figure.high) } } }
        None => { span.gap { (no_figure(part).text(lang)) } }
    } }
}

/// The grade with its meaning.
pub(super) fn grade(part: &Part, lang: Lang) -> Markup {
    let meaning = names::grade(part.grade).text(lang);
    html! { span.grade title=(meaning) { (part.grade) span.hidden { ": " (meaning) } } }
}

/// A bar up to the median, split by activity; below it the interval.
fn bar(life: &LifeCycle, part: &Part, indicator: Indicator, longest: f64, lang: Lang) -> Markup {
    let Some(row) = part.impacts.row(indicator) else { return html! {} };
    let [low, median, high] = row.map(|value| value.get() / longest * 100.0);
    let pieces = part.made_of.get(&indicator).map(Vec::as_slice).unwrap_or_default();
    let sum: f64 = pieces.iter().map(|(_, piece)| piece.get()).sum();
    let mut from = 0.0;
    let mut segments = Vec::new();
    for (key, piece) in pieces {
        let width = if sum > 0.0 { piece.get() / sum * median } else { 0.0 };
        let number = life.activities.iter().position(|activity| activity.key == *key).map_or(0, |place| place + 1);
        let share = figures::percent(Ratio::new(if sum > 0.0 { piece.get() / sum } else { 0.0 }), lang);
        segments.push((number, from, width, format!("{number} · {key}: {share}")));
        from += width;
    }
    let at = |value: f64| format!("{}%", chart::number(value));
    html! {
        svg.stack aria-hidden="true" focusable="false" width="100%" height="28" {
            line.axis x1="0" x2="0" y1="0" y2="28" {}
            @for (number, from, width, text) in &segments {
                g {
                    title { (text) }
                    rect.segment.even[number % 2 == 0] x=(at(*from)) y="2" width=(at(*width)) height="16" {}
                    @if *width >= ROOM { text.even[number % 2 == 0].tight[*width < NARROW_ROOM] x=(at(from + width / 2.0)) y="14" text-anchor="middle" { (number) } }
                }
            }
            line.span x1=(at(low)) x2=(at(high)) y1="23" y2="23" {}
            line.tick x1=(at(low)) x2=(at(low)) y1="20" y2="26" {}
            line.tick x1=(at(high)) x2=(at(high)) y1="20" y2="26" {}
            line.tick x1=(at(median)) x2=(at(median)) y1="18" y2="28" {}
        }
    }
}
