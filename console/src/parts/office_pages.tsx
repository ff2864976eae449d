// Rows of which the server gives one page after another, shown in whatever way; tables stand in office_table.tsx.
import { Button, Skeleton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api } from "../api/client";
import { useWords } from "../words/words";
import { Trouble } from "./states";

export interface Paging<R, P> {
  path: string;
  query?: Record<string, string | number | null | undefined>;
  /** The parameter that takes what `next` of the page before says. */
  by?: string;
  rows: (page: P) => readonly R[];
  /** Said where there is no row. */
  empty: ReactNode;
  refetchInterval?: number;
}

interface Props<R, P> extends Paging<R, P> {
  children: (rows: readonly R[]) => ReactNode;
}

export function Pages<R, P extends { next?: string | number | null }>({ path, query = {}, by = "after", rows, empty, refetchInterval, children }: Props<R, P>) {
  const { t } = useWords();
  const pages = useInfiniteQuery({
    queryKey: ["office", path, query, "pages"],
    queryFn: ({ pageParam }) => api.get<P>(path, { ...query, [by]: pageParam }),
    initialPageParam: "" as string | number,
    getNextPageParam: (page) => page.next ?? undefined,
    ...(refetchInterval ? { refetchInterval } : {}),
  });
  if (pages.isPending) return <Skeleton height={260} radius="lg" aria-busy="true" />;
  if (pages.isError) return <Trouble problem={pages.error} again={() => void pages.refetch()} />;
  const found = pages.data.pages.flatMap((page) => rows(page));
  // A page may be empty because of its filter while there are more behind it.
  return (
    <div className="stack">
      {found.length ? children(found) : !pages.hasNextPage && empty}
      {pages.hasNextPage && (
        <div className="row" style={{ justifyContent: "center" }}>
          <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>{t("table.more")}</Button>
        </div>
      )}
    </div>
  );
}
