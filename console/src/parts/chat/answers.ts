// Answers as they come: kept outside of the pages, so that one goes on while another page or conversation is looked at.
import { useSyncExternalStore } from "react";
import { Failure, failureOf, fileOf, freshKey, proof } from "../../api/client";
import type { Part } from "./shapes";

export interface Problem {
  code: string;
  message: string;
  reopens: string | null;
}

export interface Answer {
  /** What was said, until the server is known to have kept it. */
  said: Part[] | null;
  request: string | null;
  text: string;
  pictures: string[];
  state: "coming" | "ended" | "stopped" | "failed";
  problem: Problem | null;
}

type News =
  | { type: "begun"; request: string }
  | { type: "text"; text: string }
  | { type: "image"; url: string }
  | { type: "done" }
  | { type: "error"; code: string; message: string; reopens_at?: string | null };

const answers = new Map<string, Answer>();
const stops = new Map<string, AbortController>();
const listeners = new Set<() => void>();
let drawn = 0;

function tell(): void {
  for (const listener of listeners) listener();
}

/** Words come faster than a screen can show them: they are told once a frame. */
function tellSoon(): void {
  drawn ||= requestAnimationFrame(() => {
    drawn = 0;
    tell();
  });
}

function put(conversation: string, part: Partial<Answer>): void {
  const before = answers.get(conversation) ?? { said: null, request: null, text: "", pictures: [], state: "coming", problem: null };
  answers.set(conversation, { ...before, ...part });
}

export function useAnswer(conversation: string | null): Answer | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => (conversation === null ? undefined : answers.get(conversation)),
  );
}

/** Forget an answer: the server's own record of it is shown from now on. */
export function forget(conversation: string): void {
  if (answers.delete(conversation)) tell();
}

/** Leave a problem to be read, where what was said before it is in the server's record. */
export function keepProblem(conversation: string): void {
  put(conversation, { said: null });
  tell();
}

export function stop(conversation: string): void {
  stops.get(conversation)?.abort();
}

/** Say something (``said``), or null: another answer in place of the last. Resolves when the answer ended, however. */
export async function ask(conversation: string, said: Part[] | null): Promise<Answer["state"]> {
  answers.delete(conversation);
  put(conversation, { said });
  tell();
  const stopping = new AbortController();
  stops.set(conversation, stopping);
  try {
    await follow(conversation, said, stopping.signal);
    if (answers.get(conversation)?.state === "coming") put(conversation, failed(new Failure(0, "broken_off", "")));
  } catch (problem) {
    put(conversation, stopping.signal.aborted ? { state: "stopped" } : failed(problem));
  } finally {
    stops.delete(conversation);
    tell();
  }
  return answers.get(conversation)?.state ?? "ended";
}

function failed(problem: unknown): Partial<Answer> {
  const known = problem instanceof Failure ? problem : new Failure(0, "unreachable", "");
  return { state: "failed", problem: { code: known.code, message: known.message, reopens: null } };
}

async function follow(conversation: string, said: Part[] | null, signal: AbortSignal): Promise<void> {
  const answer = await fetch(fileOf(`/me/conversations/${conversation}/${said ? "messages" : "again"}`), {
    method: "POST",
    headers: { accept: "text/event-stream", "content-type": "application/json", ...proof(freshKey()) },
    credentials: "same-origin",
    body: JSON.stringify(said ? { parts: said } : {}),
    signal,
  });
  if (!answer.ok || !answer.body) throw await failureOf(answer);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const pieces = (rest + value).split("\n\n");
    rest = pieces.pop() ?? "";
    for (const piece of pieces) if (piece.startsWith("data: ")) take(conversation, JSON.parse(piece.slice(6)) as News);
  }
}

function take(conversation: string, news: News): void {
  const now = answers.get(conversation);
  if (!now) return;
  if (news.type === "begun") put(conversation, { request: news.request });
  else if (news.type === "text") put(conversation, { text: now.text + news.text });
  else if (news.type === "image") put(conversation, { pictures: [...now.pictures, news.url] });
  else if (news.type === "done") put(conversation, { state: "ended" });
  else put(conversation, { state: "failed", problem: { code: news.code, message: news.message, reopens: news.reopens_at ?? null } });
  tellSoon();
}
