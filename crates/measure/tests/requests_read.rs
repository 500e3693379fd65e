//! Bodies of requests: what is asked, what cannot be smuggled past a rule, and edits that change nothing else.
#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use measure::usage::{Asked, Edits, Operation};
use proptest::prelude::*;
use serde_json::{Value, json};

fn chat(body: &str) -> Asked {
    Asked::read(Operation::ChatCompletions, "/v1/chat/completions", body.as_bytes()).unwrap()
}

#[test]
fn operations_are_told_by_method_and_path() {
    use Operation as O;
    for (path, operation, model) in [
        ("/v1/chat/completions", O::ChatCompletions, None),
        ("/openai/deployments/my%20gpt/chat/completions", O::ChatCompletions, Some("my gpt")),
        ("/v1beta/openai/chat/completions", O::ChatCompletions, None),
        ("/openai/v1/responses", O::Responses, None),
        ("/v1/completions", O::Completions, None),
        ("/v1/embeddings", O::Embeddings, None),
        ("/v1/messages", O::Messages, None),
        ("/v1/messages/count_tokens", O::NoModel, None),
        ("/v1/messages/batches", O::NoModel, None),
        ("/v1beta/models/gemini-2.5-flash:generateContent", O::GenerateContent, Some("gemini-2.5-flash")),
        ("/v1/projects/p/locations/eu/publishers/google/models/g:streamGenerateContent", O::StreamGenerateContent, Some("g")),
        ("/v1beta/models/e:batchEmbedContents", O::EmbedContent, Some("e")),
        ("/v1beta/models/g:countTokens", O::NoModel, None),
        ("/model/arn%3Aaws%3Abedrock%3Ax%2Fy/converse-stream", O::ConverseStream, Some("arn:aws:bedrock:x/y")),
        ("/model/eu.anthropic.claude-v1:0/invoke", O::InvokeModel, Some("eu.anthropic.claude-v1:0")),
        ("/model/m/invoke-with-response-stream", O::InvokeModelStream, Some("m")),
        ("/api/chat", O::OllamaChat, None),
        ("/api/embeddings", O::OllamaEmbed, None),
        ("/api/show", O::NoModel, None),
        ("/v1/images/generations", O::Unknown, None),
        ("/v1/batches", O::Unknown, None),
        ("/v1/files", O::NoModel, None),
    ] {
        assert_eq!(O::of("POST", path), operation, "{path}");
        assert_eq!(O::of("GET", path), O::NoModel, "{path}");
        if operation != O::NoModel {
            assert_eq!(operation.model_in_path(path).as_deref(), model, "{path}");
            let other = operation.path_with_model(path, "a/b:c");
            assert_eq!(other.is_some(), model.is_some());
            if let Some(other) = other {
                assert_eq!(operation.model_in_path(&other).as_deref(), Some("a/b:c"), "{other}");
            }
        }
    }
}

