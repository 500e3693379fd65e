//! `bilanz init`: new books with a commented configuration.

use crate::cli::Init;
use crate::context::{CONFIG_FILE, FACTORS_FOLDER};
use crate::output;
use anyhow::Context as _;
use ledger::Store;

const TEMPLATE: &str = r#"# The configuration of these books. Review it like code.

organisation = ""
# default_account = "unassigned"

# Rows of a source go to accounts by the first rule that matches; every stated field must match.
# Fields: project, key, user, tag ("name" or "name=value"), source, model; then account, and optionally site, zone.
#
# [[map]]
# project = "proj_support"
# account = "acme/support/chatbot"
#
# [[map]]
# tag = "use-case=search"
# account = "acme/shop/search"
# zone = "aws/eu-central-1"

# Places of your own. PUE and WUE of a site are factors: site.NAME.pue and site.NAME.wue in factors/*.toml.
#
# [site.basement]
# zone = "DEU"
# accelerator = "l40s"
# accelerators = 2
# bytes_per_weight = 1.0
#
# Contracts for its electricity, which statements with `--profile ghg-market` count.
# kind: ppa, guarantee_of_origin, green_tariff, own_generation; share: of the site's kilowatt-hours.
#
# [[site.basement.contract]]
# kind = "ppa"
# technology = "wind"
# share = 0.6
"#;

/// Makes the folder, the configuration and the ledger; what exists is left as it is.
pub(crate) fn run(flags: &Init) -> anyhow::Result<()> {
    let books = &flags.books.books;
    Store::create(books)?;
    std::fs::create_dir_all(books.join(FACTORS_FOLDER)).with_context(|| format!("cannot make {}", books.join(FACTORS_FOLDER).display()))?;
    let config = books.join(CONFIG_FILE);
    let fresh = !config.exists();
    if fresh {
        std::fs::write(&config, TEMPLATE).with_context(|| format!("cannot write {}", config.display()))?;
    }
    if flags.json.json {
        return output::json(&serde_json::json!({ "books": books, "config": config, "created": fresh }));
    }
    let state = if fresh { "New books" } else { "These books exist already; nothing was changed" };
    output::data(&format!(
        "{state} in {}.\nNext: edit {}, then `bilanz import FILE --books {}`.",
        books.display(),
        config.display(),
        books.display()
    ))
}
