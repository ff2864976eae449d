// The plans that run: changing, pausing, calling off and taking back, each with what it comes to first.
import { Badge, Button, Select, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { api } from "../api/client";
import { useAccount } from "../api/live";
import { useSession } from "../api/session";
import type { Order, Plan as Running, Preview, Pricing } from "../api/shapes";
import { ActButton, Refused, useAct } from "../parts/act";
import { payersFor } from "../parts/payers";
import { Quote } from "../parts/Quote";
import { Data, Empty, Head } from "../parts/states";
import { useWords } from "../words/words";

export default function Plan() {
  const account = useAccount();
  const { t } = useWords();
  return (
    <>
      <Head title="plan.title" about="plan.about"><Button component={Link} href="/console/pricing" variant="default">{t("overview.see")}</Button></Head>
      <Data query={account} height={300}>
        {(data) => {
          const plans = data.plans.filter((plan) => !plan.wallet);
          return plans.length ? <div className="grid wide" style={{ alignItems: "start" }}>{plans.map((plan) => <One key={plan.subscription} plan={plan} />)}</div> : <Empty title={t("overview.none")}>{t("overview.noneText")}</Empty>;
        }}
      </Data>
    </>
  );
}

function One({ plan }: { plan: Running }) {
  const { t, instant, money, told } = useWords();
  const agreement = plan.agreement;
  return (
    <section className="paper stack" data-plan={plan.plan}>
      <div className="row between">
        <h2 style={{ margin: 0 }}>{plan.plan}</h2>
        <Badge variant="light" color={agreement?.paused_since ? "yellow" : "gate"}>{t(agreement?.paused_since ? "plan.paused" : "plan.runs")}</Badge>
      </div>
      <ul className="points">
        {plan.price && <li><span className="quiet">{t("buy.price")}</span><span>{money(plan.price.amount, plan.price.currency)}{plan.price.period ? ` / ${told("period", plan.price.period)}` : ""}</span></li>}
        <li><span className="quiet">{t("plan.since")}</span><span>{instant(plan.bought_at, "day")}</span></li>
        {plan.period_end && <li><span className="quiet">{t(agreement?.renews ? "quote.renews" : "plan.periodEnd")}</span><span>{instant(agreement?.renews ? plan.period_end : plan.ends_at ?? plan.period_end, "day")}</span></li>}
        {agreement?.next && <li><span className="quiet">{t("plan.next")}</span><span>{agreement.next.plan}</span></li>}
        <li><span className="quiet">{t("plan.version")}</span><span>{plan.version}</span></li>
      </ul>
      {agreement?.one_more_period && <p className="small quiet">{t("plan.oneMore")}</p>}
      {agreement ? <><Acts plan={plan} /><Change plan={plan} /></> : <p className="small quiet">{t("plan.given")}</p>}
    </section>
  );
}

function Acts({ plan }: { plan: Running }) {
  const { t, instant } = useWords();
  const agreement = plan.agreement;
  const act = (name: string) => ({ path: "/me/agreements", body: { plan: plan.plan, act: name } });
  return (
    <div className="row">
      {agreement?.next && <ActButton variant="default" size="sm" {...act("unschedule")}>{t("plan.unschedule")}</ActButton>}
      {agreement?.renews && <ActButton variant="default" size="sm" {...act("call_off")} sure={t("plan.sureCallOff", { at: instant(plan.period_end, "day") })}>{t("plan.callOff")}</ActButton>}
      {agreement && !agreement.renews && plan.period_end && <ActButton variant="default" size="sm" {...act("take_back")}>{t("plan.takeBack")}</ActButton>}
      {agreement?.paused_since ? <ActButton size="sm" {...act("go_on")}>{t("plan.goOn")}</ActButton> : <ActButton variant="default" size="sm" {...act("pause")} sure={t("plan.surePause")}>{t("plan.pause")}</ActButton>}
      <Button component={Link} href="/console/refunds" variant="subtle" size="sm">{t("refunds.title")}</Button>
    </div>
  );
}

function Change({ plan }: { plan: Running }) {
  const { t, named } = useWords();
  const [to, setTo] = useState<string | null>(null);
  const pricing = useQuery({ queryKey: ["pricing"], queryFn: () => api.get<Pricing>("/pricing") });
  const family = plan.plan.split("/")[0];
  const others = pricing.data?.families.find((one) => one.family === family)?.plans.filter((one) => !one.wallet && one.plan !== plan.plan) ?? [];
  if (!others.length) return null;
  return (
    <div className="stack">
      <Select label={t("plan.change")} placeholder={t("plan.choose")} maw={360} data={others.map((one) => ({ value: one.plan, label: named(one.names, one.plan) }))} value={to} onChange={setTo} clearable clearButtonProps={{ "aria-label": t("requests.clear") }} />
      {to && <Offer key={to} plan={plan.plan} to={to} />}
    </div>
  );
}

function Offer({ plan, to }: { plan: string; to: string }) {
  const { t } = useWords();
  const session = useSession();
  const [, go] = useLocation();
  const quote = useQuery({ queryKey: ["me", "change", plan, to], queryFn: () => api.post<Preview>("/me/changes/preview", { plan, to }), retry: false, refetchInterval: 20_000, staleTime: 0 });
  const payer = payersFor(quote.data, session.data)[0];
  const change = useAct<Partial<Order>>({ path: "/me/changes", done: (made) => { if (made.id) go(`/console/orders/${made.id}`); } });
  if (quote.isError) return <Refused problem={quote.error} />;
  if (!quote.data) return <Skeleton height={120} />;
  return (
    <div className="stack">
      <Quote quote={quote.data} />
      <Refused problem={change.error} />
      <div><Button onClick={() => change.mutate({ plan, to, ...(payer ? { payer } : {}) })} loading={change.isPending}>{t("plan.doChange")}</Button></div>
    </div>
  );
}
