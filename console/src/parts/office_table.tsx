// Tables of the operator's pages: rows that become cards on a phone, page after page, and filters kept in the address.
import { Select, TextInput } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import { useSearchParams } from "wouter";
import { useWords, type Word } from "../words/words";
import { Pages, type Paging } from "./office_pages";

export interface Column<R> {
  title: string;
  cell: (row: R) => ReactNode;
  /** Figures: to the right, digits below each other. */
  num?: boolean;
}

interface Rows<R> {
  label: string;
  columns: Column<R>[];
  rows: readonly R[];
  id: (row: R) => string;
}

export function Table<R>({ label, columns, rows, id }: Rows<R>) {
  return (
    <div className="paper flush scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="rows cards">
        <thead><tr>{columns.map((column) => <th key={column.title} className={column.num ? "num" : undefined}>{column.title}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)} data-row={id(row)}>
              {columns.map((column) => <td key={column.title} data-label={column.title} className={column.num ? "num" : undefined}><div className="cell">{column.cell(row)}</div></td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface Paged<R, P> extends Omit<Rows<R>, "rows">, Paging<R, P> {}

/** A table of which the server gives one page after another. */
export function PagedTable<R, P extends { next?: string | number | null }>({ label, columns, id, ...paging }: Paged<R, P>) {
  return <Pages<R, P> {...paging}>{(rows) => <Table label={label} columns={columns} id={id} rows={rows} />}</Pages>;
}

/** A filter that stands in the address, so that a view can be sent to somebody and the way back finds it. */
export function useFilter<N extends string>(...names: N[]): [Record<N, string>, (part: Partial<Record<N, string>>) => void] {
  const [search, change] = useSearchParams();
  const filter = Object.fromEntries(names.map((name) => [name, search.get(name) ?? ""])) as Record<N, string>;
  const set = (part: Partial<Record<N, string>>) =>
    change((before) => {
      const after = new URLSearchParams(before);
      for (const [name, value] of Object.entries<string | undefined>(part)) {
        if (value) after.set(name, value);
        else after.delete(name);
      }
      return after;
    }, { replace: true });
  return [filter, set];
}

export interface Filter<N extends string> {
  name: N;
  label: Word;
  /** A choice where there are options, else a text, taken over when the typing rests. */
  options?: { value: string; label: string }[];
  kind?: "text" | "date";
  placeholder?: string;
}

export function Filters<N extends string>({ filters, values, set }: { filters: Filter<N>[]; values: Record<N, string>; set: (part: Partial<Record<N, string>>) => void }) {
  const { t } = useWords();
  const given = (name: N, value: string) => set({ [name]: value } as Partial<Record<N, string>>);
  return (
    <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      {filters.map(({ name, label, options, kind, placeholder }) => options ? (
        <Select key={name} label={t(label)} data={options} value={values[name] || null} onChange={(value) => given(name, value ?? "")} placeholder={placeholder ?? t("filter.all")} clearable clearButtonProps={{ "aria-label": t("filter.clear") }} />
      ) : (
        <Typed key={name} label={t(label)} kind={kind ?? "text"} placeholder={placeholder} value={values[name]} set={(value) => given(name, value)} />
      ))}
    </form>
  );
}

function Typed({ label, kind, placeholder, value, set }: { label: string; kind: string; placeholder: string | undefined; value: string; set: (value: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const rest = setTimeout(() => set(text.trim()), 350);
    return () => clearTimeout(rest);
    // Only what is typed starts the wait.
    // eslint-disable-next-line
  }, [text]);
  return <TextInput type={kind} label={label} placeholder={placeholder} value={text} onChange={(event) => setText(event.currentTarget.value)} />;
}
