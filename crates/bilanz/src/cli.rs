//! The command line: every verb, flag and example in one place.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The books of AI: measure, reduce, govern and report what AI costs the planet.
#[derive(Debug, Parser)]
#[command(
    name = "bilanz",
    version,
    about,
    max_term_width = 100,
    propagate_version = true,
    after_help = "Examples:
  bilanz demo                                  a year of made-up usage in the dashboard
  bilanz import usage.csv --books books        a usage log into the books
  bilanz report footprint --books books        the statement
  bilanz serve --books books                   the dashboard"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make new books: a folder with a commented bilanz.toml.
    #[command(after_help = "Example:\n  bilanz init --books books")]
    Init(Init),
    /// Show the main job on a year of made-up usage.
    #[command(after_help = "Examples:\n  bilanz demo\n  bilanz demo --check        builds the books, checks statement and pages, and ends")]
    Demo(Demo),
    /// Serve the dashboard, the API and, with --listen, the gateway.
    ///
    /// The gateway takes calls of models under the name of their upstream (/openai, /anthropic, /gemini, /bedrock,
    /// /mistral, /ollama, /vllm and those of bilanz.toml), passes them on, meters their answers and writes them into the books.
    #[command(after_help = "Examples:
  bilanz serve --books books --house 127.0.0.1:4747
  bilanz serve --books books --listen 127.0.0.1:4748
    then: OPENAI_BASE_URL=http://127.0.0.1:4748/openai/v1 python my-app.py")]
    Serve(Serve),
    /// Import usage logs and exports; when it returns, the rows are sealed.
    #[command(after_help = "Examples:
  bilanz import completions_usage_2026-10.csv
  bilanz import AzureLLMInferenceTrace_conv.csv --model openai/gpt-4o --zone USA
  bilanz import conversation_trace.jsonl --time-origin 2025-01-01T00:00:00Z --json
Formats: bilanz-usage, openai-export, openai-usage, anthropic-usage, litellm, otlp,
         bedrock-invocation, langfuse, bilanz-outcomes, azure-llm-trace, mooncake-trace")]
    Import(Import),
    /// List imports, or take one back.
    Imports(Imports),
    /// Value one activity, or a whole system of them, without any books.
    #[command(after_help = "Examples:
  bilanz evaluate inference --model openai/gpt-4o --output-tokens 400
  bilanz evaluate --file examples/assessment.toml
  bilanz evaluate --file examples/assessment.toml --compare other.toml --lang de
  bilanz evaluate --file examples/assessment.toml --format html > life-cycle.html")]
    Evaluate(Box<crate::commands::evaluate::Evaluate>),
    /// Gateway keys: make, list, revoke.
    Keys(crate::commands::keys::Keys),
    /// Budgets and policies: check them, or replay the books through them.
    Rules(crate::commands::rules::Rules),
    /// Write a statement.
    Report(Report),
    /// Look at the factors: list, show, check your own.
    Factors(Factors),
    /// Ask the books in SQL: read-only, the table is `entries`.
    ///
    /// The table holds every live row of every source. Where two sources tell of the same traffic (a gateway's log and
    /// a provider's export), a sum over all of them counts it twice: group by `source` or take one `rank`. The statement
    /// counts it once.
    #[command(after_help = "Examples:
  bilanz query \"SELECT day, model, SUM(output_tokens) AS output FROM entries GROUP BY day, model ORDER BY day\"
  bilanz query \"DESCRIBE entries\"")]
    Query(Query),
    /// Walk the hash chain of the books and name the first thing that does not match.
    #[command(after_help = "Example:\n  bilanz verify --books books && echo sound")]
    Verify(Verify),
    /// Run a made-up provider that speaks like OpenAI, Anthropic, Gemini, Bedrock and Ollama, for tests and load tests.
    ///
    /// Answers and their usage follow from the request alone. Faults are asked for with the request header
    /// `x-mock-fault: slow=20,no-usage`, by the model's name (`gpt-4o+reset`), or happen by chance with --faults: a status
    /// (429, status=503), reset, reset-before, stall[=MS], slow[=MS], one-byte, no-usage, bad-usage, error-in-stream,
    /// wrong-length, gzip, br, zstd, crlf, comments, usage-in-text, choices-null, big[=KB], chunked, http1.0. Models with
    /// `cache` or `reason` in their name use those token classes; `x-mock-usage: input=9,cache_read=1,output=7` dictates
    /// them. `GET /mock/ledger` and `GET /mock/stats` tell what happened.
    #[command(after_help = "Examples:
  bilanz mock-provider --listen 127.0.0.1:4849
  bilanz mock-provider --ledger mock.jsonl --faults \"reset:0.01,429:0.05\" --seed 7
  curl -s http://127.0.0.1:4849/v1/chat/completions -d '{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}'")]
    MockProvider(crate::commands::mock_provider::MockProvider),
    /// Print completions for a shell.
    #[command(after_help = "Example:\n  bilanz completions bash > ~/.local/share/bash-completion/completions/bilanz")]
    Completions(Completions),
}

