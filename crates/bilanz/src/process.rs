//! What this process has used of the machine, as Linux tells; nothing elsewhere.

use serve::ProcessUse;

/// Clock ticks per second in `/proc`: 100 on every Linux that Rust runs on.
const TICK_MS: u64 = 10;

/// Processor time and memory of this process; `None` where the system does not tell.
pub(crate) fn used() -> Option<ProcessUse> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    Some(ProcessUse { cpu_ms: cpu_ms(&stat)?, resident_bytes: resident_bytes(&status)? })
}

/// Time in user and in kernel mode, of all threads.
fn cpu_ms(stat: &str) -> Option<u64> {
    // The name of the program stands in brackets and may hold anything, brackets and spaces too.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let (user, kernel): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + kernel) * TICK_MS)
}

fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::{cpu_ms, resident_bytes};

    #[test]
    fn names_of_programs_do_not_shift_the_fields() {
        let stat = "4 (a) b (c)) S 1 4 4 0 -1 4194304 1 2 3 4 250 50 7 8 20 0 9 0 1 2 3";
        assert_eq!(cpu_ms(stat), Some(3_000));
        assert_eq!(cpu_ms("4 (bilanz"), None);
        assert_eq!(resident_bytes("Name:\tbilanz\nVmRSS:\t    2048 kB\n"), Some(2_097_152));
        assert_eq!(resident_bytes("Name:\tbilanz\n"), None);
    }
}
