//! The demo: one year of seeded, plausible usage of a fictive organisation.

mod random;
mod traffic;
mod usecases;

use books::{Entry, Rank};
use lca::{Counts, Evidence, Kind, Stage};
use random::Random;
use std::sync::Arc;
pub(crate) use traffic::{LIVE_ACCOUNTS, calls, live_config_toml};
use usecases::{MIGRATION, OWN_SERVER, OWN_TRAINING, RAMP, Rhythm, USE_CASES, UseCase};

/// Name of the fictive organisation.
pub const ORGANISATION: &str = "Nordlicht Versand (fictive)";
/// Source name of every entry.
pub const SOURCE: &str = "demo";

/// What the page says about the data, in English.
pub const NOTE_EN: &str = "These data are made up. Nordlicht Versand does not exist; its year 2025 is generated from a fixed seed. \
Only the shape is taken from life: lengths of prompts and answers follow the published statistics of the Azure LLM trace 2023 \
(chat 1,155 tokens in and 211 out on average, code 2,048 and 28), Mooncake (long prompts, 12,035 and 343; 36.6 % of prompt blocks seen before) \
and ServeGen (reasoning, 1,268 and 1,527, of which 70 % is reasoning). The page Live shows made-up callers that pass a real gateway to a made-up provider; \
they are kept in books of their own, and the year does not contain them.";

/// What the page says about the data, in German.
pub const NOTE_DE: &str = "Diese Daten sind erfunden. Nordlicht Versand gibt es nicht; sein Jahr 2025 entsteht aus einem festen Startwert. \
Nur die Form ist dem Leben entnommen: Die Längen von Fragen und Antworten folgen den veröffentlichten Statistiken des Azure LLM Trace 2023 \
(Chat im Mittel 1.155 Token hinein und 211 heraus, Code 2.048 und 28), von Mooncake (lange Eingaben, 12.035 und 343; 36,6 % der Blöcke schon gesehen) \
und von ServeGen (Schlussfolgern, 1.268 und 1.527, davon 70 % Nachdenken). Die Seite Live zeigt erfundene Aufrufer, die durch ein echtes Gateway zu einem \
erfundenen Anbieter gehen; sie stehen in eigenen Büchern, und das Jahr enthält sie nicht.";

/// 2025-01-01T00:00:00Z, milliseconds since 1970.
const YEAR_START_MS: i64 = 1_735_689_600_000;
const DAYS: i32 = 365;
const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;
/// At most this many requests of an entry are drawn one by one; they stand for the rest.
const DRAWN: i64 = 8;

/// The `bilanz.toml` of the demo's books.
#[must_use]
pub fn config_toml() -> String {
    format!("organisation = \"{ORGANISATION}\"\n\n[site.hamburg]\nzone = \"DEU\"\n")
}

/// All entries of the year, in order of days. The same on every machine and in every run.
pub fn entries() -> impl Iterator<Item = Entry> {
    let words: Vec<Words> = USE_CASES.iter().map(Words::new).collect();
    (0..DAYS).flat_map(move |day| {
        let mut entries = Vec::with_capacity(400);
        for (place, (use_case, words)) in USE_CASES.iter().zip(&words).enumerate() {
            day_of_use(place as u64, use_case, words, day, &mut entries);
        }
        own_server(day, &mut entries);
        entries
    })
}

/// The repeated strings of a use case, shared by all its entries.
struct Words {
    source: Arc<str>,
    account: Arc<str>,
    provider: Arc<str>,
    model: Arc<str>,
    reported: Arc<str>,
    region: Arc<str>,
}

impl Words {
    fn new(use_case: &UseCase) -> Self {
        Self {
            source: SOURCE.into(),
            account: use_case.account.into(),
            provider: use_case.provider.into(),
            model: use_case.model.into(),
            reported: use_case.reported.into(),
            region: use_case.region.into(),
        }
    }
}

fn day_of_use(place: u64, use_case: &UseCase, words: &Words, day: i32, entries: &mut Vec<Entry>) {
    let (first, last) = use_case.days;
    if day < first || day > last {
        return;
    }
    let mut random = Random::new(place, day as u64);
    let requests = use_case.requests * grown(use_case.growth, day) * season(use_case.rhythm, day) * ramp(use_case, day);
    // Days differ beyond the rhythm: a lognormal of 10 % width.
    let requests = requests * libm::exp(0.1 * random.normal() - 0.005);
    let input = use_case.input.log_normal();
    let output = use_case.output.log_normal();
    for slot in 0..(1_440 / use_case.slot_min) {
        let minute = slot * use_case.slot_min;
        let share = hour_share(use_case.rhythm, (minute / 60 + 1) % 24, day) * f64::from(use_case.slot_min) / 60.0;
        let count = random.poisson(requests * share);
        if count == 0 {
            continue;
        }
        let start = YEAR_START_MS + i64::from(day) * DAY_MS + i64::from(minute) * MINUTE_MS;
        let mut entry = Entry::new(words.source.clone(), Rank::Span, start);
        entry.time_end_ms = start + i64::from(use_case.slot_min) * MINUTE_MS;
        entry.account = words.account.clone();
        entry.provider = words.provider.clone();
        entry.model = words.model.clone();
        entry.model_reported = words.reported.clone();
        entry.region = words.region.clone();
        let lengths = Sums::draw(&mut random, count, use_case, input, output);
        entry.counts = lengths.counts(&mut random, count, use_case, day);
        entries.push(entry);
    }
}

