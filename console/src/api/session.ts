// Who is signed in, asked once and kept; signing in, up and out.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, proveWith } from "./client";
import type { Session } from "./shapes";

const KEY = ["session"];
/** What queries begin with whose answers are for who is signed in. */
const OF_SOMEBODY: unknown[] = ["me", "office", "books"];

async function ask(): Promise<Session> {
  const session = await api.get<Session>("/session");
  proveWith(session.csrf);
  return session;
}

export function useSession() {
  return useQuery({ queryKey: KEY, queryFn: ask, staleTime: 60_000 });
}

/** Take a session that a call gave: everything known of the one before is forgotten. */
export function useTakeSession() {
  const data = useQueryClient();
  return useCallback(
    (session: Session) => {
      proveWith(session.csrf);
      data.removeQueries({ predicate: (query) => OF_SOMEBODY.includes(query.queryKey[0]) });
      data.setQueryData(KEY, session);
    },
    [data],
  );
}
