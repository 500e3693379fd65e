//! Answers as text, after the field tables of the providers.

pub const CHAT: &str = r#"{
  "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT", "object": "chat.completion", "created": 1741569952, "model": "gpt-5-mini-2025-08-07",
  "choices": [{"index": 0, "message": {"role": "assistant", "content": "The \"usage\" is {\"usage\":{\"prompt_tokens\":999}} \u00e4\ud83d\ude42", "refusal": null, "annotations": []}, "logprobs": null, "finish_reason": "stop"}],
  "usage": {"prompt_tokens": 19, "completion_tokens": 7, "total_tokens": 26, "prompt_tokens_details": {"cached_tokens": 8, "audio_tokens": 0}, "completion_tokens_details": {"reasoning_tokens": 3, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}},
  "service_tier": "default", "x": {"usage": {"prompt_tokens": 5}}
}
"#;

pub const CHAT_STREAM: &str = concat!(
    "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-5\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}],\"usage\":null}\n\n",
    "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-5\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hallo, \\\"usage\\\": {\"},\"finish_reason\":null}],\"usage\":null}\n\n",
    ": keep-alive\n\n",
    "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-5\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"usage\\\":{\\\"prompt_tokens\\\":1}}\"}}]},\"finish_reason\":null}],\"usage\":null}\n\n",
    "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-5\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n",
    "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-5\",\"choices\":[],\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":7,\"total_tokens\":26,\"prompt_tokens_details\":{\"cached_tokens\":8},\"completion_tokens_details\":{\"reasoning_tokens\":3}}}\n\n",
    "data: [DONE]\n\n",
);

/// A byte order mark, data on several lines and without space, fields of no interest, no empty line at the end.
pub const ODD_EVENTS: &str = concat!(
    "\u{FEFF}: hello\nevent: chunk\nid: 7\ndata: {\"choices\":\ndata:[{\"delta\":{\"content\":\"a\"},\ndata: \"finish_reason\":\"stop\"}]}\nretry: 5\n\n",
    "dat: {\"usage\":{\"prompt_tokens\":1}}\n\ndata\n\n: note\ndata: {\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}",
);

pub const CHOICES_NULL: &str = concat!(
    "data: {\"choices\":[{\"delta\":{\"content\":\"a b\"}}]}\n\n",
    "data: {\"choices\":null,\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\n",
    "data: [DONE]\n\n",
);

pub const CONTINUOUS: &str = concat!(
    "data: {\"choices\":[{\"text\":\"one\",\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1,\"total_tokens\":8}}\n\n",
    "data: {\"choices\":[{\"text\":\" two\",\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,\"total_tokens\":9}}\n\n",
    "data: {\"choices\":[{\"text\":\" three\",\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}\n\n",
    "data: [DONE]\n\n",
);

pub const RESPONSES: &str = r#"{"id":"resp_1","object":"response","status":"completed","error":null,"model":"gpt-5","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"Think."}]},{"type":"message","content":[{"type":"output_text","text":"Hi there"}]}],"service_tier":"flex","usage":{"input_tokens":36,"input_tokens_details":{"cached_tokens":16},"output_tokens":70,"output_tokens_details":{"reasoning_tokens":64},"total_tokens":106}}"#;

pub const RESPONSES_STREAM: &str = concat!(
    "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"model\":\"gpt-5\",\"usage\":null}}\n\n",
    "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi \\\"usage\\\"\"}\n\n",
    "event: response.output_text.done\ndata: {\"type\":\"response.output_text.done\",\"text\":\"Hi \\\"usage\\\"\",\"usage\":{\"note\":1}}\n\n",
    "event: response.completed\ndata: ",
    r#"{"type":"response.completed","response":{"id":"resp_1","object":"response","status":"completed","error":null,"model":"gpt-5","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"Think."}]},{"type":"message","content":[{"type":"output_text","text":"Hi there"}]}],"service_tier":"flex","usage":{"input_tokens":36,"input_tokens_details":{"cached_tokens":16},"output_tokens":70,"output_tokens_details":{"reasoning_tokens":64},"total_tokens":106}}}"#,
    "\n\n",
);

pub const EMBEDDINGS: &str = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[-0.0069,1e-3,[1,2],{"usage":{"prompt_tokens":4}}]}],"model":"text-embedding-3-small","usage":{"prompt_tokens":9,"total_tokens":9}}"#;

