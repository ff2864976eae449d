// The account as it is now: asked once, then told by the server whenever it changes.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "./client";
import type { Account } from "./shapes";

export const ACCOUNT = ["me", "account"];

export function useAccount() {
  return useQuery({ queryKey: ACCOUNT, queryFn: () => api.get<Account>("/me/account") });
}

/** Follow the account while a page stands; whether news are coming in. */
export function useLive(follows: boolean): boolean {
  const data = useQueryClient();
  const [live, setLive] = useState(false);
  useEffect(() => {
    if (!follows) return;
    const source = new EventSource("/api/v1/me/events");
    source.addEventListener("account", (event: MessageEvent<string>) => {
      setLive(true);
      data.setQueryData(ACCOUNT, JSON.parse(event.data) as Account);
      void data.invalidateQueries({ queryKey: ["me", "requests"] });
    });
    source.addEventListener("error", () => setLive(false));
    return () => {
      source.close();
      setLive(false);
    };
  }, [data, follows]);
  return live;
}

/** The time, renewed each second, as milliseconds. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
