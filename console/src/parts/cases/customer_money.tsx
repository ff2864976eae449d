// Orders, refunds and documents of one customer, with what may be done about each.
import type { OfficeOrder, Paper, WholeAccount } from "../../api/office_shapes";
import { api } from "../../api/client";
import type { Refund } from "../../api/shapes";
import { useWords } from "../../words/words";
import { Act, Code, Section, State, Table, useRead } from "../office";
import { Data, Empty } from "../states";
import { Confirm, Resolve } from "./matter_acts";

export function CustomerMoney({ account }: { account: WholeAccount }) {
  const { t } = useWords();
  const orders = useRead<{ orders: OfficeOrder[] }>(`/accounts/${account.id}/orders`);
  const refunds = useRead<{ refunds: Refund[] }>(`/accounts/${account.id}/refunds`);
  const papers = useRead<{ documents: Paper[] }>(`/accounts/${account.id}/documents`);
  return (
    <div className="stack" style={{ gap: 28 }}>
      <Section title={t("orders.title")}><Data query={orders}>{(data) => (data.orders.length ? <Orders account={account} rows={data.orders} /> : <Empty title={t("money.noOrders")}>{t("money.noOrdersText")}</Empty>)}</Data></Section>
      <Section title={t("refunds.title")}><Data query={refunds} height={90}>{(data) => (data.refunds.length ? <Refunds account={account} rows={data.refunds} /> : <p className="quiet small" style={{ margin: 0 }}>{t("money.noRefunds")}</p>)}</Data></Section>
      <Section title={t("documents.title")}><Data query={papers} height={90}>{(data) => (data.documents.length ? <Papers account={account} rows={data.documents} /> : <p className="quiet small" style={{ margin: 0 }}>{t("money.noPapers")}</p>)}</Data></Section>
    </div>
  );
}

const OPEN = ["waiting", "in_doubt", "review"];

function Orders({ account, rows }: { account: WholeAccount; rows: OfficeOrder[] }) {
  const { t, told, money, instant } = useWords();
  const acts = rows.some((row) => OPEN.includes(row.state));
  return (
    <Table
      label={t("orders.title")} rows={rows} id={(row) => row.id}
      columns={[
        { title: t("orders.at"), cell: (row) => <><div>{instant(row.created_at)}</div><Code>{row.id}</Code></> },
        { title: t("orders.what"), cell: (row) => <><div>{row.plan}</div><div className="quiet small">{told("what", row.what)}{row.payer ? ` · ${told("payer", row.payer)}` : ""}</div></> },
        { title: t("refunds.amount"), cell: (row) => <><div>{money(row.total, row.currency)}</div>{Number(row.refunded) > 0 && <div className="quiet small">{t("money.refunded", { amount: money(row.refunded, row.currency) })}</div>}</>, num: true },
        { title: t("orders.state"), cell: (row) => <><State group="order" value={row.state} />{row.reason ? <div className="quiet small">{told("reason", row.reason)}</div> : null}</> },
        ...(acts ? [{ title: t("keys.acts"), cell: (row: OfficeOrder) => <div className="row"><OrderActs account={account} order={row} /></div> }] : []),
      ]}
    />
  );
}

function OrderActs({ account, order }: { account: WholeAccount; order: OfficeOrder }) {
  const { t } = useWords();
  const of = `${account.name} · ${order.plan}`;
  if (order.state === "review") return <Resolve account={account.id} order={order.id} of={of} />;
  if (!OPEN.includes(order.state)) return null;
  return (
    <>
      <Confirm account={account.id} order={order.id} amount={order.to_pay} currency={order.currency} of={of} />
      <Act danger operation="withdraw_order" label="matters.withdraw" path={`/accounts/${account.id}/orders/${order.id}/withdraw`} of={of} sure={t("matters.sureWithdraw")} />
    </>
  );
}

const byHand = (refund: Refund) => refund.payer === "manual" && refund.state === "processing";

function Refunds({ account, rows }: { account: WholeAccount; rows: Refund[] }) {
  const { t, told, money, instant } = useWords();
  return (
    <Table
      label={t("refunds.title")} rows={rows} id={(row) => row.id}
      columns={[
        { title: t("refunds.asked"), cell: (row) => <><div>{instant(row.asked_at)}</div><Code>{row.order}</Code></> },
        { title: t("refunds.amount"), cell: (row) => money(row.amount, row.currency), num: true },
        { title: t("money.payer"), cell: (row) => told("payer", row.payer) },
        { title: t("orders.state"), cell: (row) => <State group="refund" value={row.state} /> },
        { title: t("refunds.done"), cell: (row) => instant(row.done_at) },
        ...(rows.some(byHand) ? [{ title: t("keys.acts"), cell: (row: Refund) => (byHand(row) ? <Confirm account={account.id} order={row.order} refund={row.id} amount={row.amount} currency={row.currency} of={account.name} /> : null) }] : []),
      ]}
    />
  );
}

function Papers({ account, rows }: { account: WholeAccount; rows: Paper[] }) {
  const { t, told, money, instant, language } = useWords();
  return (
    <Table
      label={t("documents.title")} rows={rows} id={(row) => row.number}
      columns={[
        { title: t("money.number"), cell: (row) => <a href={api.file(`/accounts/${account.id}/documents/${row.number}/pdf`, { language })} target="_blank" rel="noreferrer">{row.number}</a> },
        { title: t("money.kind"), cell: (row) => told("paper", row.kind) },
        { title: t("orders.what"), cell: (row) => row.title },
        { title: t("refunds.amount"), cell: (row) => money(row.total, row.currency), num: true },
        { title: t("money.issued"), cell: (row) => instant(row.issued_at, "day") },
      ]}
    />
  );
}

