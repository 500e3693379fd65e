//! Processes: a provider, a gateway over books, and both ledgers afterwards.

use super::wire::{Ask, until};
use crate::house::{House, binary};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A process that ends with the test.
pub struct Server {
    child: Child,
    pub word: Value,
}

impl Server {
    /// Runs until it has printed its document.
    pub fn start(mut command: Command, errors: &Path) -> Self {
        let errors = File::options().create(true).append(true).open(errors).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(errors).spawn().unwrap();
        let mut text = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while !text.trim_end().ends_with('}') {
            let read = lines.read_line(&mut text).unwrap();
            assert!(read > 0, "the server did not start: {text}");
        }
        Self { child, word: serde_json::from_str(&text).unwrap() }
    }

    fn address(&self, name: &str) -> String {
        self.word[name].as_str().unwrap().split_once("://").unwrap().1.to_owned()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Killed, as by a power cut of the process.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Told to end, and waited for.
    pub fn end(&mut self) {
        assert!(Command::new("kill").args(["-TERM", &self.id().to_string()]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "ended with {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A made-up provider.
pub struct Mock {
    // Ends with the test.
    _server: Server,
    pub address: String,
    ledger: PathBuf,
}

impl Mock {
    pub fn start(house: &House, name: &str, more: &[&str]) -> Self {
        let ledger = house.path().join(format!("{name}.jsonl"));
        let mut command = Command::new(binary());
        command.current_dir(house.path()).args(["mock-provider", "--listen", "127.0.0.1:0", "--json", "--ledger"]).arg(&ledger).args(more);
        let server = Server::start(command, &house.path().join("mock.stderr"));
        let address = server.address("url");
        Self { _server: server, address, ledger }
    }

    /// Its ledger: one record per request that is over, in the order in which they ended.
    pub fn records(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.ledger).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Its records by name; no name may stand twice.
    pub fn by_name(&self) -> BTreeMap<String, Value> {
        let mut found = BTreeMap::new();
        for record in self.records() {
            let name = record["id"].as_str().unwrap().to_owned();
            assert!(found.insert(name.clone(), record).is_none(), "the provider saw {name} twice");
        }
        found
    }

    /// The only record of this name, once it is there.
    pub fn record(&self, name: &str) -> Value {
        let named = || -> Vec<Value> { self.records().into_iter().filter(|record| record["id"] == name).collect() };
        until(&format!("the provider's record of {name}"), || !named().is_empty());
        let mut found = named();
        assert_eq!(found.len(), 1, "{name}");
        found.remove(0)
    }
}

/// Books, a provider and a gateway between them.
pub struct Rig {
    pub house: House,
    pub mock: Mock,
    pub gateway: Option<Server>,
    /// The gateway key of `a/b`.
    pub key: String,
}

impl Rig {
    /// `[upstream.mock]` has no retries; `config` comes behind it, `MOCK` standing for the provider's address.
    pub fn new(config: &str) -> Self {
        Self::with(config, &[])
    }

    /// With flags for the provider.
    pub fn with(config: &str, mock: &[&str]) -> Self {
        let house = House::new();
        let mock = Mock::start(&house, "mock", mock);
        Self::over(house, mock, config)
    }

    /// Over a provider that runs already.
    pub fn over(house: House, mock: Mock, config: &str) -> Self {
        house.ok(&["init"]);
        let base = "[upstream.mock]\nbase_url = \"http://MOCK\"\nretries = 0\n";
        let gateway = if config.contains("[gateway]") { "" } else { "[gateway]\nrequire_keys = true\nworkers = 2\n" };
        std::fs::write(house.books().join("bilanz.toml"), format!("{gateway}{base}{config}").replace("MOCK", &mock.address)).unwrap();
        let mut rig = Self { house, mock, gateway: None, key: String::new() };
        rig.key = rig.make_key("a/b");
        rig.start();
        rig
    }

    pub fn make_key(&self, account: &str) -> String {
        self.house.json(&["keys", "create", "--account", account])["key"].as_str().unwrap().to_owned()
    }

    fn errors(&self) -> PathBuf {
        self.house.path().join("gateway.stderr")
    }

    /// The command that serves.
    pub fn serve(&self) -> Command {
        self.house.command(&["serve", "--house", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--json"])
    }

    pub fn start(&mut self) {
        let command = self.serve();
        self.start_as(command);
    }

    pub fn start_as(&mut self, command: Command) {
        self.gateway = Some(Server::start(command, &self.errors()));
    }

    pub fn server(&mut self) -> &mut Server {
        self.gateway.as_mut().unwrap()
    }

    /// Where clients knock.
    pub fn address(&self) -> String {
        self.gateway.as_ref().unwrap().address("gateway")
    }

    /// Ends in order, which seals.
    pub fn stop(&mut self) {
        let mut server = self.gateway.take().unwrap();
        // Once its pages answer, it listens to signals too.
        assert_eq!(Ask::get("/").hear(&server.address("url")).status, 200);
        server.end();
        assert!(!self.said().contains("panicked"), "{}", self.said());
    }

    /// What the gateway said on stderr.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.errors()).unwrap_or_default()
    }

    /// All entries of the sealed books, as rows.
    pub fn entries(&self) -> Vec<Entry> {
        let rows = self.house.json(&["query", "select * from entries"]);
        let mut entries: Vec<Entry> = rows.as_array().unwrap().iter().cloned().map(Entry).collect();
        entries.sort_by_key(|entry| (entry.count("time_start_ms"), entry.text("external_id").to_owned()));
        entries
    }

    /// Ends the gateway and returns the entries by the name of their call; each must have one.
    pub fn by_call(&mut self) -> BTreeMap<String, Entry> {
        self.stop();
        let mut found = BTreeMap::new();
        for entry in self.entries() {
            let call = entry.call();
            assert!(found.insert(call.clone(), entry).is_none(), "{call} is twice in the books");
        }
        found
    }

    /// Sends through the gateway with the key of `a/b`.
    pub fn ask(&self, ask: Ask) -> super::wire::Heard {
        ask.key(&self.key).hear(&self.address())
    }
}

/// A row of the books.
#[derive(Debug, Clone)]
pub struct Entry(pub Value);

/// Columns of the token classes in the books, and their names in the provider's ledger.
pub const CLASSES: [(&str, &str); 5] = [
    ("input_tokens", "input_uncached"),
    ("cache_read_tokens", "cache_read"),
    ("cache_write_tokens", "cache_write"),
    ("output_tokens", "output_visible"),
    ("reasoning_tokens", "reasoning"),
];

impl Entry {
    pub fn text(&self, column: &str) -> &str {
        self.0[column].as_str().unwrap_or_default()
    }

    pub fn count(&self, column: &str) -> i64 {
        self.0[column].as_i64().unwrap_or_else(|| panic!("{column} in {}", self.0))
    }

    pub fn tags(&self) -> Vec<String> {
        let labels: Value = serde_json::from_str(self.text("labels")).unwrap();
        labels["tags"].as_array().into_iter().flatten().map(|tag| tag.as_str().unwrap().to_owned()).collect()
    }

    /// The value of a tag `name=value`.
    pub fn tag(&self, name: &str) -> Option<String> {
        self.tags().into_iter().find_map(|tag| tag.strip_prefix(&format!("{name}=")).map(str::to_owned))
    }

    pub fn call(&self) -> String {
        self.tag("call").unwrap_or_else(|| panic!("no name in {}", self.0))
    }

    /// Holds the counts against what was truly used, class by class. A class that the books do not know must be one that
    /// was not used.
    pub fn equals(&self, record: &Value) {
        for (column, class) in CLASSES {
            let truth = record["usage"][class].as_i64().unwrap_or_else(|| panic!("{class} in {record}"));
            match self.0[column].as_i64() {
                Some(kept) => assert_eq!(kept, truth, "{column} of {} against {record}", self.0),
                None => assert_eq!(truth, 0, "{column} is unknown in {}, and was used: {record}", self.0),
            }
        }
        assert_eq!(self.text("evidence"), "counted", "{}", self.0);
        assert_eq!(self.count("requests"), 1);
    }

    /// Expects an estimate with some tokens.
    pub fn estimated(&self) {
        assert_eq!(self.text("evidence"), "estimated", "{}", self.0);
        assert!(self.count("input_tokens") > 0, "{}", self.0);
    }
}
