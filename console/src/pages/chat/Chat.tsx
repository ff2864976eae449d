// Studio Chat: conversations that are kept, answers as they come, and what each cost.
import { ActionIcon, Drawer } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type DragEvent } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { api } from "../../api/client";
import { ACCOUNT, useAccount } from "../../api/live";
import { ask, forget, keepProblem, stop, useAnswer } from "../../parts/chat/answers";
import { Composer } from "../../parts/chat/Composer";
import { CONVERSATIONS, List } from "../../parts/chat/List";
import type { Billing, Conversation, Part, Told } from "../../parts/chat/shapes";
import { MODELS, PriceLine, TermsChoice, useModels, usualModel, type Terms } from "../../parts/chat/Terms";
import { Thread } from "../../parts/chat/Thread";
import { Refused } from "../../parts/act";
import { Data } from "../../parts/states";
import { useWords } from "../../words/words";
import "./chat.css";

const KEPT = "faregate-chat";

export default function Chat() {
  const { t } = useWords();
  const [, go] = useLocation();
  const chosen = new URLSearchParams(useSearch()).get("c");
  const [menu, { open, close }] = useDisclosure(false);
  useEffect(close, [chosen, close]);
  const begin = () => {
    go("/console/chat");
    close();
  };
  const gone = (id: string) => {
    forget(id);
    if (id === chosen) go("/console/chat");
  };
  const list = <List chosen={chosen} begin={begin} gone={gone} />;
  return (
    <div className="chat">
      <div className="chat-side only-wide">{list}</div>
      <Drawer opened={menu} onClose={close} size={300} title={t("chat.conversations")} closeButtonProps={{ "aria-label": t("frame.close") }}>{list}</Drawer>
      {/* Not by its id alone: a conversation that just got its id is still the same one on the screen. */}
      <Room id={chosen} open={open} />
    </div>
  );
}

/** What a conversation that is not begun yet will be like: as the last one was. */
function useTerms(): [Terms, (part: Partial<Terms>) => void] {
  const models = useModels();
  const [terms, setTerms] = useState<Terms>(() => {
    try {
      return { model: "", billing: "plan", ...(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Terms>) };
    } catch {
      return { model: "", billing: "plan" };
    }
  });
  const change = (part: Partial<Terms>) => {
    const next = { ...terms, ...part };
    setTerms(next);
    try {
      localStorage.setItem(KEPT, JSON.stringify(next));
    } catch {
      // No storage here: the choice holds until the page is left.
    }
  };
  return [{ ...terms, model: terms.model || usualModel(models.data?.models ?? []) }, change];
}

