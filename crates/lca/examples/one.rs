//! Values one request from the command line: model, input and output tokens.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "an example")]
use lca::{Activity, Counts, Deployment, FactorSet, Profile, Stats, evaluate};

fn main() {
    let mut args = std::env::args().skip(1);
    let model = args.next().unwrap_or("openai/gpt-4o".into());
    let input: i64 = args.next().map_or(800, |text| text.parse().unwrap());
    let output: i64 = args.next().map_or(400, |text| text.parse().unwrap());
    let factors = FactorSet::embedded().unwrap();
    let mut counts = Counts {
        requests: Some(1),
        input_tokens: Some(input),
        output_tokens: Some(output),
        cache_read_tokens: Some(0),
        ..Counts::default()
    };
    counts.fill_context();
    let activity = Activity { stats: Stats::of(&counts), ..Activity::default() };
    let deployment = Deployment { model: Some(model), zone: Some("DEU".into()), ..Deployment::default() };
    for profile in Profile::ALL {
        println!("{}", serde_json::to_string_pretty(&evaluate(&activity, &deployment, &factors, *profile).unwrap()).unwrap());
    }
}