/// Token sums of one entry, and the sums of products that context needs.
#[derive(Default)]
struct Sums {
    input: i64,
    output: i64,
    context_input: i64,
    context_output: i64,
}

impl Sums {
    /// Draws up to [`DRAWN`] requests and scales them to `count`; exact when `count` is no larger.
    fn draw(random: &mut Random, count: i64, use_case: &UseCase, input: (f64, f64), output: (f64, f64)) -> Self {
        let drawn = count.min(DRAWN);
        let mut sums = Self::default();
        for _ in 0..drawn {
            let text = libm::round(libm::exp(input.0 + input.1 * random.normal())).clamp(1.0, 200_000.0) as i64;
            let out = libm::round(libm::exp(output.0 + output.1 * random.normal())).clamp(1.0, 65_536.0) as i64;
            let all = text + use_case.image_tokens as i64;
            sums.input += text;
            sums.output += out;
            sums.context_input += all * all;
            sums.context_output += out * all + out * out / 2;
        }
        let scale = |sum: i64| sum * count / drawn;
        Self {
            input: scale(sums.input),
            output: scale(sums.output),
            context_input: scale(sums.context_input),
            context_output: scale(sums.context_output),
        }
    }

    fn counts(&self, random: &mut Random, count: i64, use_case: &UseCase, day: i32) -> Counts {
        let mut counts = Counts { requests: Some(count), ..Counts::default() };
        let failed = if count > 20 { random.part(count, 0.004) } else { 0 };
        counts.requests_failed = Some(failed);
        let cached = match use_case.cached {
            Some((from, share)) if day >= from => share_of(self.input, share * (0.9 + 0.2 * random.uniform())),
            _ => 0,
        };
        // Anthropic bills the writing of a prompt cache apart: here a twentieth of what is read.
        let written = if use_case.provider == "anthropic" { cached / 20 } else { 0 };
        counts.cache_read_tokens = Some(cached);
        counts.cache_write_tokens = Some(written);
        counts.input_tokens = Some(self.input - cached - written);
        let reasoning = use_case.reasoning.map(|share| share_of(self.output, (share + 0.05 * random.normal()).clamp(0.4, 0.95)));
        counts.reasoning_tokens = reasoning;
        counts.output_tokens = Some(self.output - reasoning.unwrap_or(0));
        if use_case.image_tokens > 0.0 {
            counts.image_input_tokens = Some(count * use_case.image_tokens as i64);
        }
        counts.context_input = Some(self.context_input);
        counts.context_output = Some(self.context_output);
        if let Some(mean_ms) = use_case.inter_token_ms {
            let inter_token_ms = mean_ms * libm::exp(0.25 * random.normal());
            let first_ms = count * (250 + (random.uniform() * 300.0) as i64);
            counts.fill_inter_token(inter_token_ms as u32);
            counts.ttft_ms = Some(first_ms);
            counts.duration_ms = Some(first_ms + (self.output as f64 * inter_token_ms) as i64);
        }
        if let Some(share) = use_case.accepted {
            // One answer in five is judged.
            let judged = random.part(count, 0.2);
            let accepted = random.part(judged, share);
            counts.outcomes_accepted = Some(accepted);
            counts.outcomes_rejected = Some(judged - accepted);
        }
        counts
    }
}

fn share_of(sum: i64, share: f64) -> i64 {
    (libm::floor(sum as f64 * share) as i64).clamp(0, sum)
}

