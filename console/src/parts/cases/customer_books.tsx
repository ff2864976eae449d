// What one customer used, request by request, and their journal, entry by entry.
import { Link } from "wouter";
import type { JournalEntry, WholeAccount } from "../../api/office_shapes";
import type { UsageRequest } from "../../api/shapes";
import { useWords } from "../../words/words";
import { Code, Figure, PagedTable, Section, useRead } from "../office";
import { Data, Empty } from "../states";

interface Usage {
  total: { requests: number; input: number; cached: number; cache_write_5m: number; cache_write_1h: number; output: number; list_value: Record<string, string>; costs: { currency: string; cost: string; margin: string | null }[] };
  requests: (UsageRequest & { cost: { cost: string; currency: string } | null })[];
  next: string | null;
}

export function CustomerUsage({ account }: { account: WholeAccount }) {
  const { t, instant, number, amount, money, told } = useWords();
  const usage = useRead<Usage>(`/accounts/${account.id}/usage`, { days: 30, limit: 1 });
  return (
    <div className="stack" style={{ gap: 28 }}>
      <Section title={t("booksOf.month")}>
        <Data query={usage} height={96}>
          {({ total }) => (
            <div className="figures">
              <Figure label={t("usage.requests")}>{number(total.requests)}</Figure>
              <Figure label={t("usage.tokens")}>{number(total.input + total.cached + total.cache_write_5m + total.cache_write_1h + total.output)}</Figure>
              <Figure label={t("usage.value")}>{Object.entries(total.list_value).map(([currency, value]) => money(value, currency)).join(" + ") || "0"}</Figure>
              <Figure label={t("booksOf.cost")}>{total.costs.length ? total.costs.map((each) => money(each.cost, each.currency)).join(" + ") : "—"}</Figure>
            </div>
          )}
        </Data>
      </Section>
      <Section title={t("requests.title")}>
        <PagedTable<Usage["requests"][number], Usage>
          label={t("requests.title")} path={`/accounts/${account.id}/usage`} by="before" query={{ limit: 50 }} rows={(page) => page.requests} id={(row) => row.request}
          empty={<Empty title={t("booksOf.noRequests")}>{t("booksOf.noRequestsText")}</Empty>}
          columns={[
            { title: t("requests.at"), cell: (row) => <Link href={`/console/office/requests/${row.request}`}>{instant(row.at, "second")}</Link> },
            { title: t("requests.model"), cell: (row) => row.model },
            { title: t("requests.tool"), cell: (row) => row.client ? told("client", row.client) : "—" },
            { title: t("requests.tokens"), cell: (row) => number(row.usage.input + row.usage.cached + row.usage.cache_write_5m + row.usage.cache_write_1h + row.usage.output), num: true },
            { title: t("requests.paid"), cell: (row) => (row.drawn.length ? row.drawn.map((drawn) => <div key={drawn.source + (drawn.pool ?? "")}>{amount(drawn.amount, drawn.unit)} <span className="quiet small">{drawn.source}</span></div>) : "0"), num: true },
            { title: t("requests.outcome"), cell: (row) => `${told("outcome", row.outcome)}${row.estimated ? ` (${t("requests.estimated")})` : ""}` },
          ]}
        />
      </Section>
    </div>
  );
}

export function CustomerJournal({ account }: { account: WholeAccount }) {
  const { t, instant, amount, told } = useWords();
  return (
    <Section title={t("booksOf.journal")} about={t("booksOf.journalText", { count: account.entries })}>
      <PagedTable<JournalEntry, { entries: JournalEntry[]; next: number | null }>
        label={t("booksOf.journal")} path={`/accounts/${account.id}/ledger`} by="before" query={{ limit: 50 }} rows={(page) => page.entries} id={(row) => String(row.seq)}
        empty={<Empty title={t("booksOf.noEntries")} />}
        columns={[
          { title: "#", cell: (row) => row.seq, num: true },
          { title: t("requests.at"), cell: (row) => instant(row.at, "second") },
          { title: t("booksOf.kind"), cell: (row) => told("entry", row.kind) },
          { title: t("booksOf.about"), cell: (row) => (row.about?.startsWith("req_") ? <Link href={`/console/office/requests/${row.about}`}><Code>{row.about}</Code></Link> : row.about ? <Code>{row.about}</Code> : "—") },
          { title: t("booksOf.postings"), cell: (row) => (row.postings.length ? row.postings.map((posting, place) => <div key={place} className="row between" style={{ gap: "0 16px" }}><Code>{posting.ledger}</Code><span className="figure" style={{ whiteSpace: "nowrap", marginLeft: "auto" }}>{amount(posting.amount, posting.unit)}</span></div>) : "—") },
        ]}
      />
    </Section>
  );
}
