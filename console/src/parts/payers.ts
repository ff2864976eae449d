// Which payment provider pays a quote, among those that this server has.
import type { Preview, Session } from "../api/shapes";

/** Empty when nothing is to be paid; else those that the plan takes and the server has, by hand last. */
export function payersFor(quote: Preview | undefined, session: Session | undefined): string[] {
  if (!quote || Number(quote.to_pay) === 0) return [];
  const had = [...(session?.payers ?? [])].sort((one, other) => Number(one === "manual") - Number(other === "manual"));
  const fitting = had.filter((payer) => quote.pay_with.length === 0 || quote.pay_with.includes(payer) || payer === "manual");
  return fitting.length ? fitting : had;
}
