// A new account of one's own.
import { Anchor, Button, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useSession, useTakeSession } from "../api/session";
import type { Session } from "../api/shapes";
import { Refused, useAct } from "../parts/act";
import { Empty } from "../parts/states";
import { useWords } from "../words/words";

export default function SignUp() {
  const { t, language } = useWords();
  const session = useSession();
  const take = useTakeSession();
  const [, go] = useLocation();
  const [invitation, setInvitation] = useState(new URLSearchParams(useSearch()).get("invitation") ?? "");
  const [fields, setFields] = useState({ name: "", email: "", password: "" });
  const act = useAct<Session>({ path: "/session/sign-up", done: (told) => { take(told); go("/console/overview"); } });
  if (session.data?.sign_up === "closed") return <Empty title={t("signUp.closed")}>{t("signUp.closedText")}</Empty>;
  const set = (name: keyof typeof fields) => (event: { currentTarget: { value: string } }) => setFields({ ...fields, [name]: event.currentTarget.value });
  return (
    <div className="narrow paper stack" style={{ padding: 28 }}>
      <h1 style={{ margin: 0, fontSize: "1.5rem" }}>{t("signUp.title")}</h1>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); act.mutate({ ...fields, language, ...(fields.name ? {} : { name: fields.email.split("@")[0] }), ...(invitation.trim() ? { invitation: invitation.trim() } : {}) }); }}>
        <TextInput label={t("sign.name")} autoComplete="name" value={fields.name} onChange={set("name")} />
        <TextInput type="email" label={t("sign.email")} autoComplete="username" value={fields.email} onChange={set("email")} required />
        <PasswordInput label={t("sign.password")} description={t("sign.passwordAbout")} autoComplete="new-password" value={fields.password} onChange={set("password")} required minLength={10} visibilityToggleButtonProps={{ "aria-label": t("sign.see") }} />
        <TextInput label={t("sign.invitation")} value={invitation} onChange={(event) => setInvitation(event.currentTarget.value)} required={session.data?.sign_up === "invited"} autoComplete="off" />
        <Refused problem={act.error} />
        <Button type="submit" size="md" loading={act.isPending}>{t("signUp.title")}</Button>
      </form>
      <Anchor component={Link} href="/console/sign-in" className="small">{t("signUp.have")}</Anchor>
    </div>
  );
}
