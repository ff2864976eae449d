// A plan file in an editor: YAML in colours, and what is wrong told under its line. Comes with the page that needs it.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, WidgetType } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import type { Problem } from "../api/books";

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

interface Editor {
  /** Put in whenever it is another one than the last; what is typed comes by `changed`. */
  text: string;
  changed: (text: string) => void;
  problems: readonly Problem[];
  label: string;
  /** The line to go to; a new object goes there again. */
  place: { line: number } | null;
  readOnly?: boolean;
}

class Told extends WidgetType {
  constructor(private readonly problems: Problem[]) {
    super();
  }

  override eq(other: Told): boolean {
    return JSON.stringify(other.problems) === JSON.stringify(this.problems);
  }

  override toDOM(): HTMLElement {
    const box = document.createElement("div");
    box.className = "cm-told";
    for (const problem of this.problems) {
      const line = box.appendChild(document.createElement("div"));
      line.lang = problem.language;
      line.appendChild(document.createElement("strong")).textContent = `${problem.what}${problem.language === "zh" ? "。" : "."}`;
      line.append(` ${problem.mend}`);
    }
    return box;
  }
}

const tell = StateEffect.define<readonly Problem[]>();

function marked(doc: Text, problems: readonly Problem[]): DecorationSet {
  const lines = new Map<number, Problem[]>();
  for (const problem of problems) {
    const line = Math.min(Math.max(problem.line, 1), doc.lines);
    lines.set(line, [...(lines.get(line) ?? []), problem]);
  }
  const marks = [...lines].flatMap(([number, found]) => {
    const line = doc.line(number);
    return [
      Decoration.line({ class: "cm-wrong" }).range(line.from),
      Decoration.widget({ widget: new Told(found), block: true, side: 1 }).range(line.to),
    ];
  });
  return Decoration.set(marks, true);
}

const told = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, change) => {
    const effect = change.effects.find((one) => one.is(tell));
    return effect ? marked(change.state.doc, effect.value) : marks.map(change.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--code-name)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-text)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-figure)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--code-note)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.labelName, tags.typeName, tags.meta], color: "var(--code-mark)" },
]);

function extensions(label: string, readOnly: boolean, changed: (text: string) => void) {
  return [
    EditorView.cspNonce.of(nonce), lineNumbers(), history(), drawSelection(), indentUnit.of("  "), indentOnInput(), bracketMatching(), highlightActiveLine(), highlightActiveLineGutter(),
    yaml(), syntaxHighlighting(colours), told, EditorView.lineWrapping, EditorState.readOnly.of(readOnly),
    keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
    EditorView.updateListener.of((update) => { if (update.docChanged) changed(update.state.doc.toString()); }),
  ];
}

export default function YamlEditor({ text, changed, problems, label, place, readOnly = false }: Editor) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const tellChange = useRef(changed);
  tellChange.current = changed;
  useEffect(() => {
    if (!holder.current) return;
    const made = new EditorView({ parent: holder.current, doc: text, extensions: extensions(label, readOnly, (next) => tellChange.current(next)) });
    made.scrollDOM.tabIndex = 0;
    view.current = made;
    return () => made.destroy();
    // A text from outside is put in below; the rest stays as long as the editor stands.
    // eslint-disable-next-line
  }, [label, readOnly]);
  useEffect(() => {
    const at = view.current;
    if (at && at.state.doc.toString() !== text) at.dispatch({ changes: { from: 0, to: at.state.doc.length, insert: text } });
  }, [text]);
  useEffect(() => {
    view.current?.dispatch({ effects: tell.of(problems) });
  }, [problems]);
  useEffect(() => {
    const at = view.current;
    if (!at || !place) return;
    const line = at.state.doc.line(Math.min(Math.max(place.line, 1), at.state.doc.lines));
    at.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
    at.focus();
  }, [place]);
  return <div ref={holder} className="yaml" data-testid="editor" />;
}
