// The language in use: words, numbers, amounts of money and times. Owns no words itself, nor when they are loaded:
// catalogue.ts does.
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { language as first, turn, words as loaded, type Language, type Word } from "./catalogue";

export type { Language, Word } from "./catalogue";

export interface Speech {
  language: Language;
  choose: (language: Language) => void;
  /** The message, with {names} filled in. */
  t: (word: Word, values?: Record<string, string | number>) => string;
  /** The message for a value the server told (a state, a code), or the value itself where nobody has words for it. */
  told: (group: string, value: string) => string;
  /** One of a document's names by language. */
  named: (names: Readonly<Record<string, string>> | undefined | null, otherwise: string) => string;
  number: (exact: string | number, digits?: number) => string;
  money: (exact: string, currency: string) => string;
  amount: (exact: string, unit: string) => string;
  instant: (when: string | null | undefined, style?: "day" | "minute" | "second") => string;
}

const Context = createContext<Speech | null>(null);

function speech(language: Language, choose: (language: Language) => void): Speech {
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const words = loaded(language);
  const t: Speech["t"] = (word, values = {}) => {
    const message = words[word];
    // A page that does not name the part of its words: the tests listen for this.
    if (message === undefined) console.error(`no word for ${word} is loaded`);
    return (message ?? word).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  };
  const number: Speech["number"] = (exact, digits = 2) =>
    Number(exact).toLocaleString(locale, { maximumFractionDigits: digits });
  const money: Speech["money"] = (exact, currency) => {
    const digits = currency === "JPY" ? 0 : Math.min(6, Math.max(2, exact.split(".")[1]?.length ?? 0));
    const shown = Number(exact).toLocaleString(locale, { minimumFractionDigits: currency === "JPY" ? 0 : 2, maximumFractionDigits: digits });
    return `${shown} ${currency}`;
  };
  const shapes: Record<string, Intl.DateTimeFormatOptions> = {
    day: { year: "numeric", month: "short", day: "numeric" },
    minute: { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" },
    second: { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" },
  };
  return {
    language,
    choose,
    t,
    told: (group, value) => {
      const word = `${group}.${value}`;
      return words[word] ?? value.replaceAll("_", " ");
    },
    named: (names, otherwise) => names?.[language] ?? names?.en ?? otherwise,
    number,
    money,
    amount: (exact, unit) => (/^[A-Z]{3}$/.test(unit) ? money(exact, unit) : `${number(exact, 6)} ${unitName(words, unit)}`),
    instant: (when, style = "minute") => (when ? new Date(when).toLocaleString(locale, shapes[style]) : "—"),
  };
}

function unitName(words: Record<string, string>, unit: string): string {
  return words[`unit.${unit}`] ?? unit;
}

export function Words({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(first);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  }, [language]);
  const value = useMemo(
    () =>
      speech(language, (chosen) => {
        void turn(chosen).then(() => setLanguage(chosen));
        try {
          localStorage.setItem("faregate-language", chosen);
        } catch {
          // No storage here: the language holds until the page is left.
        }
      }),
    [language],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useWords(): Speech {
  const found = useContext(Context);
  if (!found) throw new Error("words are asked for outside of Words");
  return found;
}
