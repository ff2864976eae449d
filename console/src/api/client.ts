// Calls to the server: where they go, what proves them, and how their failures look. Owns no shapes: shapes.ts does.

import { language } from "../words/catalogue";
import type { Problem } from "./books";

const BASE = "/api/v1";
let csrf: string | null = null;

/** A call that was refused or failed, with the server's stable code. */
export class Failure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfter: number | null = null,
    /** The mistakes of a plan file, one by one, where it is one that was refused. */
    readonly problems: readonly Problem[] = [],
    /** Which rule a command was refused by, and what stands in its words. */
    readonly rule = "",
    readonly values: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** What proves that a write comes from this page; told by GET /session and by signing in. */
export function proveWith(token: string | null): void {
  csrf = token;
}

/** The headers of a write that is not made by `api`: an answer that streams. */
export function proof(key: string): Record<string, string> {
  return { "idempotency-key": key, ...(csrf ? { "x-faregate-csrf": csrf } : {}) };
}

/** A new idempotency key. Browsers make UUIDs on https and this machine alone; a gate in a house network has neither. */
export function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function call<T>(method: string, path: string, body?: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json", "accept-language": language() };
  if (method !== "GET") {
    headers["idempotency-key"] = key ?? freshKey();
    if (csrf) headers["x-faregate-csrf"] = csrf;
    if (body !== undefined) headers["content-type"] = "application/json";
  }
  let answer: Response;
  try {
    answer = await fetch(BASE + path, {
      method,
      headers,
      credentials: "same-origin",
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch {
    throw new Failure(0, "unreachable", "the server cannot be reached");
  }
  if (!answer.ok) throw await failureOf(answer);
  return (await answer.json().catch(() => null)) as T;
}

/** What an answer says that is not well. */
export async function failureOf(answer: Response): Promise<Failure> {
  const told: unknown = await answer.json().catch(() => null);
  const error = (told as { error?: { code?: string; message?: string; problems?: Problem[]; rule?: string; values?: Record<string, string> } } | null)?.error;
  const wait = Number(answer.headers.get("retry-after"));
  return new Failure(answer.status, error?.code ?? `http_${answer.status}`, error?.message ?? answer.statusText, wait || null, error?.problems, error?.rule, error?.values);
}

/** The full address of a path of the API. */
export function fileOf(path: string, query: Query = {}): string {
  return BASE + withQuery(path, query);
}

type Query = Record<string, string | number | null | undefined>;

export function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}` : path;
}

export const api = {
  get: <T>(path: string, query: Query = {}) => call<T>("GET", withQuery(path, query)),
  /** ``key``: the write's idempotency key; one of its own when left out. */
  post: <T>(path: string, body: unknown = {}, key?: string) => call<T>("POST", path, body, key),
  remove: <T>(path: string, key?: string) => call<T>("DELETE", path, undefined, key),
  /** The address of a file to be downloaded. */
  file: fileOf,
};
