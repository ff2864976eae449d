// Buying one plan: its price, a coupon, what it comes to, and who is paid.
import { Button, Radio, Select, Skeleton, Switch, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation, useParams } from "wouter";
import { api } from "../api/client";
import { useSession } from "../api/session";
import type { Order, Preview, Pricing, Sale } from "../api/shapes";
import { Refused, useAct } from "../parts/act";
import { payersFor } from "../parts/payers";
import { Quote } from "../parts/Quote";
import { Data, Empty, Head } from "../parts/states";
import { useWords } from "../words/words";

export default function Buy() {
  const { family = "", plan = "" } = useParams<{ family: string; plan: string }>();
  const { t } = useWords();
  const pricing = useQuery({ queryKey: ["pricing"], queryFn: () => api.get<Pricing>("/pricing") });
  return (
    <>
      <Head title="buy.title" about="buy.about" />
      <Data query={pricing} height={360}>
        {(data) => {
          const sale = data.families.flatMap((one) => one.plans).find((one) => one.plan === `${family}/${plan}`);
          return sale ? <Purchase sale={sale} /> : <Empty title={t("buy.gone")} />;
        }}
      </Data>
    </>
  );
}

function Purchase({ sale }: { sale: Sale }) {
  const { t, named, money, told } = useWords();
  const session = useSession();
  const [, go] = useLocation();
  const [price, setPrice] = useState(sale.prices[0]?.id ?? "");
  const [once, setOnce] = useState(false);
  const [coupon, setCoupon] = useState("");
  const [typed] = useDebouncedValue(coupon.trim(), 400);
  const [chosen, setChosen] = useState<string | null>(null);
  const body = { plan: sale.plan, ...(price ? { price } : {}), ...(once ? { once } : {}), ...(typed ? { coupon: typed } : {}) };
  const quote = useQuery({ queryKey: ["me", "quote", body], queryFn: () => api.post<Preview>("/me/orders/preview", body), retry: false, staleTime: 0 });
  const payers = payersFor(quote.data, session.data);
  const payer = chosen && payers.includes(chosen) ? chosen : payers[0];
  const order = useAct<Order>({ path: "/me/orders", done: (made) => go(`/console/orders/${made.id}`) });
  const press = () => order.mutate({ ...body, ...(payer ? { payer } : {}) });
  return (
    <div className="grid wide">
      <section className="paper stack">
        <h2 style={{ margin: 0 }}>{named(sale.names, sale.plan)}</h2>
        {sale.prices.length > 1 && (
          <Radio.Group label={t("buy.price")} value={price} onChange={setPrice}>
            <div className="stack" style={{ gap: 8, marginTop: 8 }}>
              {sale.prices.map((one) => <Radio key={one.id} value={one.id} label={`${money(one.amount, one.currency)}${one.period ? ` / ${told("period", one.period)}` : ""}`} />)}
            </div>
          </Radio.Group>
        )}
        <Switch label={t("buy.once")} checked={once} onChange={(event) => setOnce(event.currentTarget.checked)} />
        <TextInput label={t("buy.coupon")} value={coupon} onChange={(event) => setCoupon(event.currentTarget.value)} autoComplete="off" />
        {payers.length > 1 && <Select label={t("buy.payer")} data={payers.map((name) => ({ value: name, label: told("payer", name) }))} value={payer ?? null} onChange={setChosen} allowDeselect={false} />}
      </section>
      <section className="paper stack">
        <h2 style={{ margin: 0 }}>{t("buy.comes")}</h2>
        {quote.isError ? <><Refused problem={quote.error} /><Link href="/console/plan">{t("plan.doChange")}</Link></> : quote.data ? <Quote quote={quote.data} /> : <Skeleton height={150} />}
        {quote.data && Number(quote.data.to_pay) > 0 && payers.length === 0 && <p className="small quiet">{t("buy.noPayer")}</p>}
        <Refused problem={order.error} />
        <Button size="md" onClick={press} loading={order.isPending} disabled={!quote.data || (Number(quote.data.to_pay) > 0 && !payer)}>{t(quote.data && Number(quote.data.to_pay) === 0 ? "buy.take" : "buy.order")}</Button>
      </section>
    </div>
  );
}
