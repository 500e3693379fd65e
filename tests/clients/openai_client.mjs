// npm openai: chat, responses and embeddings, streamed and not.
import OpenAI from "openai";
import { base, key, prompt, run } from "./stage.mjs";

const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: key, maxRetries: 0, timeout: 30_000 });
const model = "gpt-4o-mini-cache-reason";
const messages = [{ role: "user", content: prompt }];

async function chatStream(options) {
  const chunks = [];
  for await (const chunk of await client.chat.completions.create({ model, messages, stream: true, ...options })) chunks.push(chunk);
  return [chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.delta.content ?? "")).join(""), chunks];
}

run({
  chat: [false, async () => {
    const answer = await client.chat.completions.create({ model, messages });
    return [answer.choices[0].message.content, answer];
  }],
  "chat-stream": [true, () => chatStream({})],
  "chat-stream-usage": [true, () => chatStream({ stream_options: { include_usage: true } })],
  responses: [false, async () => {
    const answer = await client.responses.create({ model, input: prompt });
    return [answer.output_text, answer];
  }],
  "responses-stream": [true, async () => {
    const events = [];
    for await (const event of await client.responses.create({ model, input: prompt, stream: true })) events.push(event);
    return [events.map((event) => (event.type === "response.output_text.delta" ? event.delta : "")).join(""), events];
  }],
  embeddings: [false, async () => {
    const answer = await client.embeddings.create({ model: "text-embedding-3-small", input: [prompt] });
    return [String(answer.data.length), answer];
  }],
});
