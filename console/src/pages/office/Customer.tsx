// Everything of one account, in parts that are loaded when they are opened; which part stands in the address.
import { Badge, CopyButton, Tabs, UnstyledButton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useParams } from "wouter";
import type { WholeAccount } from "../../api/office_shapes";
import { CustomerJournal, CustomerUsage } from "../../parts/cases/customer_books";
import { CustomerKeys } from "../../parts/cases/customer_keys";
import { CustomerMoney } from "../../parts/cases/customer_money";
import { CustomerPlans } from "../../parts/cases/customer_plans";
import { Deeds } from "../../parts/cases/deeds";
import { FlagCase } from "../../parts/cases/flag_case";
import { Act, Back, Code, linkOf, useFilter, useMay, useRead } from "../../parts/office";
import { Data, Empty } from "../../parts/states";
import { useWords } from "../../words/words";

const TABS = [
  ["plans", "get_account"], ["usage", "get_usage"], ["money", "list_orders"], ["keys", "list_keys"], ["flags", "list_account_flags"], ["journal", "list_entries"], ["audit", "list_deeds"],
] as const;

export default function Customer() {
  const { account = "" } = useParams<{ account: string }>();
  const { t } = useWords();
  const told = useRead<WholeAccount>(`/accounts/${encodeURIComponent(account)}`);
  const missing = told.isError && "status" in told.error && told.error.status === 404;
  return (
    <>
      <Back to="/customers" title="customers.title" />
      {missing ? <Empty title={t("customer.notFound")}>{t("customer.notFoundText")}</Empty> : <Data query={told} height={420}>{(data) => <Whole account={data} />}</Data>}
    </>
  );
}

function Whole({ account }: { account: WholeAccount }) {
  const { t, instant, told } = useWords();
  const [filter, set] = useFilter("tab");
  const shown = TABS.filter(([, operation]) => useMay(operation));
  const tab = shown.some(([name]) => name === filter.tab) ? filter.tab : "plans";
  const list = useRef<HTMLDivElement>(null);
  // On a phone the list of tabs is wider than the window: the chosen one is brought into view.
  useEffect(() => {
    const chosen = list.current?.querySelector<HTMLElement>("[role=tab][aria-selected=true]");
    if (list.current && chosen) list.current.scrollLeft = chosen.offsetLeft - list.current.clientWidth / 2 + chosen.offsetWidth / 2;
  }, [tab]);
  const flags = account.flags.filter((flag) => flag.in_force);
  return (
    <>
      <div className="page-head">
        <div>
          <h1 style={{ margin: 0, fontSize: "1.6rem", letterSpacing: "-.02em" }}>{account.name}</h1>
          <p className="row" style={{ gap: 12 }}>
            <CopyButton value={account.id}>{({ copied, copy }) => <UnstyledButton onClick={copy} aria-label={`${t("copy")}: ${account.id}`}><Code>{copied ? t("copied") : account.id}</Code></UnstyledButton>}</CopyButton>
            <span className="small">{t("customer.since", { at: instant(account.created_at, "day") })}</span>
          </p>
        </div>
        <div className="row">
          <Act
            operation="add_user" label="customer.invite" path="/users" fixed={{ account: account.id, role: "customer" }} of={account.name} sure={t("customer.sureInvite")} once={linkOf}
            fields={[{ name: "email", label: "sign.email", required: true }, { name: "name", label: "sign.name" }]}
          />
          {flags.map((flag) => <Badge key={flag.flag} variant="light" color={flag.state === "confirmed" ? "red" : "orange"}>{told("signal", flag.signal)}</Badge>)}
        </div>
      </div>
      <Tabs value={tab} onChange={(value) => set({ tab: value === "plans" ? "" : value ?? "" })} keepMounted={false}>
        <Tabs.List mb="lg" className="tabs" ref={list}>
          {shown.map(([name]) => <Tabs.Tab key={name} value={name}>{t(`customer.${name}`)}{name === "flags" && flags.length ? ` (${flags.length})` : ""}</Tabs.Tab>)}
        </Tabs.List>
        <Tabs.Panel value="plans"><CustomerPlans account={account} /></Tabs.Panel>
        <Tabs.Panel value="usage"><CustomerUsage account={account} /></Tabs.Panel>
        <Tabs.Panel value="money"><CustomerMoney account={account} /></Tabs.Panel>
        <Tabs.Panel value="keys"><CustomerKeys account={account} /></Tabs.Panel>
        <Tabs.Panel value="flags"><Flags account={account} /></Tabs.Panel>
        <Tabs.Panel value="journal"><CustomerJournal account={account} /></Tabs.Panel>
        <Tabs.Panel value="audit"><Deeds query={{ account: account.id }} /></Tabs.Panel>
      </Tabs>
    </>
  );
}

function Flags({ account }: { account: WholeAccount }) {
  const { t } = useWords();
  if (!account.flags.length) return <Empty title={t("customer.noFlags")}>{t("customer.noFlagsText")}</Empty>;
  return <ul className="cases">{account.flags.map((flag) => <li key={flag.flag} className="paper case" data-flag={flag.flag}><FlagCase flag={flag} account={account.id} /></li>)}</ul>;
}
