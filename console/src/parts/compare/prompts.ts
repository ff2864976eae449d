// What stands in the user's place in a log: a prompt, a command, its output, or nothing that a person said. The same
// rules as src/faregate/readers/prompts.py and src/faregate/callers/side_texts.py (a test holds them together): they are
// here so that no words have to leave the browser to be told apart.

export type Asked = "prompt" | "command" | "output" | "nothing";

const COMMANDS = ["<command-name>", "<command-message>"];
const OUTPUTS = ["<local-command-stdout>", "<local-command-stderr>"];
const MACHINES = [
  "<bash-input>",
  "<bash-stdout>",
  "<bash-stderr>",
  "<task-notification>",
  "<bash-notification>",
  "<teammate-message",
  "<cross-session-message",
  "<fork-boilerplate",
  "<user-prompt-submit-hook>",
  "<permissions instructions>",
  "<turn_aborted>",
  "<subagent_notification>",
  "<session_context>",
  "# AGENTS.md instructions for ",
  "This session is being continued from a previous conversation",
  "This is the Gemini CLI.",
  "This is the Qwen Code.",
];
const ASIDES = [
  "CRITICAL: Respond with TEXT ONLY",
  "Your task is to create a detailed summary of the conversation",
  "You are performing a CONTEXT CHECKPOINT COMPACTION",
  "[SYSTEM NOTIFICATION - NOT USER INPUT]",
  "[SUGGESTION MODE:",
  "System: Please continue.",
  "Perform a web search for the query:",
  "Another language model started to solve this problem and produced a summary",
  "The connection dropped mid-response. Resume directly",
  "Output token limit hit. Resume directly",
  "Managed memory has TWO directories.",
];
const WARMUP = "Warmup";
const INTERRUPTED = "[Request interrupted";
const WRAPPED = /<(system-reminder|environment_[a-z_]{1,40}|user_instructions|local-command-(?:stdout|stderr|caveat))>/g;
const TOOL_RESULT = /^\[[a-z_]{2,40}(?: for [^\n]{0,400})?\] Result:/;

function begins(text: string, beginnings: string[]): boolean {
  return beginnings.some((each) => text.startsWith(each));
}

function withoutReminders(text: string): string {
  const rest = text.trim();
  if (rest.startsWith(INTERRUPTED) && rest.endsWith("]") && !rest.includes("\n")) return "";
  let kept = "";
  let position = 0;
  for (;;) {
    WRAPPED.lastIndex = position;
    const opening = WRAPPED.exec(rest);
    if (!opening) break;
    const closing = `</${opening[1]}>`;
    const end = rest.indexOf(closing, WRAPPED.lastIndex);
    if (end < 0) break;
    kept += rest.slice(position, opening.index);
    position = end + closing.length;
  }
  return (kept + rest.slice(position)).trim();
}

function isWords(text: string): boolean {
  return text !== "" && text !== WARMUP && !begins(text, ASIDES) && !TOOL_RESULT.test(text);
}

/** What the texts of one entry are together. A picture alone is a prompt. */
export function asked(texts: string[], hasMedia = false): Asked {
  let found: Asked = hasMedia ? "prompt" : "nothing";
  for (const text of texts) {
    if (begins(text, OUTPUTS)) return "output";
    const rest = withoutReminders(text);
    if (begins(rest, COMMANDS)) found = "command";
    else if (!begins(rest, MACHINES) && isWords(rest)) return "prompt";
  }
  return found;
}

/** A text that is told to be the same, and says nothing. */
export const SAME: Record<Asked, string> = { prompt: "x", command: "<command-name>", output: "<local-command-stdout>", nothing: "" };
