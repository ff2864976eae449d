// A family's plan file edited: checked while it is written, its changes in words, whom it touches, real requests replayed
// under it, and publishing.
import "../../parts/books.css";
import { Alert, Badge, Button, SegmentedControl, Select, Skeleton, Tabs } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import { api, Failure } from "../../api/client";
import type { Diff, Fates, Impact, PlanText, Problem, SoldPlan } from "../../api/books";
import { Act, Back, useFilter, useMay, useRead, type Answer } from "../../parts/office";
import { DiffWords } from "../../parts/plans/DiffWords";
import { FateCounts, FateTable } from "../../parts/plans/FateTable";
import { ImpactReport } from "../../parts/plans/ImpactReport";
import { Data, Head, Trouble } from "../../parts/states";
import { useWords } from "../../words/words";

const YamlEditor = lazy(() => import("../../parts/YamlEditor"));
const REST = 600;
const NONE: readonly Problem[] = [];
const EXAMPLE = `family: note
version: "1"
names: {en: Note, zh: 便笺}
source: {document: none, as_of: "2026-03-01"}
order: [solo]
plans:
  solo:
    names: {en: Solo, zh: 单人}
    prices: [{id: monthly, amount: 5 USD, period: month}]
    models: ["*"]
    windows: {day: {kind: calendar, every: day, limit: 100 requests}}
    sources: [{id: day, meter: requests, windows: [day]}]
`;

export default function PlanEdit() {
  const { t } = useWords();
  const [filter, set] = useFilter("family");
  const plans = useRead<{ plans: SoldPlan[] }>("/plans");
  const families = useMemo(() => [...new Set(plans.data?.plans.map((plan) => plan.plan.split("/")[0] ?? "") ?? [])], [plans.data]);
  const one = plans.data?.plans.find((plan) => plan.plan.startsWith(`${filter.family}/`))?.plan;
  return (
    <>
      <Back to="/plans" title="plansOffice.title" />
      <div style={{ height: 6 }} />
      <Head title="planEdit.title" about="planEdit.about">
        <Select label={t("planEdit.family")} data={[{ value: "", label: t("planEdit.blank") }, ...families.map((value) => ({ value, label: value }))]} value={filter.family} onChange={(family) => set({ family: family ?? "" })} allowDeselect={false} searchable w={240} />
      </Head>
      <Data query={plans} height={520}>{() => one ? <Published key={one} plan={one} family={filter.family} /> : <Editing key="blank" family="" published="" />}</Data>
    </>
  );
}

function Published({ plan, family }: { plan: string; family: string }) {
  const file = useRead<PlanText>(`/plans/${plan}/document`);
  return <Data query={file} height={520}>{(data) => <Editing family={family} published={data.document} />}</Data>;
}

function draftOf(family: string, published: string): string {
  try {
    return sessionStorage.getItem(`faregate-plan:${family}`) ?? (published || EXAMPLE);
  } catch {
    return published || EXAMPLE;
  }
}

function keepDraft(family: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(`faregate-plan:${family}`);
    else sessionStorage.setItem(`faregate-plan:${family}`, text);
  } catch {
    // No storage here: the draft holds until the page is left.
  }
}

function Editing({ family, published }: { family: string; published: string }) {
  const { t, language } = useWords();
  const [text, setText] = useState(() => draftOf(family, published));
  const [place, setPlace] = useState<{ line: number } | null>(null);
  const [rested] = useDebouncedValue(text, REST);
  const check = useQuery({ queryKey: ["books", "diff", language, rested], queryFn: () => api.post<Diff>("/plans/diff", { document: rested }), retry: false, staleTime: 30_000, placeholderData: (before) => before });
  const settled = rested === text && !check.isFetching;
  const problems = check.error instanceof Failure ? check.error.problems : NONE;
  const type = useCallback((next: string) => { setText(next); keepDraft(family, next === published ? null : next); }, [family, published]);
  const restart = () => { if (window.confirm(t("planEdit.resetSure"))) { keepDraft(family, null); setText(published || EXAMPLE); } };
  return (
    <div className="stack" style={{ gap: 20 }}>
      <div className="stack" style={{ gap: 0 }}>
        <div className="yaml-frame"><Suspense fallback={<Skeleton height={520} />}><YamlEditor text={text} changed={type} problems={problems} label={t("planEdit.editor")} place={place} /></Suspense></div>
        <p className="quiet small" style={{ margin: "6px 0 0" }}>{t("planEdit.keys")}</p>
      </div>
      <Standing check={check} settled={settled} changed={text !== published} go={(line) => setPlace({ line })}>
        {published && text !== published && <Button variant="default" onClick={restart}>{t("planEdit.reset")}</Button>}
        <Publish document={rested} ready={settled && check.isSuccess && check.data.old?.hash !== check.data.new.hash} done={() => keepDraft(family, null)} />
      </Standing>
      <Looks check={check} document={rested} />
    </div>
  );
}

