// Requests of the account, newest first, page by page.
import { Button, Select, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api } from "../api/client";
import { useAccount } from "../api/live";
import type { UsageRequest } from "../api/shapes";
import { Empty, Head, PageSkeleton, Trouble } from "../parts/states";
import { useWords } from "../words/words";

interface Page {
  requests: UsageRequest[];
  next: string | null;
}

export default function Requests() {
  const { t, told } = useWords();
  const [filter, setFilter] = useState({ day: "", model: "", key: "", outcome: "" });
  const account = useAccount();
  const pages = useInfiniteQuery({
    queryKey: ["me", "requests", filter],
    queryFn: ({ pageParam }) => api.get<Page>("/me/requests", { ...filter, before: pageParam, limit: 50 }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = pages.data?.pages.flatMap((page) => page.requests) ?? [];
  const set = (part: Partial<typeof filter>) => setFilter({ ...filter, ...part });
  const keys = account.data?.keys.map((key) => ({ value: key.id, label: key.name || key.prefix })) ?? [];
  const outcomes = ["ok", "client_gone", "upstream_error"].map((value) => ({ value, label: told("outcome", value) }));
  return (
    <>
      <Head title="requests.title" about="requests.about" />
      <form className="grid" style={{ marginBottom: 16, gridTemplateColumns: "repeat(auto-fit, minmax(160px, 1fr))" }} onSubmit={(event) => event.preventDefault()}>
        <TextInput type="date" label={t("requests.day")} value={filter.day} onChange={(event) => set({ day: event.currentTarget.value })} />
        <TextInput label={t("requests.model")} value={filter.model} onChange={(event) => set({ model: event.currentTarget.value })} />
        <Select label={t("requests.key")} data={keys} value={filter.key || null} onChange={(value) => set({ key: value ?? "" })} clearable clearButtonProps={{ "aria-label": t("requests.clear") }} />
        <Select label={t("requests.outcome")} data={outcomes} value={filter.outcome || null} onChange={(value) => set({ outcome: value ?? "" })} clearable clearButtonProps={{ "aria-label": t("requests.clear") }} />
      </form>
      {pages.isPending ? <PageSkeleton /> : pages.isError ? <Trouble problem={pages.error} again={() => void pages.refetch()} /> : rows.length ? <Rows rows={rows} /> : <Empty title={t("requests.none")}><Link href="/console/setup">{t("requests.noneText")}</Link></Empty>}
      {pages.hasNextPage && (
        <div className="row" style={{ justifyContent: "center", marginTop: 16 }}>
          <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>{t("requests.more")}</Button>
        </div>
      )}
    </>
  );
}

function Rows({ rows }: { rows: UsageRequest[] }) {
  const { t, instant, number, amount, told } = useWords();
  return (
    <div className="paper flush scroll" tabIndex={0} role="region" aria-label={t("requests.title")}>
      <table className="rows cards">
        <thead>
          <tr><th>{t("requests.at")}</th><th>{t("requests.model")}</th><th>{t("requests.tool")}</th><th className="num">{t("requests.tokens")}</th><th className="num">{t("requests.paid")}</th><th>{t("requests.outcome")}</th></tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.request}>
              <td data-label={t("requests.at")}><Link href={`/console/requests/${row.request}`}>{instant(row.at, "second")}</Link></td>
              <td data-label={t("requests.model")}>{row.model}</td>
              <td data-label={t("requests.tool")}>{row.client ? told("client", row.client) : "—"}</td>
              <td className="num" data-label={t("requests.tokens")}>{number(row.usage.input + row.usage.cached + row.usage.cache_write_5m + row.usage.cache_write_1h + row.usage.output)}</td>
              <td className="num" data-label={t("requests.paid")}>{row.drawn.length ? row.drawn.map((drawn) => <div key={drawn.source + (drawn.pool ?? "")}>{amount(drawn.amount, drawn.unit)}</div>) : "0"}</td>
              <td data-label={t("requests.outcome")}>{told("outcome", row.outcome)}{row.estimated ? ` (${t("requests.estimated")})` : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
