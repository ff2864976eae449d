// How to point each tool here: the address, and what to put where.
import { Button, CopyButton, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api } from "../api/client";
import { Head } from "../parts/states";
import { TOOLS } from "../parts/snippets";
import { useWords } from "../words/words";

export default function Setup() {
  const { t } = useWords();
  const [id, setId] = useState("claude-code");
  const [model, setModel] = useState("claude-sonnet-4");
  const models = useQuery({ queryKey: ["models"], queryFn: () => api.get<{ models: { model: string }[] }>("/models"), staleTime: 300_000 });
  const names = [...new Set((models.data?.models ?? []).map((one) => one.model).filter((name) => !name.includes("*")))];
  const base = window.location.origin;
  const tool = TOOLS.find((one) => one.id === id);
  const text = tool?.text(base, model) ?? "";
  return (
    <>
      <Head title="setup.title" about="setup.about" />
      <div className="stack">
        <section className="paper">
          <ul className="points">
            <li><span className="quiet">OpenAI</span><code>{base}/v1</code></li>
            <li><span className="quiet">Anthropic</span><code>{base}</code></li>
            <li><span className="quiet">{t("setup.key")}</span><Link href="/console/keys">{t("keys.make")}</Link></li>
          </ul>
        </section>
        <section className="paper stack">
          <div className="grid">
            <Select label={t("setup.tool")} data={TOOLS.map((one) => ({ value: one.id, label: one.title }))} value={id} onChange={(value) => setId(value ?? id)} allowDeselect={false} />
            {names.length ? <Select label={t("requests.model")} searchable data={names} value={names.includes(model) ? model : null} onChange={(value) => setModel(value ?? model)} /> : <TextInput label={t("requests.model")} value={model} onChange={(event) => setModel(event.currentTarget.value)} />}
          </div>
          <div className="row between">
            <span className="quiet small">{tool?.where === "shell" ? t("setup.shell") : t("setup.file", { file: tool?.where ?? "" })}</span>
            <CopyButton value={text}>{({ copied, copy }) => <Button size="xs" variant="default" onClick={copy}>{t(copied ? "copied" : "copy")}</Button>}</CopyButton>
          </div>
          <pre className="code" tabIndex={0}>{text}</pre>
          <p className="small quiet">{t("setup.command")} <code>faregate setup {id === "openai" || id === "anthropic" || id === "curl" ? "sdk" : id} --base-url {base} --write</code></p>
        </section>
      </div>
    </>
  );
}