function Room({ id, open }: { id: string | null; open: () => void }) {
  const { t } = useWords();
  const data = useQueryClient();
  const [, go] = useLocation();
  const [terms, setTerms] = useTerms();
  const [dropped, setDropped] = useState<File[]>([]);
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const answer = useAnswer(id);
  const place = ["me", "conversation", id];
  const told = useQuery({
    queryKey: place,
    queryFn: () => api.get<Told>(`/me/conversations/${id}`),
    enabled: id !== null,
    refetchInterval: (query) => (unsettled(query.state.data) && query.state.dataUpdateCount < 40 ? 1000 : false),
  });
  const now: Terms = told.data && id !== null ? { model: told.data.model, billing: told.data.billing } : terms;
  const busy = answer?.state === "coming";

  useEffect(() => {
    setProblem(null);
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape" && id !== null) stop(id);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [id]);

  const change = async (part: Partial<Terms>) => {
    setTerms(part);
    if (id === null) return;
    try {
      setProblem(null);
      data.setQueryData<Told>(place, (before) => before && { ...before, ...part });
      await api.post<Conversation>(`/me/conversations/${id}`, part);
    } catch (refused) {
      setProblem(refused);
      await data.invalidateQueries({ queryKey: place });
    }
  };
  /** A new conversation, of what is chosen. Who is fast speaks before the models are there. */
  const begin = async (): Promise<string> => {
    const chosen = { ...now, model: now.model || usualModel((await data.ensureQueryData(MODELS)).models) };
    const begun = (await api.post<Conversation>("/me/conversations", chosen)).id;
    data.setQueryData<Told>(["me", "conversation", begun], { id: begun, title: "", ...chosen, created_at: "", updated_at: "", messages: [] });
    go(`/console/chat?c=${begun}`);
    return begun;
  };
  const speak = async (parts: Part[] | null) => {
    setProblem(null);
    try {
      await listened(id ?? (await begin()), parts);
    } catch (refused) {
      setProblem(refused);
    }
  };
  const listened = async (conversation: string, parts: Part[] | null) => {
    const ended = await ask(conversation, parts);
    // What was stopped is kept a moment after the connection closed.
    if (ended === "stopped") await new Promise((resolve) => setTimeout(resolve, 400));
    const kept = await data.fetchQuery({ queryKey: ["me", "conversation", conversation], queryFn: () => api.get<Told>(`/me/conversations/${conversation}`), staleTime: 0 }).catch(() => null);
    if (ended !== "failed") forget(conversation);
    else if (!parts || isKept(kept, parts)) keepProblem(conversation);
    void data.invalidateQueries({ queryKey: CONVERSATIONS });
    void data.invalidateQueries({ queryKey: ACCOUNT });
  };
  const again = () => void speak(answer?.state === "failed" && answer.said ? answer.said : null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    setDropped([...event.dataTransfer.files]);
  };
  return (
    <section className="chat-room" data-over={over || undefined} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false); }} onDrop={drop}>
      <header className="chat-head">
        <span className="only-narrow"><ActionIcon variant="default" size={36} onClick={open} aria-label={t("chat.conversations")}><Lines /></ActionIcon></span>
        <h1>{told.data?.title || t("chat.title")}</h1>
        <TermsChoice terms={now} change={(part) => void change(part)} />
        <p className="small quiet chat-price"><PriceLine model={now.model} /></p>
      </header>
      {id === null ? <Welcome /> : <Data query={told} height={220}>{(kept) => <Thread key={id} messages={kept.messages} answer={answer} again={again} />}</Data>}
      <div className="chat-foot-of-room">
        <Refused problem={problem} />
        <Composer key={id ?? "new"} place={id ?? "new"} busy={busy} send={(parts) => void speak(parts)} stop={() => id !== null && stop(id)} dropped={dropped} taken={() => setDropped([])} hint={<Payer billing={now.billing} />} />
      </div>
      {over && <div className="chat-over" aria-hidden="true">{t("chat.dropHere")}</div>}
    </section>
  );
}

function unsettled(told: Told | undefined): boolean {
  return Boolean(told?.messages.some((message) => message.request && !message.cost));
}

function isKept(told: Told | null, parts: Part[]): boolean {
  const last = told?.messages.findLast((message) => message.role === "user");
  return JSON.stringify(last?.parts) === JSON.stringify(parts);
}

function Welcome() {
  const { t } = useWords();
  return (
    <div className="chat-welcome">
      <h2>{t("chat.welcome")}</h2>
      <p className="quiet">{t("chat.welcomeText")}</p>
    </div>
  );
}

/** Who pays the next answer, and what is left there. */
function Payer({ billing }: { billing: Billing }) {
  const { t, amount } = useWords();
  const account = useAccount();
  if (!account.data) return <span />;
  const paying = account.data.plans.filter((plan) => plan.wallet === (billing === "api"));
  const first = paying[0];
  if (!first) return <span>{t(billing === "api" ? "chat.noWallet" : "chat.noPlan")} <Link href={billing === "api" ? "/console/wallet" : "/console/pricing"}>{t(billing === "api" ? "wallet.title" : "pricing.title")}</Link></span>;
  const window = first.windows.filter((one) => !one.guard).sort((one, other) => Number(one.remaining) / Number(one.limit) - Number(other.remaining) / Number(other.limit))[0];
  const pool = first.pools[0];
  const about = (exact: string, unit: string) => amount(String(Math.floor(Number(exact) * 100) / 100), unit);
  const left = window ? about(window.remaining, window.unit) : pool ? about(pool.available, pool.unit) : "";
  return <span>{t(billing === "api" ? "chat.paysWallet" : "chat.paysPlan", { source: first.plan })}{left && <> · {t("chat.left", { amount: left })}</>}</span>;
}

function Lines() {
  return <svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" aria-hidden="true"><path d="M4 6h16M4 12h10M4 18h13" /></svg>;
}
