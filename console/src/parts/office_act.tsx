// An act of an operator: its button, and a dialog that says what will happen, asks, sends it once, and shows how it went
// with its row of the audit log. Nothing is shown to a role that may not.
import { Alert, Button, CopyButton, Modal, NumberInput, Select, Switch, TextInput, Textarea, type ButtonProps } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, Failure, freshKey } from "../api/client";
import { useSession } from "../api/session";
import { useWords, type Word } from "../words/words";
import { reason } from "./states";

export type Answer = Record<string, unknown>;

export interface Field {
  name: string;
  label: Word;
  about?: Word;
  /** list: words between commas or spaces, sent as an array. lines: one each, likewise. amount: an exact decimal as text. */
  kind?: "text" | "long" | "whole" | "amount" | "switch" | "choice" | "instant" | "list" | "lines";
  choices?: { value: string; label: string }[];
  required?: boolean;
  initial?: string;
  /** Asked only while this holds of what is given so far. */
  when?: (values: Record<string, string>) => boolean;
}

interface ActProps {
  /** The operation that the role must have; without it nothing is shown. */
  operation: string;
  label: Word;
  path: string;
  method?: "POST" | "DELETE";
  fields?: Field[];
  /** Sent besides the fields. */
  fixed?: Answer;
  /** What will happen, in a sentence or more, before it is done. */
  sure: ReactNode;
  /** More between the fields and the button, of what is given so far: a preview. Confirming waits while it says so. */
  shows?: (body: Answer, ready: (ready: boolean) => void) => ReactNode;
  danger?: boolean;
  main?: boolean;
  /** What it is done to, where a page has many such buttons: told to whoever cannot see the row. */
  of?: string;
  /** Of the answer what is shown this once: a secret, a link, a code. */
  once?: (answer: Answer) => string | undefined;
  /** More of the answer, shown after the act. */
  tells?: (answer: Answer) => ReactNode;
  size?: ButtonProps["size"];
}

export function Act(props: ActProps) {
  const { operation, label, danger, main, of, size } = props;
  const [opened, setOpened] = useState(0);
  const [open, setOpen] = useState(false);
  const session = useSession();
  const data = useQueryClient();
  const { t } = useWords();
  if (!session.data?.may.includes(operation)) return null;
  const look = main ? {} : danger ? { variant: "light", color: "red" } : { variant: "default" };
  // What is shown behind the dialog is asked again when it closes: the row that it belongs to may be gone by then.
  const close = () => { setOpen(false); void data.invalidateQueries({ queryKey: ["office"] }); };
  const show = () => { setOpened(opened + 1); setOpen(true); };
  return (
    <>
      <Button size={size ?? (main ? "sm" : "xs")} {...look} onClick={show} data-act={operation} {...(of ? { "aria-label": `${t(label)}: ${of}` } : {})}>{t(label)}</Button>
      <Modal opened={open} onClose={close} title={<strong>{t(label)}</strong>} size="lg" closeButtonProps={{ "aria-label": t("frame.close") }}>
        {of && <p className="quiet small" style={{ margin: "0 0 10px" }}>{of}</p>}
        <Asking key={opened} {...props} close={close} />
      </Modal>
    </>
  );
}

function bodyOf(fields: Field[], values: Record<string, string>, fixed: Answer): Answer {
  const body: Answer = { ...fixed };
  for (const field of fields) {
    const value = (values[field.name] ?? "").trim();
    if (field.kind === "switch") body[field.name] = value === "true";
    else if (value === "") continue;
    else if (field.kind === "whole") body[field.name] = Number(value);
    else if (field.kind === "instant") body[field.name] = new Date(value).toISOString().replace(".000", "");
    else if (field.kind === "list") body[field.name] = value.split(/[\s,，]+/).filter(Boolean);
    else if (field.kind === "lines") body[field.name] = value.split("\n").map((line) => line.trim()).filter(Boolean);
    else body[field.name] = value;
  }
  return body;
}

