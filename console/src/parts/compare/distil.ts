// Logs of Claude Code and Codex without their words: of each line what was used and when, of what people wrote only that
// they wrote something. Runs in the browser; nothing else of a log leaves it.
import { asked, SAME } from "./prompts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Line = { [name: string]: Json };

export interface Distilled {
  files: { name: string; text: string }[];
  /** Bytes of what was read, and of what would be sent. */
  read: number;
  sent: number;
  /** Lines that say what was used. */
  requests: number;
  /** Files that are no log of these two tools. */
  others: number;
}

type Tool = "claude-code" | "codex";
const CODEX = /"type":\s*"(session_meta|turn_context|event_msg|response_item)"/;
const CLAUDE = /"(parentUuid|isSidechain|leafUuid)":|"requestId":\s*"req_|"type":\s*"(queue-operation|summary|file-history-snapshot)"/;
// Each file begins with a line by which it is known for what it is, and which says nothing.
const MARKS: Record<Tool, string> = {
  "claude-code": '{"type":"summary","isSidechain":false}',
  codex: '{"timestamp":"","type":"response_item","payload":{}}',
};
const LOOKED_AT = 512 * 1024;

/** A file and its path below the folder that was dropped. */
export interface Found {
  path: string;
  file: File;
}

/** Read files one by one; ``told`` hears of the bytes read so far. */
export async function distil(found: readonly Found[], told: (read: number) => void): Promise<Distilled> {
  const names = new Names();
  const made: Distilled = { files: [], read: 0, sent: 0, requests: 0, others: 0 };
  const ordered = [...found].sort((one, other) => (one.path < other.path ? -1 : 1));
  for (const { path, file } of ordered) {
    const tool = file.name.endsWith(".jsonl") ? toolOf(await file.slice(0, LOOKED_AT).text()) : null;
    if (tool === null) {
      made.others += 1;
      continue;
    }
    const lines = [MARKS[tool]];
    for await (const line of linesOf(file)) {
      const short = line.trim() && (tool === "codex" ? ofCodex(line, names) : ofClaude(line, names));
      if (!short) continue;
      lines.push(short);
      if (short.includes('_tokens"')) made.requests += 1;
    }
    const text = lines.join("\n") + "\n";
    made.files.push({ name: names.path(path), text });
    made.read += file.size;
    made.sent += text.length;
    told(made.read);
  }
  return made;
}

function toolOf(head: string): Tool | null {
  return CODEX.test(head) ? "codex" : CLAUDE.test(head) ? "claude-code" : null;
}

async function* linesOf(file: File): AsyncGenerator<string> {
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const pieces = (rest + value).split("\n");
    rest = pieces.pop() ?? "";
    yield* pieces;
  }
  if (rest) yield rest;
}

/** Sessions by numbers: which lines are of one session is told, not which session. */
class Names {
  private readonly known = new Map<string, string>();

  of(session: Json | undefined): string | undefined {
    if (typeof session !== "string" || !session) return undefined;
    const found = this.known.get(session) ?? `s${this.known.size + 1}`;
    this.known.set(session, found);
    return found;
  }

  /** A file is called by its session; a sub-agent's lies in its session's folder. Folders tell of projects: they stay. */
  path(path: string): string {
    const parts = path.split("/");
    const own = `${this.of((parts.at(-1) ?? "").replace(/\.jsonl$/, "")) ?? "log"}.jsonl`;
    return parts.at(-2) === "subagents" && parts.length > 2 ? `${this.of(parts.at(-3)) ?? "s"}/subagents/${own}` : own;
  }
}

function parsed(line: string): Line | null {
  try {
    const read = JSON.parse(line) as Json;
    return isObject(read) ? read : null;
  } catch {
    return null;
  }
}

