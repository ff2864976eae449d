// Refunds: what each subscription would come to now, and those on their way.
import { Badge, Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client";
import { useAccount } from "../api/live";
import type { Plan, Refund, RefundPreview } from "../api/shapes";
import { Refused, useAct } from "../parts/act";
import { Data, Empty, Head, reason } from "../parts/states";
import { useWords } from "../words/words";
import { COLOURS } from "./Orders";

export default function Refunds() {
  const account = useAccount();
  const refunds = useQuery({ queryKey: ["me", "refunds"], queryFn: () => api.get<{ refunds: Refund[] }>("/me/refunds"), refetchInterval: (query) => (query.state.data?.refunds.some((refund) => !refund.done_at) ? 3000 : 10_000) });
  const { t } = useWords();
  return (
    <>
      <Head title="refunds.title" about="refunds.about" />
      <div className="stack">
        <Data query={account}>
          {(data) => {
            const bought = data.plans.filter((plan) => plan.agreement);
            return bought.length ? <div className="grid wide">{bought.map((plan) => <Offer key={plan.subscription} plan={plan} />)}</div> : <Empty title={t("refunds.nothing")}>{t("refunds.nothingText")}</Empty>;
          }}
        </Data>
        <Data query={refunds}>{(data) => (data.refunds.length ? <Table refunds={data.refunds} /> : null)}</Data>
      </div>
    </>
  );
}

function Offer({ plan }: { plan: Plan }) {
  const speech = useWords();
  const { t, money, instant } = speech;
  const quote = useQuery({ queryKey: ["me", "refund", plan.plan], queryFn: () => api.post<RefundPreview>("/me/refunds/preview", { plan: plan.plan }), retry: false, staleTime: 0 });
  const ask = useAct({ path: "/me/refunds" });
  const told = quote.data;
  return (
    <section className="paper stack" data-plan={plan.plan}>
      <h2 style={{ margin: 0 }}>{plan.plan}</h2>
      {quote.isError ? <p className="small quiet">{reason(quote.error, speech)}</p> : !told ? <Skeleton height={140} /> : (
        <>
          <ul className="points">
            <li><span className="quiet">{t("refunds.paid")}</span><span>{money(told.paid, told.currency)}</span></li>
            <li><span className="quiet">{t("refunds.used")}</span><span>−{money(told.usage_value, told.currency)}</span></li>
            {Number(told.refunded_before) > 0 && <li><span className="quiet">{t("refunds.before")}</span><span>−{money(told.refunded_before, told.currency)}</span></li>}
            <li><span className="quiet">{t("refunds.refundable")}</span><span>{money(told.refundable, told.currency)}</span></li>
            <li><span className="quiet">{t("refunds.fee")}</span><span>−{money(told.fee, told.currency)}</span></li>
            <li><strong>{t("refunds.amount")}</strong><span className="big" style={{ fontSize: "1.25rem" }}>{money(told.amount, told.currency)}</span></li>
          </ul>
          <p className="small quiet">{told.until ? t("refunds.until", { at: instant(told.until) }) : ""} {told.falls_to ? t("refunds.falls", { plan: told.falls_to }) : ""} {told.open_requests > 0 ? t("refunds.open", { count: told.open_requests }) : ""}</p>
          <Refused problem={ask.error} />
          <div><Button color="red" variant="light" loading={ask.isPending} onClick={() => { if (window.confirm(t("refunds.sure", { amount: money(told.amount, told.currency) }))) ask.mutate({ plan: plan.plan, shown: told.amount }); }}>{t("refunds.ask")}</Button></div>
        </>
      )}
    </section>
  );
}

function Table({ refunds }: { refunds: Refund[] }) {
  const { t, told, money, instant } = useWords();
  return (
    <div className="paper flush scroll" tabIndex={0} role="region" aria-label={t("refunds.asked")}>
      <table className="rows cards">
        <thead><tr><th>{t("refunds.asked")}</th><th>{t("order.title")}</th><th className="num">{t("refunds.amount")}</th><th>{t("orders.state")}</th><th>{t("refunds.done")}</th></tr></thead>
        <tbody>
          {refunds.map((refund) => (
            <tr key={refund.id}>
              <td data-label={t("refunds.asked")}>{instant(refund.asked_at)}</td>
              <td data-label={t("order.title")}><code className="small">{refund.order}</code></td>
              <td className="num" data-label={t("refunds.amount")}>{money(refund.amount, refund.currency)}</td>
              <td data-label={t("orders.state")}><Badge variant="light" color={COLOURS[refund.state] ?? "gray"}>{told("refund", refund.state)}</Badge></td>
              <td data-label={t("refunds.done")}>{instant(refund.done_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
