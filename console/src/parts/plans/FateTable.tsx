// What becomes of running subscriptions when a plan file is published: counted, and one by one.
import type { Fate, Fates } from "../../api/books";
import { CustomerLink, Table } from "../office";
import { Empty } from "../states";
import { useWords } from "../../words/words";

const MOST = 200;

/** The counts in a sentence, and what would be published. */
export function FateCounts({ fates }: { fates: Fates }) {
  const { t, number, instant } = useWords();
  const sum = (name: "moves" | "keeps" | "ends" | "has") => number(fates.plans.reduce((count, plan) => count + plan[name], 0));
  const since = fates.sold.since ? instant(fates.sold.since, "minute") : t("planEdit.sinceNow");
  return (
    <div className="stack" style={{ gap: 10 }} data-testid="fates">
      <div><div className="quiet small">{t("planEdit.publishes")}</div><strong>{fates.publishes.length ? fates.publishes.join(", ") : t("planEdit.publishesNone")}</strong></div>
      <div>
        <strong>{t("planEdit.cohorts")}</strong>
        <p style={{ margin: "4px 0" }} className="quiet">{t("planEdit.cohortsText", { since })}</p>
        {fates.plans.length ? <p style={{ margin: 0 }}>{t("planEdit.counts", { moves: sum("moves"), keeps: sum("keeps"), ends: sum("ends"), has: sum("has") })}</p> : <p style={{ margin: 0 }}>{t("planEdit.noRunning")}</p>}
      </div>
    </div>
  );
}

export function FateTable({ fates }: { fates: Fates }) {
  const { t, told, money, instant, number } = useWords();
  if (!fates.subscriptions.length) return <Empty title={t("planEdit.noRunning")}>{t("planEdit.noRunningText")}</Empty>;
  const price = (one: Fate["price"]) => (one ? money(one.amount, one.currency) : "—");
  return (
    <div className="stack">
      {fates.subscriptions.length > MOST && <p className="quiet small" style={{ margin: 0 }}>{t("planEdit.truncated", { count: number(MOST), all: number(fates.subscriptions.length) })}</p>}
      <Table
        label={t("planEdit.tab.running")} rows={fates.subscriptions.slice(0, MOST)} id={(row) => row.account + row.subscription}
        columns={[
          { title: t("books.customer"), cell: (row) => <CustomerLink account={row.account} name={row.name} /> },
          { title: t("books.plan"), cell: (row) => <>{row.plan}<div className="quiet small">{row.version}</div></> },
          { title: t("planEdit.fate"), cell: (row) => <>{told("fate", row.outcome)}<div className="quiet small">{told("fateWhy", row.why)}</div></> },
          { title: t("planEdit.at"), cell: (row) => instant(row.at, "day") },
          { title: t("books.price"), num: true, cell: (row) => price(row.price) },
          { title: t("planEdit.priceAfter"), num: true, cell: (row) => row.price?.amount === row.price_after?.amount ? <span className="quiet">{price(row.price_after)}</span> : <strong>{price(row.price_after)}</strong> },
        ]}
      />
    </div>
  );
}
