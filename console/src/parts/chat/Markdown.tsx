// An answer's text as it is meant: Markdown, made safe, code in colours and with a button to copy it. Blocks that are
// done are not made anew while the next one comes in.
import DOMPurify from "dompurify";
import { marked, type Token } from "marked";
import { memo, useLayoutEffect, useMemo, useRef } from "react";
import { useWords } from "../../words/words";

// HTML within Markdown is shown as it is written: only a break is one.
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
marked.use({ gfm: true, breaks: true, renderer: { html: ({ text }) => (/^<br\s*\/?>$/i.test(text.trim()) ? "<br>" : escaped(text)) } });

const CLEAN = {
  ALLOWED_TAGS: ["a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "input", "li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"],
  ALLOWED_ATTR: ["href", "src", "alt", "title", "class", "align", "start", "type", "checked", "disabled"],
  RETURN_DOM_FRAGMENT: true as const,
};

export function Markdown({ text }: { text: string }) {
  const blocks = useMemo(() => marked.lexer(text).filter((token) => token.type !== "space"), [text]);
  return <div className="prose">{blocks.map((token, place) => <Block key={place} raw={token.raw} token={token} />)}</div>;
}

const Block = memo(
  function Block({ token }: { raw: string; token: Token }) {
    const { t } = useWords();
    const place = useRef<HTMLDivElement>(null);
    const words = { copy: t("copy"), copied: t("copied") };
    useLayoutEffect(() => {
      const fragment = DOMPurify.sanitize(marked.parser([token]), CLEAN);
      mend(fragment, words);
      place.current?.replaceChildren(fragment);
      // eslint-disable-next-line
    }, [token, words.copy]);
    return <div ref={place} />;
  },
  (before, after) => before.raw === after.raw,
);

interface Copying {
  copy: string;
  copied: string;
}

function mend(fragment: DocumentFragment, words: Copying): void {
  for (const link of fragment.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
  }
  for (const picture of fragment.querySelectorAll("img")) {
    // What stands elsewhere is not fetched: whoever wrote the answer would learn who reads it, and when.
    if (!picture.src.startsWith("data:image/")) picture.replaceWith(linked(picture));
  }
  for (const box of fragment.querySelectorAll("input")) {
    box.setAttribute("aria-label", box.closest("li")?.textContent?.trim() ?? "");
    box.disabled = true;
  }
  for (const table of fragment.querySelectorAll("table")) framed(table, "table-frame");
  for (const code of fragment.querySelectorAll<HTMLElement>("pre > code")) dressed(code, words);
}

function linked(picture: HTMLImageElement): HTMLElement {
  const link = document.createElement("a");
  link.href = picture.src;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
  link.textContent = picture.alt || picture.src;
  return link;
}

function framed(inner: Element, name: string): HTMLElement {
  const frame = document.createElement("div");
  frame.className = name;
  frame.tabIndex = 0;
  inner.replaceWith(frame);
  frame.append(inner);
  return frame;
}

function dressed(code: HTMLElement, words: Copying): void {
  const language = /language-([\w+#.-]+)/.exec(code.className)?.[1] ?? "";
  const pre = code.parentElement as HTMLElement;
  const frame = framed(pre, "code-frame");
  frame.removeAttribute("tabindex");
  pre.tabIndex = 0;
  const head = document.createElement("div");
  head.className = "code-head";
  const name = document.createElement("span");
  name.textContent = language;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words.copy;
  button.addEventListener("click", () => {
    void navigator.clipboard.writeText(code.textContent ?? "").then(() => {
      button.textContent = words.copied;
      setTimeout(() => (button.textContent = words.copy), 1500);
    });
  });
  head.append(name, button);
  frame.prepend(head);
  if (language) void import("./colours").then(({ colour }) => colour(code, language));
}
