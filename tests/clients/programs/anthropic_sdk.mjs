// The Anthropic SDK: a streamed round of tools.
import Anthropic from "@anthropic-ai/sdk";

const { URL: baseURL, KEY: apiKey, MODEL: model, PROMPT: prompt } = process.env;
const client = new Anthropic({ baseURL, apiKey });
const input_schema = { type: "object", properties: { command: { type: "string" } }, required: ["command"] };
const tools = [{ name: "shell", description: "Runs a command.", input_schema }];
const messages = [{ role: "user", content: prompt }];

for (;;) {
  const message = await client.messages.stream({ model, max_tokens: 1000, messages, tools }).finalMessage();
  const calls = message.content.filter((block) => block.type === "tool_use");
  if (calls.length === 0) {
    console.log(message.content.map((block) => block.text ?? "").join(""));
    break;
  }
  messages.push({ role: "assistant", content: message.content });
  const results = calls.map((call) => ({ type: "tool_result", tool_use_id: call.id, content: "gate-42" }));
  messages.push({ role: "user", content: results });
}
