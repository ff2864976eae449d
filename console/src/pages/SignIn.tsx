// Signing in: by password, by passkey where there are some, by another service where one is set up.
import { Anchor, Button, Divider, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { api } from "../api/client";
import { getPasskey } from "../api/passkeys";
import { useSession, useTakeSession } from "../api/session";
import type { Session } from "../api/shapes";
import { Refused, RefusedElsewhere, useAct } from "../parts/act";
import { useWords } from "../words/words";

/** Where to go after signing in: a page of ours that was asked for, and no other place. */
function wanted(search: string): string {
  const to = new URLSearchParams(search).get("to") ?? "";
  return /^\/console\/[\w/-]*$/.test(to) ? to : "/console/overview";
}

export default function SignIn() {
  const { t } = useWords();
  const session = useSession();
  const search = useSearch();
  const [, go] = useLocation();
  const take = useTakeSession();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const arrived = (told: Session) => {
    take(told);
    go(told.user?.account ? wanted(search) : "/console");
  };
  const act = useAct<Session>({ path: "/session/sign-in", done: arrived });
  const byPasskey = async () => {
    try {
      const options = await api.post<unknown>("/session/passkeys/sign-in/options");
      arrived(await api.post<Session>("/session/passkeys/sign-in", { credential: await getPasskey(options) }));
    } catch (refused) {
      setProblem(refused);
    }
  };
  return (
    <div className="narrow paper stack" style={{ padding: 28 }}>
      <h1 style={{ margin: 0, fontSize: "1.5rem" }}>{t("signIn.title")}</h1>
      <RefusedElsewhere />
      <form className="stack" onSubmit={(event) => { event.preventDefault(); act.mutate({ email, password }); }}>
        <TextInput type="email" label={t("sign.email")} autoComplete="username" value={email} onChange={(event) => setEmail(event.currentTarget.value)} required />
        <PasswordInput label={t("sign.password")} autoComplete="current-password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} required visibilityToggleButtonProps={{ "aria-label": t("sign.see") }} />
        <Refused problem={act.error ?? problem} />
        <Button type="submit" size="md" loading={act.isPending}>{t("signIn.title")}</Button>
      </form>
      {(session.data?.passkeys || Boolean(session.data?.oidc.length)) && <Divider label={t("sign.or")} />}
      {session.data?.passkeys && "credentials" in navigator && <Button variant="default" onClick={() => void byPasskey()}>{t("signIn.passkey")}</Button>}
      {session.data?.oidc.map((one) => <Button key={one.name} component="a" variant="default" href={`/api/v1/session/oidc/${encodeURIComponent(one.name)}/start?next=${encodeURIComponent(wanted(search))}`}>{t("signIn.with", { name: one.label })}</Button>)}
      <div className="row between small">
        <Anchor component={Link} href="/console/forgotten">{t("forgotten.title")}</Anchor>
        {session.data?.sign_up !== "closed" && <Anchor component={Link} href="/console/sign-up">{t("signIn.none")}</Anchor>}
      </div>
    </div>
  );
}
