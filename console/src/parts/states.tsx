// What stands where data is not: still coming, failed, or none yet.
import { Alert, Button, Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failure } from "../api/client";
import { useWords, type Speech, type Word } from "../words/words";

export function PageSkeleton() {
  return (
    <div className="stack" aria-busy="true">
      <Skeleton height={30} width={220} />
      <Skeleton height={180} radius="md" />
      <Skeleton height={180} radius="md" />
    </div>
  );
}

/** What went wrong, in the reader's language where the code is known. */
export function reason(problem: unknown, speech: Speech): string {
  if (!(problem instanceof Failure)) return speech.t("problem.unknown");
  const wait = problem.retryAfter ? ` ${speech.t("problem.wait", { seconds: problem.retryAfter })}` : "";
  return (known(problem, speech) ?? speech.t("problem.foreign", { words: problem.message })) + wait;
}

function known(problem: Failure, speech: Speech): string | null {
  const rule = `rule.${problem.rule}`;
  if (problem.rule && speech.told("rule", problem.rule) !== problem.rule.replaceAll("_", " ")) return speech.t(rule as Word, problem.values);
  const words = speech.told("problem", problem.code);
  return words === problem.code.replaceAll("_", " ") ? null : words;
}

export function Trouble({ problem, again }: { problem: unknown; again?: () => void }) {
  const speech = useWords();
  return (
    <Alert color="red" title={speech.t("problem.title")} role="alert">
      <p>{reason(problem, speech)}</p>
      {again && <Button size="xs" variant="default" mt="xs" onClick={again}>{speech.t("problem.again")}</Button>}
    </Alert>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="paper stack" style={{ alignItems: "center", textAlign: "center", padding: "44px 24px", gap: 10 }}>
      <strong>{title}</strong>
      {children && <div className="quiet" style={{ maxWidth: "52ch" }}>{children}</div>}
    </div>
  );
}

/** Content over data that was asked for: skeletons first, what failed with a way to ask again. */
export function Data<T>({ query, height = 200, children }: { query: UseQueryResult<T>; height?: number; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <Trouble problem={query.error} again={() => void query.refetch()} />;
  return <Skeleton height={height} radius="md" aria-busy="true" />;
}

export function Head({ title, about, children }: { title: Word; about?: Word; children?: ReactNode }) {
  const { t } = useWords();
  return (
    <div className="page-head">
      <div>
        <h1 style={{ margin: 0, fontSize: "1.6rem", letterSpacing: "-.02em" }}>{t(title)}</h1>
        {about && <p>{t(about)}</p>}
      </div>
      {children && <div className="row">{children}</div>}
    </div>
  );
}
