//! Bodies of requests: reading never panics, and an edited body says what it shall and nothing else.
#![no_main]

mod common;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use measure::usage::{Asked, Edits};
use serde_json::Value;

const EDITED: [&str; 9] = [
    "model",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "max_gen_len",
    "generationConfig",
    "inferenceConfig",
    "options",
];

fn rest(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.retain(|key, _| !EDITED.contains(&key.as_str()) && key != "generation_config" && key != "textGenerationConfig");
    }
    value
}

fuzz_target!(|data: &[u8]| {
    let [operation, choice, body @ ..] = data else { return };
    let operation = common::operation(*operation);
    let Ok(asked) = Asked::read(operation, "/v1/x", body) else { return };
    let edits = Edits {
        ask_usage: choice & 1 == 1,
        model: (choice & 2 == 2).then(|| "other/\"model\"".to_owned()),
        max_output_tokens: (choice & 4 == 4).then_some(u64::from(choice >> 3)),
    };
    let body = Bytes::copy_from_slice(body);
    let Some(edited) = asked.edit(operation, &body, &edits) else { return };
    let again = Asked::read(operation, "/v1/x", &edited).expect("an edited body can be read");
    assert!(again.edit(operation, &edited, &edits).is_none(), "an edit is done once");
    if edits.ask_usage
        && again.stream
        && matches!(operation, measure::usage::Operation::ChatCompletions | measure::usage::Operation::Completions)
    {
        assert!(again.usage_asked);
    }
    if let (Some(cap), Some(stated)) = (edits.max_output_tokens, again.max_output_tokens) {
        assert!(stated <= cap);
    }
    assert_eq!((again.text_bytes, again.input_tokens_estimate), (asked.text_bytes, asked.input_tokens_estimate));
    if let Ok(before) = serde_json::from_slice::<Value>(&body) {
        let after: Value = serde_json::from_slice(&edited).expect("an edited body is JSON");
        assert_eq!(rest(before), rest(after));
    }
});
