//! The doors: who may come in, what every answer carries, what the API and the pages say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../report/tests/fake/mod.rs"]
mod fake;

use serde_json::Value;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A house on a port of its own.
struct Served {
    port: u16,
}

/// An answer, read to its end.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
        line.and_then(|line| line.split_once(':')).map_or("", |(_, value)| value.trim())
    }
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

fn house(books: fake::Fake) -> serve::House {
    serve::House {
        ledger: Arc::new(books),
        factors: Arc::new(lca::FactorSet::embedded().unwrap()),
        config: Arc::new(fake::config()),
        demo_note: None,
        gateway: None,
        own_use: None,
        say: None,
        assessments: None,
        books_dir_label: "my books".to_owned(),
        version: "0.0.0".to_owned(),
    }
}

async fn served(books: fake::Fake) -> Served {
    furnished(house(books)).await
}

#[expect(clippy::disallowed_methods, reason = "the house lives as long as the test")]
async fn furnished(house: serve::House) -> Served {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve::run(listener, house, std::future::pending()));
    Served { port }
}

/// A folder with the example, a small assessment and a broken one.
fn assessments() -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("assessments");
    std::fs::create_dir_all(&folder).unwrap();
    let small = "title = \"Small <one>\"\n[[activity]]\nname = \"metered\"\nkind = \"electricity\"\nzone = \"DEU\"\nenergy_kwh = 100\nevidence = \"plug\"\n";
    std::fs::write(folder.join("small.toml"), small).unwrap();
    std::fs::write(folder.join("wrong.toml"), "title = \"Wrong\"\ntitel = 3\n").unwrap();
    std::fs::write(folder.join("notes.txt"), "no assessment").unwrap();
    std::fs::write(folder.join("a-year.toml"), include_str!("../../../examples/assessment.toml")).unwrap();
    folder
}

impl Served {
    async fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let host = if headers.to_lowercase().contains("host:") { String::new() } else { format!("Host: 127.0.0.1:{}\r\n", self.port) };
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }
    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "").await
    }
}

#[tokio::test]
async fn only_loopback_names_come_in() {
    let house = served(fake::Fake::new(false)).await;
    for host in [format!("localhost:{}", house.port), format!("[::1]:{}", house.port), format!("127.0.0.1:{}", house.port)] {
        assert_eq!(house.ask("GET", "/api/v1/health", &format!("Host: {host}\r\n")).await.status, 200, "{host}");
    }
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{}", house.port),
        "localhost:1".to_owned(),
        format!("127.0.0.1.evil.example:{}", house.port),
    ] {
        let answer = house.ask("GET", "/", &format!("Host: {host}\r\n")).await;
        assert_eq!((answer.status, answer.header("content-type")), (421, "application/problem+json"), "{host}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("localhost"), "says what to do");
    }
}

