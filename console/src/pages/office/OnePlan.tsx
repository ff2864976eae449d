// One plan: what it says and costs, its versions with who keeps them, and who runs it.
import "../../parts/books.css";
import { Badge, Button } from "@mantine/core";
import { Link, useParams } from "wouter";
import type { CohortRule, PlanVersion, Running, WordedPlan } from "../../api/books";
import { Back, CustomerLink, Figure, Section, Table, useMay, useRead } from "../../parts/office";
import { Data, Empty } from "../../parts/states";
import { useWords } from "../../words/words";
import { Price } from "./Plans";

export default function OnePlan() {
  const { family = "", plan = "" } = useParams<{ family: string; plan: string }>();
  const id = `${family}/${plan}`;
  const { t, named } = useWords();
  const one = useRead<WordedPlan>(`/plans/${id}`);
  const versions = useRead<{ versions: PlanVersion[] }>(`/plans/${id}/versions`);
  const running = useRead<Running>("/subscriptions", { plan: id });
  const may = useMay("preview_plans");
  return (
    <>
      <Back to="/plans" title="plansOffice.title" />
      <div className="page-head" style={{ marginTop: 6 }}>
        <div>
          <h1 style={{ margin: 0, fontSize: "1.6rem", letterSpacing: "-.02em" }}>{one.data ? named(one.data.names, id) : id}</h1>
          <p><code>{id}</code></p>
        </div>
        {may && <Button component={Link} href={`/console/office/plans/edit?family=${family}`}>{t("plansOffice.edit")}</Button>}
      </div>
      <div className="stack" style={{ gap: 32 }}>
        <Data query={one} height={104}>{(data) => <Figures plan={data} running={running.data} />}</Data>
        <Data query={one} height={260}>{(data) => <Terms plan={data} />}</Data>
        <Section title={t("planOffice.versions")} about={t("planOffice.versionsAbout")}>
          <Data query={versions}>{(data) => <Versions rows={data.versions} running={running.data} />}</Data>
        </Section>
        <Section title={t("planOffice.subscribers")}>
          <Data query={running}>{(data) => <Subscribers rows={data.subscriptions} />}</Data>
        </Section>
      </div>
    </>
  );
}

function Figures({ plan, running }: { plan: WordedPlan; running: Running | undefined }) {
  const { t, number } = useWords();
  const count = running?.counts.filter((one) => one.plan === plan.plan).reduce((sum, one) => sum + one.subscriptions, 0);
  return (
    <div className="figures">
      <Figure label={t("planOffice.fig.running")}>{count === undefined ? "…" : number(count)}</Figure>
      <Figure label={t("planOffice.fig.price")}><Price plan={plan} /></Figure>
      <Figure label={t("planOffice.fig.version")}>{plan.version}</Figure>
    </div>
  );
}

function Terms({ plan }: { plan: WordedPlan }) {
  const { t, language, money, told } = useWords();
  return (
    <>
      <Section title={t("planOffice.terms")}>
        <div className="paper"><ul className="told">{plan.words[language].map((line) => <li key={line}>{line}</li>)}</ul></div>
      </Section>
      {plan.prices.length > 1 && (
        <Section title={t("planOffice.prices")}>
          <Table
            label={t("planOffice.prices")} rows={plan.prices} id={(price) => price.id}
            columns={[
              { title: t("planOffice.priceId"), cell: (price) => <code className="small">{price.id}</code> },
              { title: t("books.price"), num: true, cell: (price) => <>{money(price.amount, price.currency)}{price.period && price.period !== "none" ? <span className="quiet"> / {told("period", price.period)}</span> : null}</> },
              { title: t("planOffice.renews"), cell: (price) => t(price.renews ? "planOffice.renews" : "planOffice.once") },
            ]}
          />
        </Section>
      )}
    </>
  );
}

function Versions({ rows, running }: { rows: PlanVersion[]; running: Running | undefined }) {
  const { t, instant, number } = useWords();
  const rule = useRule();
  const count = (row: PlanVersion) => running?.counts.find((one) => one.plan === row.plan && one.version === row.version)?.subscriptions ?? 0;
  return (
    <Table
      label={t("planOffice.versions")} rows={[...rows].reverse()} id={(row) => row.version}
      columns={[
        { title: t("planOffice.version"), cell: (row) => <span className="row" style={{ gap: 8 }}><span className="figure">{row.version}</span>{row.sold && <Badge variant="light">{t("planOffice.soldNow")}</Badge>}</span> },
        { title: t("planOffice.sold"), cell: (row) => `${row.sold_since ? instant(row.sold_since, "day") : t("books.always")} – ${row.sold_until ? instant(row.sold_until, "day") : t("books.never")}` },
        { title: t("books.price"), num: true, cell: (row) => <Price plan={row} /> },
        { title: t("planOffice.cohort"), cell: (row) => <>{row.cohort ? rule(row.cohort) : <span className="quiet">{t("planOffice.noCohort")}</span>}{row.former && <div className="quiet small">{t("planOffice.former", { rule: rule(row.former) })}</div>}</> },
        { title: t("plansOffice.running"), num: true, cell: (row) => running ? number(count(row)) : "…" },
      ]}
    />
  );
}

/** A rule of who keeps a version, in words. */
function useRule(): (rule: CohortRule) => string {
  const { t, told, instant } = useWords();
  return (rule) => rule.bought_before ? t("planOffice.cohortBefore", { keep: told("keep", rule.keep), at: instant(rule.bought_before, "day") }) : told("keep", rule.keep);
}

function Subscribers({ rows }: { rows: Running["subscriptions"] }) {
  const { t, instant } = useWords();
  if (!rows.length) return <Empty title={t("planOffice.noSubscribers")}>{t("planOffice.noSubscribersText")}</Empty>;
  return (
    <Table
      label={t("planOffice.subscribers")} rows={rows} id={(row) => row.account + row.bought_at}
      columns={[
        { title: t("books.customer"), cell: (row) => <CustomerLink account={row.account} name={row.name} /> },
        { title: t("planOffice.version"), cell: (row) => <span className="figure">{row.version}</span> },
        { title: t("planOffice.bought"), cell: (row) => instant(row.bought_at, "day") },
        { title: t("planOffice.periodEnd"), cell: (row) => row.ends_at ? t("source.ends", { at: instant(row.ends_at, "day") }) : instant(row.period_end, "day") },
      ]}
    />
  );
}
