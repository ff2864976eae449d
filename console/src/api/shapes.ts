// Names for the shapes of the server's answers. What its OpenAPI documents describe is taken from the types made of them
// at build; the rest is written down here until the documents describe it, following docs/api.md.
import type { paths as OwnPaths } from "./own";

type Given<P extends keyof OwnPaths> = OwnPaths[P] extends {
  get: { responses: { 200: { content: { "application/json": infer A } } } };
}
  ? A
  : never;

export type OwnUsage = Given<"/v1/usage">;
export type Key = OwnUsage["keys"][number];
export type Notice = OwnUsage["notices"][number];
export type Plan = OwnUsage["plans"][number] & {
  subscription: string;
  price?: { id: string; amount: string; currency: string; period: string | null } | null;
  agreement: Agreement | null;
};
export type Window = Plan["windows"][number];
export type Pool = Plan["pools"][number];
export type UsageRequest = Given<"/v1/requests">["requests"][number];
export type Explanation = Given<"/v1/explain/{request}">;
export type Slice = Explanation["hold"]["slices"][number];

export interface Agreement {
  renews: boolean;
  one_more_period: boolean;
  payer: string | null;
  charged_without_customer: boolean;
  next: { plan: string; price: string } | null;
  paused_since: string | null;
  refund: string | null;
  renewal_order: string | null;
  failed_charges: number;
  orders: string[];
}

export interface Account extends Omit<OwnUsage, "plans" | "key"> {
  name: string;
  created_at: string;
  plans: Plan[];
}

export interface User {
  id: string;
  email: string;
  name: string;
  language: "en" | "zh";
  role: "customer" | "owner" | "finance" | "support" | "read_only";
  account: string | null;
  verified: boolean;
  created_at: string;
}

export interface Session {
  signed_in: boolean;
  user: User | null;
  csrf: string | null;
  expires_at: string | null;
  sign_up: "open" | "invited" | "closed";
  mail: boolean;
  passkeys: boolean;
  /** Whether the user has a password; null for nobody. */
  password: boolean | null;
  oidc: { name: string; label: string }[];
  may: string[];
  sells: boolean;
  payers: string[];
}

export type Names = Readonly<Record<string, string>>;

export interface Sale {
  plan: string;
  version: string;
  names: Names;
  about: Names | null;
  wallet: boolean;
  admission: string;
  prices: { id: string; amount: string; currency: string; period: string | null; renews: boolean }[];
  windows: { id: string; names: Names | null; kind: string; limit: string; guard: boolean }[];
  pools: { id: string; names: Names | null; granted?: string | null; refill?: { at: string; amount?: string | null; times?: number } | null }[];
  month: Month | null;
  words: Record<"en" | "zh", string[]>;
  models: { model: string; available: boolean; names: Names | null }[] | null;
  multipliers?: { name: string; value: string }[];
  facts: { id: string; names: Names | null; low?: string; rounded?: string | null; words?: Names; steps?: { figure: string; low: string; unit: string | null }[] }[];
}

/** What a month of a plan holds of usual work, as `faregate compare --mix standard` works it out. */
export interface Month {
  prompts: string | null;
  requests: string | null;
  tokens: string | null;
  list_value: string | null;
  currency: string;
  leverage: string | null;
  bound_by: string | null;
  model: string;
  band: { low: string; high: string };
  derivation: Record<"en" | "zh", string[]>;
}

export interface Pricing {
  at: string;
  families: { family: string; names: Names; plans: Sale[] }[];
}

export interface Sum {
  requests: number;
  prompts: number;
  input: number;
  cached: number;
  cache_write_5m: number;
  cache_write_1h: number;
  output: number;
  list_value: Record<string, string>;
  drawn: { source: string; unit: string; amount: string }[];
}

export interface Analysis {
  by: string;
  days: number;
  rows: (Sum & { name: string })[];
}

export interface Line {
  code: string;
  amount: string;
}

export interface Preview {
  kind: string;
  plan: string;
  price: string;
  currency: string;
  lines: Line[];
  total: string;
  paid_from: { purse: string; pool: string; amount: string }[];
  to_pay: string;
  pay_with: string[];
  starts_at: string | null;
  period_end: string | null;
  replaces: string | null;
  renews: boolean;
  credit?: string;
  credited_to?: string | null;
}

export interface Order {
  id: string;
  state: "waiting" | "in_doubt" | "review" | "paid" | "done" | "closed";
  reason: string | null;
  what: string;
  plan: string;
  price: string;
  currency: string;
  lines: Line[];
  total: string;
  paid_by: Record<string, string>;
  to_pay: string;
  payer: string | null;
  pay: { url?: string | null; qr?: string | null; lines?: [string, string][] } | null;
  refunded: string;
  created_at: string;
  done_at?: string | null;
  invoice?: string | null;
}

export interface RefundPreview {
  paid: string;
  usage_value: string;
  refunded_before: string;
  refundable: string;
  fee: string;
  amount: string;
  currency: string;
  open_requests: number;
  until: string | null;
  falls_to: string | null;
}

export interface Refund {
  id: string;
  state: string;
  reason: string | null;
  why: string | null;
  order: string;
  amount: string;
  currency: string;
  payer: string;
  asked_at: string;
  done_at: string | null;
  credit_note: string | null;
}

export interface Invitations {
  code: string;
  friends: { joined_at: string; reward?: Reward; state?: string; amount?: string | null; currency?: string; given_at?: string | null }[];
}

export interface Reward {
  state: string;
  amount: string | null;
  currency?: string;
  given_at: string | null;
}

export interface Notifications {
  email: boolean;
  /** Whether this server sends mail at all. */
  mail: boolean;
  webhook: string | null;
  kinds: Record<string, boolean>;
}
