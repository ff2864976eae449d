// Users of the console: who may sign in, as what; added with a link that works once, kept out, let in again.
import { Badge } from "@mantine/core";
import type { User } from "../../api/shapes";
import { useSession } from "../../api/session";
import { Act, CustomerLink, PagedTable, Section, linkOf } from "../../parts/office";
import { Empty, Head } from "../../parts/states";
import { useWords } from "../../words/words";

type Listed = User & { disabled_at: string | null };

interface Page {
  users: Listed[];
  next: string | null;
}

const ROLES = ["owner", "finance", "support", "read_only", "customer"] as const;

export default function Users() {
  const { t, told, instant } = useWords();
  const me = useSession().data?.user?.id;
  const roles = ROLES.map((value) => ({ value, label: told("role", value) }));
  const languages = [{ value: "en", label: "English" }, { value: "zh", label: "中文" }];
  return (
    <>
      <Head title="users.title" about="users.about">
        <Act
          main operation="add_user" label="users.add" path="/users" sure={t("users.sureAdd")} once={linkOf}
          fields={[
            { name: "email", label: "sign.email", required: true },
            { name: "name", label: "sign.name" },
            { name: "role", label: "users.role", kind: "choice", choices: roles, required: true, initial: "support" },
            { name: "account", label: "users.account", about: "users.accountAbout", when: (values) => values["role"] === "customer" },
            { name: "language", label: "users.language", kind: "choice", choices: languages },
          ]}
        />
      </Head>
      <div className="stack" style={{ gap: 28 }}>
        <PagedTable<Listed, Page>
          label={t("users.title")} path="/users" query={{ limit: 100 }} rows={(page) => page.users} id={(row) => row.email}
          empty={<Empty title={t("users.none")}>{t("users.noneText")}</Empty>}
          columns={[
            { title: t("users.who"), cell: (row) => <><div>{row.name || row.email}{row.id === me ? <span className="quiet small"> ({t("users.you")})</span> : null}</div>{row.name ? <div className="quiet small">{row.email}</div> : null}</> },
            { title: t("users.role"), cell: (row) => <Badge variant="light" color={row.role === "owner" ? "gate" : row.role === "customer" ? "gray" : "blue"}>{told("role", row.role)}</Badge> },
            { title: t("users.customer"), cell: (row) => (row.account ? <CustomerLink account={row.account} /> : "—") },
            { title: t("orders.state"), cell: (row) => (row.disabled_at ? <Badge variant="light" color="red">{t("users.disabled")}</Badge> : <span className="quiet small">{t("users.since", { at: instant(row.created_at, "day") })}</span>) },
            { title: t("keys.acts"), cell: (row) => <div className="row"><Acts user={row} isMe={row.id === me} roles={roles} /></div> },
          ]}
        />
        <Section title={t("users.roles")}>
          <div className="grid">{ROLES.map((role) => <div key={role} className="paper figure-card"><strong>{told("role", role)}</strong><p className="quiet small" style={{ margin: "6px 0 0" }}>{told("roleMay", role)}</p></div>)}</div>
        </Section>
      </div>
    </>
  );
}

function Acts({ user, isMe, roles }: { user: Listed; isMe: boolean; roles: { value: string; label: string }[] }) {
  const { t } = useWords();
  const path = `/users/${user.id}`;
  const of = user.email;
  return (
    <>
      <Act operation="set_user_role" label="users.setRole" path={`${path}/role`} of={of} sure={t(isMe ? "users.sureOwnRole" : "users.sureRole")} fields={[{ name: "role", label: "users.role", kind: "choice", choices: roles, required: true, initial: user.role }]} />
      <Act operation="reset_user" label="users.reset" path={`${path}/reset`} of={of} sure={t("users.sureReset")} once={linkOf} />
      {user.disabled_at
        ? <Act operation="enable_user" label="users.enable" path={`${path}/enable`} of={of} sure={t("users.sureEnable")} />
        : !isMe && <Act danger operation="disable_user" label="users.disable" path={`${path}/disable`} of={of} sure={t("users.sureDisable")} />}
    </>
  );
}
