// Keys of the account: made, replaced, revoked. A secret is shown once.
import { Alert, Button, CopyButton, Modal, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { useAccount } from "../api/live";
import type { Key } from "../api/shapes";
import { ActButton, Refused, useAct } from "../parts/act";
import { Data, Empty, Head } from "../parts/states";
import { useWords } from "../words/words";

export default function Keys() {
  const account = useAccount();
  const { t } = useWords();
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <>
      <Head title="keys.title" about="keys.about"><Button onClick={() => setMaking(true)}>{t("keys.make")}</Button></Head>
      <div className="stack">
        {secret && <Secret secret={secret} done={() => setSecret(null)} />}
        <Data query={account}>{(data) => data.keys.length ? <Table keys={data.keys} told={setSecret} /> : <Empty title={t("keys.none")}>{t("keys.noneText")}</Empty>}</Data>
      </div>
      <Modal opened={making} onClose={() => setMaking(false)} title={t("keys.make")} closeButtonProps={{ "aria-label": t("frame.close") }}>
        <Maker plans={account.data?.plans.map((plan) => plan.plan) ?? []} done={(told) => { setSecret(told); setMaking(false); }} />
      </Modal>
    </>
  );
}

function Secret({ secret, done }: { secret: string; done: () => void }) {
  const { t } = useWords();
  return (
    <Alert color="gate" title={t("keys.once")} role="status">
      <div className="stack">
        <pre className="code" data-testid="secret">{secret}</pre>
        <div className="row">
          <CopyButton value={secret}>{({ copied, copy }) => <Button size="xs" onClick={copy}>{t(copied ? "copied" : "copy")}</Button>}</CopyButton>
          <Button size="xs" variant="default" onClick={done}>{t("keys.kept")}</Button>
        </div>
      </div>
    </Alert>
  );
}

function Maker({ plans, done }: { plans: string[]; done: (secret: string) => void }) {
  const { t } = useWords();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<string | null>(null);
  const act = useAct<{ secret: string }>({ path: "/me/keys", done: (made) => done(made.secret) });
  const kinds = plans.some((plan) => plan.startsWith("agipower/")) ? ["subscription", "payg"] : [];
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); act.mutate(kind ? { name, kind } : { name }); }}>
      <TextInput label={t("keys.name")} description={t("keys.nameAbout")} value={name} onChange={(event) => setName(event.currentTarget.value)} required data-autofocus maxLength={80} />
      {kinds.length > 0 && <Select label={t("keys.kind")} data={kinds} value={kind} onChange={setKind} clearable placeholder={t("keys.kindUsual")} />}
      <Refused problem={act.error} />
      <Button type="submit" loading={act.isPending} disabled={!name.trim()}>{t("keys.make")}</Button>
    </form>
  );
}

function Table({ keys, told }: { keys: readonly Key[]; told: (secret: string) => void }) {
  const { t, instant } = useWords();
  const sorted = [...keys].sort((one, other) => Number(Boolean(one.revoked_at)) - Number(Boolean(other.revoked_at)) || other.created_at.localeCompare(one.created_at));
  return (
    <div className="paper flush scroll" tabIndex={0} role="region" aria-label={t("keys.title")}>
      <table className="rows cards">
        <thead><tr><th>{t("keys.name")}</th><th>{t("keys.begins")}</th><th>{t("keys.kind")}</th><th>{t("keys.created")}</th><th>{t("keys.used")}</th><th><span className="quiet">{t("keys.acts")}</span></th></tr></thead>
        <tbody>
          {sorted.map((key) => (
            <tr key={key.id}>
              <td data-label={t("keys.name")}>{key.name}</td>
              <td data-label={t("keys.begins")}><code>{key.prefix}…</code></td>
              <td data-label={t("keys.kind")}>{key.kind ?? t("keys.every")}</td>
              <td data-label={t("keys.created")}>{instant(key.created_at)}</td>
              <td data-label={t("keys.used")}>{key.last_used_at ? instant(key.last_used_at) : t("keys.never")}</td>
              <td data-label={t("keys.acts")}>
                {key.revoked_at ? <span className="quiet">{t("keys.revoked", { at: instant(key.revoked_at) })}</span> : (
                  <div className="row">
                    <ActButton<{ secret: string }> size="xs" variant="default" path={`/me/keys/${key.id}/rotate`} sure={t("keys.sureRotate")} done={(made) => told(made.secret)} aria-label={`${t("keys.rotate")}: ${key.name}`}>{t("keys.rotate")}</ActButton>
                    <ActButton size="xs" variant="light" color="red" path={`/me/keys/${key.id}`} method="DELETE" sure={t("keys.sureRevoke")} aria-label={`${t("keys.revoke")}: ${key.name}`}>{t("keys.revoke")}</ActButton>
                  </div>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
