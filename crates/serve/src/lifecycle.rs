//! The life-cycle page: the assessments that lie in the books, each shown stage by stage.

use crate::figure::choose_indicator;
use crate::page::{self, Page, View, breakable, prose};
use crate::problem::Problem;
use crate::query::{code, shell};
use crate::{House, Open};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use books::Assessment;
use lca::Profile;
use maud::{Markup, html};
use report::lifecycle::{self, LifeCycleValued};
use report::messages::Msg;
use report::names;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file that the empty page shows as a beginning.
const SMALL: &str = r#"title = "Support assistant"

[functional_unit]
name = "answered question"
quantity = 120_000

[default]
zone = "DEU"

[[activity]]
name = "a year of answers"
kind = "inference"
model = "openai/gpt-4o-mini"
requests = 120_000
tokens_per = "request"
input_tokens = 900
output_tokens = 250
"#;

/// The page `/lifecycle`.
pub async fn show(State(open): State<Arc<Open>>, uri: Uri, headers: HeaderMap) -> Response {
    page::answer(open, uri, headers, "/lifecycle", build).await
}

/// The assessments in the books: name and path, sorted by name.
fn files(house: &House) -> Vec<(String, PathBuf)> {
    let Some(entries) = house.assessments.as_deref().and_then(|folder| std::fs::read_dir(folder).ok()) else { return Vec::new() };
    let mut found: Vec<(String, PathBuf)> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|kind| kind == "toml"))
        .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)))
        .collect();
    found.sort();
    found
}

/// Values one of them.
fn valued(house: &House, path: &Path, name: &str, profile: Profile) -> Result<LifeCycleValued, Problem> {
    let text = std::fs::read_to_string(path).map_err(|error| Problem::failed(format!("assessments/{name}.toml: {error}")))?;
    let broken =
        |detail: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "assessment_broken", "The assessment cannot be read", detail);
    let assessment =
        Assessment::parse(&format!("assessments/{name}.toml"), &text, &house.factors).map_err(|error| broken(error.to_string()))?;
    lifecycle::life_cycle(&assessment, &house.factors, profile).map_err(|error| broken(error.to_string()))
}

/// The assessment that is asked for, or the first.
///
/// # Errors
/// When there is none, none of this name, or it cannot be read.
pub fn asked(house: &House, name: Option<&str>, profile: Profile) -> Result<LifeCycleValued, Problem> {
    let files = files(house);
    let (name, path) = pick(&files, name)?;
    valued(house, path, name, profile)
}

fn pick<'a>(files: &'a [(String, PathBuf)], name: Option<&str>) -> Result<&'a (String, PathBuf), Problem> {
    let lost = |detail: String| Problem::new(StatusCode::NOT_FOUND, "not_found", "There is no such assessment", detail);
    match (files, name) {
        ([], _) => Err(lost("The books hold no assessment; write one into `assessments/NAME.toml` beside `bilanz.toml`.".to_owned())),
        ([first, ..], None) => Ok(first),
        (_, Some(name)) => files.iter().find(|(known, _)| known == name).ok_or_else(|| {
            let known: Vec<&str> = files.iter().map(|(known, _)| known.as_str()).collect();
            lost(format!("`{name}` is not among the assessments of these books: {}", known.join(", ")))
        }),
    }
}

fn build(view: &View) -> Result<Page, Problem> {
    let house = &view.open.house;
    let files = files(house);
    if files.is_empty() {
        return Ok(empty(view));
    }
    let (name, path) = pick(&files, view.query.name.as_deref())?;
    let profile = view.query.request.profile;
    let kind = view.say(Msg::LifeTitle);
    let (title, shown) = match valued(house, path, name, profile) {
        Ok(valued) => (valued.life.title.clone(), life(view, name, &valued)),
        Err(problem) => {
            let broken = html! { section.block { h2 { (view.say(Msg::LifeBroken)) } p { (prose(&problem.detail)) } } };
            (name.clone(), broken)
        }
    };
    let main = html! {
        div.title { p.soft { (kind) } h1 { (title) } p.soft { (view.say(Msg::LifeLead)) } }
        (choose(view, &files, name))
        (shown)
    };
    Ok(Page { title: format!("{title} · {kind}"), main })
}

/// The choice of the file and of the profile.
fn choose(view: &View, files: &[(String, PathBuf)], shown: &str) -> Markup {
    let request = &view.query.request;
    html! {
        search.range aria-label=(view.say(Msg::LifeFile)) {
            form method="get" action=(view.path) {
                label { (view.say(Msg::LifeFile)) select name="name" { @for (name, _) in files { option value=(name) selected[name == shown] { (name) } } } }
                label { (view.say(Msg::Profile)) select name="profile" {
                    @for profile in Profile::ALL { option value=(profile.as_str()) selected[*profile == request.profile] { (view.say(names::profile(*profile))) } }
                } }
                input type="hidden" name="show" value=(view.query.show.as_str());
                @if let Some(lang) = view.query.lang { input type="hidden" name="lang" value=(code(lang)); }
                button type="submit" { (view.say(Msg::RangeApply)) }
            }
        }
    }
}

fn life(view: &View, name: &str, valued: &LifeCycleValued) -> Markup {
    let (life, show) = (&valued.life, view.query.show);
    let query = view.query.named(name);
    let api = query.href("/api/v1/lifecycle");
    let mut file = format!("{}/assessments/{name}.toml", view.open.house.books_dir_label);
    file = shell(&file);
    let profile = if life.profile == Profile::Full { String::new() } else { format!(" --profile {}", life.profile) };
    html! {
        (choose_indicator(view))
        (lifecycle::picture(life, show, view.lang))
        section.block { details {
            summary { (view.say(Msg::DataTitle)) }
            div.more {
                div.scroll tabindex="0" role="region" aria-label=(view.say(Msg::DataTitle)) { (lifecycle::matrix(life, show, &api, view.lang)) }
                p.small { (view.say(Msg::DataCli)) ":" }
                pre tabindex="0" { "bilanz evaluate --file " (file) (profile) " --json" }
                p.small { a href=(api) { (view.say(Msg::DataJson)) } }
            }
        } }
        (lifecycle::below(life, view.lang))
    }
}

/// The page of books without an assessment: calm, and with what to do.
fn empty(view: &View) -> Page {
    let title = view.say(Msg::LifeTitle).to_owned();
    let place = format!("{}/assessments/NAME.toml", view.open.house.books_dir_label);
    let main = html! {
        div.title { h1 { (title) } p.soft { (view.say(Msg::LifeLead)) } }
        section.block {
            h2 { (view.say(Msg::LifeNone)) }
            p { (before(view)) code { (breakable(&place)) } (after(view)) }
            pre tabindex="0" { (SMALL) }
        }
    };
    Page { title, main }
}

fn before(view: &View) -> &'static str {
    view.say(Msg::LifeNoneHow).split_once("{0}").map_or("", |(before, _)| before)
}

fn after(view: &View) -> &'static str {
    view.say(Msg::LifeNoneHow).split_once("{0}").map_or("", |(_, after)| after)
}
