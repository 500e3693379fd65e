//! What an address asks for: range, profile, grouping, indicator, language.

use crate::problem::Problem;
use books::{Day, parse_day};
use lca::{Indicator, Profile};
use quantity::Lang;
use report::{By, Request};
use std::fmt::Write as _;

/// Everything a page or an API call can be asked, and the address that asks it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What the statement is about.
    pub request: Request,
    /// Whether the grouping was named.
    pub by_named: bool,
    /// Indicator that charts show.
    pub show: Indicator,
    /// Language named in the address.
    pub lang: Option<Lang>,
    /// Format, for the API.
    pub format: Option<report::Format>,
    /// Assessment that the life-cycle page shows.
    pub name: Option<String>,
}

impl Default for Query {
    fn default() -> Self {
        Self { request: Request::default(), by_named: false, show: Indicator::GwpKgco2e, lang: None, format: None, name: None }
    }
}

impl Query {
    /// Reads the part of an address behind `?`; `allowed` are the names this address takes.
    ///
    /// # Errors
    /// A problem that names the part and what it may be.
    pub fn parse(raw: Option<&str>, allowed: &[&str]) -> Result<Self, Problem> {
        let mut query = Self::default();
        for part in raw.unwrap_or_default().split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            if !allowed.contains(&name.as_str()) {
                return Err(Problem::bad_query(format!("`{name}` is not asked here; use {}", allowed.join(", "))));
            }
            if !value.is_empty() {
                query.set(&name, &value).map_err(Problem::bad_query)?;
            }
        }
        if let (Some(from), Some(to)) = (query.request.from, query.request.to)
            && from > to
        {
            return Err(Problem::bad_query(format!("the period ends ({to}) before it starts ({from}); swap `from` and `to`")));
        }
        Ok(query)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let day = |value: &str| parse_day(value).map(Some);
        match name {
            "from" => self.request.from = day(value)?,
            "to" => self.request.to = day(value)?,
            "by" => {
                self.request.by = value.parse::<By>().map_err(|error| error.to_string())?;
                self.by_named = true;
            }
            "profile" => self.request.profile = value.parse::<Profile>().map_err(|error| error.to_string())?,
            "show" => self.show = value.parse::<Indicator>().map_err(|error| error.to_string())?,
            "account" => self.request.account = Some(value.to_owned()),
            "name" => self.name = Some(value.to_owned()),
            "format" => self.format = Some(value.parse::<report::Format>().map_err(|error| error.to_string())?),
            "lang" => {
                self.lang = match value {
                    "de" => Some(Lang::De),
                    "en" => Some(Lang::En),
                    _ => return Err(format!("unknown language `{value}`; one of: de, en")),
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The same question at another place of the house; what is usual is left out.
    pub fn href(&self, path: &str) -> String {
        let mut out = path.to_owned();
        let mut mark = '?';
        let mut add = |name: &str, value: &str| {
            let _ = write!(out, "{mark}{name}={}", encode(value));
            mark = '&';
        };
        let api = path.starts_with("/api/");
        let life = path.ends_with("/lifecycle");
        // An assessment has no days, no accounts and no grouping.
        let books = !(api && life);
        if let Some(name) = self.name.as_deref().filter(|_| life) {
            add("name", name);
        }
        if let Some(from) = self.request.from.filter(|_| books) {
            add("from", &from.to_string());
        }
        if let Some(to) = self.request.to.filter(|_| books) {
            add("to", &to.to_string());
        }
        if books && (self.by_named || (api && self.request.by != By::Account)) {
            add("by", self.request.by.as_str());
        }
        if self.request.profile != Profile::Full {
            add("profile", self.request.profile.as_str());
        }
        if let Some(account) = self.request.account.as_ref().filter(|_| books) {
            add("account", account);
        }
        if let Some(format) = self.format.filter(|_| api) {
            add("format", format.as_str());
        }
        if !api && self.show != Indicator::GwpKgco2e {
            add("show", self.show.as_str());
        }
        if let Some(lang) = self.lang.filter(|_| !api) {
            add("lang", code(lang));
        }
        out
    }

    /// The same with another range.
    pub fn range(&self, from: Option<Day>, to: Option<Day>) -> Self {
        let mut query = self.clone();
        (query.request.from, query.request.to) = (from, to);
        query
    }

    /// The same by another grouping.
    pub fn by(&self, by: By) -> Self {
        let mut query = self.clone();
        query.request.by = by;
        query.by_named = true;
        query
    }

    /// The same without a grouping, for pages that have none.
    pub fn plain(&self) -> Self {
        Self { by_named: false, request: self.request.by(By::Account), ..self.clone() }
    }

    /// The same with another indicator shown.
    pub fn show(&self, show: Indicator) -> Self {
        Self { show, ..self.clone() }
    }

    /// The same for another branch of accounts.
    pub fn account(&self, account: Option<String>) -> Self {
        let mut query = self.clone();
        query.request.account = account;
        query
    }

    /// The same for an assessment.
    pub fn named(&self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self.clone() }
    }

    /// The same in another language.
    pub fn lang(&self, lang: Lang) -> Self {
        Self { lang: Some(lang), ..self.clone() }
    }

    /// The same in a format of the API.
    pub fn format(&self, format: report::Format) -> Self {
        Self { format: Some(format), ..self.clone() }
    }

    /// The command that gives the same figures.
    pub fn command(&self, books: &str) -> String {
        let mut out = format!("bilanz report footprint --books {}", shell(books));
        let request = &self.request;
        if let Some(from) = request.from {
            let _ = write!(out, " --from {from}");
        }
        if let Some(to) = request.to {
            let _ = write!(out, " --to {to}");
        }
        let _ = write!(out, " --by {}", request.by.as_str());
        if request.profile != Profile::Full {
            let _ = write!(out, " --profile {}", request.profile);
        }
        if let Some(account) = &request.account {
            let _ = write!(out, " --account {}", shell(account));
        }
        out + " --json"
    }
}

/// The code of a language.
pub const fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::De => "de",
        Lang::En => "en",
    }
}

/// The language a browser asks for, by its `Accept-Language`.
pub fn accepted(header: Option<&str>) -> Lang {
    let mut best = (Lang::En, 0.0);
    for part in header.unwrap_or_default().split(',') {
        let (tag, quality) = part.split_once(";q=").unwrap_or((part, "1"));
        let weight = quality.trim().parse::<f64>().unwrap_or(0.0);
        let lang = match tag.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("de") => Lang::De,
            Some("en") => Lang::En,
            _ => continue,
        };
        if weight > best.1 {
            best = (lang, weight);
        }
    }
    best.0
}

/// A word as a shell takes it.
pub fn shell(word: &str) -> String {
    let plain = !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-:@%+,".contains(letter));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

fn encode(word: &str) -> String {
    let mut out = String::new();
    for byte in word.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte) {
            out.push(byte as char);
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn decode(word: &str) -> Result<String, Problem> {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| (byte as char).to_digit(16));
                match (digit(rest.next()), digit(rest.next())) {
                    (Some(high), Some(low)) => bytes.push((high * 16 + low) as u8),
                    _ => return Err(Problem::bad_query(format!("`{word}` has a broken percent sign; write %25 for a percent sign"))),
                }
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| Problem::bad_query(format!("`{word}` is no UTF-8")))
}
