// Any request of any customer explained: who paid and why, the way it took upstream, what it cost the house, its postings.
import { Button, Skeleton, TextInput } from "@mantine/core";
import { useState } from "react";
import { Link, useLocation, useParams } from "wouter";
import type { Explanation } from "../../api/shapes";
import { Code, CustomerLink, Section, Table, useRead } from "../../parts/office";
import { Data, Empty, Head } from "../../parts/states";
import { useWords } from "../../words/words";
import { Story } from "../OneRequest";

/** What operators are told besides. */
interface Way {
  upstream: string | null;
  key: string | null;
  tried: { upstream: string; key: string; fault: string }[];
  cost: { cost: string; currency: string; rate_card: string | null; margin: string | null } | null;
}

interface Told extends Explanation {
  account: string;
  key: string;
  evidence: string[];
  upstreams?: Way;
}

interface Postings {
  postings?: { ledger: string; unit: string; amount: string }[];
  windows?: { id: string; used: string; limit: string; unit: string; reopens_at: string | null }[];
}

export default function OneCall() {
  const { request = "" } = useParams<{ request?: string }>();
  const { t } = useWords();
  return (
    <>
      <Head title="oneCall.title" about="oneCall.about" />
      <div className="stack" style={{ gap: 24 }}>
        <Ask key={request} request={request} />
        {request ? <Explained request={request} /> : <Empty title={t("oneCall.none")}>{t("oneCall.noneText")}</Empty>}
      </div>
    </>
  );
}

function Ask({ request }: { request: string }) {
  const { t } = useWords();
  const [, go] = useLocation();
  const [text, setText] = useState(request);
  return (
    <form role="search" className="row" style={{ alignItems: "end" }} onSubmit={(event) => { event.preventDefault(); if (text.trim()) go(`/console/office/requests/${encodeURIComponent(text.trim())}`); }}>
      <TextInput label={t("oneCall.id")} placeholder="req_…" value={text} onChange={(event) => setText(event.currentTarget.value)} style={{ flex: "1 1 260px", maxWidth: 460 }} spellCheck={false} />
      <Button type="submit" disabled={!text.trim()}>{t("oneCall.explain")}</Button>
    </form>
  );
}

function Explained({ request }: { request: string }) {
  const told = useRead<Told>(`/requests/${encodeURIComponent(request)}`);
  const { t } = useWords();
  if (told.isError && "status" in told.error && told.error.status === 404) return <Empty title={t("oneCall.notFound")}>{t("oneCall.notFoundText")}</Empty>;
  return (
    <Data query={told} height={420}>
      {(data) => (
        <div className="stack" style={{ gap: 24 }}>
          <Whose told={data} />
          <Story told={data} />
          {data.upstreams && <Upstreams way={data.upstreams} />}
          <Books told={(data.settlement ?? {}) as Postings} />
        </div>
      )}
    </Data>
  );
}

function Whose({ told }: { told: Told }) {
  const { t } = useWords();
  const account = useRead<{ name: string }>(`/accounts/${told.account}`);
  if (account.isPending) return <Skeleton height={26} aria-busy="true" />;
  return (
    <div className="row" style={{ gap: 20 }}>
      <span><span className="quiet small">{t("oneCall.customer")} </span><CustomerLink account={told.account} name={account.data?.name} /></span>
      <span><span className="quiet small">{t("requests.key")} </span><Link href={`/console/office/customers/${told.account}?tab=keys`}><Code>{told.key}</Code></Link></span>
      {told.evidence.length > 0 && <span><span className="quiet small">{t("oneCall.evidence")} </span>{told.evidence.join(", ")}</span>}
    </div>
  );
}

function Upstreams({ way }: { way: Way }) {
  const { t, told, money } = useWords();
  return (
    <Section title={t("oneCall.way")}>
      <ul className="paper points">
        {way.tried.map((one, place) => <li key={place}><span className="quiet">{t("oneCall.tried", { place: place + 1 })}</span><span>{one.upstream}{one.key ? ` · ${one.key}` : ""}: {told("fault", one.fault)}</span></li>)}
        <li><span className="quiet">{t("oneCall.upstream")}</span><span>{way.upstream ?? "—"}{way.key ? ` · ${way.key}` : ""}</span></li>
        <li><span className="quiet">{t("oneCall.cost")}</span><span>{way.cost ? money(way.cost.cost, way.cost.currency) : t("oneCall.noCost")}</span></li>
        {way.cost?.margin && <li><span className="quiet">{t("oneCall.margin")}</span><span>{money(way.cost.margin, way.cost.currency)}</span></li>}
      </ul>
    </Section>
  );
}

function Books({ told }: { told: Postings }) {
  const { t, amount } = useWords();
  if (!told.postings?.length) return null;
  return (
    <Section title={t("oneCall.postings")} about={t("oneCall.postingsText")}>
      <Table
        label={t("oneCall.postings")} rows={told.postings} id={(row) => row.ledger + row.unit}
        columns={[
          { title: t("oneCall.ledger"), cell: (row) => <Code>{row.ledger}</Code> },
          { title: t("refunds.amount"), cell: (row) => amount(row.amount, row.unit), num: true },
        ]}
      />
    </Section>
  );
}
