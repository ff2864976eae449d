// What the operator's pages are built of: their words, their data, tables, pages by key, and acts that are confirmed.
import { Alert, Badge, Button, CopyButton, Modal, NumberInput, Select, Skeleton, Switch, TextInput, Textarea } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type ReactNode } from "react";
import { Link } from "wouter";
import { api, Failure } from "../api/client";
import { useSession } from "../api/session";
import { OFFICE, type OfficeWord } from "../words/office";
import { useWords } from "../words/words";
import { Empty, Trouble, reason } from "./states";

export function useOfficeWords() {
  const { language } = useWords();
  return (word: OfficeWord, values: Record<string, string | number> = {}): string =>
    OFFICE[word][language === "zh" ? 1 : 0].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** The word for a value that the server told, or the value itself. */
export function useTold() {
  const o = useOfficeWords();
  return (group: string, value: string): string => {
    const word = `${group}.${value}`;
    return word in OFFICE ? o(word as OfficeWord) : value.replaceAll("_", " ");
  };
}

type Query = Record<string, string | number | null | undefined>;

export function useRead<T>(path: string, query: Query = {}, options: { enabled?: boolean; refetchInterval?: number } = {}) {
  return useQuery({ queryKey: ["office", path, query], queryFn: () => api.get<T>(path, query), ...options });
}

export function useMay(operation: string): boolean {
  return Boolean(useSession().data?.may.includes(operation));
}

export interface Column<R> {
  title: string;
  cell: (row: R) => ReactNode;
  num?: boolean;
}

export function Table<R>({ label, columns, rows, id }: { label: string; columns: Column<R>[]; rows: readonly R[]; id: (row: R) => string }) {
  return (
    <div className="paper flush scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="rows cards">
        <thead><tr>{columns.map((column) => <th key={column.title} className={column.num ? "num" : undefined}>{column.title}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)}>
              {columns.map((column) => <td key={column.title} data-label={column.title} className={column.num ? "num" : undefined}>{column.cell(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface Paged<R, P> {
  label: string;
  path: string;
  query?: Query;
  /** The parameter that takes what `next` of the page before says. */
  by?: string;
  rows: (page: P) => readonly R[];
  columns: Column<R>[];
  id: (row: R) => string;
  empty: OfficeWord;
  about?: OfficeWord;
  refetchInterval?: number;
}

/** A list of which the server gives one page after another. */
export function PagedTable<R, P extends { next?: string | number | null }>({ label, path, query = {}, by = "after", rows, columns, id, empty, about }: Paged<R, P>) {
  const o = useOfficeWords();
  const pages = useInfiniteQuery({
    queryKey: ["office", path, query],
    queryFn: ({ pageParam }) => api.get<P>(path, { ...query, [by]: pageParam }),
    initialPageParam: "" as string | number,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  if (pages.isPending) return <Skeleton height={240} radius="md" aria-busy="true" />;
  if (pages.isError) return <Trouble problem={pages.error} again={() => void pages.refetch()} />;
  const found = pages.data.pages.flatMap((page) => rows(page));
  return (
    <div className="stack">
      {found.length ? <Table label={label} columns={columns} rows={found} id={id} /> : <Empty title={o(empty)}>{about ? o(about) : null}</Empty>}
      {pages.hasNextPage && (
        <div className="row" style={{ justifyContent: "center" }}>
          <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>{o("more")}</Button>
        </div>
      )}
    </div>
  );
}

export interface Field {
  name: string;
  label: OfficeWord;
  kind?: "text" | "whole" | "switch" | "choice" | "instant" | "list";
  choices?: { value: string; label: string }[];
  required?: boolean;
  initial?: string;
}

export interface ActProps {
  /** The operation that the role must have; without it nothing is shown. */
  operation: string;
  label: OfficeWord;
  path: string;
  method?: "POST" | "DELETE";
  fields?: Field[];
  fixed?: Record<string, unknown>;
  /** What it does, in a sentence, before it is done. */
  sure: OfficeWord;
  danger?: boolean;
  main?: boolean;
  of?: string;
  /** What is shown once of the answer: a secret, a link, a code. */
  once?: (answer: Record<string, unknown>) => string | undefined;
  /** More of the answer, shown after the act. */
  told?: (answer: Record<string, unknown>) => ReactNode;
}

function bodyOf(fields: Field[], values: Record<string, string>, fixed: Record<string, unknown>): Record<string, unknown> {
  const body: Record<string, unknown> = { ...fixed };
  for (const field of fields) {
    const value = (values[field.name] ?? field.initial ?? "").trim();
    if (field.kind === "switch") body[field.name] = value === "true";
    else if (value === "") continue;
    else if (field.kind === "whole") body[field.name] = Number(value);
    else if (field.kind === "instant") body[field.name] = new Date(value).toISOString().replace(".000", "");
    else if (field.kind === "list") body[field.name] = value.split(/[\s,，]+/).filter(Boolean);
    else body[field.name] = value;
  }
  return body;
}

/** A button and, behind it, what is asked, what it does, and how it went. Rows of what was done stand in the audit log. */
export function Act(props: ActProps) {
  const [opened, setOpened] = useState(false);
  const may = useMay(props.operation);
  const o = useOfficeWords();
  const { t } = useWords();
  if (!may) return null;
  const look = props.main ? {} : props.danger ? { variant: "light", color: "red" } : { variant: "default" };
  return (
    <>
      <Button size={props.main ? "sm" : "xs"} {...look} onClick={() => setOpened(true)} aria-label={props.of ? `${o(props.label)}: ${props.of}` : undefined} data-act={props.operation}>{o(props.label)}</Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={o(props.label)} closeButtonProps={{ "aria-label": t("frame.close") }}>
        <ActForm {...props} close={() => setOpened(false)} />
      </Modal>
    </>
  );
}

function ActForm({ path, method = "POST", fields = [], fixed = {}, sure, danger, label, once, told, close }: ActProps & { close: () => void }) {
  const o = useOfficeWords();
  const speech = useWords();
  const data = useQueryClient();
  const session = useSession();
  const kept = useRef({ body: "", key: "" });
  const [values, setValues] = useState<Record<string, string>>({});
  const act = useMutation<Record<string, unknown>, Error>({
    mutationFn: () => {
      const body = bodyOf(fields, values, fixed);
      const text = JSON.stringify(body);
      if (kept.current.body !== text) kept.current = { body: text, key: crypto.randomUUID() };
      return method === "DELETE" ? api.remove(path) : api.post(path, body, kept.current.key);
    },
    onSuccess: () => {
      kept.current = { body: "", key: "" };
      void data.invalidateQueries({ queryKey: ["office"] });
    },
  });
  if (act.data) {
    const secret = once?.(act.data);
    return (
      <div className="stack">
        <Alert color="gate" role="status">{o("act.done", { who: session.data?.user?.email ?? "" })}</Alert>
        {secret && <Once secret={secret} />}
        {told?.(act.data)}
        <Button onClick={close}>{o("act.close")}</Button>
      </div>
    );
  }
  const missing = fields.some((field) => field.required && !(values[field.name] ?? field.initial ?? "").trim());
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); act.mutate(); }}>
      <p className="quiet" style={{ margin: 0 }}>{o(sure)}</p>
      {fields.map((field) => <Asked key={field.name} field={field} value={values[field.name] ?? field.initial ?? ""} set={(value) => setValues((before) => ({ ...before, [field.name]: value }))} />)}
      {act.error && <Alert color="red" role="alert">{reason(act.error, speech)}{act.error instanceof Failure && <> <span className="quiet small">({act.error.code})</span></>}</Alert>}
      <div className="row">
        <Button type="submit" loading={act.isPending} disabled={missing} {...(danger ? { color: "red.9" } : {})}>{o("act.confirm", { what: o(label) })}</Button>
        <Button variant="default" onClick={close}>{o("act.back")}</Button>
      </div>
    </form>
  );
}

function Asked({ field, value, set }: { field: Field; value: string; set: (value: string) => void }) {
  const o = useOfficeWords();
  const common = { label: o(field.label), required: Boolean(field.required) };
  if (field.kind === "switch") return <Switch label={common.label} checked={value === "true"} onChange={(event) => set(String(event.currentTarget.checked))} />;
  if (field.kind === "choice") return <Select {...common} data={field.choices ?? []} value={value || null} onChange={(chosen) => set(chosen ?? "")} clearable={!field.required} clearButtonProps={{ "aria-label": o("clear") }} />;
  if (field.kind === "whole") return <NumberInput {...common} value={value} onChange={(given) => set(String(given))} allowDecimal={false} hideControls />;
  if (field.kind === "instant") return <TextInput {...common} type="datetime-local" value={value} onChange={(event) => set(event.currentTarget.value)} />;
  if (["reason", "note"].includes(field.name)) return <Textarea {...common} value={value} onChange={(event) => set(event.currentTarget.value)} autosize minRows={2} />;
  return <TextInput {...common} value={value} onChange={(event) => set(event.currentTarget.value)} />;
}

export function Once({ secret }: { secret: string }) {
  const o = useOfficeWords();
  const { t } = useWords();
  return (
    <div className="stack">
      <strong>{o("act.once")}</strong>
      <pre className="code" data-testid="secret" tabIndex={0} aria-label={o("act.once")}>{secret}</pre>
      <CopyButton value={secret}>{({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{t(copied ? "copied" : "copy")}</Button>}</CopyButton>
    </div>
  );
}

const GOOD = ["well", "done", "paid", "succeeded", "ok", "given", "moves", "has", "settled", "dismissed"];
const BAD = ["resting", "failed", "review", "in_doubt", "confirmed", "refund_failed", "ends", "restrict"];

/** A state, coloured by whether somebody should look at it. */
export function State({ group, value }: { group: string; value: string }) {
  const told = useTold();
  return <Badge variant="light" radius="sm" tt="none" color={GOOD.includes(value) ? "gate" : BAD.includes(value) ? "red" : "gray"}>{told(group, value)}</Badge>;
}

export function Customer({ account, name }: { account: string; name?: string }) {
  return <Link href={`/console/office/customers/${account}`}>{name || account}</Link>;
}

/** A section of a page with its heading and acts. */
export function Section({ title, acts, children }: { title: string; acts?: ReactNode; children: ReactNode }) {
  return (
    <section className="stack" style={{ gap: 10 }}>
      <div className="row between"><h2 style={{ margin: 0, fontSize: "1.1rem" }}>{title}</h2>{acts && <div className="row">{acts}</div>}</div>
      {children}
    </section>
  );
}

export function Figure({ label, children, about }: { label: string; children: ReactNode; about?: ReactNode }) {
  return (
    <div className="paper">
      <div className="quiet small">{label}</div>
      <div className="big">{children}</div>
      {about && <div className="quiet small">{about}</div>}
    </div>
  );
}