/// Where the books lie.
#[derive(Debug, Clone, Args)]
pub(crate) struct BooksFlag {
    /// Folder of the books.
    #[arg(long, value_name = "DIR", default_value = "books")]
    pub(crate) books: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct JsonFlag {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    #[command(flatten)]
    pub(crate) books: BooksFlag,
    #[command(flatten)]
    pub(crate) json: JsonFlag,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Folder for the demo's books; a folder of the system's temporary directory when left out.
    #[arg(long, value_name = "DIR")]
    pub(crate) books: Option<PathBuf>,
    /// Address of the dashboard; the next free port is taken when it is busy.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4747")]
    pub(crate) house: String,
    /// Do not open a browser.
    #[arg(long)]
    pub(crate) no_open: bool,
    /// Build, check and end; exit status 0 when all is well.
    #[arg(long)]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) json: JsonFlag,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) books: BooksFlag,
    /// Address of the dashboard and the API; loopback only.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4747")]
    pub(crate) house: String,
    /// Address of the gateway; no gateway when left out.
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// Let the gateway be reached from other machines without TLS (behind a proxy that does TLS).
    #[arg(long, requires = "listen")]
    pub(crate) without_tls: bool,
    /// Let anyone who reaches the gateway use it without a key.
    #[arg(long, requires = "listen")]
    pub(crate) without_keys: bool,
    /// Folder with factors of your own, laid over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) factors: Option<PathBuf>,
    /// Open a browser.
    #[arg(long)]
    pub(crate) open: bool,
    #[command(flatten)]
    pub(crate) json: JsonFlag,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Files to import, each all or nothing.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) books: BooksFlag,
    /// Format, or `auto` to recognise it.
    #[arg(long, default_value = "auto")]
    pub(crate) format: String,
    /// Name of the source, when two systems write the same format; the format when left out.
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// Model of rows that name none, as provider/name.
    #[arg(long, value_name = "PROVIDER/NAME")]
    pub(crate) model: Option<String>,
    /// Provider of rows that name none.
    #[arg(long)]
    pub(crate) provider: Option<String>,
    /// Grid zone (ISO 3166 alpha-3) or cloud region of rows that name none.
    #[arg(long, value_name = "ISO3|REGION")]
    pub(crate) zone: Option<String>,
    /// Account of rows that no rule of bilanz.toml maps.
    #[arg(long, value_name = "PATH")]
    pub(crate) account: Option<String>,
    /// Start of files with relative times, RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(crate) time_origin: Option<String>,
    /// Import the good rows of a file with bad ones, and list those.
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Folder with factors of your own (for model names).
    #[arg(long, value_name = "DIR")]
    pub(crate) factors: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) json: JsonFlag,
}

