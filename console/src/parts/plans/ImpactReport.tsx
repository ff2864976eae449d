// Real requests replayed under a plan file: money before and after, refusals, and who would be hurt.
import type { Impact, Side } from "../../api/books";
import { less } from "../../pages/office/sums";
import { CustomerLink, Section, Table } from "../office";
import { Empty } from "../states";
import { useWords, type Word } from "../../words/words";

type Row = { name: Word; now: string; then: string; money: boolean; worse: (difference: number) => boolean };

function rows(now: Side, then: Side): Row[] {
  return [
    { name: "planEdit.revenue", now: now.revenue, then: then.revenue, money: true, worse: (difference) => difference < 0 },
    { name: "planEdit.cost", now: now.list_value, then: then.list_value, money: true, worse: () => false },
    { name: "planEdit.margin", now: now.margin, then: then.margin, money: true, worse: (difference) => difference < 0 },
    { name: "planEdit.refusals", now: String(now.refused), then: String(then.refused), money: false, worse: (difference) => difference > 0 },
    { name: "planEdit.requests", now: String(now.requests), then: String(then.requests), money: false, worse: () => false },
  ];
}

export function ImpactReport({ impact, days }: { impact: Impact; days: number }) {
  const { t, number, money, told, instant } = useWords();
  if (!impact.accounts) return <Empty title={t("planEdit.noTraffic")}>{t("planEdit.noTrafficText")}</Empty>;
  const shown = (exact: string, isMoney: boolean) => (isMoney ? money(Number(exact).toFixed(2), impact.currency) : number(exact));
  const signed = (row: Row) => {
    const difference = less(row.then, row.now);
    const sign = Number(difference) > 0 ? "+" : "";
    return <span style={row.worse(Number(difference)) ? { color: "var(--mantine-color-error)" } : undefined}>{Number(difference) === 0 ? "—" : sign + shown(difference, row.money)}</span>;
  };
  return (
    <div className="stack" style={{ gap: 24 }} data-testid="impact">
      <div className="stack" style={{ gap: 8 }}>
        <p className="quiet small" style={{ margin: 0 }}>{t("planEdit.measure", { currency: impact.currency, days })} · {t("planEdit.hurtOf", { hurt: number(impact.accounts_hurt), all: number(impact.accounts) })}</p>
        <Table
          label={t("planEdit.tab.impact")} rows={rows(impact.now, impact.then)} id={(row) => row.name}
          columns={[
            { title: "", cell: (row) => t(row.name) },
            { title: t("planEdit.now"), num: true, cell: (row) => shown(row.now, row.money) },
            { title: t("planEdit.then"), num: true, cell: (row) => <strong>{shown(row.then, row.money)}</strong> },
            { title: t("planEdit.difference"), num: true, cell: signed },
          ]}
        />
      </div>
      {impact.plans.length > 1 && (
        <Section title={t("planEdit.byPlans")}>
          <Table
            label={t("planEdit.byPlans")} rows={impact.plans} id={(row) => row.plans}
            columns={[
              { title: t("books.plan"), cell: (row) => row.plans },
              { title: t("books.customer"), num: true, cell: (row) => t("planEdit.hurtOf", { hurt: row.accounts_hurt, all: row.accounts }) },
              { title: t("planEdit.revenue"), num: true, cell: (row) => `${shown(row.now.revenue, true)} → ${shown(row.then.revenue, true)}` },
              { title: t("planEdit.newRefusals"), num: true, cell: (row) => number(row.new_refusals) },
            ]}
          />
        </Section>
      )}
      <Section title={t("planEdit.hurtTitle")}>
        {impact.hurt.length ? (
          <Table
            label={t("planEdit.hurtTitle")} rows={impact.hurt} id={(row) => row.account}
            columns={[
              { title: t("books.customer"), cell: (row) => <CustomerLink account={row.account} name={row.name} /> },
              { title: t("books.plan"), cell: (row) => row.plans },
              { title: t("planEdit.newRefusals"), num: true, cell: (row) => `${number(row.new_refusals)} / ${number(row.requests)}` },
              { title: t("planEdit.firstAt"), cell: (row) => instant(row.first_at) },
              { title: t("planEdit.binding"), cell: (row) => row.binding.map((one) => <div key={one.reason + one.subject} className="small">{told("passed", one.reason)} <span className="quiet">{one.subject} · {number(one.count)}</span></div>) },
            ]}
          />
        ) : <Empty title={t("planEdit.hurtNone")} />}
      </Section>
    </div>
  );
}
