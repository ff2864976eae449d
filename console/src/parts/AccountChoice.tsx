// A customer chosen by name or id out of those there are.
import { Select } from "@mantine/core";
import type { BriefAccount } from "../api/books";
import { useWords } from "../words/words";
import { useRead } from "./office";

const MOST = 1000;

export function AccountChoice({ value, set, label }: { value: string; set: (account: string) => void; label?: string }) {
  const { t } = useWords();
  const accounts = useRead<{ accounts: BriefAccount[] }>("/accounts", { limit: MOST });
  const known = accounts.data?.accounts.map((one) => ({ value: one.id, label: one.name === one.id ? one.id : `${one.name} · ${one.id}` })) ?? [];
  const data = value && !known.some((one) => one.value === value) ? [{ value, label: value }, ...known] : known;
  return (
    <Select label={label ?? t("books.account")} placeholder={t("books.chooseAccount")} data={data} value={value || null} onChange={(chosen) => set(chosen ?? "")} searchable limit={60} nothingFoundMessage={t("books.noAccount")} clearable clearButtonProps={{ "aria-label": t("filter.clear") }} comboboxProps={{ withinPortal: true }} />
  );
}
