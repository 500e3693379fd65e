//! The amounts of an activity: what was done, as the integers of the statistics.

use super::AssessmentError;
use super::read::{At, Reader};
use crate::{MAX_TOKENS_PER_ROW, MOST_TOKENS_PER_REQUEST};
use lca::{Activity, Counts, Evidence, Kind, Stage, Stats};

/// Keys of amounts.
pub(super) const KEYS: &[&str] = &[
    "requests",
    "tokens_per",
    "input_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "images",
    "videos",
    "audio_seconds",
    "gpu_hours",
    "flops",
    "tokens",
    "rollout_tokens",
    "rollouts",
    "energy_kwh",
    "devices",
    "evidence",
    "cost",
];

/// Keys that only some kinds of activity take.
const ONLY: &[(&[&str], &[Kind])] = &[
    (
        &[
            "requests",
            "tokens_per",
            "input_tokens",
            "cached_tokens",
            "cache_write_tokens",
            "output_tokens",
            "reasoning_tokens",
            "images",
            "videos",
            "audio_seconds",
        ],
        &[Kind::Inference],
    ),
    (&["flops", "tokens", "rollout_tokens", "rollouts"], &[Kind::Training]),
    (&["gpu_hours"], &[Kind::Training, Kind::Electricity]),
    (&["energy_kwh"], &[Kind::Inference, Kind::Training, Kind::Electricity]),
    (&["devices"], &[Kind::Hardware]),
];

/// Pairs that state the same thing twice, with the reason.
const TWICE: &[(&str, &str, &str)] = &[
    ("flops", "gpu_hours", "both state how much was computed; keep the one that was measured"),
    ("flops", "tokens", "both state how much was computed; keep the one that is known best"),
    ("tokens", "gpu_hours", "both state how much was computed; keep the one that was measured"),
    ("energy_kwh", "flops", "the energy was metered, so the arithmetic would count it twice"),
    ("energy_kwh", "tokens", "the energy was metered, so the trained tokens would count it twice"),
];

const MOST_REPEATS: i64 = 1_000_000_000;

/// The activity of a row.
pub(super) fn activity(
    row: &Reader<'_>,
    kind: Kind,
    stage: Option<Stage>,
    name: &str,
    currency: &str,
) -> Result<Activity, AssessmentError> {
    refuse_misplaced(row, kind)?;
    let evidence = evidence(row, kind)?;
    let mut counts = match kind {
        Kind::Inference => inference(row)?,
        Kind::Training => training(row, stage)?,
        Kind::Electricity | Kind::Hardware => Counts::default(),
    };
    counts.accelerator_ms = milliseconds(row, "gpu_hours", 3.6e6)?;
    counts.devices = count(row, "devices")?;
    counts.energy_nj = row.number("energy_kwh")?.map(|energy| nanojoules(row, energy)).transpose()?;
    counts.cost_micro = millionths(row, currency)?;
    // Without an amount, the run that the maker of the model published stands in.
    let published = kind == Kind::Training && row.flag("published")?;
    if counts == Counts::default() && !published {
        return Err(row.source.error(row.at, format!("`{name}` states no amount; a {kind} activity takes {}", wanted(kind))));
    }
    if let Some(at) = row.place("published").filter(|_| published && Counts { cost_micro: None, ..counts.clone() } != Counts::default()) {
        return Err(row.source.error(at, "`published = true` stands in for an amount, and the row states one; keep one of them"));
    }
    let repeat = match row.count("repeat", MOST_REPEATS)? {
        Some(At { value: 0, at }) => return Err(row.source.error(at, "`repeat` is 0; leave the activity out instead")),
        Some(repeat) => repeat.value,
        None => 1,
    };
    let currency = if counts.cost_micro.is_some() { currency.to_owned() } else { String::new() };
    Ok(Activity { kind, stage, evidence, currency, stats: repeated(&Stats::of(&counts), repeat) })
}

const fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Inference => "requests, tokens, images, videos, audio_seconds or a metered energy_kwh",
        Kind::Training => "gpu_hours, flops, tokens, rollout_tokens, energy_kwh, or published = true",
        Kind::Electricity => "energy_kwh",
        Kind::Hardware => "devices",
    }
}

