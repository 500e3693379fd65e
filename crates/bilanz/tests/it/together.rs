//! At the same time: two imports, an import beside `serve`, a disk that fills up.

use crate::house::{House, binary, skip, table};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const ROWS: usize = 20_000;

#[test]
fn two_imports_of_the_same_rows_at_once_count_once() {
    let house = House::new();
    house.write("a.csv", table(ROWS));
    house.write("b.csv", table(ROWS));
    let run = |file: &str| house.command(&["import", file, "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let records: Vec<serde_json::Value> = [run("a.csv"), run("b.csv")]
        .map(|child| child.wait_with_output().unwrap())
        .iter()
        .map(|output| {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice(&output.stdout).unwrap()
        })
        .collect();
    let sum = |key: &str| records.iter().map(|record| record[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("imported"), sum("duplicates")), (ROWS as u64, ROWS as u64));
    assert_eq!(house.json(&["report", "footprint"])["coverage"]["entries"], ROWS);
    house.ok(&["verify"]);
}

/// A running `serve`; ended when dropped.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(house: &House) -> Self {
        let mut child = house.command(&["serve", "--house", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said: Box<dyn std::io::Read + Send> = Box::new(child.stdout.take().unwrap());
        let heard: Box<dyn std::io::Read + Send> = Box::new(child.stderr.take().unwrap());
        // The address is printed on either of the two; the first line that holds it decides.
        let (sender, receiver) = std::sync::mpsc::channel();
        for stream in [said, heard] {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    if let Some((_, rest)) = line.split_once("http://") {
                        let address: String = rest.chars().take_while(|letter| !letter.is_whitespace() && *letter != '/').collect();
                        drop(sender.send(address));
                    }
                }
            });
        }
        let address = receiver.recv_timeout(Duration::from_secs(60));
        match address {
            Ok(address) => Self { child, address },
            Err(_) => {
                drop(child.kill());
                panic!("serve printed no address");
            }
        }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn an_import_beside_a_running_house_is_seen_by_it() {
    let house = House::new();
    house.write("first.csv", table(10));
    house.ok(&["import", "first.csv"]);
    let served = Served::start(&house);
    let before = served.get("/");
    assert!(before.starts_with("HTTP/1.1 200"), "{}", &before[..before.len().min(200)]);
    house.write("more.csv", table(500));
    let record = house.json(&["import", "more.csv"]);
    assert_eq!((&record["imported"], &record["duplicates"]), (&490.into(), &10.into()));
    let after = served.get("/");
    assert!(after.starts_with("HTTP/1.1 200"), "{}", &after[..after.len().min(200)]);
    assert_ne!(before, after, "the page does not show the new rows");
    drop(served);
    house.ok(&["verify"]);
}

#[test]
#[cfg(unix)]
fn a_file_that_cannot_grow_leaves_the_books_as_they_were() {
    let house = House::new();
    house.write("first.csv", table(10));
    house.ok(&["import", "first.csv"]);
    let before = house.statement();
    house.write("more.csv", table(ROWS));
    // With SIGXFSZ ignored, a write beyond the limit fails like one on a full disk.
    let script = "trap '' XFSZ; ulimit -f 64; exec \"$0\" import more.csv --books books --json";
    let output = Command::new("sh").args(["-c", script, binary()]).current_dir(house.path()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty() && !error.contains("panicked"), "{error}");
    assert_eq!(house.statement(), before);
    house.ok(&["verify"]);
    // With room again, the same command finishes the job.
    assert_eq!(house.json(&["import", "more.csv"])["imported"], ROWS - 10);
    house.ok(&["verify"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_leaves_the_books_as_they_were() {
    let house = House::new();
    let disk = house.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&disk).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        return skip("a_full_disk_leaves_the_books_as_they_were", "mounting a small disk is not allowed here");
    }
    let run = |arguments: &[&str]| {
        Command::new(binary()).args(arguments).args(["--books", "disk/books"]).current_dir(house.path()).output().unwrap()
    };
    house.write("first.csv", table(10));
    house.write("more.csv", table(60_000));
    let first = run(&["import", "first.csv", "--json"]);
    let before = run(&["report", "footprint", "--json"]).stdout;
    let full = run(&["import", "more.csv", "--json"]);
    let after = run(&["report", "footprint", "--json"]);
    let verified = run(&["verify"]);
    let unmounted = Command::new("umount").arg(&disk).status();
    assert!(first.status.success() && !before.is_empty(), "{}", String::from_utf8_lossy(&first.stderr));
    let error = String::from_utf8_lossy(&full.stderr);
    assert!(!full.status.success() && full.stdout.is_empty(), "60,000 rows fit on a disk of 1 MB");
    assert!(error.contains("full") && !error.contains("panicked"), "{error}");
    assert_eq!(after.stdout, before, "{}", String::from_utf8_lossy(&after.stderr));
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    assert!(unmounted.is_ok_and(|status| status.success()));
}
