// The address of a mail proved by the link in it.
import { Alert, Button } from "@mantine/core";
import { useState } from "react";
import { Refused, useAct } from "../parts/act";
import { useWords } from "../words/words";

export default function Verify() {
  const { t } = useWords();
  const [token] = useState(() => window.location.hash.slice(1));
  const act = useAct({ path: "/session/verify" });
  return (
    <div className="narrow paper stack" style={{ padding: 28 }}>
      <h1 style={{ margin: 0, fontSize: "1.5rem" }}>{t("verify.title")}</h1>
      {act.isSuccess ? <Alert color="gate" role="status">{t("verify.done")}</Alert> : <Button loading={act.isPending} disabled={!token} onClick={() => act.mutate({ token })}>{t("verify.do")}</Button>}
      <Refused problem={act.error} />
    </div>
  );
}
