// What was used and what it was worth: by day as a picture, by model, tool or key as a table; as files too.
import { Anchor, SegmentedControl, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { api } from "../api/client";
import type { Analysis } from "../api/shapes";
import { Data, Empty, Head } from "../parts/states";
import { useWords, type Word } from "../words/words";

const DayChart = lazy(() => import("../parts/DayChart"));
const BY = ["model", "client", "key", "day"] as const;

export default function Usage() {
  const { t } = useWords();
  const [days, setDays] = useState("30");
  const [by, setBy] = useState<string>("model");
  const daily = useAnalysis("day", days);
  const parted = useAnalysis(by, days);
  return (
    <>
      <Head title="usage.title" about="usage.about">
        <SegmentedControl aria-label={t("usage.days")} value={days} onChange={setDays} data={["7", "30", "90"].map((value) => ({ value, label: t("usage.last", { days: value }) }))} />
      </Head>
      <div className="stack">
        <Data query={daily} height={360}>{(data) => <Totals data={data} />}</Data>
        <div className="row between">
          <SegmentedControl aria-label={t("usage.by")} value={by} onChange={setBy} data={BY.map((value) => ({ value, label: t(`usage.by.${value}` as Word) }))} />
          <span className="row small">
            <Anchor href={api.file("/me/analysis.csv", { by, days })} download>CSV</Anchor>
            <Anchor href={api.file("/me/focus.csv", { days })} download>FOCUS</Anchor>
          </span>
        </div>
        <Data query={parted}>{(data) => <Parts data={data} />}</Data>
      </div>
    </>
  );
}

function useAnalysis(by: string, days: string) {
  return useQuery({
    queryKey: ["me", "analysis", by, days],
    queryFn: () => api.get<Analysis>("/me/analysis", { by, days }),
    placeholderData: (before) => (before?.by === by ? before : undefined),
  });
}

function tokensOf(row: Analysis["rows"][number]): number {
  return row.input + row.cached + row.cache_write_5m + row.cache_write_1h + row.output;
}

function Totals({ data }: { data: Analysis }) {
  const { t, number, money } = useWords();
  const currencies = [...new Set(data.rows.flatMap((row) => Object.keys(row.list_value)))];
  const values = currencies.map((currency) => money(String(data.rows.reduce((sum, row) => sum + Number(row.list_value[currency] ?? 0), 0).toFixed(4)), currency));
  const rows = [...data.rows].sort((one, other) => one.name.localeCompare(other.name));
  return (
    <section className="paper stack">
      <div className="grid" style={{ gridTemplateColumns: "repeat(auto-fit, minmax(150px, 1fr))" }}>
        <div><div className="quiet small">{t("usage.requests")}</div><div className="big">{number(rows.reduce((sum, row) => sum + row.requests, 0))}</div></div>
        <div><div className="quiet small">{t("usage.tokens")}</div><div className="big">{number(rows.reduce((sum, row) => sum + tokensOf(row), 0))}</div></div>
        <div><div className="quiet small">{t("usage.value")}</div><div className="big">{values.join(" + ") || "—"}</div></div>
      </div>
      <div className="chart">
        <Suspense fallback={<Skeleton height={280} />}>
          <DayChart days={rows.map((row) => ({ day: row.name, tokens: tokensOf(row) }))} label={t("usage.tokens")} />
        </Suspense>
      </div>
    </section>
  );
}

function Parts({ data }: { data: Analysis }) {
  const { t, number, amount, money } = useWords();
  if (!data.rows.length) return <Empty title={t("usage.none")} />;
  return (
    <div className="paper flush scroll" tabIndex={0} role="region" aria-label={t("usage.title")}>
      <table className="rows cards">
        <thead>
          <tr><th>{t(`usage.by.${data.by}` as Word)}</th><th className="num">{t("usage.requests")}</th><th className="num">{t("class.input")}</th><th className="num">{t("class.cached")}</th><th className="num">{t("class.output")}</th><th className="num">{t("usage.value")}</th><th className="num">{t("requests.paid")}</th></tr>
        </thead>
        <tbody>
          {data.rows.map((row) => (
            <tr key={row.name}>
              <td data-label={t(`usage.by.${data.by}` as Word)}>{row.name || "—"}</td>
              <td className="num" data-label={t("usage.requests")}>{number(row.requests)}</td>
              <td className="num" data-label={t("class.input")}>{number(row.input)}</td>
              <td className="num" data-label={t("class.cached")}>{number(row.cached)}</td>
              <td className="num" data-label={t("class.output")}>{number(row.output)}</td>
              <td className="num" data-label={t("usage.value")}>{Object.entries(row.list_value).map(([currency, value]) => <div key={currency}>{money(value, currency)}</div>)}</td>
              <td className="num" data-label={t("requests.paid")}><div>{row.drawn.map((drawn) => <div key={drawn.source + drawn.unit}>{amount(drawn.amount, drawn.unit)} <span className="quiet">{drawn.source}</span></div>)}</div></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
