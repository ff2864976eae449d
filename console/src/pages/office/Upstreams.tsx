// Who answers the requests: channels with their health, their keys, what they cost and what went wrong last.
import "../../parts/books.css";
import { Badge } from "@mantine/core";
import type { ReactNode } from "react";
import type { Cost, Revenue, Upstream, Upstreams as Told, UpstreamKey } from "../../api/books";
import { Countdown } from "../../parts/Countdown";
import { Figure, Section, State, Table, useRead } from "../../parts/office";
import { Data, Empty, Head } from "../../parts/states";
import { useWords } from "../../words/words";

const AGAIN = 5_000;

export default function Upstreams() {
  const { t } = useWords();
  const upstreams = useRead<Told>("/upstreams", {}, { refetchInterval: AGAIN });
  const revenue = useRead<Revenue>("/revenue", { days: 30 });
  return (
    <>
      <Head title="upstreams.title" about="upstreams.about" />
      <Data query={upstreams} height={420}>
        {(data) => data.upstreams.length ? (
          <div className="stack" style={{ gap: 28 }}>
            <Figures told={data} />
            <Section title={t("upstreams.channels")}>
              {data.upstreams.map((one) => <Channel key={one.name} upstream={one} costs={revenue.data?.total.costs.filter((cost) => cost.upstream === one.name)} />)}
            </Section>
          </div>
        ) : <Empty title={t("upstreams.none")}>{t("upstreams.noneText")}</Empty>}
      </Data>
    </>
  );
}

function Figures({ told }: { told: Told }) {
  const { t, number } = useWords();
  const { counters, upstreams } = told;
  const well = upstreams.filter((one) => one.state === "well").length;
  return (
    <div className="figures">
      <Figure label={t("upstreams.well")}>{well} / {upstreams.length}</Figure>
      <Figure label={t("upstreams.answered")} about={t("upstreams.answeredAbout")}>{number(upstreams.reduce((sum, one) => sum + one.answered, 0))}</Figure>
      <Figure label={t("upstreams.failures")} about={t("upstreams.failuresAbout", { count: number(counters.failovers ?? 0) })}>{number(upstreams.reduce((sum, one) => sum + faults(one), 0))}</Figure>
      <Figure label={t("upstreams.open")} about={t("upstreams.openAbout", { count: number(counters.refused ?? 0) })}>{number(counters.open ?? 0)}</Figure>
    </div>
  );
}

function faults(upstream: Upstream): number {
  return Object.values(upstream.faults).reduce((sum, count) => sum + count, 0);
}

function percent(share: string): string {
  const [above, below = "1"] = share.split("/");
  return String(Math.round((Number(above) / Number(below)) * 10_000) / 100);
}

function Channel({ upstream, costs }: { upstream: Upstream; costs: Cost[] | undefined }) {
  const { t, told, money, number, instant } = useWords();
  const last = upstream.last_fault;
  const fault = (code: string) => told("upstreamFault", code);
  return (
    <article className="paper stack" data-upstream={upstream.name}>
      <div className="row between">
        <div className="row"><h3 style={{ margin: 0, fontSize: "1.05rem" }}>{upstream.name}</h3><State group="upstreamState" value={upstream.state} />
          {upstream.rests_until && <span className="small quiet">{fault(upstream.why ?? "")} · {t("upstreams.restsUntil")} <Countdown until={upstream.rests_until} /></span>}
        </div>
        <code className="small quiet">{upstream.base_url}</code>
      </div>
      <div className="facts">
        <Fact label={t("upstreams.answered")}>{number(upstream.answered)}</Fact>
        <Fact label={t("upstreams.faults")}>{faults(upstream) ? Object.entries(upstream.faults).map(([code, count]) => `${fault(code)} ${count}`).join(", ") : t("upstreams.noFault")}</Fact>
        <Fact label={t("upstreams.running")}>{upstream.concurrency ? t("upstreams.runningOf", { open: upstream.open, most: upstream.concurrency }) : number(upstream.open)}</Fact>
        <Fact label={t("upstreams.keys")}>{upstream.keys.filter((key) => key.state === "well").length} / {upstream.keys.length}</Fact>
        <Fact label={t("upstreams.cost")}>{upstream.cost ? t(upstream.cost.own_prices.length ? "upstreams.costOwn" : "upstreams.costShare", { share: percent(upstream.cost.share) }) : t("upstreams.costUnknown")}</Fact>
        <Fact label={t("upstreams.paid")}>{costs?.length ? costs.map((cost) => <div key={cost.currency}>{money(rounded(cost.cost), cost.currency)}{cost.margin !== null && <div className="quiet small">{t("upstreams.margin")} {money(rounded(cost.margin), cost.currency)}</div>}</div>) : costs ? "—" : "…"}</Fact>
      </div>
      {last && <p className="small" style={{ margin: 0 }}><span className="quiet">{t("upstreams.lastFault")}:</span> {t("upstreams.fault", { code: fault(last.code), model: last.model ?? "—", at: instant(last.at, "second") })}</p>}
      <details className="more"><summary aria-label={`${t("upstreams.more")}: ${upstream.name}`}>{t("upstreams.more")}</summary><Details upstream={upstream} /></details>
    </article>
  );
}