/// Amounts that the kind does not take, or that state the same thing twice.
fn refuse_misplaced(row: &Reader<'_>, kind: Kind) -> Result<(), AssessmentError> {
    for (keys, kinds) in ONLY.iter().filter(|(_, kinds)| !kinds.contains(&kind)) {
        if let Some((key, at)) = keys.iter().find_map(|key| Some((key, row.place(key)?))) {
            let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
            let message = format!("`{key}` belongs to {}, not to {kind}; a {kind} activity takes {}", words.join(" or "), wanted(kind));
            return Err(row.source.error(at, message));
        }
    }
    for (key, other, why) in TWICE {
        if let (Some(_), Some(at)) = (row.place(other), row.place(key)) {
            return Err(row.source.error(at, format!("`{key}` and `{other}` stand in one activity: {why}")));
        }
    }
    Ok(())
}

fn evidence(row: &Reader<'_>, kind: Kind) -> Result<Evidence, AssessmentError> {
    let known = [Evidence::Plug, Evidence::Counter, Evidence::Share, Evidence::Counted, Evidence::Estimated].map(Evidence::as_str);
    let stated = row.word::<Evidence>("evidence", &known)?;
    let metered = |evidence: Evidence| matches!(evidence, Evidence::Plug | Evidence::Counter | Evidence::Share);
    match (stated, row.place("energy_kwh")) {
        (Some(stated), Some(_)) if kind == Kind::Inference && !metered(stated.value) => Err(row.source.error(
            stated.at,
            "the energy of an answer that is not metered is modelled from its tokens; leave `energy_kwh` out, or say what metered it: plug, counter, share",
        )),
        (None, Some(at)) => {
            Err(row.source.error(at, "`energy_kwh` needs `evidence` beside it: plug, counter or share, or estimated for a plan"))
        }
        (Some(stated), None) if metered(stated.value) => {
            Err(row.source.error(stated.at, format!("`evidence` says that energy was metered ({}), but `energy_kwh` is missing", stated.value)))
        }
        (Some(stated), _) => Ok(stated.value),
        (None, None) => Ok(Evidence::Counted),
    }
}

fn inference(row: &Reader<'_>) -> Result<Counts, AssessmentError> {
    let requests = count(row, "requests")?;
    if requests == Some(0) {
        return Err(row.source.error(row.place("requests").unwrap_or(row.at), "`requests` is 0; leave the activity out instead"));
    }
    let tokens =
        ["input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens", "images", "videos", "audio_seconds"];
    let first = tokens.iter().find_map(|key| row.place(key));
    let per = row.text("tokens_per")?;
    let times = match (per, first) {
        (Some(word), _) if word.value == "request" => {
            Some(requests.ok_or_else(|| row.source.error(word.at, "`tokens_per = \"request\"` needs `requests` beside it"))?)
        }
        (Some(word), _) if word.value == "total" => None,
        (Some(word), _) => {
            return Err(row.unknown("word for `tokens_per`", word, ["request", "total"].into_iter(), " Known: request, total."));
        }
        (None, Some(at)) if requests.is_some_and(|requests| requests > 1) => {
            return Err(row.source.error(at, "say whether this is per request or the total: tokens_per = \"request\" or \"total\""));
        }
        (None, _) => None,
    };
    let all = |key: &str, unit: f64| -> Result<Option<i64>, AssessmentError> {
        let Some(one) = row.number(key)? else { return Ok(None) };
        let sum = libm::round(one.value * unit * times.unwrap_or(1) as f64);
        if sum > MAX_TOKENS_PER_ROW as f64 {
            return Err(row.source.error(one.at, format!("`{key}` gives {sum:e} together, above 10^15; check the unit")));
        }
        Ok(Some(sum as i64))
    };
    let mut counts = Counts {
        requests,
        input_tokens: all("input_tokens", 1.0)?,
        cache_read_tokens: all("cached_tokens", 1.0)?,
        cache_write_tokens: all("cache_write_tokens", 1.0)?,
        output_tokens: all("output_tokens", 1.0)?,
        reasoning_tokens: all("reasoning_tokens", 1.0)?,
        images: all("images", 1.0)?,
        videos: all("videos", 1.0)?,
        audio_ms: all("audio_seconds", 1e3)?,
        ..Counts::default()
    };
    if counts.input_all() + counts.output_all() > 0 {
        // Tokens without a number of requests are one answer, as with the flags; a meter needs no such reading.
        if requests.is_none() && row.place("energy_kwh").is_none() {
            counts.requests = Some(1);
        }
        refuse_endless(row, &counts)?;
        counts.fill_context();
    }
    Ok(counts)
}

