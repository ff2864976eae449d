// The OpenAI SDK: a streamed round of tools, in Chat or Responses.
import OpenAI from "openai";

const { URL: url, KEY: apiKey, DIALECT: dialect, MODEL: model, PROMPT: prompt } = process.env;
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey });
const parameters = { type: "object", properties: { command: { type: "string" } }, required: ["command"] };
const shell = { name: "shell", description: "Runs a command.", parameters };

async function chat() {
  const messages = [{ role: "user", content: prompt }];
  for (;;) {
    const stream = client.chat.completions.stream({ model, messages, tools: [{ type: "function", function: shell }] });
    const { message } = (await stream.finalChatCompletion()).choices[0];
    if (!message.tool_calls?.length) return message.content;
    messages.push(message);
    for (const call of message.tool_calls) messages.push({ role: "tool", tool_call_id: call.id, content: "gate-42" });
  }
}

async function responses() {
  const input = [{ role: "user", content: prompt }];
  const tools = [{ type: "function", ...shell, strict: false }];
  for (;;) {
    const answer = await client.responses.stream({ model, input, tools, store: false }).finalResponse();
    const calls = answer.output.filter((item) => item.type === "function_call");
    if (calls.length === 0) return answer.output_text;
    input.push(...answer.output.map(({ parsed_arguments, parsed, ...item }) => item));
    for (const call of calls) input.push({ type: "function_call_output", call_id: call.call_id, output: "gate-42" });
  }
}

console.log(await (dialect === "chat" ? chat() : responses()));
