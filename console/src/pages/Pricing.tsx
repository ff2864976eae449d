// What is on sale and what it holds. Every figure is computed by the server from the plan files.
import { Badge, Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api } from "../api/client";
import { useSession } from "../api/session";
import type { Month, Pricing as Told, Sale } from "../api/shapes";
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
  const rates = ratesOf(shown.plans);
  return (
    <div className="stack">
      {told.families.length > 1 && (
        <Select label={t("pricing.family")} maw={340} searchable allowDeselect={false} value={shown.family} onChange={(value) => setFamily(value ?? family)} data={told.families.map((one) => ({ value: one.family, label: named(one.names, one.family) }))} />
      )}
      {rates.map((rate) => <Rate key={rate.unit} unit={rate.unit} currency={rate.currency} value={rate.value} />)}
      <div className="grid">{shown.plans.map((plan) => <Offer key={plan.plan} plan={plan} />)}</div>
    </div>
  );
}

/** What one unit is worth now, for each unit of its own that these plans count in: it stands in the steps of their facts. */
function ratesOf(plans: Sale[]) {
  const rates = new Map<string, { unit: string; currency: string; value: string }>();
  for (const step of plans.flatMap((plan) => plan.facts.flatMap((fact) => fact.steps ?? []))) {
    const [currency, unit] = step.unit?.split("/") ?? [];
    if (step.figure === "exchange" && currency && unit) rates.set(unit, { unit, currency, value: step.low });
  }
  return [...rates.values()];
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
  const quantity = (limit: string) => {
    const [exact = "", unit = ""] = limit.split(" ");
    return amount(exact, unit);
  };
  const facts = plan.facts.filter((fact) => (fact.rounded ?? fact.low) !== undefined).slice(0, 6);
  return (
    <article className="paper stack" data-plan={plan.plan}>
      <div className="row between"><h2 style={{ margin: 0 }}>{named(plan.names, plan.plan)}</h2>{plan.wallet && <Badge variant="light" color="gray">{t("wallet.title")}</Badge>}</div>
      <div className="price">{price ? <><span className="big">{free ? t("pricing.free") : money(price.amount, price.currency)}</span>{!free && <span className="quiet">{price.period ? `/ ${told("period", price.period)}` : t("pricing.onceOnly")}</span>}</> : <span className="big">{t("pricing.asUsed")}</span>}</div>
      <ul className="points">
        {plan.windows.map((window) => <li key={window.id}><span className="quiet">{named(window.names, told("window", window.id))}</span><span>{quantity(window.limit)}</span></li>)}
        {plan.pools.map((pool) => pool.granted && <li key={`${pool.id} granted`}><span className="quiet">{named(pool.names, pool.id)}</span><span>{quantity(pool.granted)} {t("pricing.onceOnly")}</span></li>)}
        {plan.pools.map((pool) => pool.refill?.amount && <li key={pool.id}><span className="quiet">{named(pool.names, pool.id)}</span><span>{quantity(pool.refill.amount)}{pool.refill.times ? ` × ${pool.refill.times}` : ""}</span></li>)}
        {facts.map((fact) => <li key={fact.id}><span className="quiet">{named(fact.names, fact.id)}</span><span>{fact.words ? named(fact.words, fact.rounded ?? "") : fact.rounded}</span></li>)}
      </ul>
      {plan.month && <OneMonth month={plan.month} />}
      <Models models={plan.models} />
      <Terms lines={plan.words} />
      {!plan.wallet && price && (
        <Button component={Link} href={session.data?.user?.account ? `/console/buy/${plan.plan}` : "/console/sign-up"} variant={free ? "default" : "filled"} style={{ marginTop: "auto" }}>{t(free ? "buy.take" : "pricing.choose")}</Button>
      )}
    </article>
  );
}

function Models({ models }: { models: Sale["models"] }) {
  const { t } = useWords();
  if (models === null || models.some((one) => one.model === "*")) return <p className="small quiet" style={{ margin: 0 }}>{t("pricing.everyModel")}</p>;
  return (
    <details className="small">
      <summary>{t("pricing.models", { count: models.length })}</summary>
      <ul style={{ paddingLeft: 18, maxHeight: 260, overflowY: "auto" }} tabIndex={0}>{models.map((one) => <li key={one.model}>{one.model}{one.available ? "" : ` (${t("pricing.soon")})`}</li>)}</ul>
    </details>
  );
}

/** What a month holds of usual work, with the sum that says so. */
function OneMonth({ month }: { month: Month }) {
  const { t, number, money, language } = useWords();
  if (month.requests === null) return <p className="small quiet" style={{ margin: 0 }}>{t("pricing.monthUnbound")}</p>;
  const about = Number(month.band.low) === 1 && Number(month.band.high) === 1 ? "" : "~";
  return (
    <details className="small">
      <summary>{t("pricing.month", { prompts: about + number(Number(month.prompts), 0), requests: about + number(Number(month.requests), 0) })}</summary>
      {month.list_value !== null && <p>{t("pricing.monthWorth", { value: money(month.list_value, month.currency) })}{month.leverage && <strong> · {number(Number(month.leverage), 1)}×</strong>}</p>}
      <p className="quiet">{t("pricing.monthModel", { model: month.model })}</p>
      <ul style={{ paddingLeft: 18 }}>{month.derivation[language].map((line) => <li key={line}>{line}</li>)}</ul>
    </details>
  );
}

function Terms({ lines }: { lines: Sale["words"] }) {
  const { t, language } = useWords();
  return (
    <details className="small">
      <summary>{t("pricing.terms")}</summary>
      <ul style={{ paddingLeft: 18 }}>{lines[language].map((line) => <li key={line}>{line}</li>)}</ul>
    </details>
  );
}
