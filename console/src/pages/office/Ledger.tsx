// The books: the trial balance, which is zero in every unit, and the entries of each journal with their postings.
import "../../parts/books.css";
import { Alert, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api } from "../../api/client";
import type { Balance, JournalEntry } from "../../api/books";
import { AccountChoice } from "../../parts/AccountChoice";
import { Filters, PagedTable, Section, useFilter, useMay } from "../../parts/office";
import { Data, Empty, Head } from "../../parts/states";
import { useWords } from "../../words/words";

const KINDS = [
  "open", "hold", "settle", "release", "subscribe", "renew", "end", "cancel", "terms", "grant", "lapse", "refill", "restore", "reset", "switch", "segment",
  "extra_usage", "flag", "review", "order", "order_closed", "attempt", "answered", "payment", "refund", "refund_said", "agreement", "case", "trade",
];

export default function Ledger() {
  const { t } = useWords();
  return (
    <>
      <Head title="ledger.title" about="ledger.about" />
      <div className="stack" style={{ gap: 36 }}>
        <TrialBalance />
        <Section title={t("ledger.explorer")}><Explorer /></Section>
      </div>
    </>
  );
}

function TrialBalance() {
  const { t } = useWords();
  const may = useMay("get_trial_balance");
  const [asked, setAsked] = useState(false);
  const balance = useQuery({ queryKey: ["books", "trial-balance"], queryFn: () => api.get<Balance>("/ledger/trial-balance"), enabled: asked, staleTime: Infinity, refetchOnWindowFocus: false });
  if (!may) return null;
  const draw = () => (asked ? void balance.refetch() : setAsked(true));
  return (
    <Section
      title={t("ledger.balance")} about={t("ledger.balanceAbout")}
      acts={balance.data && <Button size="xs" variant="default" loading={balance.isFetching} onClick={draw}>{t("ledger.drawAgain")}</Button>}
    >
      {asked || balance.data ? <Data query={balance} height={260}>{(data) => <Balanced data={data} />}</Data> : (
        <div className="paper row between">
          <span className="quiet" style={{ maxWidth: "60ch" }}>{t("ledger.drawAbout")}</span>
          <Button onClick={draw}>{t("ledger.draw")}</Button>
        </div>
      )}
    </Section>
  );
}

function Balanced({ data }: { data: Balance }) {
  const { t, told, number, amount } = useWords();
  const units = Object.keys(data.totals);
  return (
    <div className="stack" data-testid="balance">
      <Alert color={data.balanced ? "gate" : "red"} role="status" title={t(data.balanced ? "ledger.balanced" : "ledger.unbalanced")}>
        {t("ledger.entries", { count: number(data.entries) })} · {data.faults ? t("ledger.faults", { count: number(data.faults) }) : t("ledger.noFaults")}
      </Alert>
      <div className="grid">
        {units.map((unit) => (
          <section key={unit} className="paper" aria-label={told("unit", unit)} data-unit={unit}>
            <h3 style={{ margin: "0 0 10px", fontSize: "1rem" }}>{told("unit", unit)}</h3>
            <ul className="points">
              {data.rows.filter((row) => row.unit === unit).map((row) => <li key={row.ledger}><span className="quiet">{told("ledgerName", row.ledger)}</span><span>{number(row.amount, 9)}</span></li>)}
              <li style={{ borderTop: "1px solid var(--line)", paddingTop: 8 }}><strong>{t("ledger.sum")}</strong><span data-total={data.totals[unit]}>{amount(data.totals[unit] ?? "0", unit)}</span></li>
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
}

/** The instant at which a day begins here, `after` days on. */
function dayStart(day: string, after = 0): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const start = new Date(`${day}T00:00:00`);
  start.setDate(start.getDate() + after);
  return start.toISOString();
}

function Explorer() {
  const { t, told, instant } = useWords();
  const [filter, set] = useFilter("account", "kind", "from", "until");
  const kinds = KINDS.map((value) => ({ value, label: told("entryKind", value) }));
  return (
    <div className="stack">
      <div className="ledger-filters">
        <AccountChoice value={filter.account} set={(account) => set({ account })} />
        <Filters
          values={filter} set={set}
          filters={[{ name: "kind", label: "ledger.kind", options: kinds }, { name: "from", label: "books.from", kind: "date" }, { name: "until", label: "books.until", kind: "date" }]}
        />
      </div>
      {filter.account ? (
        <PagedTable<JournalEntry, { entries: JournalEntry[]; next: number | null }>
          label={t("ledger.explorer")} path={`/accounts/${filter.account}/ledger`} by="before"
          query={{ kind: filter.kind, from: dayStart(filter.from), until: dayStart(filter.until, 1) }}
          rows={(page) => page.entries} id={(row) => String(row.seq)}
          empty={<Empty title={t("ledger.none")}>{t("ledger.noneText")}</Empty>}
          columns={[
            { title: t("ledger.entry"), num: true, cell: (row) => row.seq },
            { title: t("books.when"), cell: (row) => instant(row.at, "second") },
            { title: t("ledger.kind"), cell: (row) => told("entryKind", row.kind) },
            { title: t("ledger.regarding"), cell: (row) => <About about={row.about} /> },
            { title: t("ledger.postings"), cell: (row) => <Postings rows={row.postings} /> },
          ]}
        />
      ) : <Empty title={t("ledger.pick")}>{t("ledger.pickText")}</Empty>}
    </div>
  );
}

function About({ about }: { about: string | null }) {
  if (!about) return <span className="quiet">—</span>;
  const place = about.startsWith("req_") ? `requests/${about}` : about.includes("/") ? `plans/${about.split("@")[0]}` : null;
  const text = <code className="small">{about}</code>;
  return place ? <Link href={`/console/office/${place}`}>{text}</Link> : text;
}

function Postings({ rows }: { rows: JournalEntry["postings"] }) {
  const { t, number } = useWords();
  if (!rows.length) return <span className="quiet">{t("ledger.noPostings")}</span>;
  return (
    <ul className="postings">
      {rows.map((row, place) => <li key={place}><code className="small">{row.ledger}</code><span className="figure">{Number(row.amount) > 0 ? "+" : ""}{number(row.amount, 9)} <span className="quiet">{row.unit}</span></span></li>)}
    </ul>
  );
}
