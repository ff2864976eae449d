// What a plan file changes against the version sold, in words.
import { Badge, Spoiler } from "@mantine/core";
import type { Change, Diff } from "../../api/books";
import { Empty } from "../states";
import { useWords, type Word } from "../../words/words";

const COLOURS = { added: "gate", removed: "red", changed: "orange", same: "gray" } as const;

export function DiffWords({ diff }: { diff: Diff }) {
  const { t, named } = useWords();
  const plans = diff.plans.filter((plan) => plan.state !== "same");
  const origins = [diff.family, ...diff.plans.map((plan) => plan.changes)].flat().filter((change) => change.subject === "origin").length;
  const family = terms(diff.family);
  const nothing = !family.length && !plans.some((plan) => plan.state !== "changed" || terms(plan.changes).length);
  return (
    <div className="stack" data-testid="diff">
      <p className="quiet small" style={{ margin: 0 }}>{diff.old ? t("planEdit.against", { plan: `${diff.old.family}@${diff.old.version}` }) : t("planEdit.newFamily")}{origins > 0 && ` · ${t("planEdit.origins", { count: origins })}`}</p>
      {nothing && <Empty title={t("planEdit.noChange")}>{diff.old?.hash === diff.new.hash ? null : t("planEdit.noChangeText")}</Empty>}
      {family.length > 0 && <section className="paper stack" style={{ gap: 10 }}><h3 className="small-title">{t("planEdit.wholeFamily")}</h3><Changes rows={family} /></section>}
      {!nothing && plans.map((plan) => (
        <section key={plan.plan} className="paper stack" style={{ gap: 10 }}>
          <div className="row"><h3 className="small-title">{named(plan.names, plan.plan)}</h3><code className="small quiet">{plan.plan}</code><Badge variant="light" color={COLOURS[plan.state]}>{t(`planEdit.${plan.state}` as Word)}</Badge></div>
          {plan.state === "changed" ? <Changes rows={terms(plan.changes)} /> : <Told plan={plan} />}
        </section>
      ))}
    </div>
  );
}

function terms(changes: Change[]): Change[] {
  return changes.filter((change) => change.subject !== "origin");
}

function Told({ plan }: { plan: Diff["plans"][number] }) {
  const { t, language } = useWords();
  return (
    <Spoiler maxHeight={132} showLabel={t("table.more")} hideLabel={t("act.close")}>
      <ul className="small" style={{ margin: 0, paddingInlineStart: 18 }}>{plan.words[language].map((line) => <li key={line}>{line}</li>)}</ul>
    </Spoiler>
  );
}

function Changes({ rows }: { rows: Change[] }) {
  const { t, told, named } = useWords();
  return (
    <ul className="changes">
      {rows.map((change, place) => (
        <li key={place} data-change={change.change}>
          <span className="what"><Badge variant="light" color={COLOURS[change.change]} size="sm">{t(`planEdit.${change.change}` as Word)}</Badge> {told("planChange", change.subject)} <code className="small">{change.id}</code></span>
          <span className="how">
            {change.old && <span className={change.new ? "old" : undefined}>{named(change.old, "")}</span>}
            {change.old && change.new && <span className="quiet" aria-hidden="true"> → </span>}
            {change.new && <strong>{named(change.new, "")}</strong>}
            {change.percent && <span className="quiet"> ({change.percent}%)</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
