// What use costs: multiplier schedules of plans, which operators change from a date on, and dated rate cards of models.
import { Anchor, Badge, Button, Modal, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import type { RateCard, Rates as Told, Running, RateVersion, Schedule, ScheduleChange } from "../../api/books";
import { Act, Section, Table, useFilter, useRead, type Answer } from "../../parts/office";
import { Data, Empty, Head } from "../../parts/states";
import { useWords, type Word } from "../../words/words";

const FIRST = 12;
const TOKENS = ["input", "cached", "cache_write_5m", "cache_write_1h", "output"] as const;
const SINGLE = ["image", "tool_call", "request"] as const;

export default function Rates() {
  const { t } = useWords();
  const rates = useRead<Told>("/rates");
  const changes = useRead<{ changes: ScheduleChange[] }>("/multipliers");
  return (
    <>
      <Head title="rates.title" about="rates.about" />
      <div className="stack" style={{ gap: 36 }}>
        <Section title={t("rates.schedules")} about={t("rates.schedulesAbout")}>
          <Data query={rates} height={220}>{(data) => <Schedules rows={data.schedules} />}</Data>
        </Section>
        <Section title={t("rates.history")}>
          <Data query={changes} height={120}>{(data) => <History rows={data.changes} />}</Data>
        </Section>
        <Section title={t("rates.cards")} about={t("rates.cardsAbout")}>
          <Data query={rates} height={420}>{(data) => <Cards rows={data.models} />}</Data>
        </Section>
      </div>
    </>
  );
}

function Schedules({ rows }: { rows: Schedule[] }) {
  const { t, named, instant } = useWords();
  if (!rows.length) return <Empty title={t("rates.noSchedules")}>{t("rates.noSchedulesText")}</Empty>;
  return (
    <Table
      label={t("rates.schedules")} rows={rows} id={(row) => `${row.plan}:${row.name}`}
      columns={[
        { title: t("books.plan"), cell: (row) => <><Link href={`/console/office/plans/${row.plan}`}>{named(row.names, row.plan)}</Link><div className="quiet small">{row.plan}</div></> },
        { title: t("rates.schedule"), cell: (row) => <code className="small">{row.name}</code> },
        { title: t("rates.value"), num: true, cell: (row) => <><strong>×{row.now}</strong>{row.bands > 0 && <div className="quiet small">{t("rates.bands", { count: row.bands, zone: row.zone })}</div>}</> },
        { title: t("rates.next"), cell: (row) => { const next = row.values.find((value) => !value.begun); return next ? <>×{next.value}<div className="quiet small">{instant(next.from, "second")}</div></> : <span className="quiet">{t("rates.noNext")}</span>; } },
        { title: "", cell: (row) => <ChangeAct row={row} /> },
      ]}
    />
  );
}

function ChangeAct({ row }: { row: Schedule }) {
  const { t } = useWords();
  return (
    <Act
      operation="change_multiplier" label="rates.change" path="/multipliers" of={`${row.plan}, ${row.name}`}
      fixed={{ plan: row.plan, name: row.name }} sure={t("rates.changeSure")}
      fields={[
        { name: "value", label: "rates.newValue", about: "rates.newValueAbout", kind: "amount", required: true },
        { name: "begins", label: "rates.begins", about: "rates.beginsAbout", kind: "instant" },
      ]}
      shows={(body, ready) => <Outlook row={row} body={body} ready={ready} />}
    />
  );
}

function valueOf(text: string): number {
  const [above, below = "1"] = text.split("/");
  return /^\d+(\.\d+)?(\/\d+(\.\d+)?)?$/.test(text.trim()) ? Number(above) / Number(below) : NaN;
}

/** What a change of the value comes to, before it is done. */
function Outlook({ row, body, ready }: { row: Schedule; body: Answer; ready: (ready: boolean) => void }) {
  const { t, number, instant } = useWords();
  const running = useRead<Running>("/subscriptions", { plan: row.plan });
  const given = String(body.value ?? "");
  const value = valueOf(given);
  const good = value > 0 && Number.isFinite(value);
  useEffect(() => ready(good), [good, ready]);
  const now = valueOf(row.now);
  const change = good ? Math.round((now / value - 1) * 1000) / 10 : 0;
  const lasting = change === 0 ? t("rates.asLong") : t(change > 0 ? "rates.longer" : "rates.shorter", { percent: number(Math.abs(change), 1) });
  const begins = body.begins ? instant(String(body.begins)) : t("books.today");
  return (
    <div className="paper" style={{ minHeight: 150 }} aria-live="polite" data-testid="outlook">
      <strong>{t("rates.preview")}</strong>
      {given && !good ? <p className="small" style={{ color: "var(--mantine-color-error)" }}>{t("rates.notNumber")}</p> : (
        <ul className="points" style={{ marginTop: 8 }}>
          <li><span className="quiet">{t("rates.previewNow")}</span><span>{number(now, 4)}</span></li>
          <li><span className="quiet">{t("rates.previewThen", { at: begins })}</span><span>{good ? number(value, 4) : "—"}</span></li>
          <li><span className="quiet">{t("rates.previewMore")}</span><span>{good ? lasting : "—"}</span></li>
          <li><span className="quiet">{t("rates.previewRunning")}</span><span>{running.data ? number(running.data.subscriptions.length) : "…"}</span></li>
        </ul>
      )}
    </div>
  );
}

function History({ rows }: { rows: ScheduleChange[] }) {
  const { t, instant } = useWords();
  if (!rows.length) return <Empty title={t("rates.noHistory")} />;
  return (
    <Table
      label={t("rates.history")} rows={[...rows].reverse()} id={(row) => row.plan + row.name + row.written_at}
      columns={[
        { title: t("books.plan"), cell: (row) => <Link href={`/console/office/plans/${row.plan}`}>{row.plan}</Link> },
        { title: t("rates.schedule"), cell: (row) => <code className="small">{row.name}</code> },
        { title: t("rates.newValue"), num: true, cell: (row) => `×${row.value}` },
        { title: t("rates.begins"), cell: (row) => instant(row.begins, "second") },
        { title: t("rates.writtenAt"), cell: (row) => <span className="quiet">{instant(row.written_at, "second")}</span> },
      ]}
    />
  );
}

function live(card: RateCard): RateVersion | undefined {
  return card.versions.find((version) => version.live);
}

function Cards({ rows }: { rows: RateCard[] }) {
  const { t, number, instant } = useWords();
  const [filter, set] = useFilter("model");
  const [all, setAll] = useState(false);
  const [shown, setShown] = useState<RateCard | null>(null);
  const find = filter.model.toLowerCase();
  const found = rows.filter((row) => !find || `${row.model} ${row.name}`.toLowerCase().includes(find));
  const price = (card: RateCard, name: string) => { const exact = live(card)?.tiers[0]?.prices[name]; return exact === undefined ? "—" : number(exact, 6); };
  return (
    <div className="stack">
      <TextInput label={t("books.model")} value={filter.model} onChange={(event) => set({ model: event.currentTarget.value })} maw={360} />
      {found.length ? (
        <Table
          label={t("rates.cards")} rows={all ? found : found.slice(0, FIRST)} id={(row) => row.model}
          columns={[
            { title: t("books.model"), cell: (row) => <><Anchor component="button" type="button" ta="left" onClick={() => setShown(row)} aria-label={`${t("rates.show")}: ${row.name}`}>{row.name}</Anchor><div className="quiet small">{row.model}</div></> },
            { title: t("codes.currency"), cell: (row) => row.currency },
            { title: t("class.input"), num: true, cell: (row) => price(row, "input") },
            { title: t("class.cached"), num: true, cell: (row) => price(row, "cached") },
            { title: t("class.output"), num: true, cell: (row) => price(row, "output") },
            { title: t("rates.since"), cell: (row) => <>{live(row)?.from ? instant(live(row)?.from, "day") : t("books.always")}{row.versions.length > 1 && <div className="quiet small">{t("rates.versions", { count: row.versions.length })}</div>}</> },
          ]}
        />
      ) : <Empty title={t("rates.noCards")} />}
      {!all && found.length > FIRST && <div className="row" style={{ justifyContent: "center" }}><Button variant="default" onClick={() => setAll(true)}>{t("rates.more", { count: found.length })}</Button></div>}
      <Modal opened={shown !== null} onClose={() => setShown(null)} size="lg" title={<strong>{shown ? t("rates.details", { model: shown.name }) : ""}</strong>} closeButtonProps={{ "aria-label": t("frame.close") }}>
        {shown && <Versions card={shown} />}
      </Modal>
    </div>
  );
}

function Versions({ card }: { card: RateCard }) {
  const { t, number, instant, money } = useWords();
  const tierName = (input: number, output: number) => output ? t("rates.tierOut", { input: number(input), output: number(output) }) : input ? t("rates.tier", { input: number(input) }) : t("rates.tierBase");
  return (
    <div className="stack">
      {card.context && <p className="quiet small" style={{ margin: 0 }}>{t("rates.context", { tokens: number(card.context) })}</p>}
      {card.versions.map((version) => (
        <section key={version.version} className="stack" style={{ gap: 8 }}>
          <div className="row"><strong>{version.from ? instant(version.from, "day") : t("books.always")}</strong>{version.live && <Badge variant="light">{t("books.today")}</Badge>}</div>
          {version.tiers.map((tier) => (
            <div key={`${tier.min_input}/${tier.min_output}`}>
              {version.tiers.length > 1 && <div className="quiet small" style={{ marginBottom: 4 }}>{tierName(tier.min_input, tier.min_output)}</div>}
              <ul className="points">
                {[...TOKENS, ...SINGLE].filter((name) => Number(tier.prices[name] ?? 0) > 0).map((name) => (
                  <li key={name}><span className="quiet">{t(`class.${name}` as Word)}</span><span>{money(tier.prices[name] ?? "0", card.currency)}</span></li>
                ))}
              </ul>
            </div>
          ))}
          {version.source && <p className="quiet small" style={{ margin: 0 }}>{t("rates.source")}: {version.source}</p>}
        </section>
      ))}
    </div>
  );
}
