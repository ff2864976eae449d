// The operator's start: what waits for somebody, then how the gate, its upstreams and its store are.
import { Badge } from "@mantine/core";
import { Link } from "wouter";
import type { ListedFlag, Matter, System, Upstream } from "../../api/office_shapes";
import { Figure, Section, State, Table, useMay, useRead } from "../../parts/office";
import { Data, Head } from "../../parts/states";
import { useWords } from "../../words/words";

interface Upstreams {
  upstreams: Upstream[];
  counters: Record<string, number>;
}

const AGAIN = { refetchInterval: 15_000 };
const PAGE = 200;

export default function Health() {
  const { t } = useWords();
  const upstreams = useRead<Upstreams>("/upstreams", {}, AGAIN);
  const system = useRead<System>("/system", {}, AGAIN);
  return (
    <>
      <Head title="health.title" about="health.about" />
      <div className="stack" style={{ gap: 28 }}>
        <Attention upstreams={upstreams.data?.upstreams} system={system.data} />
        <Section title={t("health.gate")}>
          <Data query={upstreams} height={112}>{(data) => <Gate data={data} />}</Data>
        </Section>
        <Section title={t("upstreams.title")}>
          <Data query={upstreams} height={160}>{(data) => <Ways rows={data.upstreams} />}</Data>
        </Section>
        <Section title={t("health.system")}>
          <Data query={system} height={200}>{(data) => <Runs system={data} />}</Data>
        </Section>
      </div>
    </>
  );
}

interface Item {
  id: string;
  colour: string;
  words: string;
  about: string;
  to: string | null;
}

/** What somebody should look at, the worst first. */
function Attention({ upstreams, system }: { upstreams: Upstream[] | undefined; system: System | undefined }) {
  const { t, told } = useWords();
  const matters = useRead<{ matters: Matter[]; next: string | null }>("/matters", { limit: PAGE }, AGAIN);
  const flags = useRead<{ flags: ListedFlag[]; next: string | null }>("/flags", { state: "open" }, AGAIN);
  const loading = !matters.data || !flags.data || !upstreams || !system;
  const items: Item[] = [];
  for (const one of upstreams ?? []) {
    const resting = one.keys.filter((key) => key.state !== "well").length;
    if (one.state !== "well") items.push({ id: one.name, colour: "red", words: t("attention.upstream", { name: one.name, state: told("upstream", one.state) }), about: one.why ? told("fault", one.why) : t("attention.upstreamText"), to: "/upstreams" });
    else if (resting) items.push({ id: one.name, colour: "orange", words: t("attention.keys", { name: one.name, count: resting }), about: t("attention.keysText"), to: "/upstreams" });
  }
  if (upstreams && !upstreams.length) items.push({ id: "none", colour: "red", words: t("attention.noUpstream"), about: t("attention.noUpstreamText"), to: null });
  const kinds = new Map<string, number>();
  for (const matter of matters.data?.matters ?? []) kinds.set(matter.kind, (kinds.get(matter.kind) ?? 0) + 1);
  for (const [kind, count] of kinds) items.push({ id: kind, colour: kind === "reward" || kind === "refund" ? "gray" : "orange", words: told("matter", kind), about: t("attention.count", { count: `${count}${matters.data?.next ? "+" : ""}` }), to: `/matters?kind=${kind}` });
  const open = flags.data?.flags.length ?? 0;
  if (open) items.push({ id: "flags", colour: "orange", words: t("attention.flags"), about: t("attention.count", { count: `${open}${flags.data?.next ? "+" : ""}` }), to: "/flags" });
  if (system && !system.public_url) items.push({ id: "url", colour: "gray", words: t("attention.url"), about: t("attention.urlText"), to: null });
  if (system && !system.mail) items.push({ id: "mail", colour: "gray", words: t("attention.mail"), about: t("attention.mailText"), to: null });
  const order = ["red", "orange", "gray"];
  items.sort((one, other) => order.indexOf(one.colour) - order.indexOf(other.colour));
  const pressing = items.filter((item) => item.colour !== "gray").length;
  return (
    <Section title={t("attention.title")}>
      <ul className="paper flush attention" aria-busy={loading} aria-live="polite">
        {!loading && !pressing && <li><Badge variant="dot" color="gate" size="lg" bd={0}>{t("attention.none")}</Badge><span className="quiet small">{t("attention.noneText")}</span></li>}
        {loading ? [1, 2, 3].map((place) => <li key={place}><span className="quiet">…</span></li>) : items.map((item) => <Line key={item.id} item={item} />)}
      </ul>
    </Section>
  );
}

