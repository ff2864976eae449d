// Inviting friends: the code, who joined by it, and what came of it. No names are told.
import { Badge, Button, CopyButton, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../api/client";
import type { Invitations as Told, Pricing } from "../api/shapes";
import { Refused, useAct } from "../parts/act";
import { Data, Empty, Head } from "../parts/states";
import { useWords } from "../words/words";

export default function Invitations() {
  const told = useQuery({ queryKey: ["me", "invitations"], queryFn: () => api.get<Told>("/me/invitations") });
  return (
    <>
      <Head title="invitations.title" about="invitations.about" />
      <div className="stack">
        <Data query={told}>{(data) => <><Mine told={data} /><Join /></>}</Data>
      </div>
    </>
  );
}

function Mine({ told }: { told: Told }) {
  const { t, instant, amount, told: say } = useWords();
  const link = `${window.location.origin}/console/sign-up?invitation=${encodeURIComponent(told.code)}`;
  return (
    <>
      <section className="paper stack">
        <div className="quiet small">{t("invitations.code")}</div>
        <div className="big" data-testid="code">{told.code}</div>
        <div className="row"><code className="small">{link}</code><CopyButton value={link}>{({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{t(copied ? "copied" : "copy")}</Button>}</CopyButton></div>
      </section>
      {told.friends.length ? (
        <div className="paper flush scroll" tabIndex={0} role="region" aria-label={t("invitations.friends")}>
          <table className="rows cards">
            <thead><tr><th>{t("invitations.joined")}</th><th>{t("invitations.reward")}</th><th className="num">{t("refunds.amount")}</th></tr></thead>
            <tbody>
              {told.friends.map((friend) => {
                const reward = friend.reward ?? friend;
                return (
                  <tr key={friend.joined_at}>
                    <td data-label={t("invitations.joined")}>{instant(friend.joined_at)}</td>
                    <td data-label={t("invitations.reward")}><Badge variant="light" color={reward.state === "given" ? "green" : "gray"}>{say("reward", reward.state ?? "none")}</Badge></td>
                    <td className="num" data-label={t("refunds.amount")}>{reward.amount ? amount(reward.amount, reward.currency ?? "") : "—"}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      ) : <Empty title={t("invitations.none")}>{t("invitations.noneText")}</Empty>}
    </>
  );
}

function Join() {
  const { t, named } = useWords();
  const [code, setCode] = useState("");
  const [family, setFamily] = useState<string | null>(null);
  const pricing = useQuery({ queryKey: ["pricing"], queryFn: () => api.get<Pricing>("/pricing") });
  const join = useAct({ path: "/me/joinings", done: () => setCode("") });
  return (
    <section className="paper stack">
      <h2 style={{ margin: 0 }}>{t("invitations.join")}</h2>
      <form className="row" style={{ alignItems: "flex-end" }} onSubmit={(event) => { event.preventDefault(); join.mutate({ code: code.trim(), family }); }}>
        <TextInput label={t("invitations.friendCode")} value={code} onChange={(event) => setCode(event.currentTarget.value)} required autoComplete="off" />
        <Select label={t("invitations.family")} data={pricing.data?.families.map((one) => ({ value: one.family, label: named(one.names, one.family) })) ?? []} value={family} onChange={setFamily} />
        <Button type="submit" variant="default" loading={join.isPending} disabled={!code.trim() || !family}>{t("invitations.doJoin")}</Button>
      </form>
      <Refused problem={join.error} />
      {join.isSuccess && <p role="status">{t("invitations.done")}</p>}
    </section>
  );
}
