// Every page, one row each: its place, its words, who sees it. A page is one file under pages/, one row here, and its
// words under words/en/ and words/zh/. Pages are loaded when they are opened, with the part of the words they need.
import type { ComponentType, LazyExoticComponent } from "react";
import type { Session } from "./api/shapes";
import { OFFICE_PAGES } from "./office_pages";
import { opened } from "./opened";
import type { Part, Word } from "./words/catalogue";

export type Audience = "all" | "visitor" | "person" | "customer" | "operator";

export interface Page {
  /** Under /console; a :name matches one part. */
  path: string;
  title: Word;
  audience: Audience;
  /** The heading of the menu it stands under; null: in no menu. */
  menu: Word | null;
  /** For operators: the operation that the role must have. */
  needs?: string;
  page: LazyExoticComponent<ComponentType>;
}

function page(path: string, title: Word, audience: Audience, menu: Word | null, load: () => Promise<{ default: ComponentType }>, part?: Part): Page {
  return { path, title, audience, menu, page: opened(load, part) };
}

export const PAGES: Page[] = [
  page("/overview", "overview.title", "customer", "menu.account", () => import("./pages/Overview")),
  page("/requests", "requests.title", "customer", "menu.account", () => import("./pages/Requests")),
  page("/requests/:request", "request.title", "customer", null, () => import("./pages/OneRequest")),
  page("/usage", "usage.title", "customer", "menu.account", () => import("./pages/Usage")),
  page("/keys", "keys.title", "customer", "menu.account", () => import("./pages/Keys")),
  page("/setup", "setup.title", "customer", "menu.account", () => import("./pages/Setup")),
  page("/plan", "plan.title", "customer", "menu.money", () => import("./pages/Plan")),
  page("/wallet", "wallet.title", "customer", "menu.money", () => import("./pages/Wallet")),
  page("/extra-usage", "extra.title", "customer", "menu.money", () => import("./pages/ExtraUsage")),
  page("/orders", "orders.title", "customer", "menu.money", () => import("./pages/Orders")),
  page("/orders/:order", "order.title", "customer", null, () => import("./pages/OneOrder")),
  page("/refunds", "refunds.title", "customer", "menu.money", () => import("./pages/Refunds")),
  page("/invitations", "invitations.title", "customer", "menu.money", () => import("./pages/Invitations")),
  page("/settings", "settings.title", "person", "menu.you", () => import("./pages/Settings")),
  ...OFFICE_PAGES,
  page("/pricing", "pricing.title", "all", "menu.public", () => import("./pages/Pricing")),
  page("/buy/:family/:plan", "buy.title", "customer", null, () => import("./pages/Buy")),
  page("/compare", "compare.title", "all", "menu.public", () => import("./pages/Compare"), "compare"),
  page("/sign-in", "signIn.title", "visitor", null, () => import("./pages/SignIn")),
  page("/sign-up", "signUp.title", "visitor", null, () => import("./pages/SignUp")),
  page("/forgotten", "forgotten.title", "visitor", null, () => import("./pages/Forgotten")),
  page("/reset", "reset.title", "all", null, () => import("./pages/Reset")),
  page("/verify", "verify.title", "all", null, () => import("./pages/Verify")),
];

/** Whether somebody with this session sees a page. */
export function sees(session: Session | undefined, page: Page): boolean {
  if (page.audience === "all") return true;
  if (page.audience === "visitor") return !session?.signed_in;
  if (page.audience === "person") return Boolean(session?.signed_in);
  if (page.audience === "customer") return Boolean(session?.user?.account);
  return Boolean(session?.signed_in && session.user?.role !== "customer" && (!page.needs || session.may.includes(page.needs)));
}
