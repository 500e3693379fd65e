// Runs the calls of one client library when the driver names them; a line of JSON for each.
import { createInterface } from "node:readline";

export const base = process.env.CLIENT_BASE_URL;
export const key = process.env.CLIENT_KEY;
export const prompt = "How much water does a warm river need, and who is asked for it?";

export async function run(cases) {
  const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
  say(Object.entries(cases).map(([name, [streams]]) => [name, streams]));
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const [text, result] = await cases[line.trim()][1]();
      say({ text, result });
    } catch (failure) {
      say({ error: `${failure?.name}: ${String(failure?.message).slice(0, 400)}` });
    }
  }
}
