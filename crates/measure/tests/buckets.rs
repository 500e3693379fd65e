//! Usage buckets of the OpenAI and Anthropic APIs, and of the OpenAI dashboard.
#![allow(clippy::unwrap_used)]

mod common;

use books::{Config, Rank};
use common::{fails, keep_going, ok, take};
use measure::{Format, detect};

const EXPORT: &str = "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,api_key_id,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens,input_uncached_tokens,input_text_tokens,output_text_tokens,input_cached_text_tokens,input_audio_tokens,input_cached_audio_tokens,output_audio_tokens,input_image_tokens,input_cached_image_tokens,output_image_tokens
1759536000,1759622400,2025-10-04T00:00:00+00:00,2025-10-05T00:00:00+00:00,,,,,,,,,,,,,,,,,,,,
1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,proj_x,10.0,user-x,key_x,gpt-4o-2024-08-06,FALSE,default,59200.0,10646.0,5760.0,53440.0,53440.0,10646.0,5760.0,0.0,0.0,0.0,0.0,0.0,0.0
";

const OPENAI: &str = r#"{"object":"page","data":[{"object":"bucket","start_time":1759622400,"end_time":1759708800,"results":[{"object":"organization.usage.completions.result","input_tokens":59200,"output_tokens":10646,"input_cached_tokens":5760,"input_audio_tokens":0,"output_audio_tokens":0,"num_model_requests":10,"project_id":"proj_x","user_id":"user-x","api_key_id":"key_x","model":"gpt-4o-2024-08-06","batch":false,"service_tier":"default"}]},{"object":"bucket","start_time":1759708800,"end_time":1759795200,"results":[]}],"has_more":true,"next_page":"p2"}"#;

const ANTHROPIC: &str = r#"{"data":[{"starting_at":"2026-09-01T00:00:00Z","ending_at":"2026-09-02T00:00:00Z","results":[{"workspace_id":null,"api_key_id":null,"model":"claude-x","service_tier":"standard","context_window":"0-200k","uncached_input_tokens":1200,"cache_read_input_tokens":9000,"cache_creation_5m_input_tokens":300,"cache_creation_1h_input_tokens":0,"output_tokens":800,"server_tool_use":{}}]}],"has_more":false,"next_page":null}"#;

