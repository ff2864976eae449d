// The chat and the operator's pages, one row each; pages.ts takes them in.
import { lazy, type ComponentType } from "react";
import type { Page } from "./pages";
import type { Word } from "./words/words";

type Load = () => Promise<{ default: ComponentType }>;

function office(path: string, title: Word, menu: Word | null, needs: string, load: Load): Page {
  return { path: `/office${path}`, title, audience: "operator", menu, needs, page: lazy(load) };
}

export const OFFICE_PAGES: Page[] = [
  { path: "/chat", title: "chat.title", audience: "customer", menu: "menu.account", page: lazy(() => import("./pages/chat/Chat")) },
  office("/health", "health.title", "menu.office", "list_upstreams", () => import("./pages/office/Health")),
  office("/customers", "customers.title", "menu.office", "list_accounts", () => import("./pages/office/Customers")),
  office("/customers/:account", "customer.title", null, "get_account", () => import("./pages/office/Customer")),
  office("/requests/:request", "oneCall.title", null, "explain_request", () => import("./pages/office/OneCall")),
  office("/matters", "matters.title", "menu.office", "list_matters", () => import("./pages/office/Matters")),
  office("/flags", "flags.title", "menu.office", "list_flags", () => import("./pages/office/Flags")),
  office("/plans", "plansOffice.title", "menu.office", "list_plans", () => import("./pages/office/Plans")),
  office("/plans/edit", "planEdit.title", null, "preview_plans", () => import("./pages/office/PlanEdit")),
  office("/plans/:family/:plan", "planOffice.title", null, "list_versions", () => import("./pages/office/OnePlan")),
  office("/rates", "rates.title", "menu.office", "list_multipliers", () => import("./pages/office/Rates")),
  office("/codes", "codes.title", "menu.office", "get_coupon", () => import("./pages/office/Codes")),
  office("/revenue", "revenue.title", "menu.books", "get_revenue", () => import("./pages/office/Revenue")),
  office("/ledger", "ledger.title", "menu.books", "list_entries", () => import("./pages/office/Ledger")),
  office("/documents", "documents.title", "menu.books", "list_documents", () => import("./pages/office/Documents")),
  office("/upstreams", "upstreams.title", "menu.house", "list_upstreams", () => import("./pages/office/Upstreams")),
  office("/users", "users.title", "menu.house", "list_users", () => import("./pages/office/Users")),
  office("/audit", "audit.title", "menu.house", "list_deeds", () => import("./pages/office/Audit")),
];
