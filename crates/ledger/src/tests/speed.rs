//! What the journal costs, to be looked at: `cargo test -p ledger speed -- --ignored --nocapture`.

use super::books;
use super::journals::{intent, requests};
use books::{Journal, Keeper, Ledger};

#[test]
#[ignore = "a measurement, no test"]
#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock; nothing depends on it")]
fn an_intent_and_its_result() {
    let (_dir, store) = books();
    let rows = requests(1000);
    let mut journal = store.journal().unwrap();
    let start = std::time::Instant::now();
    for row in rows.iter().cycle().take(100_000) {
        journal.intend(row).unwrap();
        journal.record(row).unwrap();
    }
    println!("{:.2} us per intent and result, writes included", start.elapsed().as_secs_f64() * 10.0);
}

#[test]
#[ignore = "a measurement, no test"]
#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock; nothing depends on it")]
fn a_day_of_minutes() {
    let (_dir, store) = books();
    let rows = requests(160_000);
    let mut journals: Vec<_> = (0..8).map(|_| store.journal().unwrap()).collect();
    for (minute, share) in rows[..80_000].chunks(200).enumerate() {
        for (number, row) in share.iter().enumerate() {
            journals[number % 8].intend(&intent(row)).unwrap();
            journals[number % 8].record(row).unwrap();
        }
        let start = std::time::Instant::now();
        journals.iter_mut().for_each(|journal| journal.rotate().unwrap());
        let rotated = start.elapsed();
        store.seal_journal(1).unwrap();
        if minute % 50 == 0 {
            println!("minute {minute}: 8 rotations {rotated:?}, sealing {:?}", start.elapsed() - rotated);
        }
    }
    let start = std::time::Instant::now();
    assert_eq!(store.find("test", "req-7").unwrap().as_ref(), Some(&rows[7]));
    println!("the oldest of {} segments found in {:?}", store.head().unwrap().links, start.elapsed());
    let start = std::time::Instant::now();
    let mut seen = 0;
    store.scan(0, i64::MAX, &mut |_| seen += 1).unwrap();
    println!("{seen} entries scanned in {:?}", start.elapsed());
}