function Line({ item }: { item: Item }) {
  return (
    <li>
      <span className="row" style={{ gap: 10, flexWrap: "nowrap" }}><span className="dot" style={{ background: `var(--mantine-color-${item.colour}-6)`, flex: "none" }} /><span>{item.to ? <Link href={`/console/office${item.to}`}>{item.words}</Link> : item.words}</span></span>
      <span className="quiet small">{item.about}</span>
    </li>
  );
}

function Gate({ data: { counters, upstreams } }: { data: Upstreams }) {
  const { t, number } = useWords();
  const count = (name: string) => counters[name] ?? 0;
  const failed = count("upstream_failures") + count("internal_errors");
  return (
    <div className="figures">
      <Figure label={t("health.open")} about={t(count("draining") ? "health.draining" : "health.openText")}>{number(count("open"))}</Figure>
      <Figure label={t("health.requests")} about={t("health.requestsText", { settled: number(count("settled")), released: number(count("released")) })}>{number(count("requests"))}</Figure>
      <Figure label={t("health.refused")} about={t("health.refusedText", { count: number(count("unauthenticated")) })}>{number(count("refused"))}</Figure>
      <Figure label={t("health.failed")} about={t("health.failedText", { count: number(count("failovers")) })}>{number(failed)}</Figure>
      <Figure label={t("health.well")} about={t("health.wellText", { count: number(count("estimated")) })}>{upstreams.filter((one) => one.state === "well").length} / {upstreams.length}</Figure>
    </div>
  );
}

function Ways({ rows }: { rows: Upstream[] }) {
  const { t, number, instant, told } = useWords();
  const more = useMay("list_upstreams");
  return (
    <Table
      label={t("upstreams.title")} rows={rows} id={(row) => row.name}
      columns={[
        { title: t("health.name"), cell: (row) => (more ? <Link href="/console/office/upstreams">{row.name}</Link> : row.name) },
        { title: t("orders.state"), cell: (row) => <State group="upstream" value={row.state} /> },
        { title: t("health.why"), cell: (row) => (row.why ? `${told("fault", row.why)}${row.rests_until ? ` · ${t("health.until", { at: instant(row.rests_until, "second") })}` : ""}` : "—") },
        { title: t("health.keys"), cell: (row) => `${row.keys.filter((key) => key.state === "well").length} / ${row.keys.length}`, num: true },
        { title: t("health.running"), cell: (row) => number(row.open), num: true },
        { title: t("health.answered"), cell: (row) => number(row.answered), num: true },
        { title: t("health.faults"), cell: (row) => number(Object.values(row.faults).reduce((sum, each) => sum + each, 0)), num: true },
      ]}
    />
  );
}

function Runs({ system }: { system: System }) {
  const { t, instant, number, told } = useWords();
  const yes = (on: boolean) => t(on ? "health.yes" : "health.no");
  return (
    <div className="grid wide">
      <ul className="paper points">
        <li><span className="quiet">{t("health.version")}</span><span>Faregate {system.version} · Python {system.python}</span></li>
        <li><span className="quiet">{t("health.began")}</span><span>{instant(system.began_at, "second")}</span></li>
        <li><span className="quiet">{t("health.store")}</span><span>{system.store.engine === "sqlite" ? "SQLite" : "PostgreSQL"} · {number(system.store.microseconds / 1000, 2)} ms</span></li>
        <li><span className="quiet">{t("health.workers")}</span><span>{system.workers.length ? system.workers.map((each) => `#${each}`).join(", ") : t("health.alone")}</span></li>
        {system.test_clock && <li><span className="quiet">{t("health.testClock")}</span><span>{instant(system.now, "second")}</span></li>}
      </ul>
      <ul className="paper points">
        <li><span className="quiet">{t("health.plans")}</span><span>{number(system.plans)}</span></li>
        <li><span className="quiet">{t("health.payers")}</span><span>{system.payers.length ? system.payers.map((payer) => told("payer", payer)).join(", ") : "—"}</span></li>
        <li><span className="quiet">{t("health.mail")}</span><span>{yes(system.mail)}</span></li>
        <li><span className="quiet">{t("health.signUp")}</span><span>{told("signUpMode", system.sign_up)}</span></li>
        <li><span className="quiet">{t("health.url")}</span><span>{system.public_url || "—"}</span></li>
      </ul>
    </div>
  );
}
