// Everything ordered, newest first.
import { Badge } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { api } from "../api/client";
import type { Order } from "../api/shapes";
import { Data, Empty, Head } from "../parts/states";
import { useWords } from "../words/words";

export const COLOURS: Record<string, string> = { done: "green", paid: "green", waiting: "yellow", in_doubt: "orange", review: "orange", closed: "gray", processing: "yellow", succeeded: "green", failed: "red", cancelled: "gray" };

export default function Orders() {
  const orders = useQuery({ queryKey: ["me", "orders"], queryFn: () => api.get<{ orders: Order[] }>("/me/orders") });
  const { t } = useWords();
  return (
    <>
      <Head title="orders.title" about="orders.about" />
      <Data query={orders}>{(data) => data.orders.length ? <Table orders={data.orders} /> : <Empty title={t("orders.none")}><Link href="/console/pricing">{t("overview.see")}</Link></Empty>}</Data>
    </>
  );
}

function Table({ orders }: { orders: Order[] }) {
  const { t, told, instant, money } = useWords();
  return (
    <div className="paper flush scroll" tabIndex={0} role="region" aria-label={t("orders.title")}>
      <table className="rows cards">
        <thead><tr><th>{t("orders.at")}</th><th>{t("orders.what")}</th><th className="num">{t("quote.total")}</th><th>{t("orders.state")}</th><th>{t("orders.invoice")}</th></tr></thead>
        <tbody>
          {orders.map((order) => (
            <tr key={order.id}>
              <td data-label={t("orders.at")}><Link href={`/console/orders/${order.id}`}>{instant(order.created_at)}</Link></td>
              <td data-label={t("orders.what")}>{told("what", order.what)} · {order.plan}</td>
              <td className="num" data-label={t("quote.total")}>{money(order.total, order.currency)}</td>
              <td data-label={t("orders.state")}><Badge variant="light" color={COLOURS[order.state] ?? "gray"}>{told("order", order.state)}</Badge></td>
              <td data-label={t("orders.invoice")}>{order.invoice ? <a href={api.file(`/me/documents/${encodeURIComponent(order.invoice)}/pdf`)} download>{order.invoice}</a> : "—"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
