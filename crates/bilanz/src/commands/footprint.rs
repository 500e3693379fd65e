//! `bilanz report footprint`: the statement of a period.

use crate::cli::Footprint;
use crate::{context, output};
use books::{Ledger as _, parse_day};
use ledger::Store;
use report::{By, Format, Request};

/// Writes the statement to stdout.
pub(crate) fn run(flags: &Footprint) -> anyhow::Result<()> {
    let day = |text: &Option<String>, flag: &str| {
        text.as_deref().map(|text| parse_day(text).map_err(|error| anyhow::anyhow!("--{flag}: {error}"))).transpose()
    };
    let request = Request {
        from: day(&flags.from, "from")?,
        to: day(&flags.to, "to")?,
        by: flags.by.parse::<By>()?,
        profile: flags.profile.parse()?,
        account: flags.account.clone(),
    };
    let format = if flags.json.json { Format::Json } else { flags.format.parse::<Format>()? };
    let books = &flags.books.books;
    let store = Store::open(books)?;
    let config = context::config(books)?;
    let set = match &flags.factor_set {
        Some(name) => context::kept(&store, name)?,
        None => context::factors(Some(books), flags.factors.as_deref())?,
    };
    let head = store.head()?;
    let sums = if flags.raw { store.sums_raw(request.from, request.to)? } else { store.sums(request.from, request.to)? };
    let statement = report::build(&request, sums, &head, &store.imports()?, &config, &set)?;
    if let Err(error) = context::keep(&store, &set) {
        output::note(&format!(
            "warning: the factor set could not be kept in the books, so this statement cannot be made again once the factors change: {error}"
        ));
    }
    output::data(&report::render(&statement, format, flags.lang.into())?)
}
