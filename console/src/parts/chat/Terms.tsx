// Which model answers and who pays: of this conversation, changeable at any time.
import { SegmentedControl, Select, type SelectProps } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api } from "../../api/client";
import { useWords, type Speech } from "../../words/words";
import type { Billing, Priced } from "./shapes";

export interface Terms {
  model: string;
  billing: Billing;
}

export const MODELS = { queryKey: ["models"], queryFn: () => api.get<{ models: Priced[] }>("/models"), staleTime: 300_000 };
const LIKED = ["claude-sonnet-4.5", "claude-sonnet-4", "gpt-5"];

export function useModels() {
  return useQuery(MODELS);
}

/** The model of who chose none; '' where there is none at all. */
export function usualModel(listed: readonly Priced[]): string {
  const usual = LIKED.map((name) => listed.find((row) => row.model === name || row.model.endsWith(`/${name}`))).find(Boolean) ?? listed[0];
  return usual?.model ?? "";
}

export function TermsChoice({ terms, change }: { terms: Terms; change: (part: Partial<Terms>) => void }) {
  const speech = useWords();
  const { t } = speech;
  const models = useModels();
  const [sought, setSought] = useState("");
  const rows = models.data?.models ?? [];
  const priced = useMemo(() => new Map(rows.map((row) => [row.model, row])), [rows]);
  const names = useMemo(() => namesFor(rows.map((row) => row.model), terms.model, sought.trim()), [rows, terms.model, sought]);
  const option: SelectProps["renderOption"] = ({ option: each }) => (
    <span className="chat-option">
      <span>{each.value}</span>
      <span className="quiet small figure">{briefly(priced.get(each.value), speech)}</span>
    </span>
  );
  return (
    <div className="chat-terms">
      <Select className="chat-model" aria-label={t("chat.chooseModel")} placeholder={t("chat.chooseModel")} searchable data={names} limit={200} value={terms.model || null} onChange={(model) => model && change({ model })} onSearchChange={setSought} renderOption={option} allowDeselect={false} maxDropdownHeight={340} comboboxProps={{ width: 380, position: "bottom-start", shadow: "md" }} nothingFoundMessage={t("chat.noModel")} />
      <SegmentedControl aria-label={t("chat.billing")} value={terms.billing} onChange={(billing) => change({ billing: billing as Billing })} data={[{ value: "plan", label: t("chat.plan") }, { value: "api", label: t("chat.wallet") }]} />
    </div>
  );
}

/** What is chosen, and what is sought, may be none of those that are listed: upstreams may take any name. */
function namesFor(listed: string[], chosen: string, sought: string): string[] {
  const names = new Set(listed);
  if (chosen) names.add(chosen);
  if (sought && !listed.some((name) => name.includes(sought))) names.add(sought);
  return [...names];
}

function briefly(row: Priced | undefined, { t, number }: Speech): string {
  if (!row?.prices) return "";
  return t("chat.brief", { input: number(row.prices.input ?? "0", 4), output: number(row.prices.output ?? "0", 4), currency: row.currency ?? "" });
}

/** The price of a model in full: per million tokens. */
export function PriceLine({ model }: { model: string }) {
  const { t, number } = useWords();
  const row = useModels().data?.models.find((one) => one.model === model);
  if (!row) return null;
  if (!row.prices) return <>{t("chat.unpriced")}</>;
  const figure = (name: string) => number(row.prices?.[name] ?? "0", 6);
  return <span className="figure">{t("chat.price", { input: figure("input"), cached: figure("cached"), output: figure("output"), currency: row.currency ?? "" })}</span>;
}
