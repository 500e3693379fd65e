//! The frame of every page: head, range, foot, and the pages for what went wrong.

use crate::Open;
use crate::problem::Problem;
use crate::query::{Query, accepted, code};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use books::{Day, Head};
use lca::Profile;
use maud::{DOCTYPE, Markup, html};
use quantity::Lang;
use report::messages::{Msg, fill};
use report::{By, Valued, figures, names};
use std::sync::Arc;

/// Names that every page takes in its address.
pub const ALLOWED: &[&str] = &["from", "to", "profile", "account", "by", "show", "name", "lang"];
/// Length of the range when none is asked for, in days.
const USUAL_DAYS: i32 = 90;

/// One look at the books: what is asked, in which language, of which state.
pub struct View {
    /// The house.
    pub open: Arc<Open>,
    /// What is asked, with the range made explicit.
    pub query: Query,
    /// Language of the page.
    pub lang: Lang,
    /// State of the books.
    pub head: Head,
    /// Path of the page.
    pub path: &'static str,
}

/// A page's own part.
pub struct Page {
    /// Title for the window.
    pub title: String,
    /// What stands between head and foot.
    pub main: Markup,
}

impl View {
    /// A text in the language of the page.
    pub fn say(&self, message: Msg) -> &'static str {
        message.text(self.lang)
    }
    /// A text with its parts.
    pub fn fill(&self, message: Msg, parts: &[&str]) -> String {
        fill(message, self.lang, parts)
    }
    /// The statement by a grouping.
    pub fn statement(&self, by: By) -> Result<Arc<Valued>, Problem> {
        self.open.shelf.statement(&self.open.house, &self.head, &self.query.request.by(by))
    }
    /// The range, when the books have one.
    pub fn range(&self) -> Option<(Day, Day)> {
        self.query.request.from.zip(self.query.request.to)
    }
}

/// Answers with a page: reads the address, builds off the async threads, wraps the result in the frame.
pub async fn answer(
    open: Arc<Open>,
    uri: Uri,
    headers: HeaderMap,
    path: &'static str,
    body: fn(&View) -> Result<Page, Problem>,
) -> Response {
    let usual = accepted(headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()));
    let query = match Query::parse(uri.query(), ALLOWED) {
        Ok(query) => query,
        Err(problem) => return sorry(&open, path, usual, &problem),
    };
    let lang = query.lang.unwrap_or(usual);
    let house = Arc::clone(&open);
    let built = tokio::task::spawn_blocking(move || {
        let head = open.house.ledger.head().map_err(|error| Problem::failed(error.to_string()))?;
        let view = View { query: with_range(query, &head), lang, head, path, open };
        let page = body(&view)?;
        Ok::<String, Problem>(frame(&view, &page).into_string())
    });
    match built.await {
        Ok(Ok(page)) => respond(StatusCode::OK, page),
        Ok(Err(problem)) => sorry(&house, path, lang, &problem),
        Err(error) => sorry(&house, path, lang, &Problem::failed(error.to_string())),
    }
}

fn respond(status: StatusCode, page: String) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::VARY, "Accept-Language")];
    (status, headers, page).into_response()
}

/// Makes the range explicit: the newest ninety days, or all of shorter books.
fn with_range(query: Query, head: &Head) -> Query {
    let Some((first, last)) = head.days else { return query };
    let (from, to) = (query.request.from, query.request.to);
    let usual = if from.is_none() && to.is_none() { first.max(Day(last.0 - USUAL_DAYS + 1)) } else { first };
    query.range(from.or(Some(usual)), to.or(Some(last)))
}

/// The page for an address that leads nowhere; programs get a problem.
pub async fn lost(State(open): State<Arc<Open>>, uri: Uri, headers: HeaderMap) -> Response {
    let problem = Problem::new(StatusCode::NOT_FOUND, "not_found", "There is no such address", "See /api/v1/openapi.json for what exists.");
    if uri.path().starts_with("/api/") {
        return problem.into_response();
    }
    let usual = accepted(headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()));
    let lang = Query::parse(uri.query(), ALLOWED).ok().and_then(|query| query.lang).unwrap_or(usual);
    let say = |message: Msg| message.text(lang);
    let view = bare(&open, "", lang);
    let main = html! {
        div.title { h1 { (say(Msg::LostTitle)) } p { (say(Msg::LostText)) } }
        p.block { a href=(view.query.href("/")) { (say(Msg::WrongBack)) } }
    };
    respond(StatusCode::NOT_FOUND, frame(&view, &Page { title: say(Msg::LostTitle).to_owned(), main }).into_string())
}

/// The page for what could not be shown, with what to do.
fn sorry(open: &Arc<Open>, path: &'static str, lang: Lang, problem: &Problem) -> Response {
    let view = bare(open, path, lang);
    let main = html! {
        div.title { h1 { (view.say(Msg::WrongTitle)) } p { (prose(&problem.detail)) } }
        p.block { a href=(view.query.href("/")) { (view.say(Msg::WrongBack)) } }
    };
    let page = Page { title: view.say(Msg::WrongTitle).to_owned(), main };
    respond(problem.status(), frame(&view, &page).into_string())
}

fn bare(open: &Arc<Open>, path: &'static str, lang: Lang) -> View {
    let head = Head { digest: String::new(), links: 0, entries: 0, days: None };
    View { open: Arc::clone(open), query: Query::default().lang(lang), lang, head, path }
}

