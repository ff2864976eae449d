// Shapes of the operator API's answers that the pages about people and cases read, following docs/api.md.
import type { Agreement, Key, Order, Pool, Refund, Window } from "./shapes";

export interface OfficeAccount {
  id: string;
  name: string;
  created_at: string;
}

export interface Flag {
  flag: string;
  plan: string;
  signal: string;
  state: "open" | "confirmed" | "dismissed" | "lifted";
  action: "none" | "warn" | "slow" | "restrict";
  in_force: boolean;
  raised_at: string;
  counted: number;
  most: number;
  within_seconds: number;
  reviewed_at: string | null;
  by: string;
  reason: string;
}

export type ListedFlag = Flag & { account: string; name: string | null };

export interface Subscription {
  subscription: string;
  plan: string;
  version: string;
  wallet: boolean;
  switched_on: boolean;
  bought_at: string;
  period_start: string;
  period_end: string | null;
  ends_at: string | null;
  pools: Pool[];
  windows: Window[];
  price: { id: string; amount: string; currency: string; period: string | null } | null;
  version_after_renewal: string | null;
  agreement: Agreement | null;
  extra_usage: { on: boolean; wallet: string; spent_this_month: string; unit: string } | null;
}

export interface Segment {
  segment: string;
  from: string;
  until: string | null;
  reason: string;
  in_force: boolean;
}

export interface WholeAccount extends OfficeAccount {
  entries: number;
  subscriptions: Subscription[];
  segments: Segment[];
  flags: Flag[];
  open_holds: { request: string; model: string; since: string; expires_at: string }[];
  keys: Key[];
}

export interface Matter {
  account: string;
  name: string | null;
  id: string;
  kind: string;
  since: string;
  reason: string;
  amount: string;
  currency: string;
}

export interface Deed {
  id: string;
  at: string;
  who: string;
  email: string | null;
  /** Of the account that it was done to. */
  name: string | null;
  act: string;
  subject: string;
  about: string;
  key: string;
  outcome: string;
  /** Why, in the operator's words. */
  note: string;
}

export interface Upstream {
  name: string;
  base_url: string;
  state: string;
  why: string | null;
  rests_until: string | null;
  open: number;
  answered: number;
  faults: Record<string, number>;
  resting_models: { model: string; why?: string | null; rests_until?: string | null }[];
  keys: { name: string; state: string; why: string | null; rests_until: string | null }[];
}

export interface System {
  version: string;
  python: string;
  now: string;
  began_at: string;
  store: { engine: "sqlite" | "postgresql"; microseconds: number };
  workers: number[];
  plans: number;
  payers: string[];
  mail: boolean;
  public_url: string;
  sign_up: string;
  test_clock: boolean;
}

export interface JournalEntry {
  seq: number;
  at: string;
  kind: string;
  about: string | null;
  postings: { ledger: string; unit: string; amount: string }[];
}

export interface Paper {
  kind: string;
  number: string;
  issued_at: string;
  corrects: string | null;
  order: string | null;
  title: string;
  total: string;
  currency: string;
}

export type OfficeOrder = Order & { received: { payer: string; reference: string; amount: string; currency: string }[] };
export type OfficeRefund = Refund;
