// Which words are loaded, and when: those of the chosen language only, in parts. The part "all" comes with the frame;
// the others come with the pages that need them (pages.ts).
import type { chatEn } from "./chat_en";
import type { compareEn } from "./compare_en";
import type { en } from "./en";
import type { officeWordsEn } from "./office_words_en";

export type Language = "en" | "zh";
export type Part = "all" | "chat" | "compare" | "office";
export type Word = keyof typeof en | keyof typeof chatEn | keyof typeof compareEn | keyof typeof officeWordsEn;

type Load = () => Promise<Record<string, string>>;
const FILES: Record<Language, Record<Part, Load>> = {
  en: {
    all: () => import("./en").then((file) => file.en),
    chat: () => import("./chat_en").then((file) => file.chatEn),
    compare: () => import("./compare_en").then((file) => file.compareEn),
    office: () => import("./office_words_en").then((file) => file.officeWordsEn),
  },
  zh: {
    all: () => import("./zh").then((file) => ({ ...file.rulesZh, ...file.zh })),
    chat: () => import("./chat_zh").then((file) => file.chatZh),
    compare: () => import("./compare_zh").then((file) => file.compareZh),
    office: () => import("./office_words_zh").then((file) => file.officeWordsZh),
  },
};

const known: Record<Language, Record<string, string>> = { en: {}, zh: {} };
const wanted = new Set<Part>(["all"]);
let spoken: Language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

async function load(language: Language, part: Part): Promise<void> {
  Object.assign(known[language], await FILES[language][part]());
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