#[test]
fn export_of_the_dashboard() {
    assert_eq!(detect(EXPORT.as_bytes(), "usage.csv").unwrap(), Format::OpenaiExport);
    let outcome = ok(EXPORT, Format::OpenaiExport);
    assert_eq!((outcome.report.rows, outcome.entries.len()), (2, 1));
    assert_eq!(outcome.finding("empty_buckets").unwrap().rows, 1);
    let entry = &outcome.entries[0];
    assert_eq!(entry.rank, Rank::Bucket);
    assert_eq!((entry.time_start_ms, entry.time_end_ms), (1_759_622_400_000, 1_759_708_800_000));
    assert_eq!((&*entry.model, &*entry.provider, &*entry.model_reported), ("openai/gpt-4o", "openai", "gpt-4o-2024-08-06"));
    let counts = &entry.counts;
    assert_eq!(
        (counts.requests, counts.input_tokens, counts.cache_read_tokens, counts.output_tokens),
        (Some(10), Some(53_440), Some(5_760), Some(10_646))
    );
    assert_eq!(counts.cache_write_tokens, None);
    assert_eq!(&*entry.labels, r#"{"batch":"false","key":"key_x","project":"proj_x","tier":"default","user":"user-x"}"#);
    // The sums of the context are those of ten requests of the mean length.
    let mut again = lca::Counts { context_input: None, context_output: None, ..counts.clone() };
    again.fill_context();
    assert_eq!(&again, counts);
    assert!(counts.context_input.is_some_and(|sum| sum > 0 && sum <= 59_200 * 59_200 / 10));
    assert_eq!(counts.generation_low_us, Some(10_646 * 10_000));
}

#[test]
fn export_with_tabs_and_short_empty_rows() {
    let text = EXPORT.replace(",,,,,,,,,,,,,,,,,,,,", "").replace(',', "\t").replace('\n', "\r\n");
    let outcome = ok(&text, Format::OpenaiExport);
    assert_eq!((outcome.report.rows, outcome.entries.len()), (2, 1));
    let cut = EXPORT.trim_end().rsplit_once(",0.0,0.0").unwrap().0;
    assert!(
        fails(cut.as_bytes(), Format::OpenaiExport).contains("line 3: the row has fewer fields"),
        "{}",
        fails(cut.as_bytes(), Format::OpenaiExport)
    );
}

#[test]
fn pages_of_openai() {
    assert_eq!(detect(OPENAI.as_bytes(), "page.json").unwrap(), Format::OpenaiUsage);
    let outcome = ok(OPENAI, Format::OpenaiUsage);
    assert_eq!((outcome.report.rows, outcome.entries.len()), (2, 1));
    assert_eq!(outcome.finding("more_pages").unwrap().rows, 1);
    let export = &ok(EXPORT, Format::OpenaiExport).entries[0];
    // The same bucket has the same key from both doors, so that one --source unites them.
    assert_eq!(outcome.entries[0].external_id, export.external_id);
    assert_eq!(outcome.entries[0].counts.input_tokens, export.counts.input_tokens);
    let pages = format!("{OPENAI}\n{}\n", OPENAI.replace("1759622400", "1759536000"));
    assert_eq!(ok(&pages, Format::OpenaiUsage).entries.len(), 2);
    let pretty: serde_json::Value = serde_json::from_str(OPENAI).unwrap();
    let pretty = serde_json::to_string_pretty(&pretty).unwrap();
    assert_eq!(ok(&pretty, Format::OpenaiUsage).entries, outcome.entries);
}

#[test]
fn other_results_of_openai() {
    let text = OPENAI.replace("completions.result", "embeddings.result").replace(r#""output_tokens":10646,"#, "");
    assert_eq!(ok(&text, Format::OpenaiUsage).entries[0].counts.output_tokens, Some(0));
    let text = r#"{"object":"page","data":[{"start_time":1759622400,"end_time":1759708800,"results":[{"object":"organization.usage.vector_stores.result","usage_bytes":5},{"object":"organization.usage.images.result","images":3,"num_model_requests":2,"model":"img"}]}],"has_more":false}"#;
    let outcome = ok(text, Format::OpenaiUsage);
    assert_eq!(outcome.finding("results_skipped").unwrap().about, "vector_stores");
    assert_eq!(outcome.entries[0].counts.images, Some(3));
}

#[test]
fn more_cached_than_input_is_wrong() {
    let text = OPENAI.replace("\"input_cached_tokens\":5760", "\"input_cached_tokens\":60000");
    let message = fails(text.as_bytes(), Format::OpenaiUsage);
    assert!(
        message.contains("line 1, column `input_tokens`: 59200 is less than its parts together (`input_cached_tokens` 60000"),
        "{message}"
    );
    let outcome = keep_going(&text, Format::OpenaiUsage);
    assert_eq!((outcome.entries.len(), outcome.report.rejected), (0, 1));
}

#[test]
fn report_of_anthropic() {
    assert_eq!(detect(ANTHROPIC.as_bytes(), "report.json").unwrap(), Format::AnthropicUsage);
    let outcome = ok(ANTHROPIC, Format::AnthropicUsage);
    let entry = &outcome.entries[0];
    let counts = &entry.counts;
    assert_eq!(
        (counts.input_tokens, counts.cache_read_tokens, counts.cache_write_tokens, counts.output_tokens),
        (Some(1200), Some(9000), Some(300), Some(800))
    );
    // The report gives no number of requests: nothing is made up for the context.
    assert_eq!((counts.requests, counts.context_input), (None, None));
    assert_eq!(outcome.finding("requests_unknown").unwrap().rows, 1);
    assert_eq!(&*entry.labels, r#"{"context":"0-200k","tier":"standard"}"#);
    let nested = ANTHROPIC.replace(
        r#""cache_creation_5m_input_tokens":300,"cache_creation_1h_input_tokens":0"#,
        r#""inference_geo":"us","cache_creation":{"ephemeral_5m_input_tokens":250,"ephemeral_1h_input_tokens":50}"#,
    );
    let nested = ok(&nested, Format::AnthropicUsage);
    assert_eq!(nested.entries[0].counts.cache_write_tokens, Some(300));
    assert_eq!(&*nested.entries[0].region, "us");
}

#[test]
fn a_restated_bucket_replaces_the_old_one() {
    let again = ANTHROPIC.replace("\"output_tokens\":800", "\"output_tokens\":900");
    let (old, new) = (ok(ANTHROPIC, Format::AnthropicUsage), ok(&again, Format::AnthropicUsage));
    let (old, new) = (books::identify(&old.entries[0]), books::identify(&new.entries[0]));
    assert!(old.external && old.id == new.id && old.content != new.content);
    let grouped = ANTHROPIC.replace("\"service_tier\":\"standard\"", "\"service_tier\":\"batch\"");
    assert_ne!(books::identify(&ok(&grouped, Format::AnthropicUsage).entries[0]).id, old.id);
}

#[test]
fn broken_pages() {
    let cut = &OPENAI[..OPENAI.len() - 60];
    let message = fails(cut.as_bytes(), Format::OpenaiUsage);
    assert!(message.contains("breaks off at byte") && message.contains("line 1"), "{message}");
    let message = fails(br#"{"error":{"message":"no access"}}"#, Format::OpenaiUsage);
    assert!(message.contains("has no `data`"), "{message}");
    let message = fails(OPENAI.replace("10646", "\"many\"").as_bytes(), Format::OpenaiUsage);
    assert!(message.contains("column `output_tokens`: `many` is no whole number"), "{message}");
    let message = fails(OPENAI.replace("10646", "1000000000000000000").as_bytes(), Format::OpenaiUsage);
    assert!(message.contains("column `output_tokens`") && message.contains("10^15"), "{message}");
    let message = fails(OPENAI.replace("10646", "-5").as_bytes(), Format::OpenaiUsage);
    assert!(message.contains("-5 is negative"), "{message}");
    let message = fails(OPENAI.replace("1759708800", "1759000000").as_bytes(), Format::OpenaiUsage);
    assert!(message.contains("lies before the start"), "{message}");
}

#[test]
fn a_record_without_end_is_refused() {
    let mut text = String::from(r#"{"object":"page","data":[{"start_time":1759622400,"x":""#);
    text.push_str(&"a".repeat(17 << 20));
    let message = fails(text.as_bytes(), Format::OpenaiUsage);
    assert!(message.contains("longer than 16 MiB"), "{message}");
    let _ = take(b"", Format::OpenaiUsage, |_| {}, &Config::default()).unwrap_err();
}
