// Words of the page that sets tools up, in English.
export const setupEn = {
  "setup.toolsOwn": "The tool's own",
  "setup.api": "Speaks",
  "setup.baseUrl": "Base URL",
  "setup.byHand": "In the settings of {tool}, for an OpenAI-compatible provider of its own:",
  "setup.spoken.chat": "Chat Completions",
  "setup.spoken.responses": "Responses",
  "setup.spoken.messages": "Messages (Anthropic)",
  "setup.spoken.google": "Gemini API",
  "setup.note.ready": "Put your key in, start the tool: it goes through the gate.",
  "setup.note.shell": "Put your key in. Then, in the shell that starts the tool: . {file}",
  "setup.note.run": "Put your key in. Then run once: sh {file}",
  "setup.note.import": "Put your key in. Then import {file} in Roo Code's settings, or name it in VS Code's roo-cline.autoImportSettingsPath.",
  "settings.noMail": "This server sends no mail.",
  "settings.secretOnce": "The secret that signs what the webhook is told. It is shown once:",
};
