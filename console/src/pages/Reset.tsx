// A new password by the link that was sent: its token stands behind the #, which no server is told.
import { Button, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { useLocation } from "wouter";
import { useTakeSession } from "../api/session";
import type { Session } from "../api/shapes";
import { Refused, useAct } from "../parts/act";
import { useWords } from "../words/words";

export default function Reset() {
  const { t } = useWords();
  const take = useTakeSession();
  const [, go] = useLocation();
  const [token] = useState(() => window.location.hash.slice(1));
  const [password, setPassword] = useState("");
  const act = useAct<Session>({ path: "/session/reset", done: (told) => { take(told); go(told.signed_in ? "/console" : "/console/sign-in"); } });
  return (
    <div className="narrow paper stack" style={{ padding: 28 }}>
      <h1 style={{ margin: 0, fontSize: "1.5rem" }}>{t("reset.title")}</h1>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); act.mutate({ token, password }); }}>
        <PasswordInput label={t("settings.newPassword")} description={t("sign.passwordAbout")} autoComplete="new-password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} required minLength={10} visibilityToggleButtonProps={{ "aria-label": t("sign.see") }} />
        <Refused problem={act.error} />
        <Button type="submit" loading={act.isPending} disabled={!token}>{t("reset.do")}</Button>
      </form>
    </div>
  );
}
