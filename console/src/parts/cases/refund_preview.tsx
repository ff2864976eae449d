// What a refund comes to now, line by line, before it is asked.
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "../../api/client";
import type { RefundPreview } from "../../api/shapes";
import { useWords } from "../../words/words";
import { reason } from "../states";

interface Props {
  path: string;
  plan: string;
  /** Told the preview once it is there, null while it is not. */
  told: (preview: RefundPreview | null) => void;
}

export function Previewed({ path, plan, told }: Props) {
  const speech = useWords();
  const { t, money, instant } = speech;
  const quote = useQuery({ queryKey: ["office", path, plan], queryFn: () => api.post<RefundPreview>(path, { plan }), retry: false, staleTime: 0, gcTime: 0 });
  const sums = quote.data;
  useEffect(() => {
    told(sums ?? null);
    // Only a new preview is news.
    // eslint-disable-next-line
  }, [sums]);
  if (quote.isError) return <p className="quiet" role="status">{reason(quote.error, speech)}</p>;
  if (!sums) return <Skeleton height={150} aria-busy="true" />;
  const line = (label: string, amount: string, sign = "") => <li><span className="quiet">{label}</span><span>{sign}{money(amount, sums.currency)}</span></li>;
  return (
    <div className="stack" style={{ gap: 8 }} data-testid="refund">
      <ul className="points">
        {line(t("refunds.paid"), sums.paid)}
        {line(t("refunds.used"), sums.usage_value, "−")}
        {Number(sums.refunded_before) > 0 && line(t("refunds.before"), sums.refunded_before, "−")}
        {Number(sums.fee) > 0 && line(t("refunds.fee"), sums.fee, "−")}
        <li><strong>{t("refunds.amount")}</strong><span className="big" style={{ fontSize: "1.25rem" }}>{money(sums.amount, sums.currency)}</span></li>
      </ul>
      <p className="small quiet" style={{ margin: 0 }}>{sums.falls_to ? t("plans.falls", { plan: sums.falls_to }) : ""} {sums.until ? t("refunds.until", { at: instant(sums.until) }) : ""} {sums.open_requests > 0 ? t("refunds.open", { count: sums.open_requests }) : ""}</p>
    </div>
  );
}
