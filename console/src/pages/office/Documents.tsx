// What was issued: invoices and credit notes of every customer, who sells, and statements of balances.
import "../../parts/books.css";
import { Anchor, SegmentedControl, Select } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client";
import type { Paper, Seller, Statement } from "../../api/books";
import { AccountChoice } from "../../parts/AccountChoice";
import { Act, Code, CustomerLink, Figure, Filters, Section, Table, useFilter, useMay, useRead } from "../../parts/office";
import { Data, Empty, Head } from "../../parts/states";
import { useWords } from "../../words/words";
import { sumsOf } from "./sums";

const DAYS = ["31", "92", "366"];

export default function Documents() {
  const { t } = useWords();
  const [filter, set] = useFilter("days", "kind", "find");
  const days = filter.days || "31";
  const papers = useRead<{ documents: Paper[] }>("/documents", { days });
  return (
    <>
      <Head title="documents.title" about="documents.about">
        <SegmentedControl aria-label={t("books.days")} value={days} onChange={(chosen) => set({ days: chosen })} data={DAYS.map((value) => ({ value, label: t("books.last", { days: value }) }))} />
      </Head>
      <div className="stack" style={{ gap: 36 }}>
        <Data query={papers} height={420}>{(data) => <Issued rows={data.documents} filter={filter} set={set} />}</Data>
        <StatementOf />
        <Sellers />
      </div>
    </>
  );
}

type Set = (part: Partial<Record<"days" | "kind" | "find", string>>) => void;

function Issued({ rows, filter, set }: { rows: Paper[]; filter: Record<"days" | "kind" | "find", string>; set: Set }) {
  const { t, told, money, instant, number } = useWords();
  const find = filter.find.toLowerCase();
  const found = rows.filter((row) => (!filter.kind || row.kind === filter.kind) && (!find || `${row.number} ${row.name} ${row.account} ${row.title} ${row.order ?? ""}`.toLowerCase().includes(find)));
  const of = (kind: string) => sumsOf(found.filter((row) => row.kind === kind).map((row) => [row.currency, row.total]));
  const shown = (kind: string) => Object.entries(of(kind)).map(([currency, sum]) => <div key={currency}>{money(sum, currency)}</div>);
  const count = (kind: string) => t("documents.count", { count: number(found.filter((row) => row.kind === kind).length) });
  return (
    <div className="stack">
      <div className="figures two">
        <Figure label={t("documents.sumInvoices")} about={count("invoice")}>{found.some((row) => row.kind === "invoice") ? shown("invoice") : "—"}</Figure>
        <Figure label={t("documents.sumNotes")} about={count("credit_note")}>{found.some((row) => row.kind === "credit_note") ? shown("credit_note") : "—"}</Figure>
      </div>
      <Filters values={filter} set={set} filters={[{ name: "find", label: "books.search" }, { name: "kind", label: "documents.kind", options: ["invoice", "credit_note"].map((value) => ({ value, label: told("docKind", value) })) }]} />
      {found.length ? (
        <Table
          label={t("documents.list")} rows={found} id={(row) => row.number}
          columns={[
            { title: t("documents.number"), cell: (row) => <><Code>{row.number}</Code><div className="quiet small">{told("docKind", row.kind)}{row.corrects && ` · ${t("documents.corrects", { number: row.corrects })}`}</div></> },
            { title: t("documents.issued"), cell: (row) => instant(row.issued_at, "day") },
            { title: t("books.customer"), cell: (row) => <CustomerLink account={row.account} name={row.name} /> },
            { title: t("documents.title2"), cell: (row) => row.title },
            { title: t("documents.total"), num: true, cell: (row) => money(row.total, row.currency) },
            { title: t("documents.pdf"), cell: (row) => <Files row={row} /> },
          ]}
        />
      ) : <Empty title={t("documents.none")}>{t("documents.noneText")}</Empty>}
    </div>
  );
}

function Files({ row }: { row: Paper }) {
  const { t } = useWords();
  const file = (language: string) => api.file(`/accounts/${row.account}/documents/${row.number}/pdf`, { language });
  return (
    <span className="row small" style={{ gap: 10, flexWrap: "nowrap" }}>
      <Anchor inherit href={file("en")} download aria-label={`${t("documents.pdfOf", { number: row.number })}, English`}>{t("documents.pdfEn")}</Anchor>
      <Anchor inherit href={file("zh")} download aria-label={`${t("documents.pdfOf", { number: row.number })}, 中文`}>{t("documents.pdfZh")}</Anchor>
    </span>
  );
}

interface Standing { subscriptions: { plan: string; wallet: boolean }[] }

