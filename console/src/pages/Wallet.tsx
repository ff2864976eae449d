// Balances of the account, and money into them.
import { Badge, Button, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { useLocation } from "wouter";
import { useAccount } from "../api/live";
import { useSession } from "../api/session";
import type { Order, Plan } from "../api/shapes";
import { Refused, useAct } from "../parts/act";
import { Data, Empty, Head } from "../parts/states";
import { useWords } from "../words/words";

export default function Wallet() {
  const account = useAccount();
  const { t } = useWords();
  return (
    <>
      <Head title="wallet.title" about="wallet.about" />
      <div className="stack">
        <Data query={account}>
          {(data) => {
            const wallets = data.plans.filter((plan) => plan.wallet);
            return (
              <>
                {wallets.length ? <div className="grid wide">{wallets.map((plan) => <One key={plan.subscription} plan={plan} />)}</div> : <Empty title={t("wallet.none")}>{t("wallet.noneText")}</Empty>}
                <Redeem />
              </>
            );
          }}
        </Data>
      </div>
    </>
  );
}

function One({ plan }: { plan: Plan }) {
  const { t, amount, instant } = useWords();
  const session = useSession();
  const [, go] = useLocation();
  const [sum, setSum] = useState("");
  const payer = session.data?.payers[0];
  const top = useAct<Order>({ path: "/me/top-ups", done: (made) => go(`/console/orders/${made.id}`) });
  const turn = useAct({ path: "/me/switches" });
  const lots = plan.pools.flatMap((pool) => pool.lots.map((lot) => ({ ...lot, unit: pool.unit }))).filter((lot) => Number(lot.balance) > 0);
  return (
    <section className="paper stack" data-plan={plan.plan}>
      <div className="row between"><h2 style={{ margin: 0 }}>{plan.plan}</h2><Badge variant="light" color={plan.switched_on ? "gate" : "gray"}>{t(plan.switched_on ? "wallet.on" : "wallet.off")}</Badge></div>
      {plan.pools.map((pool) => (
        <div key={pool.id}><div className="big">{amount(pool.available, pool.unit)}</div>{Number(pool.owed) > 0 && <div className="small quiet">{t("source.owed", { amount: amount(pool.owed, pool.unit) })}</div>}</div>
      ))}
      {lots.length > 0 && <ul className="points small">{lots.map((lot) => <li key={lot.lot}><span className="quiet">{lot.expires_at ? t("wallet.until", { at: instant(lot.expires_at, "day") }) : t("wallet.lasts")}</span><span>{amount(lot.balance, lot.unit)}</span></li>)}</ul>}
      <Switch label={t("wallet.pays")} checked={plan.switched_on} disabled={turn.isPending} onChange={(event) => turn.mutate({ plan: plan.plan, on: event.currentTarget.checked })} />
      <Refused problem={turn.error} />
      {payer ? (
        <form className="row" style={{ alignItems: "flex-end" }} onSubmit={(event) => { event.preventDefault(); top.mutate({ plan: plan.plan, amount: sum, payer }); }}>
          <TextInput label={t("wallet.amount")} inputMode="decimal" value={sum} onChange={(event) => setSum(event.currentTarget.value)} w={150} required />
          <Button type="submit" loading={top.isPending} disabled={!/^\d+(\.\d+)?$/.test(sum)}>{t("wallet.top")}</Button>
        </form>
      ) : <p className="small quiet">{t("buy.noPayer")}</p>}
      <Refused problem={top.error} />
    </section>
  );
}

function Redeem() {
  const { t, amount } = useWords();
  const [code, setCode] = useState("");
  const redeem = useAct<{ amount: string; currency?: string }>({ path: "/me/redemptions", done: () => setCode("") });
  return (
    <section className="paper stack">
      <h2 style={{ margin: 0 }}>{t("wallet.gift")}</h2>
      <form className="row" style={{ alignItems: "flex-end" }} onSubmit={(event) => { event.preventDefault(); redeem.mutate({ code: code.trim() }); }}>
        <TextInput label={t("wallet.code")} value={code} onChange={(event) => setCode(event.currentTarget.value)} required autoComplete="off" />
        <Button type="submit" variant="default" loading={redeem.isPending} disabled={!code.trim()}>{t("wallet.redeem")}</Button>
      </form>
      <Refused problem={redeem.error} />
      {redeem.data && <p role="status">{t("wallet.redeemed", { amount: amount(redeem.data.amount, redeem.data.currency ?? "") })}</p>}
    </section>
  );
}
