// What the operator's pages are built of: reading, what the role may, sections, figures, states. Tables stand in
// office_table.tsx, acts with their dialogs in office_act.tsx; both come along from here.
import { Anchor, Badge } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { api } from "../api/client";
import { useSession } from "../api/session";
import { useWords, type Word } from "../words/words";

export { Act, Once, linkOf, type Answer, type Field } from "./office_act";
export { Filters, PagedTable, Table, useFilter, type Column, type Filter } from "./office_table";

type Query = Record<string, string | number | null | undefined>;

/** What a GET of the operator API answers; asked again after every act, which ends with ["office"]. */
export function useRead<T>(path: string, query: Query = {}, options: { enabled?: boolean; refetchInterval?: number } = {}) {
  return useQuery({ queryKey: ["office", path, query], queryFn: () => api.get<T>(path, query), ...options });
}

/** Whether the role of who is signed in may carry out an operation of the operator API, by its name. */
export function useMay(operation: string): boolean {
  return Boolean(useSession().data?.may.includes(operation));
}

/** A section of a page with its heading and, at its right, its acts. */
export function Section({ title, about, acts, children }: { title: string; about?: ReactNode; acts?: ReactNode; children: ReactNode }) {
  return (
    <section className="stack" style={{ gap: 12 }} aria-label={title}>
      <div className="row between" style={{ minHeight: 32 }}>
        <h2 style={{ margin: 0 }}>{title}</h2>
        {acts && <div className="row">{acts}</div>}
      </div>
      {about && <p className="quiet small" style={{ margin: "-6px 0 0", maxWidth: "72ch" }}>{about}</p>}
      {children}
    </section>
  );
}

/** One number that matters, with its name above and what it means below. */
export function Figure({ label, children, about, to }: { label: string; children: ReactNode; about?: ReactNode; to?: string }) {
  const card = (
    <>
      <div className="quiet small">{label}</div>
      <div className="big" style={{ margin: "4px 0 2px" }}>{children}</div>
      {about && <div className="quiet small">{about}</div>}
    </>
  );
  return to ? <Link href={to} className="paper figure-card">{card}</Link> : <div className="paper figure-card">{card}</div>;
}

const GOOD = ["well", "done", "paid", "succeeded", "ok", "given", "settled", "active", "published", "won"];
const BAD = ["resting", "failed", "review", "in_doubt", "refund_failed", "restrict", "paid_twice", "dispute", "broken"];
const WATCH = ["on_trial", "open", "waiting", "processing", "slow", "warn", "held", "unpaid_renewal", "unanswered", "refund_outside"];

export function colourOf(value: string): string {
  return GOOD.includes(value) ? "gate" : BAD.includes(value) ? "red" : WATCH.includes(value) ? "orange" : "gray";
}

/** A state in words, coloured by whether somebody should look at it. */
export function State({ group, value }: { group: string; value: string }) {
  const { told } = useWords();
  return <Badge variant="light" color={colourOf(value)} data-state={value}>{told(group, value)}</Badge>;
}

/** Ids, codes and whatever else is read letter by letter. */
export function Code({ children }: { children: ReactNode }) {
  return <code className="small">{children}</code>;
}

export function CustomerLink({ account, name }: { account: string; name?: string | null | undefined }) {
  return <Link href={`/console/office/customers/${account}`}>{name || account}</Link>;
}

/** The way back to the list that a page was opened from. */
export function Back({ to, title }: { to: string; title: Word }) {
  const { t } = useWords();
  return <Anchor component={Link} href={`/console/office${to}`} className="small">← {t(title)}</Anchor>;
}
