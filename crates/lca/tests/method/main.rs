//! The method against its own laws, against published anchors and against `EcoLogits`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test fails by panicking, reads its data from where a variable points, and only compares what it computes"
)]

mod aggregates;
mod anchors;
mod compatible;
mod electricity;
mod facts;
mod figures;
mod floors;
mod hardware;
mod held_out;
mod laws;
mod loading;
mod media;
mod media_runs;
mod naming;
mod older;
mod runs;
mod sci;
mod training;

use lca::{Activity, Counts, FactorSet, Stats};
use std::sync::LazyLock;

static SET: LazyLock<FactorSet> = LazyLock::new(|| FactorSet::embedded().unwrap_or_else(|error| panic!("{error}")));

/// One request with everything about its tokens stated.
fn request(input: i64, cached: i64, output: i64) -> Counts {
    let mut counts = Counts {
        requests: Some(1),
        input_tokens: Some(input),
        cache_read_tokens: Some(cached),
        output_tokens: Some(output),
        ..Counts::default()
    };
    counts.fill_context();
    counts
}

fn activity(stats: Stats) -> Activity {
    Activity { stats, ..Activity::default() }
}
