// One's own name, password, sessions, passkeys, and what one is told of by mail or webhook.
import { Badge, Button, PasswordInput, Switch, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, Failure } from "../api/client";
import { makePasskey } from "../api/passkeys";
import { useSession, useTakeSession } from "../api/session";
import type { Notifications, Session } from "../api/shapes";
import { ActButton, Refused, RefusedElsewhere, useAct } from "../parts/act";
import { Data, Head } from "../parts/states";
import { useWords } from "../words/words";

export default function Settings() {
  const session = useSession();
  return (
    <>
      <Head title="settings.title" />
      <RefusedElsewhere />
      <Data query={session}>
        {(data) => (
          <div className="grid wide">
            <Profile session={data} />
            {data.password ? <Password /> : <NoPassword session={data} />}
            {data.user?.account && <Notify />}
            <Sessions />
            {data.passkeys && <Passkeys />}
            <Identities />
          </div>
        )}
      </Data>
    </>
  );
}

function Profile({ session }: { session: Session }) {
  const { t, language } = useWords();
  const take = useTakeSession();
  const [name, setName] = useState(session.user?.name ?? "");
  const act = useAct<Session>({ path: "/session/profile", done: take });
  return (
    <form className="paper stack" onSubmit={(event) => { event.preventDefault(); act.mutate({ name, language }); }}>
      <h2 style={{ margin: 0 }}>{t("settings.profile")}</h2>
      <TextInput label={t("sign.email")} value={session.user?.email ?? ""} readOnly />
      <TextInput label={t("sign.name")} value={name} onChange={(event) => setName(event.currentTarget.value)} autoComplete="name" />
      <Refused problem={act.error} />
      <div><Button type="submit" variant="default" loading={act.isPending}>{t("settings.save")}</Button></div>
    </form>
  );
}

function Password() {
  const { t } = useWords();
  const take = useTakeSession();
  const [fields, setFields] = useState({ old: "", new: "" });
  const act = useAct<Session>({ path: "/session/password", done: (told) => { take(told); setFields({ old: "", new: "" }); } });
  const see = { "aria-label": t("sign.see") };
  return (
    <form className="paper stack" onSubmit={(event) => { event.preventDefault(); act.mutate(fields); }}>
      <h2 style={{ margin: 0 }}>{t("sign.password")}</h2>
      <PasswordInput label={t("settings.oldPassword")} autoComplete="current-password" value={fields.old} onChange={(event) => setFields({ ...fields, old: event.currentTarget.value })} required visibilityToggleButtonProps={see} />
      <PasswordInput label={t("settings.newPassword")} description={t("sign.passwordAbout")} autoComplete="new-password" minLength={10} value={fields.new} onChange={(event) => setFields({ ...fields, new: event.currentTarget.value })} required visibilityToggleButtonProps={see} />
      <Refused problem={act.error} />
      {act.isSuccess && <p role="status" className="small">{t("settings.changed")}</p>}
      <div><Button type="submit" variant="default" loading={act.isPending}>{t("settings.change")}</Button></div>
    </form>
  );
}

/** Who came by another service, or was added by an operator, has none: a link to set one is mailed. */
function NoPassword({ session }: { session: Session }) {
  const { t } = useWords();
  const act = useAct({ path: "/session/reset-request" });
  return (
    <section className="paper stack">
      <h2 style={{ margin: 0 }}>{t("sign.password")}</h2>
      <p className="small quiet" style={{ margin: 0 }}>{t(session.mail ? "settings.noPassword" : "settings.noPasswordNoMail")}</p>
      <Refused problem={act.error} />
      {act.isSuccess && <p role="status" className="small">{t("forgotten.sent")}</p>}
      {session.mail && <div><Button variant="default" loading={act.isPending} onClick={() => act.mutate({ email: session.user?.email })}>{t("settings.setPassword")}</Button></div>}
    </section>
  );
}

interface Identity {
  name: string;
  label: string;
  connected: boolean;
  connected_at: string | null;
  available: boolean;
}

