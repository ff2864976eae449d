// Extra Usage: whether a wallet goes on where a plan's windows are full, and which key is billed.
import { Select, Switch } from "@mantine/core";
import { useState } from "react";
import { useAccount } from "../api/live";
import type { Key, Plan } from "../api/shapes";
import { Refused, useAct } from "../parts/act";
import { Data, Empty, Head } from "../parts/states";
import { useWords } from "../words/words";

const NEW = "+";

export default function ExtraUsage() {
  const account = useAccount();
  const { t } = useWords();
  return (
    <>
      <Head title="extra.title" about="extra.about" />
      <Data query={account}>
        {(data) => {
          const plans = data.plans.filter((plan) => plan.extra_usage);
          return plans.length ? <div className="stack">{plans.map((plan) => <One key={plan.subscription} plan={plan} keys={data.keys} />)}</div> : <Empty title={t("extra.none")}>{t("extra.noneText")}</Empty>;
        }}
      </Data>
    </>
  );
}

function One({ plan, keys }: { plan: Plan; keys: readonly Key[] }) {
  const { t, amount, told } = useWords();
  const extra = plan.extra_usage;
  const [secret, setSecret] = useState<string | null>(null);
  const [picked, setPicked] = useState<string>(extra?.key ?? NEW);
  const act = useAct<{ secret?: string }>({ path: "/me/extra-usage", done: (made) => setSecret(made.secret ?? null) });
  if (!extra) return null;
  const fitting = keys.filter((key) => !key.revoked_at && (key.kind ?? "").includes("payg"));
  const choices = [...fitting.map((key) => ({ value: key.id, label: `${key.name} (${key.prefix}…)` })), { value: NEW, label: t("extra.newKey") }];
  const set = (on: boolean, key: string) => act.mutate({ plan: plan.plan, on, ...(on ? (key === NEW ? { new_key: "extra-usage" } : { key }) : {}) });
  return (
    <section className="paper stack" data-plan={plan.plan}>
      <div className="row between"><h2 style={{ margin: 0 }}>{plan.plan}</h2>
        <Switch size="md" label={t(extra.on ? "extra.on" : "extra.off")} checked={extra.on} disabled={act.isPending} onChange={(event) => set(event.currentTarget.checked, picked)} />
      </div>
      {extra.revoked_key && <p role="alert">{t("extra.revoked")}</p>}
      <Select label={t("extra.key")} maw={380} data={choices} value={choices.some((one) => one.value === picked) ? picked : NEW} allowDeselect={false} onChange={(value) => { const chosen = value ?? NEW; setPicked(chosen); if (extra.on) set(true, chosen); }} />
      <Refused problem={act.error} />
      {secret && <><p className="small">{t("keys.once")}</p><pre className="code">{secret}</pre></>}
      <div className="grid" style={{ gridTemplateColumns: "repeat(auto-fit, minmax(140px, 1fr))" }}>
        <div><div className="quiet small">{t("source.balance")}</div><div className="big">{amount(extra.balance, extra.unit)}</div></div>
        <div><div className="quiet small">{t("extra.spent")}</div><div className="big" data-testid="spent">{amount(extra.spent, extra.unit)}</div></div>
        <div><div className="quiet small">{t("extra.month")}</div><div className="big">{amount(extra.spent_this_month, extra.unit)}</div></div>
      </div>
      <ul className="points small">{extra.windows.map((window) => <li key={window.id}><span className="quiet">{t("extra.window", { window: told("window", window.id) })}</span><span>{amount(window.spent, extra.unit)}</span></li>)}</ul>
    </section>
  );
}
