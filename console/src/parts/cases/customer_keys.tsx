// Keys of one customer: made and replaced (the secret is shown once), limited, revoked.
import { Badge } from "@mantine/core";
import type { WholeAccount } from "../../api/office_shapes";
import type { Key } from "../../api/shapes";
import { useWords } from "../../words/words";
import { Act, Code, Section, Table, type Answer } from "../office";
import { Empty } from "../states";

const secretOf = (answer: Answer) => (typeof answer["secret"] === "string" ? answer["secret"] : undefined);

export function CustomerKeys({ account }: { account: WholeAccount }) {
  const { t, instant } = useWords();
  const rows = [...account.keys].sort((one, other) => Number(Boolean(one.revoked_at)) - Number(Boolean(other.revoked_at)) || other.created_at.localeCompare(one.created_at));
  const make = (
    <Act
      operation="create_key" label="keys.make" path={`/accounts/${account.id}/keys`} of={account.name} sure={t("keysOf.sureMake")} once={secretOf}
      fields={[{ name: "name", label: "keys.name", about: "keys.nameAbout", required: true }, { name: "kind", label: "keys.kind", about: "keysOf.kindAbout" }]}
    />
  );
  return (
    <Section title={t("keys.title")} acts={make}>
      {rows.length ? (
        <Table
          label={t("keys.title")} rows={rows} id={(row) => row.id}
          columns={[
            { title: t("keys.name"), cell: (row) => <><div>{row.name}</div><Code>{row.id}</Code></> },
            { title: t("keys.begins"), cell: (row) => <Code>{row.prefix}…</Code> },
            { title: t("keys.kind"), cell: (row) => row.kind ?? t("keys.every") },
            { title: t("keys.created"), cell: (row) => instant(row.created_at, "day") },
            { title: t("keys.used"), cell: (row) => (row.last_used_at ? instant(row.last_used_at) : t("keys.never")) },
            { title: t("keys.acts"), cell: (row) => (row.revoked_at ? <Badge variant="light" color="gray">{t("keys.revoked", { at: instant(row.revoked_at, "day") })}</Badge> : <div className="row"><KeyActs row={row} /></div>) },
          ]}
        />
      ) : <Empty title={t("keys.none")}>{t("keysOf.noneText")}</Empty>}
    </Section>
  );
}

function KeyActs({ row }: { row: Key }) {
  const { t } = useWords();
  const of = row.name || row.prefix;
  return (
    <>
      <Act operation="limit_key" label="keysOf.limit" path={`/keys/${row.id}/limits`} of={of} sure={t("keysOf.sureLimit")} fields={[{ name: "requests", label: "keysOf.requests", kind: "whole", required: true }]} />
      <Act operation="rotate_key" label="keys.rotate" path={`/keys/${row.id}/rotate`} of={of} sure={t("keys.sureRotate")} once={secretOf} />
      <Act danger operation="revoke_key" label="keys.revoke" path={`/keys/${row.id}`} method="DELETE" of={of} sure={t("keys.sureRevoke")} />
    </>
  );
}