function Asking({ path, method = "POST", fields = [], fixed = {}, sure, shows, danger, label, once, tells, close }: ActProps & { close: () => void }) {
  const speech = useWords();
  const { t } = speech;
  // One key until something else is asked for: pressing twice, or again after a broken line, does it once.
  const [key, setKey] = useState(() => freshKey());
  const [values, setValues] = useState<Record<string, string>>(() => Object.fromEntries(fields.map((field) => [field.name, field.initial ?? ""])));
  const [ready, setReady] = useState(true);
  const asked = fields.filter((field) => !field.when || field.when(values));
  const body = bodyOf(asked, values, fixed);
  const act = useMutation<Answer, Error>({
    mutationFn: () => method === "DELETE" ? api.remove<Answer>(path, key) : api.post<Answer>(path, body, key),
  });
  if (act.data) {
    const secret = once?.(act.data);
    return (
      <div className="stack" data-testid="done">
        <Alert color="gate" role="status">{t("act.done")}</Alert>
        {secret && <Once secret={secret} />}
        {tells?.(act.data)}
        <Deed idempotencyKey={key} />
        <div><Button onClick={close} data-autofocus>{t("act.close")}</Button></div>
      </div>
    );
  }
  const set = (name: string, value: string) => {
    setValues((before) => ({ ...before, [name]: value }));
    if (act.isError) { act.reset(); setKey(freshKey()); }
  };
  const missing = asked.some((field) => field.required && !(values[field.name] ?? "").trim());
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); act.mutate(); }}>
      <div style={{ maxWidth: "64ch" }}>{sure}</div>
      {asked.map((field, place) => <Asked key={field.name} field={field} first={place === 0} value={values[field.name] ?? ""} set={(value) => set(field.name, value)} />)}
      {shows?.(body, setReady)}
      {act.error && (
        <Alert color="red" role="alert">{reason(act.error, speech)}{act.error instanceof Failure && <span className="quiet small"> ({act.error.code})</span>}</Alert>
      )}
      <div className="row">
        <Button type="submit" loading={act.isPending} disabled={missing || !ready} {...(danger ? { color: "red.8" } : {})}>{t(label)}</Button>
        <Button variant="default" onClick={close}>{t("act.back")}</Button>
      </div>
      <p className="quiet small" style={{ margin: 0 }}>{t("act.key")} <code>{key.slice(0, 8)}</code></p>
    </form>
  );
}

function Asked({ field, first, value, set }: { field: Field; first: boolean; value: string; set: (value: string) => void }) {
  const { t } = useWords();
  const common = {
    label: t(field.label), required: Boolean(field.required), ...(field.about ? { description: t(field.about) } : {}), ...(first ? { "data-autofocus": true } : {}),
  };
  const typed = { ...common, name: field.name, value, onChange: (event: { currentTarget: { value: string } }) => set(event.currentTarget.value) };
  if (field.kind === "switch") return <Switch label={common.label} description={common.description} checked={value === "true"} onChange={(event) => set(String(event.currentTarget.checked))} />;
  if (field.kind === "choice") return <Select {...common} data={field.choices ?? []} value={value || null} onChange={(chosen) => set(chosen ?? "")} searchable={(field.choices?.length ?? 0) > 8} allowDeselect={!field.required} clearable={!field.required} clearButtonProps={{ "aria-label": t("filter.clear") }} />;
  if (field.kind === "whole") return <NumberInput {...common} name={field.name} value={value} onChange={(given) => set(String(given))} allowDecimal={false} hideControls />;
  if (field.kind === "instant") return <TextInput {...typed} type="datetime-local" />;
  if (field.kind === "long" || field.kind === "lines") return <Textarea {...typed} autosize minRows={2} maxRows={10} />;
  return <TextInput {...typed} inputMode={field.kind === "amount" ? "decimal" : "text"} />;
}

/** A one-time link of an answer, whole: without a public address the server tells its path alone. */
export function linkOf(answer: Answer): string {
  return new URL(String(answer["link"]), window.location.origin).toString();
}

/** What is shown once, with a way to keep it. */
export function Once({ secret }: { secret: string }) {
  const { t } = useWords();
  return (
    <div className="stack" style={{ gap: 8 }}>
      <strong>{t("act.once")}</strong>
      <pre className="code" data-testid="secret" tabIndex={0} aria-label={t("act.once")}>{secret}</pre>
      <div><CopyButton value={secret}>{({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{t(copied ? "copied" : "copy")}</Button>}</CopyButton></div>
    </div>
  );
}

interface Written {
  deeds: { id: string; at: string; act: string; subject: string; key: string; outcome: string }[];
}

/** The row that an act left in the audit log, found by its idempotency key. */
function Deed({ idempotencyKey }: { idempotencyKey: string }) {
  const { t, told, instant } = useWords();
  const session = useSession();
  const written = useQuery({ queryKey: ["office", "deed", idempotencyKey], queryFn: () => api.get<Written>("/audit", { limit: 20 }), enabled: Boolean(session.data?.may.includes("list_deeds")) });
  const deed = written.data?.deeds.find((one) => one.key === idempotencyKey);
  return (
    <ul className="points" data-testid="deed" style={{ minHeight: 76 }}>
      <li><span className="quiet">{t("act.audit")}</span><span>{deed ? told("deed", deed.act) : "…"}</span></li>
      <li><span className="quiet">{t("act.by")}</span><span>{session.data?.user?.email} · {instant(deed?.at, "second")}</span></li>
      <li><span className="quiet">{t("act.keyName")}</span><code className="small">{idempotencyKey}</code></li>
    </ul>
  );
}
