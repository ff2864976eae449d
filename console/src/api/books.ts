// Shapes of the operator's answers about plans, rates, books and upstreams, following docs/api.md.
import type { Names } from "./shapes";

export interface PlanPrice { id: string; amount: string; currency: string; period: string | null; renews: boolean }

export interface SoldPlan { plan: string; version: string; names: Names; wallet: boolean; prices: PlanPrice[] }

export interface WordedPlan extends SoldPlan { words: { en: string[]; zh: string[] } }

export interface CohortRule { keep: string; bought_before: string | null }

export interface PlanVersion extends SoldPlan {
  sold: boolean;
  sold_since: string | null;
  sold_until: string | null;
  cohort: CohortRule | null;
  former: CohortRule | null;
}

export interface PlanText { document: string; plan: string; family: string; version: string; published_at: string }

export interface Running {
  counts: { plan: string; version: string; subscriptions: number }[];
  subscriptions: { account: string; name: string; version: string; price: string | null; bought_at: string; period_end: string | null; ends_at: string | null }[];
}

export interface Problem { line: number; column: number; code: string; what: string; mend: string; language: "en" | "zh" }

export interface Change {
  subject: string;
  id: string;
  change: "added" | "removed" | "changed";
  old: Names | null;
  new: Names | null;
  percent: string | null;
}

export interface Diff {
  old: { family: string; version: string; hash: string } | null;
  new: { family: string; version: string; hash: string };
  family: Change[];
  plans: { plan: string; names: Names; state: "added" | "removed" | "changed" | "same"; changes: Change[]; words: { en: string[]; zh: string[] } }[];
}

interface BriefPrice { id: string; amount: string; currency: string; period: string | null }

export interface Fate {
  account: string;
  name: string;
  subscription: string;
  plan: string;
  version: string;
  outcome: "moves" | "keeps" | "ends" | "has";
  why: string;
  at: string | null;
  price: BriefPrice | null;
  price_after: BriefPrice | null;
}

export interface Fates {
  family: string;
  version: string;
  sold: { since: string | null; until: string | null };
  publishes: string[];
  plans: { plan: string; version: string; subscriptions: number; moves: number; keeps: number; ends: number; has: number }[];
  subscriptions: Fate[];
}

export interface Side { requests: number; refused: number; revenue: string; list_value: string; margin: string }

export interface Impact {
  family: string;
  version: string;
  currency: string;
  accounts: number;
  accounts_hurt: number;
  requests: number;
  new_refusals: number;
  fewer_refusals: number;
  now: Side;
  then: Side;
  plans: { plans: string; accounts: number; accounts_hurt: number; new_refusals: number; now: Side; then: Side }[];
  hurt: { account: string; name: string; plans: string; requests: number; new_refusals: number; first_at: string | null; binding: { reason: string; subject: string; count: number }[] }[];
}

export interface RateVersion {
  version: string;
  from: string | null;
  live: boolean;
  source: string;
  tiers: { min_input: number; min_output: number; prices: Record<string, string> }[];
}

export interface RateCard { model: string; maker: string; name: string; currency: string; context: number | null; versions: RateVersion[] }

export interface Schedule {
  plan: string;
  name: string;
  names: Names;
  now: string;
  zone: string;
  bands: number;
  values: { from: string | null; value: string; by: "file" | "changed"; begun: boolean }[];
}

export interface Rates { models: RateCard[]; schedules: Schedule[] }

export interface ScheduleChange { plan: string; name: string; begins: string; value: string; written_at: string }

export interface Coupon {
  code: string;
  share: string | null;
  amount: string | null;
  currency: string | null;
  plans: string[];
  begins: string | null;
  until: string | null;
  uses: number | null;
  per_account: number;
  used: number;
  uses_by: { account: string; order: string; at: string; done: boolean }[];
}

export interface GiftCode {
  id: string;
  family: string;
  amount: string;
  currency: string;
  note: string;
  made_at: string;
  until: string | null;
  state: "open" | "redeemed" | "over";
  redeemed_by: string | null;
  redeemed_at: string | null;
}

export interface Cost { upstream: string; currency: string; cost: string; list_value: string | null; margin: string | null }

export interface Sums {
  requests: number;
  input: number;
  cached: number;
  cache_write_5m: number;
  cache_write_1h: number;
  output: number;
  list_value: Record<string, string>;
  drawn: { source: string; unit: string; amount: string }[];
  costs: Cost[];
}

export interface Revenue { days: number; accounts: number; total: Sums; by_day: (Sums & { day: string; model: string })[] }

export interface Paper {
  account: string;
  name: string;
  kind: "invoice" | "credit_note";
  number: string;
  issued_at: string;
  corrects: string | null;
  order: string | null;
  title: string;
  total: string;
  currency: string;
}

export interface Seller { name: string; address: string[]; tax_number: string | null; tax: string | null; rate: string | null; from: string | null }

export interface Statement {
  plan: string;
  pools: { pool: string; currency: string; opening: { amount: string }; in: string; out: string; closing: { amount: string }; lines: { at: string; kind: string; about: string | null; amount: string; balance: string }[] }[];
}

export interface Balance {
  entries: number;
  faults: number;
  balanced: boolean;
  rows: { unit: string; ledger: string; amount: string }[];
  totals: Record<string, string>;
}

export interface JournalEntry {
  seq: number;
  at: string;
  kind: string;
  about: string | null;
  postings: { ledger: string; unit: string; amount: string }[];
}

interface Health { state: "well" | "resting" | "on_trial"; why: string | null; rests_until: string | null; rests: number }

export interface UpstreamKey extends Health { name: string; open: number; concurrency: number | null; asked: number }

export interface Upstream extends Health {
  name: string;
  dialects: string[];
  base_url: string;
  models: { model: string; upstream: string; canonical: string }[];
  priority: number;
  weight: number;
  concurrency: number | null;
  keys: UpstreamKey[];
  cost: { share: string; own_prices: string[] } | null;
  connect_seconds: number;
  first_byte_seconds: number;
  idle_seconds: number;
  open: number;
  resting_models: (Health & { model: string; keys: (Health & { name: string })[] })[];
  answered: number;
  faults: Record<string, number>;
  last_fault: { at: string; code: string; model: string | null } | null;
}

export interface Upstreams { upstreams: Upstream[]; counters: Record<string, number> }

export interface BriefAccount { id: string; name: string; created_at: string }
