//! Golden answers of each dialect with the usage they state.

pub mod bedrock;
pub mod texts;

use measure::usage::{AnswerHead, Operation};

/// An answer and what it says.
#[derive(Clone)]
pub struct Golden {
    pub name: &'static str,
    pub operation: Operation,
    pub head: AnswerHead,
    pub body: Vec<u8>,
    /// Input, cache read, cache write, output, reasoning.
    pub counts: [Option<i64>; 5],
}

fn golden(name: &'static str, operation: Operation, content_type: &str, body: impl Into<Vec<u8>>, counts: [Option<i64>; 5]) -> Golden {
    let head = AnswerHead { status: 200, content_type: content_type.to_owned(), ..AnswerHead::default() };
    Golden { name, operation, head, body: body.into(), counts }
}

/// All golden answers.
pub fn all() -> Vec<Golden> {
    use Operation as O;
    let (json, sse, lines, frames) =
        ("application/json", "text/event-stream; charset=utf-8", "application/x-ndjson", "application/vnd.amazon.eventstream");
    vec![
        golden("chat", O::ChatCompletions, json, texts::CHAT, [Some(11), Some(8), None, Some(4), Some(3)]),
        golden("chat stream", O::ChatCompletions, sse, texts::CHAT_STREAM, [Some(11), Some(8), None, Some(4), Some(3)]),
        golden(
            "chat stream, carriage returns",
            O::ChatCompletions,
            sse,
            texts::CHAT_STREAM.replace('\n', "\r\n"),
            [Some(11), Some(8), None, Some(4), Some(3)],
        ),
        golden(
            "chat stream, lone returns",
            O::ChatCompletions,
            sse,
            texts::CHAT_STREAM.replace('\n', "\r"),
            [Some(11), Some(8), None, Some(4), Some(3)],
        ),
        golden("odd events", O::ChatCompletions, sse, texts::ODD_EVENTS, [Some(5), None, None, Some(2), None]),
        golden("choices null", O::ChatCompletions, "", texts::CHOICES_NULL, [Some(5), None, None, Some(2), None]),
        golden("usage on every chunk", O::Completions, sse, texts::CONTINUOUS, [Some(7), None, None, Some(3), None]),
        golden("responses", O::Responses, json, texts::RESPONSES, [Some(20), Some(16), None, Some(6), Some(64)]),
        golden("responses stream", O::Responses, sse, texts::RESPONSES_STREAM, [Some(20), Some(16), None, Some(6), Some(64)]),
        golden("embeddings", O::Embeddings, json, texts::EMBEDDINGS, [Some(9), None, None, Some(0), None]),
        golden("messages", O::Messages, json, texts::MESSAGES, [Some(21), Some(100), Some(30), Some(15), None]),
        golden("messages stream", O::Messages, sse, texts::MESSAGES_STREAM, [Some(21), Some(100), Some(30), Some(15), None]),
        golden("gemini", O::GenerateContent, json, texts::GEMINI, [Some(60), Some(30), None, Some(12), Some(25)]),
        golden("gemini events", O::StreamGenerateContent, sse, texts::GEMINI_EVENTS, [Some(8), Some(0), None, Some(5), Some(0)]),
        golden("gemini list", O::StreamGenerateContent, json, texts::GEMINI_LIST, [Some(8), Some(0), None, Some(5), Some(0)]),
        golden("converse", O::Converse, json, texts::CONVERSE, [Some(30), Some(5), Some(0), Some(9), None]),
        golden("converse stream", O::ConverseStream, frames, bedrock::converse(), [Some(30), Some(5), Some(0), Some(9), None]),
        golden("invoke", O::InvokeModel, json, texts::LLAMA, [Some(14), Some(0), Some(0), Some(3), None]),
        golden("invoke stream", O::InvokeModelStream, frames, bedrock::invoke(), [Some(21), Some(7), Some(0), Some(11), None]),
        golden("ollama stream", O::OllamaChat, lines, texts::OLLAMA, [Some(26), None, None, Some(8), None]),
        golden("ollama", O::OllamaGenerate, json, texts::OLLAMA_WHOLE, [Some(26), None, None, Some(8), None]),
        golden("ollama embed", O::OllamaEmbed, json, texts::OLLAMA_EMBED, [Some(6), None, None, Some(0), None]),
    ]
}
