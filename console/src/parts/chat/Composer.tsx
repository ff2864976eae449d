// Where one writes: text, and pictures by choosing, pasting or dropping them.
import { ActionIcon, FileButton, Textarea, Tooltip } from "@mantine/core";
import { useEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent, type ReactNode } from "react";
import { useWords } from "../../words/words";
import { MOST, shrunk } from "./pictures";
import type { Part } from "./shapes";

interface Composing {
  /** What is being written stays apart for each conversation. */
  place: string;
  busy: boolean;
  send: (parts: Part[]) => void;
  stop: () => void;
  /** Pictures that were dropped on the page around. */
  dropped: File[];
  taken: () => void;
  hint: ReactNode;
}

const drafts = new Map<string, { text: string; pictures: string[] }>();

export function Composer({ place, busy, send, stop, dropped, taken, hint }: Composing) {
  const { t } = useWords();
  const [text, setText] = useState(() => drafts.get(place)?.text ?? "");
  const [pictures, setPictures] = useState<string[]>(() => drafts.get(place)?.pictures ?? []);
  const [problem, setProblem] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    drafts.set(place, { text, pictures });
  }, [place, text, pictures]);
  useEffect(() => {
    // Not where a keyboard would rise over half of the screen.
    if (window.matchMedia("(pointer: fine)").matches) box.current?.focus({ preventScroll: true });
  }, []);
  const add = async (files: File[]) => {
    const found = await Promise.all(files.filter((file) => file.type.startsWith("image/")).map(shrunk));
    const read = found.filter((url) => url !== null);
    setProblem(read.length < files.length ? t("chat.noPicture") : pictures.length + read.length > MOST ? t("chat.mostPictures", { count: MOST }) : "");
    setPictures((before) => [...before, ...read].slice(0, MOST));
  };
  useEffect(() => {
    if (!dropped.length) return;
    taken();
    void add(dropped);
    // eslint-disable-next-line
  }, [dropped]);
  const ready = !busy && (text.trim() !== "" || pictures.length > 0);
  const go = () => {
    if (!ready) return;
    const said: Part[] = text.trim() ? [{ type: "text", text: text.trim() }] : [];
    drafts.delete(place);
    setText("");
    setPictures([]);
    setProblem("");
    send([...said, ...pictures.map((url): Part => ({ type: "image_url", image_url: { url } }))]);
  };
  const press = (event: KeyboardEvent) => {
    // Enter also ends the choice of a character: that is not sending.
    if (event.nativeEvent.isComposing || event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    go();
  };
  const paste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    void add(files);
  };
  return (
    <form className="chat-composer" onSubmit={(event) => { event.preventDefault(); go(); }}>
      <div className="chat-box">
        {pictures.length > 0 && (
          <ul className="chat-thumbs">
            {pictures.map((url, at) => (
              <li key={url.slice(-40) + at}>
                <img src={url} alt={t("chat.picture", { number: at + 1 })} />
                <button type="button" aria-label={t("chat.removePicture", { number: at + 1 })} onClick={() => setPictures(pictures.filter((_, other) => other !== at))}>×</button>
              </li>
            ))}
          </ul>
        )}
        <div className="chat-line">
          <FileButton accept="image/*" multiple onChange={(files) => void add(files)}>
            {(button) => <Tooltip label={t("chat.addPicture")}><ActionIcon {...button} size={38} radius="xl" variant="subtle" color="gray" c="inherit" aria-label={t("chat.addPicture")}><Frame /></ActionIcon></Tooltip>}
          </FileButton>
          <Textarea ref={box} className="chat-text" variant="unstyled" autosize minRows={1} maxRows={9} value={text} onChange={(event) => setText(event.currentTarget.value)} onKeyDown={press} onPaste={paste} placeholder={t("chat.placeholder")} aria-label={t("chat.message")} aria-describedby="chat-keys" maxLength={200_000} />
          {busy ? (
            <Tooltip label={t("chat.stop")}><ActionIcon size={38} radius="xl" variant="filled" color="dark" onClick={stop} aria-label={t("chat.stop")}><svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><rect width="14" height="14" rx="3" fill="currentColor" /></svg></ActionIcon></Tooltip>
          ) : (
            <ActionIcon size={38} radius="xl" type="submit" disabled={!ready} aria-label={t("chat.send")}><svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d="M12 19V5M5 12l7-7 7 7" /></svg></ActionIcon>
          )}
        </div>
      </div>
      {problem && <p className="small chat-problem" role="alert">{problem}</p>}
      <p className="chat-hint small quiet">{hint}<span id="chat-keys" className="only-wide">{t("chat.keys")}</span></p>
    </form>
  );
}

function Frame() {
  return <svg width="20" height="20" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinejoin="round" strokeLinecap="round" aria-hidden="true"><rect x="3.5" y="4.5" width="17" height="15" rx="3" /><circle cx="9" cy="10" r="1.6" /><path d="m5 18 5-5 3 3 3-3 4 4" /></svg>;
}