/// Head, main and foot.
fn frame(view: &View, page: &Page) -> Markup {
    let house = &view.open.house;
    let pages = [
        ("/", Msg::NavOverview),
        ("/live", Msg::NavLive),
        ("/breakdown", Msg::NavBreakdown),
        ("/lifecycle", Msg::NavLife),
        ("/quality", Msg::NavQuality),
        ("/sources", Msg::Sources),
        ("/api", Msg::NavApi),
    ];
    html! {
        (DOCTYPE)
        html lang=(code(view.lang)) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) " · Bilanz" }
                link rel="icon" type="image/svg+xml" href="/assets/icon.svg";
                link rel="stylesheet" href="/assets/app.css";
                script defer src="/assets/app.js" {}
            }
            body data-head=(view.head.digest) {
                a.skip href="#main" { (view.say(Msg::Skip)) }
                header.top { div.page {
                    a.brand href=(view.query.plain().href("/")) { "Bilanz" }
                    nav aria-label=(view.say(Msg::NavMain)) {
                        @for (path, name) in pages {
                            a href=(view.query.plain().href(path)) aria-current=[(path == view.path).then_some("page")] { (view.say(name)) }
                        }
                    }
                    nav.lang aria-label=(view.say(Msg::NavLang)) {
                        @for (lang, name) in [(Lang::En, "English"), (Lang::De, "Deutsch")] {
                            a href=(view.query.lang(lang).href(if view.path.is_empty() { "/" } else { view.path })) lang=(code(lang)) hreflang=(code(lang))
                                aria-current=[(lang == view.lang).then_some("true")] { (name) }
                        }
                    }
                } }
                @if let Some(note) = &house.demo_note { aside.note aria-label=(view.say(Msg::Note)) { div.page { p.small { (match view.lang { Lang::En => &note.en, Lang::De => &note.de }) } } } }
                main #main tabindex="-1" { div.page {
                    (page.main)
                } }
                footer.foot { div.page.small.soft {
                    p { (view.fill(Msg::Footer, &[&house.version, &house.books_dir_label])) }
                } }
            }
        }
    }
}

/// The title of a page with the range it speaks of.
pub fn title(view: &View, name: &str, lead: &Markup) -> Markup {
    let organisation = &view.open.house.config.organisation;
    html! {
        div.title {
            @if !organisation.is_empty() { p.soft { (organisation) } }
            h1 { (name) }
            p.soft { (lead) }
        }
        (range(view))
    }
}

/// The range form: presets, two days, the profile.
fn range(view: &View) -> Markup {
    let Some((first, last)) = view.head.days else { return html! {} };
    let presets = [30, 90, 365].map(|days| (Some(days), Day(last.0 - days + 1))).into_iter().filter(|(_, from)| *from > first);
    let presets: Vec<_> = presets.chain([(None, first)]).collect();
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let request = &view.query.request;
    html! {
        search.range aria-label=(view.say(Msg::RangeTitle)) {
            nav.presets aria-label=(view.say(Msg::RangePresets)) {
                span { (view.say(Msg::RangePresets))
                    span.tabs { @for (days, from) in presets {
                        a href=(view.query.range(Some(from), Some(last)).href(view.path)) aria-current=[(view.range() == Some((from, last))).then_some("true")] {
                            @match days { Some(days) => { (view.fill(Msg::RangeDays, &[&days.to_string()])) } None => { (view.say(Msg::RangeAll)) } }
                        }
                    } }
                }
            }
            form method="get" action=(view.path) {
                label { (view.say(Msg::RangeFrom)) input type="date" name="from" value=(day(request.from)); }
                label { (view.say(Msg::RangeTo)) input type="date" name="to" value=(day(request.to)); }
                label { (view.say(Msg::Profile)) select name="profile" {
                    @for profile in Profile::ALL {
                        option value=(profile.as_str()) selected[*profile == request.profile] { (view.say(names::profile(*profile))) }
                    }
                } }
                @if view.query.by_named { input type="hidden" name="by" value=(request.by.as_str()); }
                @if view.query.show != Query::default().show { input type="hidden" name="show" value=(view.query.show.as_str()); }
                @if let Some(account) = &request.account { input type="hidden" name="account" value=(account); }
                @if let Some(lang) = view.query.lang { input type="hidden" name="lang" value=(code(lang)); }
                button type="submit" { (view.say(Msg::RangeApply)) }
            }
        }
        @if let Some(account) = &request.account {
            p.block.small { span { (view.fill(Msg::OnlyAccount, &[account])) " · " a href=(view.query.account(None).href(view.path)) { (view.say(Msg::AccountClear)) } } }
        }
    }
}

/// A text whose words between backticks are code.
pub fn prose(text: &str) -> Markup {
    html! { @for (place, part) in text.split('`').enumerate() { @if place % 2 == 1 { code { (part) } } @else { (part) } } }
}

/// A figure that stays on one line.
pub fn joined(line: &str) -> String {
    line.replace(' ', "\u{a0}").replace('–', "–\u{2060}")
}

/// A sentence with its first letter large.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A path that may break after its slashes.
pub fn breakable(path: &str) -> Markup {
    html! { @for part in path.split_inclusive(['/', '-']) { (part) wbr; } }
}

/// `18 Jun – 15 Sep 2026`, or the word for empty books.
pub fn days(view: &View) -> String {
    view.range().map_or_else(|| view.say(Msg::PeriodEmpty).to_owned(), |(from, to)| figures::days(from, to, view.lang))
}
