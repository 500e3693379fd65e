// npm @anthropic-ai/sdk: messages, streamed and not.
import Anthropic from "@anthropic-ai/sdk";
import { base, key, prompt, run } from "./stage.mjs";

const client = new Anthropic({ baseURL: base, apiKey: key, maxRetries: 0, timeout: 30_000 });
const ask = { model: "claude-sonnet-4-5-cache", max_tokens: 64, messages: [{ role: "user", content: prompt }] };

run({
  messages: [false, async () => {
    const answer = await client.messages.create(ask);
    return [answer.content[0].text, answer];
  }],
  "messages-stream": [true, async () => {
    const events = [];
    for await (const event of await client.messages.create({ ...ask, stream: true })) events.push(event);
    return [events.map((event) => (event.type === "content_block_delta" ? event.delta.text : "")).join(""), events];
  }],
  "messages-stream-helper": [true, async () => {
    const stream = client.messages.stream(ask);
    const message = await stream.finalMessage();
    return [await stream.finalText(), message];
  }],
});