#[test]
fn what_rules_need_is_read() {
    let asked = chat(
        r#"{"\u006dodel":"gpt-5","stream":true,"n":2,"max_completion_tokens":4e3,"user":"u","metadata":{"b":"2","a":"1","c":3},"messages":[{"role":"user","content":"Hello there, how are you?"}],"stream_options":{"include_usage":true}}"#,
    );
    assert_eq!((asked.model.as_str(), asked.stream, asked.usage_asked, asked.choices), ("gpt-5", true, true, 2));
    assert_eq!((asked.max_output_tokens, asked.user.as_str()), (Some(4000), "u"));
    assert_eq!(asked.metadata, [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
    assert!((8..=16).contains(&asked.input_tokens_estimate), "{}", asked.input_tokens_estimate);
    assert!(asked.text_bytes >= asked.input_tokens_estimate);
    let read = |operation, path: &str, body: &str| Asked::read(operation, path, body.as_bytes()).unwrap();
    let gemini = read(
        Operation::StreamGenerateContent,
        "/v1beta/models/g:streamGenerateContent",
        r#"{"generationConfig":{"maxOutputTokens":9,"candidateCount":3}}"#,
    );
    assert_eq!((gemini.model.as_str(), gemini.stream, gemini.max_output_tokens, gemini.choices), ("g", true, Some(9), 3));
    let ollama = read(Operation::OllamaChat, "/api/chat", r#"{"model":"m","options":{"num_predict":-1}}"#);
    assert_eq!((ollama.stream, ollama.max_output_tokens), (true, None));
    let messages = read(Operation::Messages, "/v1/messages", r#"{"model":"c","max_tokens":5,"metadata":{"user_id":"me"}}"#);
    assert_eq!((messages.user.as_str(), messages.max_output_tokens), ("me", Some(5)));
}

#[test]
fn blobs_are_no_text_and_references_are_told() {
    let blob = "QUJD".repeat(1000);
    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":[{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{blob}"}}}}]}}]}}"#
    );
    let asked = chat(&body);
    assert!(asked.media && !asked.beyond_body && asked.text_bytes < 100, "{asked:?}");
    let asked = chat(
        r#"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x.example/a.png"}}]}]}"#,
    );
    assert!(asked.beyond_body && !asked.media);
    let body = format!(r#"{{"contents":[{{"parts":[{{"inlineData":{{"mimeType":"image/png","data":"{blob}"}}}}]}}]}}"#);
    let asked = Asked::read(Operation::GenerateContent, "/v1/models/g:generateContent", body.as_bytes()).unwrap();
    assert!(asked.media && asked.text_bytes < 100);
    let asked =
        Asked::read(Operation::Responses, "/v1/responses", br#"{"model":"m","previous_response_id":"resp_1","input":"hi"}"#).unwrap();
    assert!(asked.beyond_body);
}

#[test]
fn a_body_that_can_be_read_in_two_ways_is_refused() {
    let deep = format!(r#"{{"messages":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    for body in [
        r#"{"model":"a","model":"b"}"#,
        r#"{"model":"a","\u006dodel":"b"}"#,
        r#"{"model":"a","Model":"b"}"#,
        r#"{"ſtream":true}"#,
        r#"{"max_tokens":1,"max_tokens":2}"#,
        r#"{"stream":true,"stream":false}"#,
        r#"{"stream":"true"}"#,
        r#"{"model":7}"#,
        r#"{"model":"a"} {"model":"b"}"#,
        r#"{"model":"a""#,
        r#"["model"]"#,
        r#"{"a":tru}"#,
        "",
        "\"",
        r#"{"a":"\"#,
        &deep,
    ] {
        assert!(Asked::read(Operation::ChatCompletions, "/v1/chat/completions", body.as_bytes()).is_err(), "{body}");
    }
    assert!(Asked::read(Operation::Unknown, "/v1/audio/speech", b"--boundary").is_ok());
}

#[test]
fn an_edit_changes_exactly_what_it_names() {
    let edits = Edits { ask_usage: true, model: Some("b\"".to_owned()), max_output_tokens: Some(10) };
    for (operation, body, expected) in [
        (
            Operation::ChatCompletions,
            r#"{ "model" : "a","stream":true }"#,
            r#"{"stream_options":{"include_usage":true},"max_completion_tokens":10, "model" : "b\"","stream":true }"#,
        ),
        (
            Operation::ChatCompletions,
            r#"{"model":"b\"","stream":true,"max_tokens":5,"stream_options":{"include_usage":false}}"#,
            r#"{"model":"b\"","stream":true,"max_tokens":5,"stream_options":{"include_usage":true}}"#,
        ),
        (
            Operation::ChatCompletions,
            r#"{"stream":true,"max_tokens":50,"stream_options":null}"#,
            r#"{"model":"b\"","stream":true,"max_tokens":10,"stream_options":{"include_usage":true}}"#,
        ),
        (
            Operation::ChatCompletions,
            r#"{"stream":true,"max_tokens":10,"model":"x","stream_options":{ }}"#,
            r#"{"stream":true,"max_tokens":10,"model":"b\"","stream_options":{"include_usage":true }}"#,
        ),
        (Operation::Responses, r#"{}"#, r#"{"model":"b\"","max_output_tokens":10}"#),
        (Operation::GenerateContent, r#"{"generationConfig":{"topK":1}}"#, r#"{"generationConfig":{"maxOutputTokens":10,"topK":1}}"#),
        (Operation::Converse, r#"{"messages":[]}"#, r#"{"inferenceConfig":{"maxTokens":10},"messages":[]}"#),
        (Operation::OllamaChat, r#"{"model":"m","options":{"num_predict":-1}}"#, r#"{"model":"b\"","options":{"num_predict":10}}"#),
    ] {
        let asked = Asked::read(operation, "/x", body.as_bytes()).unwrap();
        let edited = asked.edit(operation, &Bytes::from(body.to_owned()), &edits).unwrap();
        assert_eq!(std::str::from_utf8(&edited).unwrap(), expected);
        let again = Asked::read(operation, "/x", &edited).unwrap();
        assert_eq!(again.edit(operation, &edited, &edits), None);
    }
    assert_eq!(
        chat(r#"{"model":"a"}"#).edit(Operation::ChatCompletions, &Bytes::from_static(br#"{"model":"a"}"#), &Edits::default()),
        None
    );
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z\\\\\"é]{1,6}", inner, 0..4).prop_map(|map| json!(map))
        ]
    })
}

proptest! {
    #[test]
    fn the_edited_body_is_the_same_value_but_for_the_edit(
        extra in prop::collection::hash_map("x[a-zé\"\\\\]{0,5}", value(), 0..4),
        model in prop::option::of("\\PC{0,8}"), limit in prop::option::of(0u32..100), options in prop::option::of(prop_oneof![Just(json!({})), Just(json!(null)), Just(json!({"include_usage": false, "a": 1}))]),
        cap in 0u64..100, pretty: bool,
    ) {
        let mut body = json!(extra);
        body["stream"] = json!(true);
        if let Some(model) = model { body["model"] = json!(model); }
        if let Some(limit) = limit { body["max_tokens"] = json!(limit); }
        if let Some(options) = options { body["stream_options"] = options; }
        let text = if pretty { serde_json::to_string_pretty(&body).unwrap() } else { body.to_string() };
        let asked = chat(&text);
        let edits = Edits { ask_usage: true, model: Some("other".to_owned()), max_output_tokens: Some(cap) };
        let edited = asked.edit(Operation::ChatCompletions, &Bytes::from(text), &edits).unwrap();
        body["model"] = json!("other");
        match limit {
            Some(limit) => body["max_tokens"] = json!(u64::from(limit).min(cap)),
            None => body["max_completion_tokens"] = json!(cap),
        }
        if !body["stream_options"].is_object() { body["stream_options"] = json!({}); }
        body["stream_options"]["include_usage"] = json!(true);
        prop_assert_eq!(serde_json::from_slice::<Value>(&edited).unwrap(), body);
    }

    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(prop_oneof![Just(b'"'), Just(b'\\'), Just(b'{'), Just(b'}'), Just(b':'), Just(b','), any::<u8>()], 0..80)) {
        for operation in [Operation::ChatCompletions, Operation::OllamaChat, Operation::Converse, Operation::Unknown] {
            let _ = Asked::read(operation, "/x", &body);
        }
    }
}