function Identities() {
  const { t, instant } = useWords();
  const told = useQuery({ queryKey: ["me", "identities"], queryFn: () => api.get<{ identities: Identity[] }>("/session/identities") });
  if (told.data && !told.data.identities.length) return null;
  return (
    <section className="paper stack" data-testid="identities">
      <h2 style={{ margin: 0 }}>{t("settings.identities")}</h2>
      <p className="small quiet" style={{ margin: 0 }}>{t("settings.identitiesAbout")}</p>
      <Data query={told} height={60}>
        {(data) => (
          <ul className="points">
            {data.identities.map((one) => (
              <li key={one.name} data-identity={one.name}>
                <span>{one.label}<br /><span className="quiet small">{one.connected_at ? t("settings.connected", { at: instant(one.connected_at, "day") }) : t("settings.notConnected")}{!one.available && ` · ${t("settings.notAvailable")}`}</span></span>
                <span>
                  {one.connected
                    ? <ActButton size="xs" variant="default" method="DELETE" path={`/session/identities/${encodeURIComponent(one.name)}`} sure={t("settings.sureDisconnect", { name: one.label })} aria-label={t("settings.disconnectFrom", { name: one.label })}>{t("settings.disconnect")}</ActButton>
                    : <Button size="xs" variant="default" component="a" href={`/api/v1/session/oidc/${encodeURIComponent(one.name)}/start?next=/console/settings`} aria-label={t("settings.connectTo", { name: one.label })}>{t("settings.connect")}</Button>}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Data>
    </section>
  );
}

function Notify() {
  const { t } = useWords();
  const told = useQuery({ queryKey: ["me", "notifications"], queryFn: () => api.get<Notifications>("/me/notifications") });
  return (
    <section className="paper stack">
      <h2 style={{ margin: 0 }}>{t("settings.notify")}</h2>
      {told.error instanceof Failure && told.error.code === "not_found" ? <p className="small quiet">{t("settings.noNotify")}</p> : <Data query={told}>{(data) => <Wishes told={data} />}</Data>}
    </section>
  );
}

function Wishes({ told }: { told: Notifications }) {
  const { t, told: say } = useWords();
  const [wishes, setWishes] = useState({ email: told.email, webhook: told.webhook ?? "", kinds: told.kinds });
  const act = useAct<{ secret: string | null }>({ path: "/me/notifications" });
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); act.mutate({ ...wishes, webhook: wishes.webhook || null }); }}>
      <Switch label={t("settings.byMail")} disabled={!told.mail} description={told.mail ? undefined : t("settings.noMail")} checked={wishes.email} onChange={(event) => setWishes({ ...wishes, email: event.currentTarget.checked })} />
      <TextInput type="url" label={t("settings.webhook")} placeholder="https://" value={wishes.webhook} onChange={(event) => setWishes({ ...wishes, webhook: event.currentTarget.value })} />
      {Object.entries(wishes.kinds).map(([kind, on]) => <Switch key={kind} label={say("notify", kind)} checked={on} onChange={(event) => setWishes({ ...wishes, kinds: { ...wishes.kinds, [kind]: event.currentTarget.checked } })} />)}
      <Refused problem={act.error} />
      {act.isSuccess && <p role="status" className="small">{t("settings.saved")}</p>}
      {act.data?.secret && <div className="stack" style={{ gap: 6 }} role="status"><span className="small">{t("settings.secretOnce")}</span><pre className="code" tabIndex={0}>{act.data.secret}</pre></div>}
      <div><Button type="submit" variant="default" loading={act.isPending}>{t("settings.save")}</Button></div>
    </form>
  );
}

interface Open {
  id: string;
  last_seen_at: string;
  user_agent: string;
  current: boolean;
}

const BROWSERS: [RegExp, string][] = [[/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrom(e|ium)\//, "Chrome"], [/Safari\//, "Safari"]];
const SYSTEMS: [RegExp, string][] = [[/iPhone|iPad/, "iOS"], [/Android/, "Android"], [/Mac OS X/, "macOS"], [/Windows/, "Windows"], [/Linux/, "Linux"]];

/** What a browser calls itself, in two words; the server keeps no more than its beginning. */
function browserOf(agent: string): string {
  const named = (list: [RegExp, string][]) => list.find(([shape]) => shape.test(agent))?.[1];
  return [named(BROWSERS), named(SYSTEMS)].filter(Boolean).join(" · ") || agent.slice(0, 40) || "—";
}

function Sessions() {
  const { t, instant } = useWords();
  const data = useQueryClient();
  const open = useQuery({ queryKey: ["me", "sessions"], queryFn: () => api.get<{ sessions: Open[] }>("/session/sessions") });
  return (
    <section className="paper stack">
      <h2 style={{ margin: 0 }}>{t("settings.sessions")}</h2>
      <Data query={open}>
        {(told) => (
          <ul className="points">
            {told.sessions.map((one) => (
              <li key={one.id}>
                <span className="small">{browserOf(one.user_agent)}<br /><span className="quiet">{instant(one.last_seen_at)}</span></span>
                <span>{one.current ? <Badge variant="light">{t("settings.this")}</Badge> : <ActButton size="xs" variant="default" method="DELETE" path={`/session/sessions/${one.id}`} done={() => void data.invalidateQueries({ queryKey: ["me", "sessions"] })}>{t("settings.end")}</ActButton>}</span>
              </li>
            ))}
          </ul>
        )}
      </Data>
    </section>
  );
}

function Passkeys() {
  const { t, instant } = useWords();
  const data = useQueryClient();
  const [problem, setProblem] = useState<unknown>(null);
  const kept = useQuery({ queryKey: ["me", "passkeys"], queryFn: () => api.get<{ passkeys: { id: string; name: string; created_at: string }[] }>("/session/passkeys") });
  const make = async () => {
    try {
      const options = await api.post<unknown>("/session/passkeys/options");
      await api.post("/session/passkeys", { name: navigator.platform || "passkey", credential: await makePasskey(options) });
      setProblem(null);
      await data.invalidateQueries({ queryKey: ["me", "passkeys"] });
    } catch (refused) {
      setProblem(refused);
    }
  };
  return (
    <section className="paper stack">
      <h2 style={{ margin: 0 }}>{t("settings.passkeys")}</h2>
      <Data query={kept}>
        {(told) => (
          <ul className="points">
            {told.passkeys.map((one) => <li key={one.id}><span>{one.name} <span className="quiet small">{instant(one.created_at)}</span></span><ActButton size="xs" variant="default" method="DELETE" path={`/session/passkeys/${one.id}`}>{t("settings.remove")}</ActButton></li>)}
          </ul>
        )}
      </Data>
      <Refused problem={problem} />
      <div><Button variant="default" onClick={() => void make()}>{t("settings.makePasskey")}</Button></div>
    </section>
  );
}