/** A mistake, and how to mend it; one that the server has no words for in this language, in a frame of it. */
function Mistake({ problem }: { problem: Problem }) {
  const { t, language } = useWords();
  const foreign = problem.language !== language;
  return (
    <span>
      {foreign && <span>{t("planEdit.foreign")} </span>}
      <span lang={foreign ? problem.language : undefined}><strong>{problem.what}{problem.language === "zh" ? "。" : "."}</strong> <span className="quiet">{problem.mend}</span></span>
    </span>
  );
}

interface StandingProps { check: UseQueryResult<Diff>; settled: boolean; changed: boolean; go: (line: number) => void; children: ReactNode }

/** How the file is: in order, or what is to be mended, line by line. */
function Standing({ check, settled, changed, go, children }: StandingProps) {
  const { t } = useWords();
  const problems = check.error instanceof Failure ? check.error.problems : NONE;
  const diff = check.data;
  const state = !settled ? <Badge color="gray" variant="light" size="lg">{t("planEdit.checking")}</Badge>
    : problems.length ? <Badge color="red" variant="light" size="lg">{t("planEdit.problems", { count: problems.length })}</Badge>
    : check.isSuccess ? <Badge variant="light" size="lg">{t("planEdit.good")}</Badge> : null;
  return (
    <section className="paper stack" style={{ gap: 12 }}>
      <div className="row between" style={{ minHeight: 36 }}>
        <div className="row" role="status" data-testid="standing">{state}{changed && <span className="quiet small">{t("planEdit.unsaved")}</span>}</div>
        <div className="row">{children}</div>
      </div>
      {problems.length > 0 && (
        <ol className="problems" data-testid="problems">
          {problems.map((problem) => (
            <li key={`${problem.line}:${problem.column}:${problem.code}:${problem.what}`}>
              <Button variant="subtle" size="compact-sm" onClick={() => go(problem.line)}>{t("planEdit.line", { line: problem.line })}</Button>
              <Mistake problem={problem} />
            </li>
          ))}
        </ol>
      )}
      {check.error && !problems.length && settled && <Trouble problem={check.error} again={() => void check.refetch()} />}
      {settled && check.isSuccess && diff?.old && diff.old.hash === diff.new.hash && <p className="quiet small" style={{ margin: 0 }}>{t("planEdit.published")}</p>}
      {settled && check.isSuccess && diff?.old && diff.old.version === diff.new.version && diff.old.hash !== diff.new.hash && <Alert color="orange" role="note">{t("planEdit.sameVersion")}</Alert>}
    </section>
  );
}

function Publish({ document, ready, done }: { document: string; ready: boolean; done: () => void }) {
  const { t } = useWords();
  const may = useMay("publish_plans");
  if (!may) return <span className="quiet small">{t("planEdit.mayNot")}</span>;
  if (!ready) return <Button disabled>{t("planEdit.publish")}</Button>;
  return (
    <Act
      operation="publish_plans" label="planEdit.publish" path="/plans" main fixed={{ document }} sure={t("planEdit.publishSure")}
      shows={(_, goOn) => <Before document={document} ready={goOn} />}
      tells={(answer) => <PublishedNow answer={answer} done={done} />}
    />
  );
}

