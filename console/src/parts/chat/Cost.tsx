// What an answer cost, who paid it, and the way to why.
import { Link } from "wouter";
import type { Slice } from "../../api/shapes";
import { useWords } from "../../words/words";
import type { Cost as Charged } from "./shapes";

export function Cost({ cost, request }: { cost: Charged | null; request: string }) {
  const { t, number, amount } = useWords();
  if (!cost) return <span className="quiet small" role="status">{t("chat.settling")}</span>;
  const read = (cost.usage.input ?? 0) + (cost.usage.cached ?? 0) + (cost.usage.cache_write_5m ?? 0) + (cost.usage.cache_write_1h ?? 0);
  const worth = worthOf(cost.slices);
  return (
    <span className="chat-cost small" data-testid="cost">
      {cost.slices.length === 0 && <strong>{t("chat.free")}</strong>}
      {cost.slices.map((slice, place) => (
        <span key={place}><strong className="figure">{short(amount, slice)}</strong> {t("chat.by", { source: slice.source })}</span>
      ))}
      {worth && <span className="quiet figure" title={t("chat.worthAbout")}>{t("chat.worth", { amount: amount(significant(worth.amount), worth.currency) })}</span>}
      <span className="quiet figure">{t("chat.tokens", { read: number(read), written: number(cost.usage.output ?? 0) })}</span>
      <Link href={`/console/requests/${request}`}>{t("chat.why")}</Link>
    </span>
  );
}

/** Three figures that count: the exact amount stands where it is explained. */
function significant(exact: string): string {
  const value = Number(exact);
  return value === 0 || Number.isInteger(value) ? exact : String(Number(value.toPrecision(3)));
}

function short(amount: (exact: string, unit: string) => string, slice: Slice): string {
  return amount(significant(slice.amount), slice.unit);
}

function worthOf(slices: Slice[]): { amount: string; currency: string } | null {
  const currency = slices[0]?.currency;
  if (!currency || slices.some((slice) => slice.currency !== currency || slice.unit === currency)) return null;
  return { amount: String(slices.reduce((sum, slice) => sum + Number(slice.list_value), 0)), currency };
}
