// Asking for a link to set a new password. The answer is the same whether the address is known or not.
import { Alert, Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useSession } from "../api/session";
import { Refused, useAct } from "../parts/act";
import { useWords } from "../words/words";

export default function Forgotten() {
  const { t } = useWords();
  const session = useSession();
  const [email, setEmail] = useState("");
  const act = useAct({ path: "/session/reset-request" });
  return (
    <div className="narrow paper stack" style={{ padding: 28 }}>
      <h1 style={{ margin: 0, fontSize: "1.5rem" }}>{t("forgotten.title")}</h1>
      {session.data && !session.data.mail && <Alert color="yellow">{t("forgotten.noMail")}</Alert>}
      {act.isSuccess ? <Alert color="gate" role="status">{t("forgotten.sent")}</Alert> : (
        <form className="stack" onSubmit={(event) => { event.preventDefault(); act.mutate({ email }); }}>
          <TextInput type="email" label={t("sign.email")} autoComplete="username" value={email} onChange={(event) => setEmail(event.currentTarget.value)} required />
          <Refused problem={act.error} />
          <Button type="submit" loading={act.isPending}>{t("forgotten.ask")}</Button>
        </form>
      )}
    </div>
  );
}