function StatementOf() {
  const { t } = useWords();
  const may = useMay("get_statement");
  const [account, setAccount] = useState("");
  const [wallet, setWallet] = useState<string | null>(null);
  const standing = useRead<Standing>(`/accounts/${account}`, {}, { enabled: account !== "" });
  const wallets = standing.data?.subscriptions.filter((one) => one.wallet).map((one) => one.plan) ?? [];
  const chosen = wallet && wallets.includes(wallet) ? wallet : wallets[0] ?? null;
  if (!may) return null;
  return (
    <Section title={t("documents.statement")} about={t("documents.statementAbout")}>
      <div className="filters">
        <AccountChoice value={account} set={(next) => { setAccount(next); setWallet(null); }} />
        <Select label={t("documents.wallet")} data={wallets} value={chosen} onChange={setWallet} disabled={!wallets.length} allowDeselect={false} />
      </div>
      {!account ? <p className="quiet small" style={{ margin: 0 }}>{t("documents.chooseFirst")}</p> : standing.data && !chosen ? <Empty title={t("documents.noWallet")} /> : chosen && <Lines account={account} plan={chosen} />}
    </Section>
  );
}

function Lines({ account, plan }: { account: string; plan: string }) {
  const { t, told, money, instant } = useWords();
  const statement = useRead<Statement>(`/accounts/${account}/statement`, { plan });
  return (
    <Data query={statement}>
      {(data) => (
        <div className="stack">
          {data.pools.map((pool) => (
            <div key={pool.pool} className="stack">
              <div className="row between">
                <div className="facts" style={{ flex: 1 }}>
                  {([["documents.opening", pool.opening.amount], ["documents.in", pool.in], ["documents.out", pool.out], ["documents.closing", pool.closing.amount]] as const).map(([label, sum]) => (
                    <div key={label}><div className="quiet small">{t(label)}</div><strong className="figure">{money(sum, pool.currency)}</strong></div>
                  ))}
                </div>
                <Anchor href={api.file(`/accounts/${account}/statement.csv`, { plan })} download className="small">CSV</Anchor>
              </div>
              {pool.lines.length ? (
                <Table
                  label={t("documents.statement")} rows={pool.lines.map((line, place) => ({ ...line, place }))} id={(line) => String(line.place)}
                  columns={[
                    { title: t("books.when"), cell: (line) => instant(line.at, line.kind === "use" ? "day" : "minute") },
                    { title: t("documents.line"), cell: (line) => <>{told("lineKind", line.kind)}{line.about && <div className="quiet small">{line.about}</div>}</> },
                    { title: t("ledger.amount"), num: true, cell: (line) => money(line.amount, pool.currency) },
                    { title: t("documents.after"), num: true, cell: (line) => money(line.balance, pool.currency) },
                  ]}
                />
              ) : <p className="quiet">{t("documents.noLines")}</p>}
            </div>
          ))}
        </div>
      )}
    </Data>
  );
}

function Sellers() {
  const { t, instant, number } = useWords();
  const sellers = useRead<{ sellers: Seller[] }>("/seller");
  const now = sellers.data?.sellers.at(-1);
  return (
    <Section
      title={t("documents.seller")} about={t("documents.sellerAbout")}
      acts={sellers.data && <Act
        key={now?.from ?? "none"} operation="set_seller" label="documents.setSeller" path="/seller" sure={t("documents.sellerSure")}
        fields={[
          { name: "name", label: "documents.name", required: true, initial: now?.name ?? "" },
          { name: "address", label: "documents.address", about: "documents.addressAbout", kind: "lines", initial: now?.address.join("\n") ?? "" },
          { name: "tax_number", label: "documents.taxNumber", initial: now?.tax_number ?? "" },
          { name: "tax", label: "documents.tax", about: "documents.taxAbout", initial: now?.tax ?? "" },
          { name: "rate", label: "documents.rate", about: "documents.rateAbout", kind: "amount", initial: now?.rate ?? "" },
        ]}
      />}
    >
      <Data query={sellers} height={120}>
        {(data) => data.sellers.length ? (
          <Table
            label={t("documents.seller")} rows={[...data.sellers].reverse()} id={(row) => row.from ?? row.name}
            columns={[
              { title: t("books.from"), cell: (row) => instant(row.from, "day") },
              { title: t("documents.name"), cell: (row) => <>{row.name}<div className="quiet small">{row.address.join(", ")}</div></> },
              { title: t("documents.taxNumber"), cell: (row) => row.tax_number || "—" },
              { title: t("documents.tax"), cell: (row) => row.tax ? `${row.tax} ${number(Number(row.rate ?? 0) * 100)}%` : "—" },
            ]}
          />
        ) : <Empty title={t("documents.noSeller")}>{t("documents.noSellerText")}</Empty>}
      </Data>
    </Section>
  );
}
