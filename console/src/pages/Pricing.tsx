// What is on sale and what it holds. Every figure is computed by the server from the plan files.
import { Badge, Button, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api } from "../api/client";
import { useSession } from "../api/session";
import type { Pricing as Told, Sale } from "../api/shapes";
import { Data, Empty, Head } from "../parts/states";
import { useWords } from "../words/words";

export default function Pricing() {
  const { t } = useWords();
  const pricing = useQuery({ queryKey: ["pricing"], queryFn: () => api.get<Told>("/pricing"), refetchInterval: 60_000 });
  return (
    <>
      <Head title="pricing.title" about="pricing.about" />
      <Data query={pricing} height={480}>{(data) => (data.families.length ? <Families told={data} /> : <Empty title={t("pricing.none")}>{t("pricing.noneText")}</Empty>)}</Data>
    </>
  );
}

function Families({ told }: { told: Told }) {
  const { t, named } = useWords();
  const [family, setFamily] = useState(told.families[0]?.family ?? "");
  const shown = told.families.find((one) => one.family === family) ?? told.families[0];
  if (!shown) return null;
  const rates = [...new Map(shown.plans.flatMap((plan) => (plan.rate ? [[plan.rate.unit, plan.rate] as const] : []))).values()];
  return (
    <div className="stack">
      {told.families.length > 1 && (
        <div className="scroll"><SegmentedControl aria-label={t("pricing.family")} value={shown.family} onChange={setFamily} data={told.families.map((one) => ({ value: one.family, label: named(one.names, one.family) }))} /></div>
      )}
      {rates.map((rate) => <Rate key={rate.unit} unit={rate.unit} currency={rate.currency} value={rate.value} />)}
      <div className="grid">{shown.plans.map((plan) => <Offer key={plan.plan} plan={plan} />)}</div>
    </div>
  );
}

function decimal(exact: string): number {
  const [over = "0", under = "1"] = exact.split("/");
  return Number(over) / Number(under);
}

function Rate({ unit, currency, value }: { unit: string; currency: string; value: string }) {
  const { t, number, told } = useWords();
  const one = decimal(value);
  return (
    <div className="paper row between">
      <span>{t("pricing.rate", { unit: told("unit", unit) })}</span>
      <span className="figure"><strong>1 {told("unit", unit)} = {number(one, 6)} {currency}</strong> <span className="quiet">({number(1 / one, 2)} = 1 {currency})</span></span>
    </div>
  );
}

function Offer({ plan }: { plan: Sale }) {
  const { t, named, money, told, amount } = useWords();
  const session = useSession();
  const price = plan.prices[0];
  const free = price && Number(price.amount) === 0;
  const facts = plan.facts.filter((fact) => fact.kind === "computed").slice(0, 5);
  return (
    <article className="paper stack" data-plan={plan.plan}>
      <div className="row between"><h2 style={{ margin: 0 }}>{named(plan.names, plan.plan)}</h2>{plan.wallet && <Badge variant="light" color="gray">{t("wallet.title")}</Badge>}</div>
      <div className="price">{price ? <><span className="big">{free ? t("pricing.free") : money(price.amount, price.currency)}</span>{!free && <span className="quiet">{price.period ? `/ ${told("period", price.period)}` : t("pricing.onceOnly")}</span>}</> : <span className="big">{t("pricing.asUsed")}</span>}</div>
      <ul className="points">
        {plan.windows.map((window) => <li key={window.id}><span className="quiet">{named(window.names, told("window", window.id))}</span><span>{amount(window.limit, window.unit)}</span></li>)}
        {plan.pools.filter((pool) => pool.cap).map((pool) => <li key={pool.id}><span className="quiet">{named(pool.names, pool.id)}</span><span>{amount(pool.cap ?? "0", pool.unit)}</span></li>)}
        {facts.map((fact) => <li key={fact.id}><span className="quiet">{named(fact.names, fact.id)}</span><span>{fact.rounded || fact.low} {fact.unit === "1" ? "" : told("unit", fact.unit)}</span></li>)}
        {plan.multipliers.map((one) => <li key={one.name}><span className="quiet">{t("request.multiplier")}</span><span>×{one.value}</span></li>)}
      </ul>
      <Models models={plan.models} />
      {!plan.wallet && price && (
        <Button component={Link} href={session.data?.user?.account ? `/console/buy/${plan.plan}` : "/console/sign-up"} variant={free ? "default" : "filled"} style={{ marginTop: "auto" }}>{t(free ? "buy.take" : "pricing.choose")}</Button>
      )}
    </article>
  );
}

function Models({ models }: { models: string[] | null }) {
  const { t } = useWords();
  if (models === null || models.includes("*")) return <p className="small quiet" style={{ margin: 0 }}>{t("pricing.everyModel")}</p>;
  return (
    <details className="small">
      <summary>{t("pricing.models", { count: models.length })}</summary>
      <ul style={{ paddingLeft: 18, maxHeight: 260, overflowY: "auto" }} tabIndex={0}>{models.map((model) => <li key={model}>{model}</li>)}</ul>
    </details>
  );
}
