// The operator's plans: every family on sale, the version sold, who runs it.
import "../../parts/books.css";
import { Badge, Button, TextInput } from "@mantine/core";
import { Link } from "wouter";
import type { Running, SoldPlan } from "../../api/books";
import { Section, Table, useFilter, useMay, useRead } from "../../parts/office";
import { Data, Empty, Head } from "../../parts/states";
import { useWords } from "../../words/words";

const BASE = "/console/office/plans";

export default function Plans() {
  const { t } = useWords();
  const [filter, set] = useFilter("find");
  const plans = useRead<{ plans: SoldPlan[] }>("/plans");
  const running = useRead<Running>("/subscriptions");
  const may = useMay("preview_plans");
  return (
    <>
      <Head title="plansOffice.title" about="plansOffice.about">
        {may && <Button component={Link} href={`${BASE}/edit`} variant="default">{t("plansOffice.new")}</Button>}
      </Head>
      <TextInput label={t("plansOffice.find")} value={filter.find} onChange={(event) => set({ find: event.currentTarget.value })} maw={360} mb="lg" />
      <Data query={plans} height={420}>
        {(data) => <Families plans={data.plans} running={running.data} find={filter.find.toLowerCase()} />}
      </Data>
    </>
  );
}

function Families({ plans, running, find }: { plans: SoldPlan[]; running: Running | undefined; find: string }) {
  const { t } = useWords();
  const found = plans.filter((plan) => !find || `${plan.plan} ${plan.names.en ?? ""} ${plan.names.zh ?? ""}`.toLowerCase().includes(find));
  if (!plans.length) return <Empty title={t("plansOffice.none")}>{t("plansOffice.noneText")}</Empty>;
  if (!found.length) return <Empty title={t("plansOffice.noneFound")} />;
  const families = new Map<string, SoldPlan[]>();
  for (const plan of found) families.set(family(plan), [...(families.get(family(plan)) ?? []), plan]);
  return <div className="stack" style={{ gap: 32 }}>{[...families].map(([name, rows]) => <Family key={name} name={name} plans={rows} running={running} />)}</div>;
}

function family(plan: SoldPlan): string {
  return plan.plan.split("/")[0] ?? plan.plan;
}

function Family({ name, plans, running }: { name: string; plans: SoldPlan[]; running: Running | undefined }) {
  const { t, named, number } = useWords();
  const may = useMay("preview_plans");
  const count = (plan: SoldPlan, sold: boolean) =>
    running?.counts.filter((one) => one.plan === plan.plan && (one.version === plan.version) === sold).reduce((sum, one) => sum + one.subscriptions, 0) ?? 0;
  return (
    <Section title={name} acts={may && <Button component={Link} href={`${BASE}/edit?family=${name}`} size="xs" variant="default" aria-label={`${t("plansOffice.edit")}: ${name}`}>{t("plansOffice.edit")}</Button>}>
      <div className="even"><Table
        label={name}
        rows={plans}
        id={(plan) => plan.plan}
        columns={[
          { title: t("books.plan"), cell: (plan) => <Link href={`${BASE}/${plan.plan}`}>{named(plan.names, plan.plan)}</Link> },
          { title: t("planOffice.priceId"), cell: (plan) => <span className="row" style={{ gap: 8 }}><code className="small">{plan.plan}</code>{plan.wallet && <Badge variant="light" color="gray">{t("plansOffice.wallet")}</Badge>}</span> },
          { title: t("books.price"), num: true, cell: (plan) => <Price plan={plan} /> },
          { title: t("plansOffice.version"), cell: (plan) => <span className="figure">{plan.version}</span> },
          { title: t("plansOffice.running"), num: true, cell: (plan) => running ? <Counted sold={count(plan, true)} older={count(plan, false)} told={number} /> : "…" },
        ]}
      /></div>
    </Section>
  );
}

function Counted({ sold, older, told }: { sold: number; older: number; told: (count: number) => string }) {
  const { t } = useWords();
  return <>{told(sold + older)}{older > 0 && <div className="quiet small">{t("plansOffice.older", { count: told(older) })}</div>}</>;
}

export function Price({ plan }: { plan: SoldPlan }) {
  const { t, money, told } = useWords();
  const price = plan.prices[0];
  if (!price) return <span className="quiet">{t("plansOffice.given")}</span>;
  return <>{money(price.amount, price.currency)}{price.period && price.period !== "none" ? <span className="quiet"> / {told("period", price.period)}</span> : null}</>;
}
