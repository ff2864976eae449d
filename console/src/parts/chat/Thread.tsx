// What was said in a conversation, and the answer that is coming in.
import { Alert, Button, CopyButton } from "@mantine/core";
import { memo, useEffect, useLayoutEffect, useRef, type ReactNode } from "react";
import { useWords } from "../../words/words";
import { Countdown } from "../Countdown";
import type { Answer, Problem } from "./answers";
import { Cost } from "./Cost";
import { Markdown } from "./Markdown";
import { picturesOf, textOf, type Message, type Part } from "./shapes";

interface Reading {
  messages: readonly Message[];
  answer: Answer | undefined;
  again: () => void;
}

export function Thread({ messages, answer, again }: Reading) {
  const { t } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const shown = replaced(messages, answer);
  const last = shown[shown.length - 1];
  const answered = last?.role === "assistant";
  useLayoutEffect(() => {
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  useEffect(() => {
    // Heights change later, too: by pictures that load, and code that takes on its colours.
    const inside = box.current?.firstElementChild;
    if (!inside) return;
    const watch = new ResizeObserver(() => {
      if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
    });
    watch.observe(inside);
    return () => watch.disconnect();
  }, []);
  const scrolled = () => {
    const place = box.current;
    if (place) follows.current = place.scrollHeight - place.scrollTop - place.clientHeight < 60;
  };
  const silent = !answer && last?.role === "user";
  return (
    <div className="chat-thread" ref={box} onScroll={scrolled} tabIndex={0} role="region" aria-label={t("chat.thread")}>
      <ol>
        {shown.map((message, place) => <Said key={message.seq} message={message} again={!answer && answered && place === shown.length - 1 ? again : null} />)}
        {answer?.said && <Mine parts={answer.said} />}
        {answer && (answer.text || answer.pictures.length > 0 || answer.state === "coming") && (
          <li className="chat-theirs" data-state={answer.state}>
            <span className="chat-who">{t("chat.model")}</span>
            {answer.text ? <Markdown text={answer.text} /> : answer.pictures.length === 0 && <span className="chat-wait" role="status" aria-label={t("chat.coming")}><i /><i /><i /></span>}
            <Pictures urls={answer.pictures} />
          </li>
        )}
        {answer?.problem && <li><Failed problem={answer.problem} again={again} /></li>}
        {silent && <li className="row small quiet chat-silent"><span>{t("chat.silent")}</span><Button size="xs" variant="default" onClick={again}>{t("chat.again")}</Button></li>}
      </ol>
      <p className="chat-unseen" role="status">{answer?.state === "coming" ? t("chat.coming") : answered ? t("chat.ready") : ""}</p>
    </div>
  );
}

/** Without what an answer that is coming in takes the place of. */
function replaced(messages: readonly Message[], answer: Answer | undefined): readonly Message[] {
  if (!answer) return messages;
  const kept = answer.request === null ? messages : messages.filter((message) => message.request !== answer.request);
  if (answer.said) {
    // The server kept it meanwhile: it is not shown twice.
    const last = kept[kept.length - 1];
    const twice = last?.role === "user" && JSON.stringify(last.parts) === JSON.stringify(answer.said);
    return twice ? kept.slice(0, -1) : kept;
  }
  const people = kept.findLastIndex((message) => message.role === "user");
  return kept.slice(0, people + 1);
}

const Said = memo(function Said({ message, again }: { message: Message; again: (() => void) | null }) {
  const { t } = useWords();
  if (message.role === "user") return <Mine parts={message.parts} />;
  const text = textOf(message.parts);
  return (
    <li className="chat-theirs">
      <span className="chat-who">{t("chat.model")}</span>
      <Markdown text={text} />
      <Pictures urls={picturesOf(message.parts)} />
      <div className="chat-foot">
        {message.request && <Cost cost={message.cost} request={message.request} />}
        <span className="row chat-acts">
          {text && <CopyButton value={text}>{({ copied, copy }) => <Quiet press={copy}>{t(copied ? "copied" : "copy")}</Quiet>}</CopyButton>}
          {again && <Quiet press={again}>{t("chat.again")}</Quiet>}
        </span>
      </div>
    </li>
  );
});

function Quiet({ press, children }: { press: () => void; children: ReactNode }) {
  return <Button size="compact-xs" variant="subtle" color="gray" c="dimmed" fw={500} onClick={press}>{children}</Button>;
}

function Mine({ parts }: { parts: readonly Part[] }) {
  const { t } = useWords();
  const text = textOf(parts);
  return (
    <li className="chat-mine">
      <span className="chat-who">{t("chat.you")}</span>
      <Pictures urls={picturesOf(parts)} />
      {text && <div className="chat-bubble">{text}</div>}
    </li>
  );
}

function Pictures({ urls }: { urls: readonly string[] }) {
  const { t } = useWords();
  if (!urls.length) return null;
  return (
    <div className="chat-pictures">
      {urls.map((url, place) => <a key={place} href={url} download={`picture-${place + 1}.${/^data:image\/(\w+)/.exec(url)?.[1] ?? "png"}`} className="chat-picture"><img src={url} alt={t("chat.picture", { number: place + 1 })} /></a>)}
    </div>
  );
}

function Failed({ problem, again }: { problem: Problem; again: () => void }) {
  const { t, told } = useWords();
  const known = told("chatProblem", problem.code);
  const named = known !== problem.code.replaceAll("_", " ");
  return (
    <Alert color="red" role="alert" title={named ? known : t("problem.title")}>
      {problem.message && <p className="small" style={{ margin: "0 0 8px" }}>{problem.message}</p>}
      <div className="row">
        <Button size="xs" variant="default" onClick={again}>{t("chat.again")}</Button>
        {problem.reopens && <span className="small">{t("source.reopens")} <Countdown until={problem.reopens} /></span>}
      </div>
    </Alert>
  );
}
