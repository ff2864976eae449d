// What is left, of each source in the order they pay, as it changes.
import { Badge, Button } from "@mantine/core";
import { Link } from "wouter";
import { useAccount, useLive } from "../api/live";
import type { Account, Notice, Plan, Pool, Window } from "../api/shapes";
import { ActButton } from "../parts/act";
import { Countdown } from "../parts/Countdown";
import { Gauge } from "../parts/Gauge";
import { Data, Empty, Head } from "../parts/states";
import { useWords } from "../words/words";

export default function Overview() {
  const account = useAccount();
  const live = useLive(true);
  const { t } = useWords();
  return (
    <>
      <Head title="overview.title" about="overview.about">
        <span className="row small quiet" role="status"><span className={live ? "dot on" : "dot"} />{t(live ? "overview.live" : "overview.notLive")}</span>
      </Head>
      <Data query={account} height={320}>{(data) => <Sources account={data} />}</Data>
    </>
  );
}

function Sources({ account }: { account: Account }) {
  const { t } = useWords();
  if (!account.plans.length) {
    return (
      <Empty title={t("overview.none")}>
        <p>{t("overview.noneText")}</p>
        <Button component={Link} href="/console/pricing">{t("overview.see")}</Button>
      </Empty>
    );
  }
  return (
    <div className="stack">
      {account.notices.map((notice) => <Flagged key={notice.flag} notice={notice} />)}
      <ol className="grid wide" style={{ listStyle: "none", margin: 0, padding: 0 }}>
        {account.plans.map((plan, place) => (
          <li key={plan.subscription} className="paper stack" data-plan={plan.plan}><Source plan={plan} place={place + 1} /></li>
        ))}
      </ol>
      {account.open_requests.length > 0 && (
        <p className="quiet small" role="status">{t("overview.running", { count: account.open_requests.length })}</p>
      )}
    </div>
  );
}

function Flagged({ notice }: { notice: Notice }) {
  const { t, told, instant } = useWords();
  return (
    <div className="paper notice">
      <strong>{t("notice.title", { plan: notice.plan })}</strong>
      <p className="small">{t("notice.text", { signal: told("signal", notice.signal), action: told("action", notice.action), at: instant(notice.raised_at) })}</p>
    </div>
  );
}

function Source({ plan, place }: { plan: Plan; place: number }) {
  const { t, instant } = useWords();
  // A plan that renews has an end too, some days later: until then the renewal may still be paid.
  const renews = plan.agreement?.renews ?? plan.ends_at === null;
  const ends = renews ? plan.period_end : plan.ends_at ?? plan.period_end;
  const guards = plan.windows.filter((window) => window.guard);
  const pays = plan.wallet && !plan.switched_on ? "source.off" : place === 1 ? "source.first" : "source.then";
  return (
    <>
      <div className="row between">
        <div className="row">
          <Badge variant="light" color="gray" circle>{place}</Badge>
          <strong>{plan.plan}</strong>
        </div>
        <Badge variant="light" color={pays === "source.off" ? "gray" : "gate"}>{t(pays)}</Badge>
      </div>
      {plan.pools.map((pool) => <PoolGauge key={pool.id} pool={pool} plan={plan} />)}
      {plan.windows.filter((window) => !window.guard).map((window) => <WindowGauge key={window.id} window={window} />)}
      {guards.length > 0 && <div className="row small quiet">{guards.map((window) => <Guard key={window.id} window={window} />)}</div>}
      {ends && <div className="small quiet">{t(renews ? "source.renews" : "source.ends", { at: instant(ends, "day") })}</div>}
    </>
  );
}

function PoolGauge({ pool, plan }: { pool: Pool; plan: Plan }) {
  const { t, amount, told } = useWords();
  const size = pool.lots.reduce((sum, lot) => sum + Number(lot.size), 0);
  const name = shortName(pool.id);
  return (
    <div className="stack" style={{ gap: 7 }} data-pool={pool.id}>
      <div className="row between">
        <span>{plan.wallet ? t("source.balance") : told("pool", name)}</span>
        <span className="figure"><strong data-left={pool.available}>{amount(pool.available, pool.unit)}</strong> <span className="quiet">{t("source.left")}</span></span>
      </div>
      <Gauge left={pool.available} of={String(size)} held={pool.held} label={`${plan.plan} ${name}`} />
      <div className="row between small quiet">
        <span>{Number(pool.owed) > 0 ? t("source.owed", { amount: amount(pool.owed, pool.unit) }) : Number(pool.held) > 0 ? t("source.held", { amount: amount(pool.held, pool.unit) }) : ""}</span>
        {pool.next_refill && <span>{t("source.refill")} <Countdown until={pool.next_refill} /></span>}
      </div>
      {pool.restores_left !== undefined && (
        <div className="row">
          <ActButton size="xs" variant="light" path="/me/restores" body={{ plan: plan.plan, pool: shortName(pool.id) }} disabled={pool.restores_left === 0}>{t("source.restore")}</ActButton>
          <span className="small quiet">{t("source.restores", { count: pool.restores_left })} · {t(pool.restore_mode === "manual" ? "source.byHand" : "source.byItself")}</span>
          <ActButton size="xs" variant="subtle" path="/me/restore-mode" body={{ automatic: pool.restore_mode === "manual", plan: plan.plan, pool: shortName(pool.id) }}>{t(pool.restore_mode === "manual" ? "source.makeAutomatic" : "source.makeManual")}</ActButton>
        </div>
      )}
    </div>
  );
}

function WindowGauge({ window }: { window: Window }) {
  const { t, amount, told } = useWords();
  const name = shortName(window.id);
  return (
    <div className="stack" style={{ gap: 7 }} data-window={window.id}>
      <div className="row between">
        <span>{told("window", name)}</span>
        <span className="figure">
          <strong data-left={window.remaining}>{amount(window.remaining, window.unit)}</strong>{" "}
          <span className="quiet">{t("source.of", { amount: amount(window.limit, window.unit) })}</span>
        </span>
      </div>
      <Gauge left={window.remaining} of={window.limit} label={told("window", name)} />
      <div className="row between small quiet">
        <span>{t("source.used", { amount: amount(window.used, window.unit) })}</span>
        <span>{window.reopens_at ? <>{t("source.reopens")} <Countdown until={window.reopens_at} /></> : t("source.unopened")}</span>
      </div>
    </div>
  );
}

function Guard({ window }: { window: Window }) {
  const { t, number, told } = useWords();
  return <span>{told("window", shortName(window.id))}: {t("source.guard", { used: number(window.used), limit: number(window.limit) })}</span>;
}

/** ``plan:window`` or ``plan/pool`` without the plan. */
function shortName(id: string): string {
  return id.includes(":") ? id.slice(id.lastIndexOf(":") + 1) : id.slice(id.lastIndexOf("/") + 1);
}
