// Queues of money: what waits for a person, oldest first, each with what may be done about it.
import { Badge } from "@mantine/core";
import { Link } from "wouter";
import type { Matter } from "../../api/office_shapes";
import { Code, CustomerLink, Filters, colourOf, useFilter } from "../../parts/office";
import { Pages } from "../../parts/office_pages";
import { Ago } from "../../parts/ago";
import { Empty, Head } from "../../parts/states";
import { useWords } from "../../words/words";
import { MatterActs, MATTER_KINDS } from "../../parts/cases/matter_acts";

interface Page {
  matters: Matter[];
  next: string | null;
}

export default function Matters() {
  const { t, told } = useWords();
  const [filter, set] = useFilter("kind");
  const kinds = MATTER_KINDS.map((kind) => ({ value: kind, label: told("matter", kind) }));
  return (
    <>
      <Head title="matters.title" about="matters.about" />
      <Filters filters={[{ name: "kind", label: "matters.kind", options: kinds }]} values={filter} set={set} />
      <Pages<Matter, Page> path="/matters" query={{ kind: filter.kind, limit: 50 }} rows={(page) => page.matters} empty={<Empty title={t("matters.none")}>{t("matters.noneText")}</Empty>}>
        {(rows) => <ul className="cases">{rows.map((row) => <Case key={row.id} matter={row} />)}</ul>}
      </Pages>
    </>
  );
}

function Case({ matter }: { matter: Matter }) {
  const { t, told, money } = useWords();
  const order = /^(ord_\w+)/.exec(matter.id)?.[1];
  return (
    <li className="paper case" data-matter={matter.id} data-kind={matter.kind}>
      <div className="row between" style={{ alignItems: "start", flexWrap: "nowrap" }}>
        <div className="stack" style={{ gap: 6, minWidth: 0 }}>
          <div className="row"><Badge variant="light" color={colourOf(matter.kind)}>{told("matter", matter.kind)}</Badge><span className="quiet small"><Ago at={matter.since} /></span></div>
          <strong><CustomerLink account={matter.account} name={matter.name} /></strong>
        </div>
        <div className="big figure" style={{ fontSize: "1.25rem", textAlign: "right", whiteSpace: "nowrap" }}>{Number(matter.amount) ? money(matter.amount, matter.currency) : ""}</div>
      </div>
      <p style={{ margin: 0, maxWidth: "72ch" }}>{told("matterText", matter.kind)}{matter.reason ? <span className="quiet"> {t("matters.reason", { reason: told("reason", matter.reason) })}</span> : null}</p>
      <div className="row between">
        <div className="row"><MatterActs matter={matter} /></div>
        <span className="quiet small">{order ? <Link href={`/console/office/customers/${matter.account}?tab=money`}><Code>{order}</Code></Link> : <Code>{matter.id}</Code>}</span>
      </div>
    </li>
  );
}
