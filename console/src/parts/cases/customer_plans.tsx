// The plans of one customer in burn order, with gauges and what an operator may do to each; segments; running requests.
import { Badge } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";
import type { Subscription, WholeAccount } from "../../api/office_shapes";
import type { RefundPreview } from "../../api/shapes";
import { useWords } from "../../words/words";
import { Act, Code, Section, Table, useMay, useRead, type Field } from "../office";
import { Ago } from "../ago";
import { Empty } from "../states";
import { PoolGauge, WindowGauge, shortName } from "./gauges";
import { Previewed } from "./refund_preview";

const REASON: Field = { name: "reason", label: "act.note", about: "act.noteAbout", kind: "long" };

export function CustomerPlans({ account }: { account: WholeAccount }) {
  const { t } = useWords();
  return (
    <div className="stack" style={{ gap: 28 }}>
      <Section title={t("plans.title")} about={t("plans.about")} acts={<PlanActs account={account} />}>
        {account.subscriptions.length ? (
          <ol className="grid wide" style={{ listStyle: "none", margin: 0, padding: 0 }}>
            {account.subscriptions.map((one, place) => <li key={one.subscription} className="paper stack" data-plan={one.plan}><Running account={account} one={one} place={place + 1} /></li>)}
          </ol>
        ) : <Empty title={t("plans.none")}>{t("plans.noneText")}</Empty>}
      </Section>
      <Segments account={account} />
      {account.open_holds.length > 0 && <Holds account={account} />}
    </div>
  );
}

/** Acts that are about the account rather than one of its plans. */
function PlanActs({ account }: { account: WholeAccount }) {
  const { t } = useWords();
  const sold = useRead<{ plans: { plan: string; names: Record<string, string>; prices: { id: string }[] }[] }>("/plans", {}, { enabled: useMay("list_plans") });
  const path = `/accounts/${account.id}`;
  const plans = (sold.data?.plans ?? []).map((one) => ({ value: one.plan, label: one.plan }));
  const priced = (values: Record<string, string>) => (sold.data?.plans.find((one) => one.plan === values["plan"])?.prices.length ?? 0) > 1;
  const pools = account.subscriptions.filter((one) => one.pools.length);
  const grantable = pools.map((one) => ({ value: one.plan, label: `${one.plan} (${one.pools[0]?.unit ?? ""})` }));
  return (
    <>
      <Act
        operation="subscribe" label="plans.put" path={`${path}/subscriptions`} of={account.name} sure={t("plans.surePut")}
        fields={[
          { name: "plan", label: "plans.plan", kind: "choice", choices: plans, required: true },
          { name: "price", label: "plans.price", about: "plans.priceAbout", when: priced },
          { name: "once", label: "plans.once", kind: "switch" },
        ]}
      />
      {grantable.length > 0 && (
        <Act
          operation="grant" label="plans.grant" path={`${path}/grants`} of={account.name} sure={t("plans.sureGrant")}
          fields={[
            { name: "plan", label: "plans.pool", kind: "choice", choices: grantable, required: true, initial: grantable[0]?.value ?? "" },
            { name: "amount", label: "refunds.amount", about: "plans.amountAbout", kind: "amount", required: true },
            { name: "expires_at", label: "plans.expires", about: "plans.expiresAbout", kind: "instant" },
            REASON,
          ]}
        />
      )}
    </>
  );
}

function Running({ account, one, place }: { account: WholeAccount; one: Subscription; place: number }) {
  const { t, instant, money, amount, told } = useWords();
  const renews = one.agreement?.renews ?? one.ends_at === null;
  const ends = one.agreement && !renews ? one.ends_at ?? one.period_end : renews ? one.period_end : one.ends_at;
  const guards = one.windows.filter((window) => window.guard);
  return (
    <>
      <div className="row between">
        <div className="row"><Badge variant="light" color="gray" circle>{place}</Badge><strong>{one.plan}</strong></div>
        <Badge variant="light" color={one.wallet && !one.switched_on ? "gray" : "gate"}>{one.wallet && !one.switched_on ? t("source.off") : one.price && Number(one.price.amount) ? `${money(one.price.amount, one.price.currency)}${one.price.period ? ` / ${told("period", one.price.period)}` : ""}` : t(one.wallet ? "plans.wallet" : "pricing.free")}</Badge>
      </div>
      {one.pools.map((pool) => <PoolGauge key={pool.id} pool={pool} wallet={one.wallet} />)}
      {one.windows.filter((window) => !window.guard).map((window) => <WindowGauge key={window.id} window={window} />)}
      <ul className="points small">
        {guards.map((window) => <li key={window.id}><span className="quiet">{told("window", shortName(window.id))}</span><span>{window.used} / {window.limit}</span></li>)}
        <li><span className="quiet">{t("plans.since")}</span><span>{instant(one.bought_at, "day")}</span></li>
        {ends && <li><span className="quiet">{t(renews ? "plans.periodEnds" : "plans.ends")}</span><span>{instant(ends, "day")}</span></li>}
        {one.agreement?.payer && <li><span className="quiet">{t("plans.payer")}</span><span>{told("payer", one.agreement.payer)}</span></li>}
        {one.extra_usage && <li><span className="quiet">{t("extra.title")}</span><span>{one.extra_usage.on ? t("plans.extraOn", { amount: amount(one.extra_usage.spent_this_month, one.extra_usage.unit) }) : t("extra.off")}</span></li>}
        <li><span className="quiet">{t("plan.version")}</span><span>{one.version}{one.version_after_renewal && one.version_after_renewal !== one.version ? ` → ${one.version_after_renewal}` : ""}</span></li>
      </ul>
      <div className="row" style={{ marginTop: "auto" }}><RunningActs account={account} one={one} /></div>
    </>
  );
}

