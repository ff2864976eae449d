// Revenue, cost and margin: what was invoiced, what use was worth, and what upstreams were paid, by day, model, family, plan.
import "../../parts/books.css";
import { SegmentedControl, Select, Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Link } from "wouter";
import type { Paper, Revenue as Told, Sums } from "../../api/books";
import type { MoneyDay } from "../../parts/MoneyChart";
import { Figure, Table, useFilter, useMay, useRead, type Column } from "../../parts/office";
import { Data, Empty, Head } from "../../parts/states";
import { useWords, type Speech, type Word } from "../../words/words";
import { added, less, sumsOf } from "./sums";

const MoneyChart = lazy(() => import("../../parts/MoneyChart"));
const DAYS = ["7", "30", "90"];
const BY = ["model", "family", "plan", "day"] as const;
type By = (typeof BY)[number];

export default function Revenue() {
  const { t } = useWords();
  const [filter, set] = useFilter("days", "by", "currency");
  const days = filter.days || "30";
  const by = (BY as readonly string[]).includes(filter.by) ? (filter.by as By) : "model";
  const told = useRead<Told>("/revenue", { days });
  const papers = useRead<{ documents: Paper[] }>("/documents", { days }, { enabled: useMay("list_all_documents") });
  return (
    <>
      <Head title="revenue.title" about="revenue.about">
        <SegmentedControl aria-label={t("books.days")} value={days} onChange={(chosen) => set({ days: chosen })} data={DAYS.map((value) => ({ value, label: t("books.last", { days: value }) }))} />
      </Head>
      <Data query={told} height={560}>
        {(data) => (
          <div className="stack" style={{ gap: 24 }}>
            <Totals told={data} papers={papers.data?.documents} />
            {data.total.requests > 0 ? <Used told={data} papers={papers.data?.documents ?? []} by={by} currency={filter.currency} set={set} /> : <Empty title={t("revenue.none")}>{t("revenue.noneText")}</Empty>}
          </div>
        )}
      </Data>
    </>
  );
}

/** Sums of money, one line a currency. */
function Lines({ sums }: { sums: Record<string, string> }) {
  const { money } = useWords();
  const rows = Object.entries(sums);
  if (!rows.length) return <>—</>;
  return <>{rows.map(([currency, sum]) => <div key={currency}>{money(cents(sum), currency)}</div>)}</>;
}

function cents(exact: string): string {
  return Number(exact).toFixed(2);
}

function invoiced(papers: Paper[]): Record<string, string> {
  return sumsOf(papers.map((paper) => [paper.currency, paper.kind === "credit_note" ? less("0", paper.total.replace("-", "")) : paper.total]));
}

function costs(sums: Sums): Record<string, string> {
  return sumsOf(sums.costs.map((cost) => [cost.currency, cost.cost]));
}

function margins(sums: Sums): Record<string, string> {
  return sumsOf(sums.costs.filter((cost) => cost.margin !== null).map((cost) => [cost.currency, cost.margin ?? "0"]));
}

/** The margin as a share of the list value of the same requests, in percent; null where no cost is known. */
function share(sums: Sums): number | null {
  const known = sums.costs.filter((cost) => cost.margin !== null);
  const value = known.reduce((sum, cost) => sum + Number(cost.list_value), 0);
  return value ? (known.reduce((sum, cost) => sum + Number(cost.margin), 0) / value) * 100 : null;
}

function Totals({ told, papers }: { told: Told; papers: Paper[] | undefined }) {
  const { t, number } = useWords();
  const { total } = told;
  const part = share(total);
  return (
    <div className="figures">
      <Figure label={t("revenue.invoiced")} about={papers ? t("revenue.invoicedAbout", { count: number(papers.filter((one) => one.kind === "invoice").length) }) : "…"} to="/console/office/documents">{papers ? <Lines sums={invoiced(papers)} /> : "…"}</Figure>
      <Figure label={t("revenue.value")} about={t("revenue.valueAbout", { count: number(total.requests), accounts: number(told.accounts) })}><Lines sums={total.list_value} /></Figure>
      <Figure label={t("revenue.cost")} about={total.costs.length ? t("revenue.costAbout") : t("revenue.noCost")}><Lines sums={costs(total)} /></Figure>
      <Figure label={t("revenue.margin")} about={part === null ? "—" : t("revenue.marginAbout", { share: number(part, 1) })}><Lines sums={margins(total)} /></Figure>
    </div>
  );
}

interface Used { told: Told; papers: Paper[]; by: By; currency: string; set: (part: Partial<Record<"days" | "by" | "currency", string>>) => void }

function Used({ told, papers, by, currency, set }: Used) {
  const { t } = useWords();
  const currencies = [...new Set(told.by_day.flatMap((row) => [...Object.keys(row.list_value), ...row.costs.map((cost) => cost.currency)]))].sort();
  const chosen = currencies.includes(currency) ? currency : currencies.includes("USD") ? "USD" : currencies[0] ?? "USD";
  return (
    <>
      <section className="paper stack" aria-label={t("revenue.chart")}>
        <div className="row between" style={{ minHeight: 36 }}>
          <h2 style={{ margin: 0 }}>{t("revenue.chart")}</h2>
          {currencies.length > 1 && <Select aria-label={t("revenue.currency")} data={currencies} value={chosen} onChange={(value) => set({ currency: value ?? "" })} allowDeselect={false} w={110} />}
        </div>
        <div className="chart">
          <Suspense fallback={<Skeleton height={280} />}><MoneyChart days={byDay(told, chosen)} currency={chosen} value={t("revenue.value")} cost={t("revenue.cost")} /></Suspense>
        </div>
      </section>
      <div className="stack">
        <div><SegmentedControl aria-label={t("revenue.by")} value={by} onChange={(value) => set({ by: value })} data={BY.map((value) => ({ value, label: t(`revenue.by.${value}` as Word) }))} /></div>
        {by === "model" || by === "day" ? <ByRow told={told} by={by} /> : <BySource told={told} papers={papers} by={by} />}
      </div>
    </>
  );
}