#[tokio::test]
async fn other_sites_cannot_act_and_nobody_can_write() {
    let house = served(fake::Fake::new(false)).await;
    assert_eq!(house.ask("POST", "/api/v1/health", "Origin: http://evil.example\r\nContent-Length: 0\r\n").await.status, 403);
    let own = format!("Origin: http://127.0.0.1:{}\r\nContent-Length: 0\r\n", house.port);
    let answer = house.ask("POST", "/api/v1/health", &own).await;
    assert_eq!(answer.status, 405);
    assert!(answer.header("allow").contains("GET"));
    let options = house.ask("OPTIONS", "/", "Origin: http://evil.example\r\n").await;
    assert_eq!((options.status, options.header("allow")), (204, "GET, HEAD, OPTIONS"));
    assert_eq!(options.header("access-control-allow-origin"), "");
    let head = house.ask("HEAD", "/", "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[tokio::test]
async fn a_listener_for_everyone_is_refused() {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let error = serve::run(listener, house(fake::Fake::empty()), std::future::pending()).await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
}

#[tokio::test]
async fn every_answer_carries_the_policy() {
    let house = served(fake::Fake::new(false)).await;
    for path in [
        "/",
        "/breakdown",
        "/lifecycle",
        "/live",
        "/metrics",
        "/api/v1/live",
        "/quality",
        "/sources",
        "/api",
        "/nowhere",
        "/?from=x",
        "/api/v1/health",
        "/api/v1/nowhere",
        "/assets/app.css",
        "/assets/app.js",
    ] {
        let answer = house.get(path).await;
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "style-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!((answer.header("x-content-type-options"), answer.header("referrer-policy")), ("nosniff", "no-referrer"), "{path}");
        if path.starts_with("/api/") {
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
        if answer.header("content-type").starts_with("text/html") {
            for inline in [" style=", "<style", "onclick=", "javascript:", "<script>"] {
                assert!(!answer.body.contains(inline), "{path} has {inline}, which its own policy blocks");
            }
        }
    }
}

#[tokio::test]
async fn the_footprint_is_the_same_bytes_as_the_command_line() {
    let house = served(fake::Fake::new(false)).await;
    let answer = house.get("/api/v1/statement/footprint?from=2026-01-01&to=2026-02-28&by=model").await;
    let request = report::Request {
        from: books::parse_day("2026-01-01").ok(),
        to: books::parse_day("2026-02-28").ok(),
        by: report::By::Model,
        ..report::Request::default()
    };
    let books = fake::Fake::new(false);
    let sums = books::Ledger::sums(&books, request.from, request.to).unwrap();
    let head = books::Ledger::head(&books).unwrap();
    let statement = report::build(&request, sums, &head, &books.imports, &fake::config(), &lca::FactorSet::embedded().unwrap()).unwrap();
    assert_eq!(answer.body, report::render(&statement, report::Format::Json, quantity::Lang::En).unwrap());
    assert_eq!(
        answer.body,
        house.get("/api/v1/statement/footprint?from=2026-01-01&to=2026-02-28&by=model").await.body,
        "kept or built, the same"
    );
    let table = house.get("/api/v1/statement/footprint?format=csv").await;
    assert!(table.header("content-type").starts_with("text/csv") && table.body.starts_with("by,key,"));
}

#[tokio::test]
async fn wrong_questions_get_a_problem_that_helps() {
    let house = served(fake::Fake::new(false)).await;
    for (query, word) in [
        ("from=yesterday", "YYYY-MM-DD"),
        ("by=colour", "account, model"),
        ("profile=best", "full"),
        ("form=2026-01-01", "from, to"),
        ("from=2026-02-01&to=2026-01-01", "swap"),
        ("from=%zz", "percent"),
    ] {
        let answer = house.get(&format!("/api/v1/statement/footprint?{query}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (400, "application/problem+json"), "{query}");
        let problem = answer.json();
        assert!(problem["detail"].as_str().unwrap().contains(word), "{query}: {problem}");
        assert_eq!((problem["status"].as_u64(), problem["type"].is_string(), problem["title"].is_string()), (Some(400), true, true));
    }
    assert_eq!(house.get("/api/v1/series?by=account").await.status, 400);
    assert_eq!(house.get("/?show=colour&lang=de").await.status, 400);
}

#[tokio::test]
async fn the_description_matches_the_answers() {
    let house = served(fake::Fake::new(true)).await;
    let document = house.get("/api/v1/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name} is not described");
    }
    for (path, schema, inner) in
        [("/api/v1/statement/footprint", "Statement", "groups"), ("/api/v1/series", "Series", "points"), ("/api/v1/health", "Health", "")]
    {
        let answer = house.get(path).await.json();
        let same = |value: &Value, schema: &str| {
            let have: Vec<&String> = value.as_object().unwrap().keys().collect();
            let described: Vec<&String> = schemas[schema]["properties"].as_object().unwrap().keys().collect();
            assert_eq!(have, described, "{path} {schema}");
        };
        same(&answer, schema);
        if schema == "Statement" {
            same(&answer["total"], "Group");
            same(&answer["coverage"], "Coverage");
            same(&answer["total"]["impacts"], "Impacts");
        }
        if inner == "points" {
            same(&answer["points"][0], "Point");
        }
    }
}

#[tokio::test]
async fn pages_speak_the_language_asked_for() {
    let house = served(fake::Fake::new(false)).await;
    for (path, header, lang, word) in [
        ("/", "", "en", "What AI cost"),
        ("/?lang=de", "", "de", "Was KI gekostet hat"),
        ("/", "Accept-Language: de-AT,de;q=0.9,en;q=0.5\r\n", "de", "Was KI gekostet hat"),
        ("/", "Accept-Language: fr, en;q=0.8, de;q=0.3\r\n", "en", "What AI cost"),
        ("/?lang=en", "Accept-Language: de\r\n", "en", "What AI cost"),
    ] {
        let page = house.ask("GET", path, header).await;
        assert!(page.body.contains(&format!("<html lang=\"{lang}\">")) && page.body.contains(word), "{path} {header}");
    }
    let page = house.get("/breakdown?by=model&lang=de&from=2026-01-01&to=2026-03-31").await;
    assert!(page.body.contains("/quality?from=2026-01-01&amp;to=2026-03-31&amp;lang=de"), "range and language travel along");
}

#[tokio::test]
async fn unknown_outcomes_are_said_and_known_ones_shown() {
    let without = served(fake::Fake::new(false)).await.get("/").await.body;
    assert!(without.contains("Unknown") && without.contains("<code>accepted</code>"));
    let with = served(fake::Fake::new(true)).await.get("/").await.body;
    assert!(with.contains("89 %") && !with.contains("No outcomes are recorded"));
}

#[tokio::test]
async fn empty_books_show_gaps_and_what_to_do() {
    let house = served(fake::Fake::empty()).await;
    for path in ["/", "/breakdown", "/quality", "/sources", "/api", "/?lang=de", "/breakdown?by=day", "/?profile=ecologits"] {
        let page = house.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("NaN"), "{path}");
    }
    let page = house.get("/").await.body;
    assert!(page.contains("gap") && page.contains("<code>bilanz import FILE</code>"));
}

#[tokio::test]
async fn hostile_names_stay_names() {
    let mut books = fake::Fake::new(false);
    for row in &mut books.rows {
        if row.key.account.contains("support") {
            row.key.account = Arc::from("<script>alert(1)</script>\"'&");
        }
        if row.key.model.contains("mini") {
            row.key.model = Arc::from("x\" onload=\"alert(1)");
        }
    }
    let house = served(books).await;
    for path in [
        "/",
        "/breakdown",
        "/breakdown?by=model",
        "/quality",
        "/?account=%3Cscript%3Ealert(2)%3C/script%3E",
        "/?lang=%3Cscript%3E",
        "/%3Cscript%3E",
    ] {
        let page = house.get(path).await.body;
        assert!(!page.contains("<script>") && !page.contains("\" onload=\""), "{path}");
    }
    let command = house.get("/?account=a'b%20c").await.body;
    assert!(
        command.contains("--account &#39;a&#39;\\&#39;&#39;b c&#39;") || command.contains("--account 'a'\\''b c'"),
        "the command is quoted"
    );
}

#[tokio::test]
async fn the_router_stands_without_a_listener() {
    let _router: axum::Router = serve::router(house(fake::Fake::empty()));
}

#[tokio::test]
async fn a_life_cycle_is_shown_from_the_books_and_given_to_programs() {
    let served = furnished(serve::House { assessments: Some(assessments()), ..house(fake::Fake::new(false)) }).await;
    // The first by name, without a name in the address.
    let page = served.get("/lifecycle").await;
    assert_eq!(page.status, 200);
    for words in [
        "Support assistant on own servers",
        "a year of answers",
        "<svg class=\"stack\"",
        "value=\"small\"",
        "90 % interval",
        "bilanz evaluate --file",
    ] {
        assert!(page.body.contains(words), "`{words}` is missing");
    }
    assert!(!page.body.contains("notes"), "only .toml files are assessments");
    let german = served.get("/lifecycle?name=small&lang=de&show=energy_kwh").await;
    assert!(german.body.contains("Lebensweg") && german.body.contains("Small &lt;one&gt;"), "names are text, not markup");
    let life = served.get("/api/v1/lifecycle?name=small").await.json();
    assert_eq!((life["statement"].as_str(), life["activities"][0]["key"].as_str()), (Some("life_cycle"), Some("metered")));
    assert!(life["total"]["impacts"]["gwp_kgco2e"]["median"].as_f64().unwrap() > 10.0);
    assert_eq!(life["total"]["impacts"]["ewaste_kg"], Value::Null, "a gap is null, never zero");
    assert!(served.get("/api/v1/lifecycle?name=small&format=text").await.body.contains("Small"));
    for (path, status, words) in [
        ("/api/v1/lifecycle?name=nobody", 404, "a-year, small, wrong"),
        ("/api/v1/lifecycle?name=../small", 404, "nothing above the folder is read"),
        ("/api/v1/lifecycle?name=wrong", 422, "line 2, column 1"),
        ("/api/v1/lifecycle?name=small&format=csv", 400, "json"),
        ("/api/v1/lifecycle?from=2026-01-01", 400, "name"),
    ] {
        let answer = served.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(words.contains("nothing") || answer.json()["detail"].as_str().unwrap().contains(words), "{path}: {}", answer.body);
    }
    let broken = served.get("/lifecycle?name=wrong").await;
    assert!(broken.status == 200 && broken.body.contains("line 2, column 1"), "the page stays and says where");
}

#[tokio::test]
async fn books_without_an_assessment_say_how_to_make_one() {
    let page = served(fake::Fake::new(false)).await.get("/lifecycle?lang=en").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("There is no assessment") && page.body.contains("[[activity]]"), "{}", page.body);
}
