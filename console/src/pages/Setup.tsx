// How to point each tool here: the address, and what to put where, as `faregate setup` has it.
import { Button, CopyButton, Select, TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api } from "../api/client";
import { Data, Head } from "../parts/states";
import { useModels } from "../parts/chat/Terms";
import { useWords } from "../words/words";

interface Tool {
  id: string;
  title: string;
  api: string;
  apis: string[];
  needs_model: boolean;
  by_hand: boolean;
  note: string;
  base_url: string;
  files: { path: string; text: string }[];
}

export default function Setup() {
  const { t, told } = useWords();
  const [id, setId] = useState("claude-code");
  const [model, setModel] = useState("");
  const [spoken, setSpoken] = useState("");
  const models = useModels();
  const names = [...new Set((models.data?.models ?? []).map((one) => one.model).filter((name) => !name.includes("*")))];
  const base = window.location.origin;
  const tools = useQuery({
    queryKey: ["setup", base, model, spoken],
    queryFn: () => api.get<{ tools: Tool[] }>("/setup", { base, model, api: spoken }),
    placeholderData: keepPreviousData,
    staleTime: 300_000,
  });
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
        <Data query={tools} height={360}>
          {(data) => {
            const tool = data.tools.find((one) => one.id === id);
            return (
              <section className="paper stack">
                <div className="grid">
                  <Select label={t("setup.tool")} searchable data={data.tools.map((one) => ({ value: one.id, label: one.title }))} value={id} onChange={(value) => { setId(value ?? id); setSpoken(""); }} allowDeselect={false} maxDropdownHeight={340} />
                  {names.length ? <Select label={t("requests.model")} placeholder={t("setup.toolsOwn")} searchable clearable clearButtonProps={{ "aria-label": t("requests.clear") }} data={names} limit={200} value={model || null} onChange={(value) => setModel(value ?? "")} /> : <TextInput label={t("requests.model")} value={model} onChange={(event) => setModel(event.currentTarget.value)} />}
                  {tool && tool.apis.length > 1 && <Select label={t("setup.api")} data={tool.apis.map((value) => ({ value, label: told("setup.spoken", value) }))} value={tool.api} onChange={(value) => setSpoken(value ?? "")} allowDeselect={false} />}
                </div>
                {tool && (tool.by_hand ? <ByHand tool={tool} model={model} /> : <Files tool={tool} base={base} model={model} />)}
              </section>
            );
          }}
        </Data>
      </div>
    </>
  );
}

function Files({ tool, base, model }: { tool: Tool; base: string; model: string }) {
  const { t, told } = useWords();
  const last = tool.files[tool.files.length - 1]?.path ?? "";
  const words = ["faregate setup", tool.id, `--base-url ${base}`, ...(model ? [`--model ${model}`] : []), ...(tool.api === tool.apis[0] ? [] : [`--api ${tool.api}`]), "--write"];
  return (
    <>
      {tool.files.map((file) => (
        <div key={file.path} className="stack" style={{ gap: 8 }}>
          <div className="row between">
            <span className="quiet small">{t("setup.file", { file: file.path })}</span>
            <CopyButton value={file.text}>{({ copied, copy }) => <Button size="xs" variant="default" onClick={copy} aria-label={`${t("copy")} ${file.path}`}>{t(copied ? "copied" : "copy")}</Button>}</CopyButton>
          </div>
          <pre className="code" tabIndex={0} data-file={file.path}>{file.text.trimEnd()}</pre>
        </div>
      ))}
      <p className="small quiet" style={{ margin: 0 }}>{told("setup.note", tool.note).replace("{file}", last)}</p>
      <p className="small quiet" style={{ margin: 0 }}>{t("setup.command")} <code>{words.join(" ")}</code></p>
    </>
  );
}

function ByHand({ tool, model }: { tool: Tool; model: string }) {
  const { t } = useWords();
  return (
    <div className="stack" style={{ gap: 8 }}>
      <p style={{ margin: 0 }}>{t("setup.byHand", { tool: tool.title })}</p>
      <ul className="points">
        <li><span className="quiet">{t("setup.baseUrl")}</span><code>{tool.base_url}</code></li>
        <li><span className="quiet">{t("setup.key")}</span><Link href="/console/keys">{t("keys.make")}</Link></li>
        <li><span className="quiet">{t("requests.model")}</span><code>{model || "—"}</code></li>
      </ul>
    </div>
  );
}
