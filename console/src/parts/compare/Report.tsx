// What a comparison says: the verdict, every plan by what everything costs, and the whole report as a file.
import { Badge, Button } from "@mantine/core";
import { useState } from "react";
import { useWords } from "../../words/words";
import { saved } from "./saved";

export interface Compared {
  comparison: {
    currency: string;
    usage: { files: number; broken_lines: number; days: string; requests: number; prompts: number; tokens: { total: number }; list_value: string; unpriced_models: string[]; prices_behind: Record<string, string> };
    plans: Outcome[];
    verdict: { best: string; en: string; zh: string };
  };
  page: string;
}

interface Outcome {
  id: string;
  names: Record<string, string>;
  printed_price: string;
  admitted_share: string;
  blocked_hours: string;
  everything_cost: string;
  binds: string | null;
  windows: { id: string; names: Record<string, string> }[];
  problem: Record<string, string> | null;
}

const FIRST = 15;

export function Report({ told }: { told: Compared }) {
  const { t, language, number, money } = useWords();
  const { usage, verdict, currency } = told.comparison;
  return (
    <div className="stack" data-testid="report">
      <section className="paper stack">
        <p style={{ margin: 0, fontSize: "1.06rem", lineHeight: 1.6 }}>{verdict[language]}</p>
        <div className="row">
          <Button onClick={() => saved("faregate-compare.html", told.page, "text/html")}>{t("report.save")}</Button>
          <span className="small quiet">{t("report.saveAbout")}</span>
        </div>
      </section>
      <section className="paper">
        <h2 style={{ margin: "0 0 12px" }}>{t("report.usage")}</h2>
        <ul className="points">
          <li><span className="quiet">{t("report.requests")}</span><span data-testid="requests">{number(usage.requests)}</span></li>
          <li><span className="quiet">{t("report.prompts")}</span><span>{number(usage.prompts)}</span></li>
          <li><span className="quiet">{t("report.days")}</span><span>{number(usage.days)}</span></li>
          <li><span className="quiet">{t("report.tokens")}</span><span>{number(usage.tokens.total)}</span></li>
          <li><span className="quiet">{t("report.value")}</span><span>{money(rounded(usage.list_value), currency)}</span></li>
        </ul>
        {usage.broken_lines > 0 && <p className="small quiet">{t("report.broken", { count: number(usage.broken_lines) })}</p>}
        {usage.unpriced_models.length > 0 && <p className="small quiet">{t("report.unpriced", { models: usage.unpriced_models.join(", ") })}</p>}
        {Object.entries(usage.prices_behind).map(([model, source]) => <p key={model} className="small quiet">{t("report.behind", { model, source })}</p>)}
      </section>
      <Outcomes told={told} />
    </div>
  );
}

function Outcomes({ told }: { told: Compared }) {
  const { t, named, number, money } = useWords();
  const [all, setAll] = useState(false);
  const { plans, currency } = told.comparison;
  const shown = all ? plans : plans.slice(0, FIRST);
  return (
    <>
      <div className="paper flush scroll" tabIndex={0} role="region" aria-label={t("report.plan")}>
        <table className="rows cards">
          <thead><tr><th>{t("report.plan")}</th><th className="num">{t("report.everything")}</th><th className="num">{t("report.price")}</th><th className="num">{t("report.admitted")}</th><th className="num">{t("report.blocked")}</th><th>{t("report.binds")}</th></tr></thead>
          <tbody>
            {shown.map((plan, place) => (
              <tr key={plan.id}>
                <td data-label={t("report.plan")}><span>{named(plan.names, plan.id)} {place === 0 && !plan.problem && <Badge size="sm" variant="light">1</Badge>}{plan.problem && <span className="quiet small"><br />{named(plan.problem, "")}</span>}</span></td>
                <td className="num" data-label={t("report.everything")}><strong>{money(rounded(plan.everything_cost), currency)}</strong></td>
                <td className="num" data-label={t("report.price")}>{plan.printed_price}</td>
                <td className="num" data-label={t("report.admitted")}>{number(Number(plan.admitted_share) * 100, 1)}%</td>
                <td className="num" data-label={t("report.blocked")}>{t("report.hours", { hours: number(plan.blocked_hours, 1) })}</td>
                <td data-label={t("report.binds")}>{binding(plan, named)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!all && plans.length > FIRST && <div><Button variant="default" onClick={() => setAll(true)}>{t("report.all", { count: plans.length })}</Button></div>}
    </>
  );
}

function binding(plan: Outcome, named: (names: Record<string, string>, otherwise: string) => string): string {
  if (!plan.binds) return "—";
  const window = plan.windows.find((one) => one.id === plan.binds);
  return window ? named(window.names, window.id) : plan.binds;
}

function rounded(exact: string): string {
  return Number(exact).toFixed(2);
}
