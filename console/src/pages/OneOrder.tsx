// One order: how to pay it while it waits, and what became of it.
import { Anchor, Badge, Button, CopyButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "wouter";
import { api } from "../api/client";
import type { Order } from "../api/shapes";
import { ActButton } from "../parts/act";
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
    refetchInterval: (query) => (query.state.data && OPEN.includes(query.state.data.state) ? 4000 : false),
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
    </div>
  );
}

function Pay({ order }: { order: Order }) {
  const { t } = useWords();
  const pay = order.pay;
  return (
    <section className="paper stack">
      <h2 style={{ margin: 0 }}>{t("order.pay")}</h2>
      {pay?.url && <Button component="a" href={pay.url} rel="noreferrer">{t("order.goPay")}</Button>}
      {pay?.lines?.length ? <pre className="code" tabIndex={0}>{pay.lines.join("\n")}</pre> : null}
      {pay?.qr && <><p className="small">{t("order.qr")}</p><pre className="code" tabIndex={0}>{pay.qr}</pre><CopyButton value={pay.qr}>{({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{t(copied ? "copied" : "copy")}</Button>}</CopyButton></>}
      <p className="small quiet" role="status">{t("order.waits")}</p>
      <ActButton variant="default" path={`/me/orders/${order.id}/withdraw`} sure={t("order.sureWithdraw")}>{t("order.withdraw")}</ActButton>
    </section>
  );
}
