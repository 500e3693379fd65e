//! Pressure: readers that hardly read, and a disk that is full. Memory stays bounded, and no record is dropped.

use super::rig::Rig;
use super::wire::{Ask, CHAT, TOLD, chat, connect, until};
use crate::house::skip;
use std::io::{Read as _, Write as _};
use std::process::Command;

/// Memory that a process holds, bytes.
fn resident(id: u32) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<usize>().ok()? << 10)
}

/// Records that wait for the disk, as the gateway's own page tells; none may be lost. The page is drawn once a second at
/// the most, so it is asked until it does not change any more.
fn settled(rig: &Rig) -> u64 {
    let address = rig.gateway.as_ref().unwrap().word["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let look = || Ask::get("/api/v1/live").hear(&address).json();
    let begun = look()["time_ms"].as_i64().unwrap();
    let mut seen = look();
    until("the page is drawn again", || {
        seen = look();
        seen["time_ms"].as_i64().unwrap() > begun
    });
    assert_eq!(seen["gaps"]["records_lost"], 0);
    seen["gaps"]["records_waiting"].as_u64().unwrap()
}

#[test]
fn readers_that_hardly_read_do_not_fill_the_memory() {
    let mut rig = Rig::new("");
    let id = rig.server().id();
    let Some(_) = resident(id) else { return skip("readers_that_hardly_read", "this system does not tell what a process holds") };
    assert_eq!(rig.ask(Ask::post(CHAT, chat("m", TOLD)).named("warm")).status, 200);
    let before = resident(id).unwrap();
    let mut readers = Vec::new();
    for (place, more) in ["", TOLD, ",\"stream\":true", ""].into_iter().enumerate() {
        // Four answers of 32 MiB, none of which anybody wants to have.
        let ask = Ask::post(CHAT, chat("m", more)).fault("big=32768").named(&format!("big-{place}")).key(&rig.key);
        let mut stream = connect(&rig.address());
        stream.write_all(&ask.bytes(&rig.address())).unwrap();
        readers.push(stream);
    }
    let mut most = before;
    for _ in 0..60 {
        for reader in &mut readers {
            let mut part = [0; 1024];
            assert!(reader.read(&mut part).unwrap() > 0);
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
        most = most.max(resident(id).unwrap());
    }
    drop(readers);
    assert!(most - before < 24 << 20, "{} MiB for four slow readers", (most - before) >> 20);
    let entries = rig.by_call();
    assert_eq!(entries.len(), 5);
    for (name, entry) in entries.iter().filter(|(name, _)| name.starts_with("big")) {
        assert_eq!(entry.tag("end").as_deref(), Some("client_gone"), "{name}: {}", entry.0);
        entry.estimated();
        // Four million letters passed at the most.
        assert!(entry.count("output_tokens") < 10_000_000, "{}", entry.0);
    }
}

/// A gateway on a disk that takes only so many bytes, from now on. `None` where the system cannot do that.
fn confined(on_failure: &str) -> Option<Rig> {
    let mut rig =
        Rig::new(&format!("[gateway]\nrequire_keys = true\nworkers = 1\nseal_every_s = 3600\non_journal_failure = \"{on_failure}\"\n"));
    rig.stop();
    // Who is not told of the limit by a signal is told by an error.
    let serve = rig.serve();
    let mut command = Command::new("sh");
    command.current_dir(rig.house.path()).args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(serve.get_program()).args(serve.get_args());
    rig.start_as(command);
    limit(&rig, "unlimited").then_some(rig)
}

fn limit(rig: &Rig, bytes: &str) -> bool {
    let id = rig.gateway.as_ref().unwrap().id().to_string();
    Command::new("prlimit").args(["--pid", &id, &format!("--fsize={bytes}:")]).status().is_ok_and(|status| status.success())
}

/// Sends calls one after another; returns the names of those that passed and of those that were refused.
fn calls(rig: &Rig, prefix: &str, count: usize) -> (Vec<String>, Vec<String>) {
    let (mut passed, mut refused) = (Vec::new(), Vec::new());
    for number in 0..count {
        let name = format!("{prefix}-{number}");
        let more = if number % 2 == 0 { "" } else { ",\"stream\":true" };
        let heard = rig.ask(Ask::post(CHAT, chat("m-cache-reason", more)).named(&name));
        if heard.status == 200 {
            assert!(heard.whole);
            passed.push(name);
        } else {
            heard.refused(503, "journal_failed");
            refused.push(name);
        }
    }
    (passed, refused)
}

/// What passed is in the books as it was, and nothing else.
fn all_kept(mut rig: Rig, passed: &[String]) {
    let entries = rig.by_call();
    let records = rig.mock.by_name();
    assert_eq!((entries.len(), records.len()), (passed.len(), passed.len()));
    for name in passed {
        entries[name].equals(&records[name]);
        assert_eq!(entries[name].tag("end"), None, "{}", entries[name].0);
    }
}

#[test]
fn a_full_disk_stops_the_traffic_that_could_not_be_recorded() {
    let Some(rig) = confined("refuse") else { return skip("a_full_disk_stops", "prlimit is missing") };
    assert!(limit(&rig, "16384"));
    let (mut passed, refused) = calls(&rig, "full", 60);
    assert!(passed.len() > 5 && refused.len() > 5, "{} passed, {} refused", passed.len(), refused.len());
    // One at the most was on its way when the disk was full; its record waits.
    assert!(settled(&rig) <= 1);
    assert!(limit(&rig, "unlimited"));
    let (more, refused) = calls(&rig, "free", 10);
    assert_eq!(refused.len(), 0, "the disk has room again");
    assert_eq!(settled(&rig), 0);
    passed.extend(more);
    all_kept(rig, &passed);
}

#[test]
fn a_full_disk_can_be_passed_over_and_what_waited_is_written_later() {
    let Some(rig) = confined("serve") else { return skip("a_full_disk_can_be_passed_over", "prlimit is missing") };
    assert!(limit(&rig, "16384"));
    let (mut passed, refused) = calls(&rig, "full", 60);
    assert_eq!((passed.len(), refused.len()), (60, 0));
    let waiting = settled(&rig);
    assert!((10..60).contains(&waiting), "{waiting}");
    let (more, _) = calls(&rig, "still", 7);
    until("each that waits is counted", || settled(&rig) == waiting + 7);
    assert!(limit(&rig, "unlimited"));
    let (last, _) = calls(&rig, "free", 1);
    assert_eq!(settled(&rig), 0, "what waited is written");
    passed.extend(more.into_iter().chain(last));
    all_kept(rig, &passed);
}

#[test]
fn records_that_wait_for_room_are_written_when_the_gateway_ends() {
    let Some(rig) = confined("serve") else { return skip("records_that_wait_for_room", "prlimit is missing") };
    assert!(limit(&rig, "16384"));
    let (passed, _) = calls(&rig, "full", 50);
    assert!(settled(&rig) > 5);
    assert!(limit(&rig, "unlimited"));
    all_kept(rig, &passed);
}

#[test]
fn a_gateway_that_waits_for_the_disk_says_the_same() {
    let rig = Rig::new("[gateway]\nrequire_keys = true\nworkers = 2\ndurability = \"power\"\n");
    let passed: Vec<String> = std::thread::scope(|scope| {
        let rig = &rig;
        let threads: Vec<_> = (0..8).map(|client| scope.spawn(move || calls(rig, &format!("c{client}"), 8).0)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(passed.len(), 64);
    all_kept(rig, &passed);
}
