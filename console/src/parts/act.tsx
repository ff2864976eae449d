// A write: its button, its idempotency key, its failure in words. The same press sent twice is one write.
import { Alert, Button, type ButtonProps } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type ReactNode } from "react";
import { api, freshKey } from "../api/client";
import { useWords } from "../words/words";
import { reason } from "./states";

interface Act<A> {
  path: string;
  method?: "POST" | "DELETE";
  done?: (answer: A) => void;
}

/** A write that keeps its idempotency key until it went well or its body changed. */
export function useAct<A = unknown>({ path, method = "POST", done }: Act<A>) {
  const data = useQueryClient();
  const kept = useRef({ body: "", key: "" });
  return useMutation<A, Error, unknown>({
    mutationFn: (body) => {
      const text = path + JSON.stringify(body ?? {});
      if (kept.current.body !== text) kept.current = { body: text, key: freshKey() };
      return method === "DELETE" ? api.remove<A>(path) : api.post<A>(path, body ?? {}, kept.current.key);
    },
    onSuccess: (answer) => {
      kept.current = { body: "", key: "" };
      void data.invalidateQueries({ queryKey: ["me"] });
      done?.(answer);
    },
  });
}

export function Refused({ problem }: { problem: unknown }) {
  const speech = useWords();
  if (!problem) return null;
  return <Alert color="red" role="alert">{reason(problem, speech)}</Alert>;
}

/** What another service refused, told behind the # by the server that the browser came back to. */
export function RefusedElsewhere() {
  const { t, told } = useWords();
  const [code] = useState(() => /^#refused=(\w+)$/.exec(window.location.hash)?.[1]);
  return code ? <Alert color="red" role="alert" title={t("problem.title")} mb="md">{told("problem", code)}</Alert> : null;
}

interface ActButton<A> extends ButtonProps, Act<A> {
  body?: unknown;
  /** Asked before it is done. */
  sure?: string;
  children: ReactNode;
}

export function ActButton<A = unknown>({ path, method, body, done, sure, children, ...button }: ActButton<A>) {
  const act = useAct<A>({ path, ...(method ? { method } : {}), ...(done ? { done } : {}) });
  const press = () => {
    if (!sure || window.confirm(sure)) act.mutate(body);
  };
  return (
    <>
      <Button {...button} loading={act.isPending} onClick={press}>{children}</Button>
      <Refused problem={act.error} />
    </>
  );
}