function isObject(value: Json | undefined): value is Line {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function told(line: Line): string {
  return JSON.stringify(line);
}

/** Counts alone, however deep; of a second model that advised also which it was. */
function counts(value: Json | undefined): Json | undefined {
  if (typeof value === "number" || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => counts(each) ?? null);
  if (!isObject(value)) return undefined;
  const kept: Line = {};
  for (const [name, each] of Object.entries(value)) {
    const short = (name === "model" || name === "type") && typeof each === "string" ? each : counts(each);
    if (short !== undefined) kept[name] = short;
  }
  return kept;
}

/** Fields of these names, where they are there. */
function only(line: Line, names: string[]): Line {
  return Object.fromEntries(names.flatMap((name) => (line[name] === undefined ? [] : [[name, line[name]]])));
}

// A line that cannot be read is counted as such.
const BROKEN = "{";

// ---- Claude Code

function ofClaude(line: string, names: Names): string | null {
  const uses = line.includes('"usage":{');
  if (!uses && !line.includes('"role":"user"') && !line.includes('"queued_command"')) return parsed(line) ? null : BROKEN;
  const read = parsed(line);
  if (!read) return BROKEN;
  const session = names.of(read.sessionId);
  const base: Line = { isSidechain: Boolean(read.isSidechain), ...(session ? { sessionId: session } : {}), ...only(read, ["timestamp", "requestId"]) };
  const message = read.message;
  const data = isObject(read.data) && isObject(read.data.message) ? read.data.message : null;
  if (isObject(message) && isObject(message.usage)) return told({ ...base, message: answered(message) });
  if (data && isObject(data.message) && isObject(data.message.usage)) {
    return told({ ...base, data: { message: { ...only(data, ["timestamp", "requestId", "isSidechain"]), message: answered(data.message) } } });
  }
  if (uses) return null;
  if (isObject(message) && message.role === "user") return question(message, read, base);
  return isObject(read.attachment) ? queued(read.attachment, base) : null;
}

function answered(message: Line): Line {
  return { ...only(message, ["id", "model"]), usage: counts(message.usage) ?? null };
}

function question(message: Line, read: Line, base: Line): string | null {
  const content = what(message.content);
  if (content === null || read.type !== "user") return null;
  const origin: Line = isObject(read.origin) ? { origin: only(read.origin, ["kind"]) } : {};
  return told({ type: "user", message: { role: "user", content }, ...base, ...only(read, ["isMeta", "isCompactSummary"]), ...origin });
}

function queued(attachment: Line, base: Line): string | null {
  const prompt = what(attachment.prompt);
  if (prompt === null || attachment.type !== "queued_command") return null;
  const origin: Line = isObject(attachment.origin) ? { origin: only(attachment.origin, ["kind"]) } : {};
  return told({ ...base, attachment: { ...only(attachment, ["type", "commandMode", "isMeta"]), prompt, ...origin } });
}

/** A text that stands for what was written; null for what a tool gave back. */
function what(content: Json | undefined): string | null {
  if (typeof content === "string") return SAME[asked([content])];
  if (!Array.isArray(content)) return "";
  const blocks = content.filter(isObject);
  if (blocks.some((block) => block.type === "tool_result")) return null;
  const media = blocks.some((block) => block.type === "image" || block.type === "document");
  return SAME[asked(blocks.flatMap((block) => (block.type === "text" && typeof block.text === "string" ? [block.text] : [])), media)];
}

// ---- Codex

const WANTED = ["session_meta", "turn_context", "token_usage_record", "compacted", "event_msg"];

function ofCodex(line: string, names: Names): string | null {
  const read = parsed(line);
  if (!read) return BROKEN;
  const payload = read.payload;
  if (!isObject(payload) || typeof read.type !== "string" || !WANTED.includes(read.type)) return null;
  const base = only(read, ["timestamp", "type"]);
  const kept = read.type === "event_msg" ? event(payload) : read.type === "session_meta" ? begun(payload, names) : record(payload);
  return kept && told({ ...base, payload: kept });
}

function record(payload: Line): Line {
  const kept = only(payload, ["type", "model", "response_id", "compaction_response_id"]);
  for (const name of ["usage", "thread_token_usage"]) if (isObject(payload[name])) kept[name] = counts(payload[name]) ?? null;
  return kept;
}

function begun(payload: Line, names: Names): Line {
  const renamed = (value: Json | undefined): Json => names.of(value) ?? null;
  const kept: Line = { id: renamed(payload.id), forked_from_id: renamed(payload.forked_from_id), ...only(payload, ["thread_source"]) };
  const spawned = isObject(payload.source) ? payload.source.subagent : undefined;
  if (spawned !== undefined && spawned !== null) {
    const thread = isObject(spawned) && isObject(spawned.thread_spawn) ? spawned.thread_spawn : null;
    kept.source = { subagent: thread ? { thread_spawn: { parent_thread_id: renamed(thread.parent_thread_id) } } : {} };
  }
  return kept;
}

function event(payload: Line): Line | null {
  if (payload.type === "token_count") {
    return { ...only(payload, ["type", "model"]), info: isObject(payload.info) ? { ...only(payload.info, ["model"]), ...(counts(only(payload.info, ["last_token_usage", "total_token_usage"])) as Line) } : null };
  }
  if (payload.type === "user_message" && typeof payload.message === "string") {
    return { type: "user_message", message: SAME[asked([payload.message], Array.isArray(payload.images) && payload.images.length > 0)], images: [] };
  }
  if (payload.type === "item_completed" && isObject(payload.item) && payload.item.type === "UserMessage") {
    const parts = Array.isArray(payload.item.content) ? payload.item.content.filter(isObject) : [];
    const texts = parts.flatMap((part) => (part.type === "text" ? [String(part.text ?? "")] : []));
    const text = SAME[asked(texts, parts.some((part) => String(part.type).includes("image")))];
    return { type: "item_completed", item: { type: "UserMessage", content: [{ type: "text", text }] } };
  }
  return null;
}
