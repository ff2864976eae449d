// One's own use against every plan: logs dropped here, without their words, or the command on one's own machine.
import { Button, CopyButton, Loader, Select } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState, type DragEvent, type ReactNode } from "react";
import { api, withQuery } from "../api/client";
import { Refused } from "../parts/act";
import { distil, type Distilled, type Found } from "../parts/compare/distil";
import { chosen, dropped } from "../parts/compare/dropped";
import { Report, type Compared } from "../parts/compare/Report";
import { saved } from "../parts/compare/saved";
import { Head } from "../parts/states";
import { useWords } from "../words/words";
import "../parts/compare/drop.css";

const COMMANDS = "faregate logs\nfaregate compare --html report.html";
const LARGEST = 23_000_000;
const CURRENCIES = ["USD", "CNY", "EUR"];

export default function Compare() {
  const { t, language } = useWords();
  const [read, setRead] = useState<Distilled | null>(null);
  const [currency, setCurrency] = useState(language === "zh" ? "CNY" : "USD");
  const compare = useMutation<Compared, Error, Distilled>({
    mutationFn: (made) => {
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
      return api.post<Compared>(withQuery("/comparisons", { currency, zone, language }), { files: made.files });
    },
  });
  const over = () => {
    compare.reset();
    setRead(null);
  };
  return (
    <>
      <Head title="compare.title" about="compare.about">{compare.data && <Button variant="default" onClick={over}>{t("drop.again")}</Button>}</Head>
      <div className="stack">
        {compare.data ? <Report told={compare.data} /> : compare.isPending ? (
          <div className="paper row" role="status" style={{ minHeight: 120, justifyContent: "center" }}><Loader size="sm" />{t("drop.working")}</div>
        ) : read ? (
          <Ready read={read} again={over}>
            <Select label={t("drop.currency")} data={CURRENCIES} value={currency} onChange={(value) => setCurrency(value ?? currency)} allowDeselect={false} w={120} />
            <Button onClick={() => compare.mutate(read)}>{t("drop.compare")}</Button>
          </Ready>
        ) : <Drop done={setRead} />}
        <Refused problem={compare.error} />
        {!compare.data && <Promised />}
        <Own />
      </div>
    </>
  );
}

function Drop({ done }: { done: (read: Distilled) => void }) {
  const { t, number } = useWords();
  const [over, setOver] = useState(false);
  const [bytes, setBytes] = useState<number | null>(null);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = async (found: Found[]) => {
    if (!found.length) return;
    setBytes(0);
    done(await distil(found, setBytes));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void dropped(event.dataTransfer).then(take);
  };
  return (
    <section className="paper drop" data-over={over || undefined} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
      <h2>{t("drop.title")}</h2>
      {bytes === null ? (
        <>
          <p className="quiet">{t("drop.about")}</p>
          <div className="row" style={{ justifyContent: "center" }}>
            <Button onClick={() => folder.current?.click()}>{t("drop.folder")}</Button>
            <Button variant="default" onClick={() => files.current?.click()}>{t("drop.files")}</Button>
          </div>
          <p className="small quiet">{t("drop.hidden")}</p>
        </>
      ) : <p className="row" role="status" style={{ justifyContent: "center" }}><Loader size="sm" />{t("drop.reading", { size: size(bytes, number) })}</p>}
      <input ref={files} type="file" multiple accept=".jsonl" hidden aria-label={t("drop.files")} onChange={(event) => void take(chosen(event.currentTarget.files))} />
      <input ref={(input) => { folder.current = input; input?.setAttribute("webkitdirectory", ""); }} type="file" multiple hidden aria-label={t("drop.folder")} onChange={(event) => void take(chosen(event.currentTarget.files))} />
    </section>
  );
}

function Ready({ read, again, children }: { read: Distilled; again: () => void; children: ReactNode }) {
  const { t, number } = useWords();
  const all = () => read.files.map((file) => file.text).join("");
  const wrong = !read.files.length ? t("drop.none") : !read.requests ? t("drop.noneUsed") : read.sent > LARGEST ? t("drop.large", { size: size(read.sent, number) }) : "";
  return (
    <section className="paper stack" data-testid="ready">
      <div>
        <p style={{ margin: 0 }}>{t("drop.read", { files: number(read.files.length), size: size(read.read, number), requests: number(read.requests) })} {read.others > 0 && t("drop.others", { count: number(read.others) })} <strong>{!wrong && t("drop.send", { size: size(read.sent, number) })}</strong></p>
      </div>
      {wrong ? <p role="alert" style={{ margin: 0, color: "var(--mantine-color-error)" }}>{wrong}</p> : (
        <>
          <details>
            <summary>{t("drop.see")}</summary>
            <p className="small quiet">{t("drop.seeSome")}</p>
            <pre className="code" tabIndex={0} data-testid="sent">{read.files.flatMap((file) => file.text.trimEnd().split("\n").slice(0, 6)).slice(0, 24).join("\n")}</pre>
            <Button mt={8} size="xs" variant="default" onClick={() => saved("what-would-be-sent.jsonl", all(), "application/jsonl")}>{t("drop.keep")}</Button>
          </details>
          <div className="row" style={{ alignItems: "flex-end" }}>{children}<Button variant="subtle" onClick={again}>{t("drop.again")}</Button></div>
        </>
      )}
      {wrong && <div><Button variant="default" onClick={again}>{t("drop.again")}</Button></div>}
    </section>
  );
}

function Promised() {
  const { t } = useWords();
  return (
    <div className="grid wide">
      <section className="paper"><h2 style={{ margin: "0 0 8px" }}>{t("drop.leaves")}</h2><p style={{ margin: 0 }}>{t("drop.leavesText")}</p></section>
      <section className="paper"><h2 style={{ margin: "0 0 8px" }}>{t("drop.stays")}</h2><p style={{ margin: 0 }}>{t("drop.staysText")}</p><p className="small quiet" style={{ margin: "8px 0 0" }}>{t("drop.kept")}</p></section>
    </div>
  );
}

function Own() {
  const { t } = useWords();
  return (
    <div className="grid wide">
      <section className="paper stack">
        <h2 style={{ margin: 0 }}>{t("compare.how")}</h2>
        <pre className="code" tabIndex={0}>{COMMANDS}</pre>
        <p className="small quiet" style={{ margin: 0 }}>{t("compare.local")}</p>
        <div><CopyButton value={COMMANDS}>{({ copied, copy }) => <Button variant="default" size="xs" onClick={copy}>{t(copied ? "copied" : "copy")}</Button>}</CopyButton></div>
      </section>
      <section className="paper stack">
        <h2 style={{ margin: 0 }}>{t("compare.tells")}</h2>
        <ul style={{ margin: 0, paddingLeft: 20 }}><li>{t("compare.one")}</li><li>{t("compare.two")}</li><li>{t("compare.three")}</li></ul>
      </section>
    </div>
  );
}

function size(bytes: number, number: (value: number, digits?: number) => string): string {
  return bytes < 1_000_000 ? `${number(bytes / 1000, 1)} kB` : `${number(bytes / 1_000_000, 1)} MB`;
}
