// Which words are loaded, and when: those of the chosen language only, in parts. The part "all" comes with the frame;
// the others come with the pages that need them (pages.ts).
import type { words as all } from "./en/all";
import type { words as chat } from "./en/chat";
import type { words as compare } from "./en/compare";
import type { words as office } from "./en/office";

export type Language = "en" | "zh";
export type Part = "all" | "chat" | "compare" | "office";
export type Word = keyof typeof all | keyof typeof chat | keyof typeof compare | keyof typeof office;

type Load = () => Promise<{ words: Record<string, string> }>;
const FILES: Record<Language, Record<Part, Load>> = {
  en: { all: () => import("./en/all"), chat: () => import("./en/chat"), compare: () => import("./en/compare"), office: () => import("./en/office") },
  zh: { all: () => import("./zh/all"), chat: () => import("./zh/chat"), compare: () => import("./zh/compare"), office: () => import("./zh/office") },
};

const known: Record<Language, Record<string, string>> = { en: {}, zh: {} };
const wanted = new Set<Part>(["all"]);
let spoken: Language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

async function load(language: Language, part: Part): Promise<void> {
  Object.assign(known[language], (await FILES[language][part]()).words);
}

/** The language of the page: of before.js at first. */
export function language(): Language {
  return spoken;
}

/** The words of a part, in the language of the page and in every one that is chosen later. */
export async function want(part: Part): Promise<void> {
  wanted.add(part);
  await load(spoken, part);
}

/** Turn to a language: when this is over, all words that are wanted are there in it. */
export async function turn(chosen: Language): Promise<void> {
  await Promise.all([...wanted].map((part) => load(chosen, part)));
  spoken = chosen;
  // What was wanted in the meantime came in the language of before.
  await Promise.all([...wanted].map((part) => load(chosen, part)));
}

/** What is loaded of a language; grows. */
export function words(language: Language): Record<string, string> {
  return known[language];
}