/** One bar a day from the first day with use to the last, also where nothing was used between. */
function byDay(told: Told, currency: string): MoneyDay[] {
  const days = new Map<string, MoneyDay>();
  const named = [...new Set(told.by_day.map((row) => row.day))].sort();
  const [first, last] = [named[0], named.at(-1)];
  if (!first || !last) return [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10);
    days.set(day, { day: day.slice(5), value: 0, cost: 0 });
  }
  for (const row of told.by_day) {
    const bar = days.get(row.day);
    if (!bar) continue;
    bar.value += Number(row.list_value[currency] ?? 0);
    bar.cost += Number(costs(row)[currency] ?? 0);
  }
  return [...days.values()];
}

function tokens(sums: Sums): number {
  return sums.input + sums.cached + sums.cache_write_5m + sums.cache_write_1h + sums.output;
}

function together(rows: Sums[]): Sums {
  const first = rows[0];
  const many = rows.slice(1).reduce<Sums>((sum, row) => ({
    ...sum, requests: sum.requests + row.requests, input: sum.input + row.input, cached: sum.cached + row.cached, cache_write_5m: sum.cache_write_5m + row.cache_write_5m,
    cache_write_1h: sum.cache_write_1h + row.cache_write_1h, output: sum.output + row.output,
    list_value: sumsOf([...Object.entries(sum.list_value), ...Object.entries(row.list_value)]),
    drawn: [...sum.drawn, ...row.drawn], costs: [...sum.costs, ...row.costs],
  }), first as Sums);
  return many;
}

function grouped<R>(rows: R[], name: (row: R) => string): Map<string, R[]> {
  const groups = new Map<string, R[]>();
  for (const row of rows) groups.set(name(row), [...(groups.get(name(row)) ?? []), row]);
  return groups;
}

function ByRow({ told, by }: { told: Told; by: "model" | "day" }) {
  const { t, number } = useWords();
  const rows = [...grouped(told.by_day, (row) => row[by])].map(([name, days]) => ({ name, sums: together(days) }));
  rows.sort((one, other) => by === "day" ? other.name.localeCompare(one.name) : Number(added(...Object.values(other.sums.list_value))) - Number(added(...Object.values(one.sums.list_value))));
  return <Table label={t(`revenue.by.${by}` as Word)} rows={rows} id={(row) => row.name} columns={[
    { title: t(`revenue.by.${by}` as Word), cell: (row) => row.name },
    { title: t("revenue.requests"), num: true, cell: (row) => number(row.sums.requests) },
    { title: t("revenue.tokens"), num: true, cell: (row) => number(tokens(row.sums)) },
    { title: t("revenue.value"), num: true, cell: (row) => <Lines sums={row.sums.list_value} /> },
    { title: t("revenue.cost"), num: true, cell: (row) => <Lines sums={costs(row.sums)} /> },
    { title: t("revenue.margin"), num: true, cell: (row) => <Lines sums={margins(row.sums)} /> },
    { title: t("revenue.share"), num: true, cell: (row) => { const part = share(row.sums); return part === null ? "—" : `${number(part, 1)}%`; } },
  ]} />;
}

/** The plan that an invoice is for, out of its title: `Pro (agipower/pro)`. */
function planOf(paper: Paper): string {
  return /\(([^()\s]+\/[^()\s@]+)/.exec(paper.title)?.[1] ?? "—";
}

function BySource({ told, papers, by }: { told: Told; papers: Paper[]; by: "family" | "plan" }) {
  const { t } = useWords();
  const speech = useWords();
  const name = (plan: string) => by === "family" ? plan.split("/")[0] ?? plan : plan.split("/").slice(0, 2).join("/");
  const drawn = grouped(told.total.drawn, (row) => name(row.source));
  const sold = grouped(papers, (paper) => name(planOf(paper)));
  const names = [...new Set([...drawn.keys(), ...sold.keys()])].sort();
  const columns: Column<string>[] = [
    { title: t(`revenue.by.${by}` as Word), cell: (row) => by === "plan" && row.includes("/") ? <Link href={`/console/office/plans/${row}`}>{row}</Link> : row },
    { title: t("revenue.sold"), num: true, cell: (row) => <Lines sums={invoiced(sold.get(row) ?? [])} /> },
    { title: t("revenue.drawn"), num: true, cell: (row) => <Drawn rows={drawn.get(row) ?? []} speech={speech} /> },
  ];
  return (
    <>
      <Table label={t(`revenue.by.${by}` as Word)} rows={names} id={(row) => row} columns={columns} />
      <p className="quiet small" style={{ margin: 0, maxWidth: "80ch" }}>{t("revenue.planNote")}</p>
    </>
  );
}

function Drawn({ rows, speech }: { rows: { unit: string; amount: string }[]; speech: Speech }) {
  const sums = Object.entries(sumsOf(rows.map((row) => [row.unit, row.amount])));
  return sums.length ? <>{sums.map(([unit, sum]) => <div key={unit}>{speech.amount(cents(sum), unit)}</div>)}</> : <>—</>;
}
