// One order: how to pay it while it waits, and what became of it.
import { Anchor, Badge, Button, CopyButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "wouter";
import { api } from "../api/client";
import type { Order } from "../api/shapes";
import { ActButton } from "../parts/act";
import { QrCode } from "../parts/QrCode";
import { Data, Head } from "../parts/states";
import { useWords } from "../words/words";
import { COLOURS } from "./Orders";

const OPEN = ["waiting", "in_doubt", "review"];

export default function OneOrder() {
  const { order = "" } = useParams<{ order: string }>();
  const { t } = useWords();
  const told = useQuery({
    queryKey: ["me", "order", order],
    queryFn: () => api.get<Order>(`/me/orders/${encodeURIComponent(order)}`),
    // Soon again until the payment provider has said where to pay.
    refetchInterval: ({ state: { data } }) => (data && OPEN.includes(data.state) ? (data.pay || data.state !== "waiting" ? 3000 : 1000) : false),
  });
  return (
    <>
      <Anchor component={Link} href="/console/orders" className="small">← {t("orders.title")}</Anchor>
      <Head title="order.title" />
      <Data query={told}>{(data) => <Story order={data} />}</Data>
    </>
  );
}

function Story({ order }: { order: Order }) {
  const { t, told, money, instant } = useWords();
  return (
    <div className="grid wide">
      <section className="paper stack">
        <div className="row between"><strong>{told("what", order.what)} · {order.plan}</strong><Badge variant="light" color={COLOURS[order.state] ?? "gray"} data-testid="state">{told("order", order.state)}</Badge></div>
        <ul className="points">
          {order.lines.map((line) => <li key={line.code}><span className="quiet">{told("line", line.code)}</span><span>{money(line.amount, order.currency)}</span></li>)}
          <li><span className="quiet">{t("quote.total")}</span><span>{money(order.total, order.currency)}</span></li>
          {Number(order.to_pay) > 0 && <li><strong>{t("quote.toPay")}</strong><span>{money(order.to_pay, order.currency)}</span></li>}
          {Number(order.refunded) > 0 && <li><span className="quiet">{t("order.refunded")}</span><span>{money(order.refunded, order.currency)}</span></li>}
          <li><span className="quiet">{t("orders.at")}</span><span>{instant(order.created_at, "second")}</span></li>
          {order.reason && <li><span className="quiet">{t("order.why")}</span><span>{told("closed", order.reason)}</span></li>}
        </ul>
        <code className="small quiet">{order.id}</code>
      </section>
      {order.state === "waiting" && <Pay order={order} />}
      {order.state === "done" && <Delivered order={order} />}
    </div>
  );
}

function Delivered({ order }: { order: Order }) {
  const { t } = useWords();
  return (
    <section className="paper stack">
      <h2 style={{ margin: 0 }}>{t("order.delivered")}</h2>
      <p className="small">{t("order.deliveredText", { plan: order.plan })}</p>
      {order.invoice && <p className="small">{t("orders.invoice")}: <a href={api.file(`/me/documents/${encodeURIComponent(order.invoice)}/pdf`)} download data-testid="invoice">{order.invoice}</a></p>}
      <div className="row"><Button component={Link} href="/console/overview">{t("overview.title")}</Button><Button component={Link} href="/console/plan" variant="default">{t("plan.title")}</Button></div>
    </section>
  );
}

function Pay({ order }: { order: Order }) {
  const { t, told } = useWords();
  const pay = order.pay;
  return (
    <section className="paper stack">
      <h2 style={{ margin: 0 }}>{t("order.pay")}</h2>
      {pay?.url && <Button component="a" href={pay.url} rel="noreferrer">{t("order.goPay")}</Button>}
      {pay?.lines?.length ? <ul className="points" data-testid="pay">{pay.lines.map(([name, value]) => <li key={name}><span className="quiet">{told("payLine", name)}</span><code>{value}</code></li>)}</ul> : null}
      {pay?.qr && <><p className="small">{t("order.qr", { payer: told("payer", order.payer ?? "") })}</p><QrCode text={pay.qr} label={t("order.qrLabel")} /><pre className="code" tabIndex={0}>{pay.qr}</pre><CopyButton value={pay.qr}>{({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{t(copied ? "copied" : "copy")}</Button>}</CopyButton></>}
      <p className="small quiet" role="status">{t("order.waits")}</p>
      <ActButton variant="default" path={`/me/orders/${order.id}/withdraw`} sure={t("order.sureWithdraw")}>{t("order.withdraw")}</ActButton>
    </section>
  );
}
