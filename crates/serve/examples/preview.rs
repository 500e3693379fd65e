//! Opens the dashboard on made-up books: `cargo run -p serve --example preview -- 8899 [outcomes] [empty] [assessments=FOLDER]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../../report/tests/fake/mod.rs"]
mod fake;

use std::sync::Arc;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let port: u16 = words.first().and_then(|word| word.parse().ok()).unwrap_or(8899);
    let said = |word: &str| words.iter().any(|known| known == word);
    let books = if said("empty") { fake::Fake::empty() } else { fake::Fake::new(said("outcomes")) };
    let house = serve::House {
        ledger: Arc::new(books),
        factors: Arc::new(lca::FactorSet::embedded().unwrap()),
        config: Arc::new(fake::config()),
        gateway: None,
        own_use: None,
        say: None,
        demo_note: Some(serve::DemoNote {
            en: "Made-up books: eight accounts of a company that does not exist.".to_owned(),
            de: "Erfundene Bücher: acht Konten einer Firma, die es nicht gibt.".to_owned(),
        }),
        assessments: words.iter().find_map(|word| word.strip_prefix("assessments=")).map(Into::into),
        books_dir_label: "books".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    println!("http://{}/", listener.local_addr().unwrap());
    serve::run(listener, house, std::future::pending()).await.unwrap();
}