/** What publishing does, looked at before it is confirmed. */
function Before({ document, ready }: { document: string; ready: (ready: boolean) => void }) {
  const fates = useFates(document, true);
  const good = fates.isSuccess && fates.data.publishes.length > 0;
  useEffect(() => ready(good), [good, ready]);
  return <div className="paper" style={{ minHeight: 190 }}><Data query={fates} height={150}>{(data) => <FateCounts fates={data} />}</Data></div>;
}

function PublishedNow({ answer, done }: { answer: Answer; done: () => void }) {
  const { t } = useWords();
  const versions = answer.published as string[];
  useEffect(done, [done]);
  return <p style={{ margin: 0 }} data-testid="published">{versions.length ? t("planEdit.publishDone", { versions: versions.join(", ") }) : t("planEdit.publishNothing")}</p>;
}

function useFates(document: string, asked: boolean) {
  return useQuery({ queryKey: ["books", "fates", document], queryFn: () => api.post<Fates>("/plans/preview", { document }), enabled: asked, retry: false, staleTime: 30_000 });
}

function Looks({ check, document }: { check: UseQueryResult<Diff>; document: string }) {
  const { t } = useWords();
  const [tab, setTab] = useState<string | null>("diff");
  const wrong = check.isError ? <p className="quiet">{t("planEdit.fix")}</p> : null;
  return (
    <Tabs value={tab} onChange={setTab} keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="diff">{t("planEdit.tab.diff")}</Tabs.Tab>
        <Tabs.Tab value="running">{t("planEdit.tab.running")}</Tabs.Tab>
        <Tabs.Tab value="impact">{t("planEdit.tab.impact")}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="diff">{wrong ?? <Data query={check}>{(diff) => <DiffWords diff={diff} />}</Data>}</Tabs.Panel>
      <Tabs.Panel value="running">{wrong ?? <RunningLook document={document} />}</Tabs.Panel>
      <Tabs.Panel value="impact">{wrong ?? <ImpactLook document={document} />}</Tabs.Panel>
    </Tabs>
  );
}

function RunningLook({ document }: { document: string }) {
  const { t } = useWords();
  const [asked, setAsked] = useState("");
  const fates = useFates(document, asked === document);
  if (asked !== document) return <Ask about={t("planEdit.lookAbout")} label={t("planEdit.look")} ask={() => setAsked(document)} />;
  return <Data query={fates} height={260}>{(data) => <div className="stack"><div className="paper"><FateCounts fates={data} /></div><FateTable fates={data} /></div>}</Data>;
}

function ImpactLook({ document }: { document: string }) {
  const { t } = useWords();
  const [days, setDays] = useState("30");
  const [asked, setAsked] = useState("");
  const wanted = `${days}:${document}`;
  const impact = useQuery({ queryKey: ["books", "impact", wanted], queryFn: () => api.post<Impact>("/plans/impact", { document, days: Number(days) }), enabled: asked === wanted, retry: false, staleTime: Infinity, refetchOnWindowFocus: false });
  return (
    <div className="stack">
      <SegmentedControl aria-label={t("books.days")} style={{ alignSelf: "flex-start" }} value={days} onChange={setDays} data={["7", "30", "92"].map((value) => ({ value, label: t("books.last", { days: value }) }))} />
      {asked !== wanted ? <Ask about={t("planEdit.replayAbout")} label={t("planEdit.replay", { days })} ask={() => setAsked(wanted)} /> : impact.isFetching ? (
        <div className="stack"><p className="quiet" role="status" style={{ margin: 0 }}>{t("planEdit.replaying")}</p><Skeleton height={260} radius="md" aria-busy="true" /></div>
      ) : <Data query={impact} height={260}>{(data) => <ImpactReport impact={data} days={Number(days)} />}</Data>}
    </div>
  );
}

function Ask({ about, label, ask }: { about: string; label: string; ask: () => void }) {
  return <div className="paper row between"><span className="quiet" style={{ maxWidth: "64ch" }}>{about}</span><Button onClick={ask}>{label}</Button></div>;
}