#[derive(Debug, Args)]
pub(crate) struct Imports {
    #[command(subcommand)]
    pub(crate) command: ImportsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportsCommand {
    /// List all imports, oldest first.
    List {
        #[command(flatten)]
        books: BooksFlag,
        #[command(flatten)]
        json: JsonFlag,
    },
    /// Take an import back; the rows it had replaced count again.
    Revert {
        /// Id, as `imports list` shows it.
        id: u64,
        #[command(flatten)]
        books: BooksFlag,
        #[command(flatten)]
        json: JsonFlag,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LangFlag {
    En,
    De,
}

impl From<LangFlag> for quantity::Lang {
    fn from(flag: LangFlag) -> Self {
        match flag {
            LangFlag::En => Self::En,
            LangFlag::De => Self::De,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    #[command(subcommand)]
    pub(crate) command: ReportCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// The footprint of a period, with interval, grade and source for every figure.
    #[command(after_help = "Examples:
  bilanz report footprint --books books --from 2026-01-01 --to 2026-12-31
  bilanz report footprint --by model --format html --lang de > footprint.html
  bilanz report footprint --factor-set 1a2b3c4d5e6f7081 --json    the same statement under kept factors")]
    Footprint(Footprint),
}

#[derive(Debug, Args)]
pub(crate) struct Footprint {
    #[command(flatten)]
    pub(crate) books: BooksFlag,
    /// First day, YYYY-MM-DD (UTC).
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<String>,
    /// Last day, YYYY-MM-DD (UTC), included.
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<String>,
    /// Grouping: account, model, provider, site, stage, day, month.
    #[arg(long, default_value = "account")]
    pub(crate) by: String,
    /// Only this account and those below it.
    #[arg(long, value_name = "PATH")]
    pub(crate) account: Option<String>,
    /// Which stages and which accounting count: full, operational, sci-consumer, sci-provider, ghg-location, ghg-market, ecologits.
    #[arg(long, default_value = "full")]
    pub(crate) profile: String,
    /// Format: text, json, csv, md, html.
    #[arg(long, default_value = "text")]
    pub(crate) format: String,
    /// Language of text, md and html: de or en.
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: LangFlag,
    /// Folder with factors of your own, laid over the built-in ones.
    #[arg(long, value_name = "DIR", conflicts_with = "factor_set")]
    pub(crate) factors: Option<PathBuf>,
    /// A factor set that the books have kept, by its name.
    #[arg(long, value_name = "NAME")]
    pub(crate) factor_set: Option<String>,
    /// Sum the raw segments instead of the roll-ups.
    #[arg(long)]
    pub(crate) raw: bool,
    #[command(flatten)]
    pub(crate) json: JsonFlag,
}

#[derive(Debug, Args)]
pub(crate) struct Factors {
    #[command(subcommand)]
    pub(crate) command: FactorsCommand,
}

#[derive(Debug, Args)]
pub(crate) struct FactorsSource {
    /// Folder with factors of your own, laid over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) factors: Option<PathBuf>,
    /// Folder of the books whose own factors are laid over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) books: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) json: JsonFlag,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FactorsCommand {
    /// List factors.
    #[command(after_help = "Examples:\n  bilanz factors list grid.DEU\n  bilanz factors list ecologits.zone.DEU")]
    List {
        /// Only ids that contain this text.
        filter: Option<String>,
        #[command(flatten)]
        source: FactorsSource,
    },
    /// Show one factor with its citation.
    #[command(
        after_help = "Example:\n  bilanz factors show grid.DEU.gwp\n\nForm of a row of your own (any .toml file in BOOKS/factors):\n  factor = [ { id = \"grid.DEU.gwp\", median = 0.31, gsd = 1.05, unit = \"kgCO2e/kWh\", geography = \"DEU\", period = \"2025\", boundary = \"consumption mix, life cycle\", source = \"our-utility-2025\", place = \"contract, page 2\" } ]\n  [source.our-utility-2025]\n  citation = \"Electricity label of our utility, 2025\"\n  licence = \"own data\"\n  retrieved = \"2026-02-01\"\n  evidence = \"declared\""
    )]
    Show {
        /// Id of the factor.
        id: String,
        #[command(flatten)]
        source: FactorsSource,
    },
    /// Check that all factors load, your own included.
    #[command(after_help = "Example:\n  bilanz factors check --factors my-factors")]
    Check {
        #[command(flatten)]
        source: FactorsSource,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Query {
    /// One SELECT statement over the table `entries`.
    pub(crate) sql: String,
    #[command(flatten)]
    pub(crate) books: BooksFlag,
    #[command(flatten)]
    pub(crate) json: JsonFlag,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) books: BooksFlag,
    #[command(flatten)]
    pub(crate) json: JsonFlag,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Shell.
    pub(crate) shell: clap_complete::Shell,
}
