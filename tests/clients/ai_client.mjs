// npm ai with @ai-sdk/openai: generateText and streamText, over responses (its default) and chat.
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, streamText } from "ai";
import { base, key, prompt, run } from "./stage.mjs";

const provider = createOpenAI({ baseURL: `${base}/v1`, apiKey: key });
const name = "gpt-4o-mini-cache-reason";

async function generate(model) {
  const { text, usage, finishReason } = await generateText({ model, prompt, maxRetries: 0 });
  return [text, { usage, finishReason }];
}

async function stream(model) {
  let failure;
  const result = streamText({ model, prompt, maxRetries: 0, onError: ({ error }) => { failure = error; } });
  let text = "";
  for await (const part of result.textStream) text += part;
  if (failure) throw failure;
  return [text, { usage: await result.usage, finishReason: await result.finishReason }];
}

run({
  generateText: [false, () => generate(provider(name))],
  streamText: [true, () => stream(provider(name))],
  "generateText-chat": [false, () => generate(provider.chat(name))],
  "streamText-chat": [true, () => stream(provider.chat(name))],
});
