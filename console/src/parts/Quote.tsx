// What a purchase or a change costs, line by line, before it is done.
import type { Preview } from "../api/shapes";
import { useWords } from "../words/words";

export function Quote({ quote }: { quote: Preview }) {
  const { t, told, money, instant } = useWords();
  return (
    <ul className="points" data-testid="quote">
      {quote.lines.map((line) => <li key={line.code}><span className="quiet">{told("line", line.code)}</span><span>{money(line.amount, quote.currency)}</span></li>)}
      <li><span className="quiet">{t("quote.total")}</span><span>{money(quote.total, quote.currency)}</span></li>
      {quote.paid_from.map((part) => <li key={part.pool}><span className="quiet">{t("quote.from", { purse: told("purse", part.purse) })}</span><span>−{money(part.amount, quote.currency)}</span></li>)}
      {quote.credit !== undefined && Number(quote.credit) > 0 && <li><span className="quiet">{t("quote.credit")}</span><span>{money(quote.credit, quote.currency)}</span></li>}
      <li><strong>{t("quote.toPay")}</strong><span className="big" style={{ fontSize: "1.25rem" }}>{money(quote.to_pay, quote.currency)}</span></li>
      {quote.kind && told("change", quote.kind) !== quote.kind && <li><span className="quiet">{t("quote.kind")}</span><span>{told("change", quote.kind)}</span></li>}
      {quote.period_end && <li><span className="quiet">{t(quote.renews ? "quote.renews" : "quote.ends")}</span><span>{instant(quote.period_end, "day")}</span></li>}
      {quote.replaces && <li><span className="quiet">{t("quote.replaces")}</span><span>{quote.replaces}</span></li>}
    </ul>
  );
}
