// Windows and pools of a subscription as gauges, for whoever looks at somebody else's account.
import type { Pool, Window } from "../../api/shapes";
import { useWords } from "../../words/words";
import { Countdown } from "../Countdown";
import { Gauge } from "../Gauge";

/** ``plan:window`` without the plan. */
export function shortName(id: string): string {
  return id.includes(":") ? id.slice(id.lastIndexOf(":") + 1) : id.slice(id.lastIndexOf("/") + 1);
}

export function PoolGauge({ pool, wallet }: { pool: Pool; wallet: boolean }) {
  const { t, amount, told } = useWords();
  const size = pool.lots.reduce((sum, lot) => sum + Number(lot.size), 0);
  const name = wallet ? t("source.balance") : told("pool", shortName(pool.id));
  const beside = [
    Number(pool.owed) > 0 ? t("source.owed", { amount: amount(pool.owed, pool.unit) }) : "",
    Number(pool.held) > 0 ? t("source.held", { amount: amount(pool.held, pool.unit) }) : "",
    pool.restores_left !== undefined ? `${t("source.restores", { count: pool.restores_left })} · ${t(pool.restore_mode === "manual" ? "plans.byHand" : "source.byItself")}` : "",
  ].filter(Boolean).join(" · ");
  return (
    <div className="stack" style={{ gap: 6 }} data-pool={pool.id}>
      <div className="row between"><span>{name}</span><span className="figure"><strong>{amount(pool.available, pool.unit)}</strong>{size > 0 && <span className="quiet"> {t("source.of", { amount: amount(String(size), pool.unit) })}</span>}</span></div>
      <Gauge left={pool.available} of={String(size)} held={pool.held} label={name} />
      {(beside || pool.next_refill) && <div className="row between small quiet"><span>{beside}</span>{pool.next_refill && <span>{t("source.refill")} <Countdown until={pool.next_refill} /></span>}</div>}
    </div>
  );
}

export function WindowGauge({ window }: { window: Window }) {
  const { t, amount, told } = useWords();
  const name = told("window", shortName(window.id));
  return (
    <div className="stack" style={{ gap: 6 }} data-window={window.id}>
      <div className="row between"><span>{name}</span><span className="figure"><strong>{amount(window.remaining, window.unit)}</strong> <span className="quiet">{t("source.of", { amount: amount(window.limit, window.unit) })}</span></span></div>
      <Gauge left={window.remaining} of={window.limit} label={name} />
      <div className="row between small quiet"><span>{t("source.used", { amount: amount(window.used, window.unit) })}</span><span>{window.reopens_at ? <>{t("source.reopens")} <Countdown until={window.reopens_at} /></> : t("plans.unopened")}</span></div>
    </div>
  );
}