/// Electricity of the organisation's own server, metered by the hour, and one fine-tuning run in May.
///
/// What is metered is not booked a second time as requests.
fn own_server(day: i32, entries: &mut Vec<Entry>) {
    let mut random = Random::new(1_000, day as u64);
    let at = |hour: i32| YEAR_START_MS + i64::from(day) * DAY_MS + i64::from(hour) * 60 * MINUTE_MS;
    let place = |entry: &mut Entry, kind, evidence, account: &str| {
        entry.kind = kind;
        entry.evidence = evidence;
        entry.account = account.into();
        entry.zone = "DEU".into();
        entry.site = "hamburg".into();
    };
    for hour in 0..24 {
        let busy = hour_share(Rhythm::Office, (hour + 1) % 24, day) * season(Rhythm::Office, day);
        let watts = 70.0 + 2_200.0 * busy * (0.9 + 0.2 * random.uniform());
        let mut entry = Entry::new(SOURCE.into(), Rank::Gateway, at(hour));
        entry.time_end_ms = at(hour + 1);
        place(&mut entry, Kind::Electricity, Evidence::Plug, OWN_SERVER);
        entry.stage = Some(Stage::Decode);
        // One watt over one hour is 3.6e12 nanojoules; metered in whole joules.
        entry.counts.energy_nj = Some(i128::from(libm::round(watts * 3_600.0) as i64) * 1_000_000_000);
        entry.counts.accelerator_ms = Some(3_600_000);
        entries.push(entry);
    }
    // 12 to 14 May: three days of fine-tuning on eight accelerators.
    if (131..134).contains(&day) {
        let mut entry = Entry::new(SOURCE.into(), Rank::Gateway, at(0));
        entry.time_end_ms = at(24);
        place(&mut entry, Kind::Training, Evidence::Counter, OWN_TRAINING);
        entry.stage = Some(Stage::FineTuning);
        entry.counts.energy_nj = Some(i128::from(118_000 + (random.uniform() * 6_000.0) as i64) * 3_600 * 1_000_000_000);
        entry.counts.accelerator_ms = Some(8 * DAY_MS);
        entries.push(entry);
    }
}

/// Growth over the year, by the same factor every day.
fn grown(growth: f64, day: i32) -> f64 {
    libm::exp(libm::log(growth) * f64::from(day) / f64::from(DAYS - 1))
}

/// Two models of one use case hand over within [`RAMP`] days.
fn ramp(use_case: &UseCase, day: i32) -> f64 {
    let moved = (f64::from(day - MIGRATION) / f64::from(RAMP)).clamp(0.0, 1.0);
    match use_case.days {
        (MIGRATION, _) => moved,
        (_, last) if last == MIGRATION + RAMP => 1.0 - moved,
        _ => 1.0,
    }
}

/// Monday is 0. The first of January 2025 was a Wednesday.
fn weekday(day: i32) -> i32 {
    (day + 2) % 7
}

/// Holidays and the weeks before Christmas; 1 on an ordinary day.
fn season(rhythm: Rhythm, day: i32) -> f64 {
    let weekend = weekday(day) >= 5;
    match rhythm {
        // New Year's Day, and 24 December to the end of the year.
        Rhythm::Office if day == 0 || day >= 357 => 0.08,
        Rhythm::Office if weekend => 0.04,
        // 24 November to 20 December.
        Rhythm::Shop if (327..354).contains(&day) => 1.7,
        Rhythm::Shop if weekend => 1.15,
        _ => 1.0,
    }
}

/// Share of a day's requests in one hour; the 24 add up to 1.
fn hour_share(rhythm: Rhythm, hour: i32, day: i32) -> f64 {
    const OFFICE: [f64; 24] = [
        0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 4.0, 30.0, 80.0, 120.0, 130.0, 110.0, 70.0, 90.0, 120.0, 110.0, 80.0, 40.0, 10.0, 3.0, 2.0, 0.0, 0.0,
        0.0,
    ];
    const SHOP: [f64; 24] = [
        20.0, 10.0, 6.0, 4.0, 4.0, 8.0, 16.0, 28.0, 38.0, 46.0, 50.0, 52.0, 54.0, 50.0, 48.0, 50.0, 54.0, 60.0, 70.0, 84.0, 90.0, 78.0,
        52.0, 28.0,
    ];
    const NIGHT: [f64; 24] = [
        90.0, 160.0, 220.0, 220.0, 180.0, 100.0, 30.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    ];
    const ALWAYS: [f64; 24] = [
        28.0, 26.0, 25.0, 25.0, 26.0, 28.0, 34.0, 42.0, 52.0, 58.0, 60.0, 58.0, 54.0, 56.0, 58.0, 56.0, 52.0, 48.0, 44.0, 42.0, 40.0, 38.0,
        34.0, 30.0,
    ];
    let table = match rhythm {
        // A weekend in the office has no rush hour.
        Rhythm::Office if weekday(day) >= 5 => &ALWAYS,
        Rhythm::Office => &OFFICE,
        Rhythm::Shop => &SHOP,
        Rhythm::Night => &NIGHT,
        Rhythm::Always => &ALWAYS,
    };
    table[hour as usize % 24] / table.iter().sum::<f64>()
}

#[cfg(test)]
mod tests;
