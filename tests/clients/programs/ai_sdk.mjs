// The AI SDK: a streamed round of tools, in Chat, Responses or Messages.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { jsonSchema, stepCountIs, streamText, tool } from "ai";

const { URL: url, KEY: apiKey, DIALECT: dialect, MODEL: model, PROMPT: prompt } = process.env;
const baseURL = `${url}/v1`;
const upstreams = {
  chat: () => createOpenAICompatible({ name: "house", baseURL, apiKey, includeUsage: false })(model),
  responses: () => createOpenAI({ baseURL, apiKey }).responses(model),
  messages: () => createAnthropic({ baseURL, apiKey })(model),
};
const inputSchema = jsonSchema({ type: "object", properties: { command: { type: "string" } }, required: ["command"] });
const shell = tool({ description: "Runs a command.", inputSchema, execute: async () => "gate-42" });

let broken;
const answer = streamText({
  model: upstreams[dialect](),
  prompt,
  tools: { shell },
  stopWhen: stepCountIs(5),
  onError: ({ error }) => {
    broken = error;
  },
});
for await (const piece of answer.textStream) process.stdout.write(piece);
if (broken) throw broken;
