// The chat's answers, as docs/api.md has them.
import type { Slice } from "../../api/shapes";

export type Billing = "plan" | "api";
export type Part = { type: "text"; text: string } | { type: "image_url"; image_url: { url: string } };

export interface Conversation {
  id: string;
  title: string;
  model: string;
  billing: Billing;
  created_at: string;
  updated_at: string;
}

export interface Cost {
  usage: Record<string, number>;
  slices: Slice[];
}

export interface Message {
  seq: number;
  role: "user" | "assistant";
  parts: Part[];
  request: string | null;
  cost: Cost | null;
  at: string;
}

export interface Told extends Conversation {
  messages: Message[];
}

export interface Priced {
  model: string;
  currency: string | null;
  prices: Record<string, string> | null;
}

export function textOf(parts: readonly Part[]): string {
  return parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n\n");
}

export function picturesOf(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => (part.type === "image_url" ? [part.image_url.url] : []));
}