function rounded(exact: string): string {
  return Number(exact).toFixed(2);
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return <div><div className="quiet small">{label}</div><div className="figure">{children}</div></div>;
}

function Details({ upstream }: { upstream: Upstream }) {
  const { t, told } = useWords();
  return (
    <div className="stack">
      <Keys keys={upstream.keys} />
      {upstream.resting_models.length > 0 && (
        <Table
          label={t("upstreams.restingModels")} rows={upstream.resting_models} id={(row) => row.model}
          columns={[
            { title: t("upstreams.restingModels"), cell: (row) => row.model },
            { title: t("books.state"), cell: (row) => <State group="upstreamState" value={row.state} /> },
            { title: t("upstreams.lastFault"), cell: (row) => row.why ? told("upstreamFault", row.why) : row.keys.map((key) => `${key.name}: ${told("upstreamFault", key.why ?? "")}`).join(", ") || "—" },
            { title: t("upstreams.restsUntil"), num: true, cell: (row) => row.rests_until ? <Countdown until={row.rests_until} /> : "—" },
          ]}
        />
      )}
      <ul className="points">
        <li><span className="quiet">{t("upstreams.models")}</span><span className="row" style={{ gap: 6, justifyContent: "flex-end" }}>{upstream.models.map((one) => <Badge key={one.model} variant="light" color="gray">{one.upstream === "*" || one.upstream === one.model ? one.model : t("upstreams.asName", one)}</Badge>)}</span></li>
        <li><span className="quiet">{t("upstreams.speaks")}</span><span className="row" style={{ gap: 6, justifyContent: "flex-end" }}>{upstream.dialects.map((one) => <Badge key={one} variant="light" color="gray">{one}</Badge>)}</span></li>
        <li><span className="quiet">{t("books.state")}</span><span>{t("upstreams.order", { place: upstream.priority ? t("upstreams.later", { priority: upstream.priority }) : t("upstreams.first"), weight: upstream.weight })}</span></li>
        <li><span className="quiet">{t("upstreams.limits")}</span><span>{t("upstreams.limitsText", { connect: upstream.connect_seconds, first: upstream.first_byte_seconds, idle: upstream.idle_seconds })}</span></li>
      </ul>
    </div>
  );
}

function Keys({ keys }: { keys: UpstreamKey[] }) {
  const { t, told, number } = useWords();
  return (
    <Table
      label={t("upstreams.keys")} rows={keys} id={(key) => key.name}
      columns={[
        { title: t("upstreams.key"), cell: (key) => <code className="small">{key.name}</code> },
        { title: t("books.state"), cell: (key) => <State group="upstreamState" value={key.state} /> },
        { title: t("upstreams.lastFault"), cell: (key) => <>{key.why ? told("upstreamFault", key.why) : "—"}{key.rests > 0 && <div className="quiet small">{t("upstreams.restsBefore", { count: key.rests })}</div>}</> },
        { title: t("upstreams.restsUntil"), num: true, cell: (key) => key.rests_until ? <Countdown until={key.rests_until} /> : "—" },
        { title: t("upstreams.running"), num: true, cell: (key) => key.concurrency ? t("upstreams.runningOf", { open: key.open, most: key.concurrency }) : number(key.open) },
        { title: t("upstreams.asked"), num: true, cell: (key) => number(key.asked) },
      ]}
    />
  );
}
