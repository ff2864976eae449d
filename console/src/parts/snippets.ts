// What to put where, for each tool, in the words of `faregate setup`. Keys are never put in: a variable names them.

export interface Tool {
  id: string;
  title: string;
  where: string;
  text: (base: string, model: string) => string;
}

const shell = (names: string[]) => (base: string, model: string) =>
  names.map((line) => `export ${line.replaceAll("$BASE", base).replaceAll("$MODEL", model)}`).join("\n");

export const TOOLS: Tool[] = [
  {
    id: "claude-code", title: "Claude Code", where: "~/.claude/settings.json",
    text: (base, model) => JSON.stringify({ env: { ANTHROPIC_BASE_URL: base, ANTHROPIC_AUTH_TOKEN: "YOUR-KEY", ANTHROPIC_MODEL: model } }, null, 2),
  },
  {
    id: "codex", title: "Codex", where: "~/.codex/config.toml",
    text: (base, model) => `model = "${model}"\nmodel_provider = "faregate"\n\n[model_providers.faregate]\nname = "Faregate"\nbase_url = "${base}/v1"\nenv_key = "FAREGATE_API_KEY"\nwire_api = "responses"`,
  },
  {
    id: "opencode", title: "OpenCode", where: "~/.config/opencode/opencode.json",
    text: (base, model) => JSON.stringify({ provider: { faregate: { npm: "@ai-sdk/openai-compatible", name: "Faregate", options: { baseURL: `${base}/v1`, apiKey: "{env:FAREGATE_API_KEY}" }, models: { [model]: { name: model } } } }, model: `faregate/${model}` }, null, 2),
  },
  { id: "aider", title: "aider", where: "~/.aider.conf.yml", text: (base, model) => `openai-api-base: ${base}/v1\nopenai-api-key: YOUR-KEY\nmodel: openai/${model}` },
  { id: "openai", title: "OpenAI SDK", where: "shell", text: shell(["OPENAI_BASE_URL=$BASE/v1", "OPENAI_API_KEY=YOUR-KEY"]) },
  { id: "anthropic", title: "Anthropic SDK", where: "shell", text: shell(["ANTHROPIC_BASE_URL=$BASE", "ANTHROPIC_API_KEY=YOUR-KEY"]) },
  {
    id: "curl", title: "HTTP", where: "shell",
    text: (base, model) => `curl ${base}/v1/chat/completions \\\n  -H "Authorization: Bearer YOUR-KEY" \\\n  -H "Content-Type: application/json" \\\n  -d '${JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] })}'`,
  },
];