pub const MESSAGES: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"thinking","thinking":"Hm","signature":"x"},{"type":"text","text":"Hello"},{"type":"tool_use","id":"t","name":"get","input":{"usage":{"input_tokens":1},"q":["\"]}"]}}],"stop_reason":"end_turn","usage":{"input_tokens":21,"cache_creation_input_tokens":30,"cache_read_input_tokens":100,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":10},"output_tokens":15,"service_tier":"standard","inference_geo":"eu"}}"#;

pub const MESSAGES_STREAM: &str = concat!(
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"model\":\"claude-sonnet-4-5\",\"content\":[],\"usage\":{\"input_tokens\":21,\"cache_creation_input_tokens\":30,\"cache_read_input_tokens\":100,\"output_tokens\":1,\"service_tier\":\"standard\",\"inference_geo\":\"eu\"}}}\n\n",
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
    "event: ping\ndata: {\"type\": \"ping\"}\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":null},\"usage\":{\"output_tokens\":9}}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":15}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
);

pub const GEMINI: &str = r#"{"candidates":[{"content":{"parts":[{"text":"Think","thought":true},{"text":"Hi"},{"functionCall":{"name":"f","args":{"usageMetadata":{"promptTokenCount":3}}}}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":30,"candidatesTokenCount":12,"thoughtsTokenCount":25,"totalTokenCount":137,"promptTokensDetails":[{"modality":"TEXT","tokenCount":80},{"tokenCount":20,"modality":"AUDIO"}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":10},{"modality":"TEXT","tokenCount":20}],"trafficType":"ON_DEMAND"},"modelVersion":"gemini-2.5-flash","responseId":"r1"}"#;

pub const GEMINI_EVENTS: &str = concat!(
    "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"Hi\"}]}}],\"usageMetadata\": {\"promptTokenCount\": 8,\"totalTokenCount\": 8},\"modelVersion\": \"gemini-2.5-flash\"}\r\n\r\n",
    "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \" you\"}]},\"finishReason\": \"STOP\"}],\"usageMetadata\": {\"promptTokenCount\": 8,\"candidatesTokenCount\": 5,\"totalTokenCount\": 13},\"modelVersion\": \"gemini-2.5-flash\"}\r\n\r\n",
);

pub const GEMINI_LIST: &str = r#"[{
  "candidates": [{"content": {"parts": [{"text": "Hi"}]}}],
  "usageMetadata": {"promptTokenCount": 8, "totalTokenCount": 8}
}
,
{
  "candidates": [{"content": {"parts": [{"text": " you"}]}, "finishReason": "STOP"}],
  "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 5, "totalTokenCount": 13}, "modelVersion": "gemini-2.5-flash"
}
]"#;

pub const CONVERSE: &str = r#"{"metrics":{"latencyMs":1551},"output":{"message":{"content":[{"text":"Hi"},{"toolUse":{"input":{"usage":{"inputTokens":1}},"name":"f","toolUseId":"t"}}],"role":"assistant"}},"stopReason":"end_turn","usage":{"inputTokens":30,"outputTokens":9,"totalTokens":44,"cacheReadInputTokens":5}}"#;

pub const LLAMA: &str = r#"{"generation":"Hi there","prompt_token_count":14,"generation_token_count":3,"stop_reason":"stop"}"#;

pub const OLLAMA: &str = concat!(
    "{\"model\":\"llama3.2\",\"created_at\":\"2025-01-01T00:00:00Z\",\"message\":{\"role\":\"assistant\",\"content\":\"The\"},\"done\":false}\n",
    "{\"model\":\"llama3.2\",\"message\":{\"role\":\"assistant\",\"content\":\" {\\\"eval_count\\\":4}\"},\"done\":false}\r\n",
    "\n{\"eval_count\":4,\"prompt\n",
    "{\"model\":\"llama3.2\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done_reason\":\"stop\",\"done\":true,\"total_duration\":4883583458,\"prompt_eval_count\":26,\"eval_count\":8,\"eval_duration\":4799921000}\n",
);

pub const OLLAMA_WHOLE: &str = r#"{"model":"llama3.2","response":"The sky","done":true,"context":[1,2,3],"total_duration":4883583458,"prompt_eval_count":26,"eval_count":8}"#;

pub const OLLAMA_EMBED: &str =
    r#"{"model":"all-minilm","embeddings":[[0.01,-0.02],[0.3,1]],"total_duration":14143917,"prompt_eval_count":6}"#;
