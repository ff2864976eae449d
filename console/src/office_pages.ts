// The chat and the operator's pages, one row each; pages.ts takes them in.
import type { ComponentType } from "react";
import { opened, type Load } from "./opened";
import type { Page } from "./pages";
import type { Word } from "./words/words";

// Only pages that are there stand in menus: a row may come before its file.
const FILES = import.meta.glob<{ default: ComponentType }>(["./pages/office/*.tsx", "./pages/chat/*.tsx"]);
const absent: Load = () => Promise.reject(new Error("this page is not there yet"));

function file(name: string): Load {
  return FILES[`./pages/${name}.tsx`] ?? absent;
}

function office(path: string, title: Word, menu: Word | null, needs: string, load: Load): Page {
  return { path: `/office${path}`, title, audience: "operator", menu: load === absent ? null : menu, needs, page: opened(load, "office") };
}

export const OFFICE_PAGES: Page[] = [
  { path: "/chat", title: "chat.title", audience: "customer", menu: file("chat/Chat") === absent ? null : "menu.account", page: opened(file("chat/Chat"), "chat") },
  office("/health", "health.title", "menu.office", "list_upstreams", file("office/Health")),
  office("/customers", "customers.title", "menu.office", "list_accounts", file("office/Customers")),
  office("/customers/:account", "customer.title", null, "get_account", file("office/Customer")),
  office("/requests", "oneCall.title", "menu.office", "explain_request", file("office/OneCall")),
  office("/requests/:request", "oneCall.title", null, "explain_request", file("office/OneCall")),
  office("/matters", "matters.title", "menu.office", "list_matters", file("office/Matters")),
  office("/flags", "flags.title", "menu.office", "list_flags", file("office/Flags")),
  office("/plans", "plansOffice.title", "menu.office", "list_plans", file("office/Plans")),
  office("/plans/edit", "planEdit.title", null, "preview_plans", file("office/PlanEdit")),
  office("/plans/:family/:plan", "planOffice.title", null, "list_versions", file("office/OnePlan")),
  office("/rates", "rates.title", "menu.office", "list_multipliers", file("office/Rates")),
  office("/codes", "codes.title", "menu.office", "get_coupon", file("office/Codes")),
  office("/revenue", "revenue.title", "menu.books", "get_revenue", file("office/Revenue")),
  office("/ledger", "ledger.title", "menu.books", "list_entries", file("office/Ledger")),
  office("/documents", "documents.title", "menu.books", "list_documents", file("office/Documents")),
  office("/upstreams", "upstreams.title", "menu.house", "list_upstreams", file("office/Upstreams")),
  office("/users", "users.title", "menu.house", "list_users", file("office/Users")),
  office("/audit", "audit.title", "menu.house", "list_deeds", file("office/Audit")),
];
