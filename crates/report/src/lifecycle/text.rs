//! The life cycle as text for the terminal and as Markdown for wikis and reviews.

use super::{LifeCycle, finding, tables};
use crate::messages::{Msg, fill};
use crate::table::{Table, escape, wrap};
use crate::{figures, names};
use lca::Indicator;
use quantity::Lang;
use std::fmt::Write as _;

const WIDTH: usize = 100;

/// A page of text: what differs between the two formats is how a head, a table and a list are written.
struct Page {
    out: String,
    markdown: bool,
}

impl Page {
    fn head(&mut self, text: &str) {
        let _ = if self.markdown { writeln!(self.out, "\n## {}\n", escape(text)) } else { writeln!(self.out, "\n{text}") };
    }
    fn line(&mut self, text: &str) {
        let _ = if self.markdown { writeln!(self.out, "{}\n", escape(text)) } else { writeln!(self.out, "{}", wrap(text, WIDTH, 0)) };
    }
    fn table(&mut self, table: &Table) {
        let text = if self.markdown { table.markdown() + "\n" } else { table.text() };
        self.out.push_str(&text);
    }
    fn list(&mut self, head: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.head(head);
        for line in lines {
            let _ =
                if self.markdown { writeln!(self.out, "- {}", escape(line)) } else { writeln!(self.out, "  {}", wrap(line, WIDTH - 2, 4)) };
        }
    }
}

/// As text, at most 100 columns wide where names allow it.
pub(super) fn text(life: &LifeCycle, lang: Lang) -> String {
    write(life, lang, Page { out: format!("{}: {}\n", Msg::LifeTitle.text(lang), life.title), markdown: false })
}

/// As Markdown.
pub(super) fn markdown(life: &LifeCycle, lang: Lang) -> String {
    write(life, lang, Page { out: format!("# {}: {}\n\n", Msg::LifeTitle.text(lang), escape(&life.title)), markdown: true })
}

fn write(life: &LifeCycle, lang: Lang, mut page: Page) -> String {
    let say = |message: Msg| message.text(lang);
    page.line(&format!("{} {} · {}", say(Msg::Profile), life.profile, say(names::profile(life.profile))));
    page.head(say(Msg::Total));
    page.table(&tables::total(life, lang));
    page.list(say(Msg::LifeGaps), &tables::gaps(life, lang));
    if let Some((title, lines)) = tables::per_unit(life, lang) {
        page.list(&title, &lines);
    }
    for indicator in Indicator::ALL.iter().filter(|indicator| life.total.impacts.row(**indicator).is_some()) {
        page.head(&fill(Msg::LifeStages, lang, &[say(names::indicator(*indicator))]));
        page.line(&finding(life, *indicator, lang).replace(['\u{a0}', '\u{2060}'], " ").replace("–  ", "– "));
        page.table(&tables::parts(life, &life.stages, Msg::ByStage, *indicator, lang));
        page.out.push('\n');
        page.table(&tables::parts(life, &life.activities, Msg::LifeActivity, *indicator, lang));
    }
    let amortised = tables::amortised(life, lang);
    if !amortised.is_empty() {
        page.list(
            say(Msg::LifeAmortised),
            &amortised.iter().map(|line| line.replace(['\u{a0}', '\u{2060}'], " ").replace("–  ", "– ")).collect::<Vec<_>>(),
        );
        page.line(say(Msg::LifeAmortisedWhy));
    }
    page.list(say(Msg::Boundary), &[tables::boundary(life, lang)]);
    page.list(say(Msg::StagesOut), &tables::left_out(life, lang));
    let drivers: Vec<String> =
        life.total.drivers.iter().map(|driver| format!("{}  {}", figures::percent(driver.share, lang), driver.factor)).collect();
    page.list(say(Msg::LifeDrivers), &drivers);
    let by_part: Vec<String> = life
        .stages
        .iter()
        .chain(&life.activities)
        .filter_map(|part| Some(format!("{}: {}", tables::name(part, lang), tables::drivers(part, lang)?)))
        .collect();
    page.list(say(Msg::DriversNote), &by_part);
    let notes: Vec<String> =
        life.activities.iter().chain(&life.amortised).filter_map(|part| Some(format!("{}: {}", part.key, part.note.as_ref()?))).collect();
    page.list(say(Msg::LifeNote), &notes);
    page.list(say(Msg::Weaknesses), &tables::weaknesses(life, lang));
    page.list(say(Msg::Sources), &tables::sources(life, lang));
    page.list(say(Msg::Overrides), &life.factor_overrides);
    page.list(say(Msg::Evidence), &tables::pins(life, lang));
    page.out
}
