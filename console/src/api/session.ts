// Who is signed in, asked once and kept; signing in, up and out.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, proveWith } from "./client";
import type { Session } from "./shapes";

const KEY = ["session"];
/** What queries begin with whose answers are for who is signed in. */
const OF_SOMEBODY: unknown[] = ["me", "office", "books"];

const HERE = "faregate-here";

/** Whether somebody was signed in when this browser last heard: what the frame looks like until it hears again. */
export function wasHere(): boolean {
  try {
    return localStorage.getItem(HERE) === "yes";
  } catch {
    return false;
  }
}

function heard(session: Session): Session {
  proveWith(session.csrf);
  try {
    localStorage.setItem(HERE, session.signed_in ? "yes" : "no");
  } catch {
    // No storage here: the frame comes with the session.
  }
  return session;
}

async function ask(): Promise<Session> {
  return heard(await api.get<Session>("/session"));
}

export function useSession() {
  return useQuery({ queryKey: KEY, queryFn: ask, staleTime: 60_000 });
}

/** Take a session that a call gave: everything known of the one before is forgotten. */
export function useTakeSession() {
  const data = useQueryClient();
  return useCallback(
    (session: Session) => {
      heard(session);
      data.removeQueries({ predicate: (query) => OF_SOMEBODY.includes(query.queryKey[0]) });
      data.setQueryData(KEY, session);
    },
    [data],
  );
}