/// Refuses a request longer than any model takes: the total of many, whose work would grow with its square.
fn refuse_endless(row: &Reader<'_>, counts: &Counts) -> Result<(), AssessmentError> {
    let Some(requests) = counts.requests.filter(|_| row.place("energy_kwh").is_none()) else { return Ok(()) };
    let longest = counts.input_all().max(counts.output_all()) / requests.max(1);
    if longest <= MOST_TOKENS_PER_REQUEST {
        return Ok(());
    }
    let written = counts.output_all() > counts.input_all();
    let keys: &[&str] =
        if written { &["output_tokens", "reasoning_tokens"] } else { &["input_tokens", "cached_tokens", "cache_write_tokens"] };
    let at = keys.iter().find_map(|key| row.place(key)).unwrap_or(row.at);
    let message = format!(
        "{longest} tokens in one request are more than any model takes; a total of many needs `requests` and `tokens_per = \"total\"` beside it"
    );
    Err(row.source.error(at, message))
}

fn training(row: &Reader<'_>, stage: Option<Stage>) -> Result<Counts, AssessmentError> {
    let compute = row.positive("flops")?;
    let compute_pflop = match compute {
        Some(flops) if flops.value < 1e15 => {
            return Err(row
                .source
                .error(flops.at, "`flops` is below 10^15: it counts floating-point operations, not operations per second"));
        }
        Some(flops) if flops.value > 1e33 => return Err(row.source.error(flops.at, "`flops` is above 10^33; check the unit")),
        other => other.map(|flops| libm::round(flops.value / 1e15) as i64),
    };
    let output_tokens = count(row, "rollout_tokens")?;
    if let Some(at) = row.place("rollout_tokens").filter(|_| stage != Some(Stage::Reinforcement)) {
        return Err(row.source.error(at, "`rollout_tokens` belongs to training with `stage = \"reinforcement\"`"));
    }
    let context_output = match (output_tokens, row.count("rollouts", MAX_TOKENS_PER_ROW)?) {
        (None, Some(rollouts)) => return Err(row.source.error(rollouts.at, "`rollouts` needs `rollout_tokens` beside it")),
        // Each token of an answer reads the half of it that stands before it, on average.
        (Some(tokens), Some(rollouts)) if rollouts.value > 0 => {
            let tokens = tokens as f64;
            Some((tokens * (tokens / rollouts.value as f64) / 2.0).min(9e18) as i64)
        }
        _ => None,
    };
    Ok(Counts { compute_pflop, input_tokens: count(row, "tokens")?, output_tokens, context_output, ..Counts::default() })
}

fn count(row: &Reader<'_>, key: &str) -> Result<Option<i64>, AssessmentError> {
    Ok(row.count(key, MAX_TOKENS_PER_ROW)?.map(|count| count.value))
}

fn milliseconds(row: &Reader<'_>, key: &str, per_unit: f64) -> Result<Option<i64>, AssessmentError> {
    match row.positive(key)? {
        Some(time) if time.value * per_unit > MAX_TOKENS_PER_ROW as f64 * 1e3 => {
            Err(row.source.error(time.at, format!("`{key}` is beyond belief; check the unit")))
        }
        other => Ok(other.map(|time| libm::round(time.value * per_unit).max(1.0) as i64)),
    }
}

fn nanojoules(row: &Reader<'_>, energy: At<f64>) -> Result<i128, AssessmentError> {
    // Below, the integer of the books would be zero; above, a typing error is certain.
    if energy.value != 0.0 && !(1e-12..=1e15).contains(&energy.value) {
        return Err(row
            .source
            .error(energy.at, format!("`energy_kwh` is {}; between 1e-12 and 1e15 kWh are valued, check the unit", energy.value)));
    }
    Ok(libm::round(energy.value * 3.6e15) as i128)
}

fn millionths(row: &Reader<'_>, currency: &str) -> Result<Option<i64>, AssessmentError> {
    match row.number("cost")? {
        Some(cost) if currency.is_empty() => {
            Err(row.source.error(cost.at, "`cost` needs a currency; add `currency = \"EUR\"` at the top of the file"))
        }
        Some(cost) if cost.value > MAX_TOKENS_PER_ROW as f64 / 1e6 => {
            Err(row.source.error(cost.at, "`cost` is above 10^9; check the unit"))
        }
        other => Ok(other.map(|cost| libm::round(cost.value * 1e6) as i64)),
    }
}

/// The same so many times over, in exact integers.
fn repeated(stats: &Stats, times: i64) -> Stats {
    let (mut sum, mut doubled, mut left) = (Stats::default(), stats.clone(), times);
    while left > 0 {
        if left % 2 == 1 {
            sum.add(&doubled);
        }
        let copy = doubled.clone();
        doubled.add(&copy);
        left /= 2;
    }
    sum
}
