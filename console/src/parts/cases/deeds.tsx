// Rows of the audit log.
import { Badge } from "@mantine/core";
import type { Deed } from "../../api/office_shapes";
import { useWords } from "../../words/words";
import { Code, CustomerLink, PagedTable } from "../office";
import { Empty } from "../states";

interface Page {
  deeds: Deed[];
  next: string | null;
}

export function Deeds({ query, find }: { query: { account?: string; who?: string; act?: string }; find?: (who: string) => void }) {
  const { t, told, instant } = useWords();
  const who = (row: Deed) => row.email ?? nameOf(row.who, t);
  const columns = [
    { title: t("audit.at"), cell: (row: Deed) => <span className="figure">{instant(row.at, "second")}</span> },
    { title: t("audit.who"), cell: (row: Deed) => (find ? <button type="button" className="as-link" title={t("audit.only", { who: row.who })} onClick={() => find(row.who)}>{who(row)}</button> : who(row)) },
    { title: t("audit.act"), cell: (row: Deed) => told("deed", actOf(row.act)) },
    { title: t("audit.about_row"), cell: (row: Deed) => <About deed={row} whole={Boolean(find)} /> },
    { title: t("audit.outcome"), cell: (row: Deed) => <Badge variant="light" color={row.outcome === "done" ? "gate" : "orange"} title={row.outcome === "done" ? undefined : `${told("problem", row.outcome)} (${row.outcome})`}>{t(row.outcome === "done" ? "audit.done" : "audit.notDone")}</Badge> },
    { title: t("audit.note"), cell: (row: Deed) => row.note || "—" },
    { title: t("act.keyName"), cell: (row: Deed) => <span title={row.key}><Code>{row.key.length > 13 ? `${row.key.slice(0, 12)}…` : row.key || "—"}</Code></span> },
  ];
  return (
    <PagedTable<Deed, Page>
      label={t("audit.title")} path="/audit" by="before" query={{ ...query, limit: 50 }} rows={(page) => page.deeds} id={(row) => row.id} columns={columns}
      empty={<Empty title={t("audit.none")}>{t("audit.noneText")}</Empty>}
    />
  );
}

/** What it was done to: a customer, where the log is not theirs, and what else was named. */
function About({ deed, whole }: { deed: Deed; whole: boolean }) {
  const customer = whole && deed.subject ? (deed.subject.startsWith("acc_") ? <CustomerLink account={deed.subject} name={deed.name} /> : deed.subject) : null;
  if (!customer && !deed.about) return <>—</>;
  return <>{customer && <div>{customer}</div>}{deed.about && <Code>{deed.about}</Code>}</>;
}

/** Customers' own acts are the operator's on themselves; commands of the command line are named as typed. */
function actOf(act: string): string {
  const own = act.replace(/^my_/, "");
  const typed = own.split(" ");
  return typed.length === 2 ? `${typed[1]}_${typed[0]}` : own;
}

function nameOf(who: string, t: ReturnType<typeof useWords>["t"]): string {
  const [kind, name = ""] = who.split(/:(.*)/s);
  if (kind === "token") return t("audit.token", { name });
  if (kind === "cli") return t("audit.cli", { name });
  if (kind === "key") return t("audit.key", { name });
  if (kind === "nobody") return t("audit.nobody");
  return kind === "system" ? t("audit.system") : who;
}
