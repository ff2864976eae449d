// Code in colours: loaded with the first code that is shown.
import hljs from "highlight.js/lib/common";

export function colour(code: HTMLElement, language: string): void {
  if (!hljs.getLanguage(language) || code.dataset.highlighted) return;
  code.innerHTML = hljs.highlight(code.textContent ?? "", { language, ignoreIllegals: true }).value;
  code.dataset.highlighted = "yes";
}