function RunningActs({ account, one }: { account: WholeAccount; one: Subscription }) {
  const { t, told } = useWords();
  const path = `/accounts/${account.id}`;
  const of = `${account.name} · ${one.plan}`;
  const windows = one.windows.map((window) => ({ value: shortName(window.id), label: told("window", shortName(window.id)) }));
  const restored = one.pools.filter((pool) => pool.restores_left !== undefined);
  return (
    <>
      {windows.length > 0 && (
        <Act operation="reset_windows" label="plans.reset" path={`${path}/resets`} of={of} fixed={{ plan: one.plan }} sure={t("plans.sureReset")}
          fields={[{ name: "window", label: "plans.window", about: "plans.windowAbout", kind: "choice", choices: windows }]} />
      )}
      {restored.map((pool) => (
        <Act key={pool.id} operation="restore" label="plans.restore" path={`${path}/restores`} of={of} fixed={{ plan: one.plan, pool: shortName(pool.id) }}
          sure={t("plans.sureRestore", { count: pool.restores_left ?? 0 })} />
      ))}
      {one.agreement && <RefundAct account={account} one={one} of={of} />}
      {one.wallet
        ? <Act operation="switch_wallet" label={one.switched_on ? "plans.switchOff" : "plans.switchOn"} path={`${path}/switches`} of={of} fixed={{ plan: one.plan, on: !one.switched_on }} sure={t(one.switched_on ? "plans.sureSwitchOff" : "plans.sureSwitchOn")} />
        : (
          <Act danger operation="cancel" label="plans.end" path={`${path}/cancellations`} of={of} fixed={{ plan: one.plan }} sure={t("plans.sureEnd")}
            fields={[{ name: "at_once", label: "plans.atOnce", about: "plans.atOnceAbout", kind: "switch" }]} />
        )}
    </>
  );
}

/** A refund is asked with the amount that its preview told, so that what was seen is what happens. */
function RefundAct({ account, one, of }: { account: WholeAccount; one: Subscription; of: string }) {
  const { t } = useWords();
  const [told, setTold] = useState<RefundPreview | null>(null);
  const path = `/accounts/${account.id}/refunds`;
  return (
    <Act
      danger operation="ask_refund" label="refunds.ask" path={path} of={of} fixed={{ plan: one.plan, ...(told ? { shown: told.amount } : {}) }} sure={t("plans.sureRefund")}
      shows={(_, ready) => <Previewed path={`${path}/preview`} plan={one.plan} told={(preview) => { setTold(preview); ready(preview !== null); }} />}
    />
  );
}

function Segments({ account }: { account: WholeAccount }) {
  const { t, instant } = useWords();
  const act = (
    <Act
      operation="set_segment" label="segments.put" path={`/accounts/${account.id}/segments`} of={account.name} sure={t("segments.sure")}
      fields={[
        { name: "segment", label: "segments.segment", about: "segments.segmentAbout", required: true },
        { name: "begins", label: "segments.begins", about: "segments.beginsAbout", kind: "instant" },
        { name: "until", label: "segments.until", about: "segments.untilAbout", kind: "instant" },
        { ...REASON, required: true },
      ]}
    />
  );
  return (
    <Section title={t("segments.title")} acts={act}>
      {account.segments.length ? (
        <Table
          label={t("segments.title")} rows={account.segments} id={(row) => row.segment + row.from}
          columns={[
            { title: t("segments.segment"), cell: (row) => <strong>{row.segment}</strong> },
            { title: t("segments.begins"), cell: (row) => instant(row.from) },
            { title: t("segments.until"), cell: (row) => instant(row.until) },
            { title: t("orders.state"), cell: (row) => <Badge variant="light" color={row.in_force ? "gate" : "gray"}>{t(row.in_force ? "segments.inForce" : "segments.over")}</Badge> },
            { title: t("act.note"), cell: (row) => row.reason || "—" },
          ]}
        />
      ) : <p className="quiet small" style={{ margin: 0 }}>{t("segments.none")}</p>}
    </Section>
  );
}

function Holds({ account }: { account: WholeAccount }) {
  const { t } = useWords();
  return (
    <Section title={t("plans.running")}>
      <Table
        label={t("plans.running")} rows={account.open_holds} id={(row) => row.request}
        columns={[
          { title: t("request.id"), cell: (row) => <Link href={`/console/office/requests/${row.request}`}><Code>{row.request}</Code></Link> },
          { title: t("requests.model"), cell: (row) => row.model },
          { title: t("plans.since"), cell: (row) => <Ago at={row.since} /> },
        ]}
      />
    </Section>
  );
}
