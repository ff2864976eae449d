"""Paperwork: an account's invoices, credit notes and statements, found in its books.

Owns finding them. What an invoice says is invoice.py's, what a statement sums is statement.py's; paper is made
elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from faregate.app.display import Display
from faregate.app.invoice import Invoice, credit_note_of, invoice_of, invoice_view
from faregate.app.ledger import Ledger
from faregate.app.office_errors import NotFound
from faregate.app.parties import Parties
from faregate.app.statement import statement
from faregate.core.account import AccountState
from faregate.core.commands import find_subscription
from faregate.core.entry import Entry
from faregate.core.errors import UnknownSubject
from faregate.core.explain import window_name
from faregate.core.trade.applying import refund_to_cash
from faregate.core.trade.book import Order, Refund
from faregate.core.trade.ordering import book_of

Paper = Callable[[Mapping[str, Any], str], bytes]
"""(a document as JSON, language) -> PDF."""
Displays = Callable[[str], Display]
"""Currency -> how amounts are shown in it. Raises NoRate."""


class Paperwork:
    """Over one ledger. ``paper`` makes PDF."""

    def __init__(self, ledger: Ledger, parties: Parties, displays: Displays) -> None:
        self._ledger = ledger
        self._store = ledger.store
        self._parties = parties
        self._displays = displays

    def documents(self, account: str, now: int) -> list[dict[str, Any]]:
        """What was issued to the account, newest first, briefly."""
        return self.documents_of(self._ledger.current(account, now))

    def documents_of(self, state: AccountState) -> list[dict[str, Any]]:
        """What was issued to the account that stands like this, newest first, briefly."""
        rows = [
            {
                **{name: view[name] for name in ("kind", "number", "issued_at", "corrects", "order", "title")},
                "total": view["total"],
                "currency": view["currency"],
            }
            for view in map(invoice_view, self._issued(state))
        ]
        return sorted(rows, key=lambda row: (row["issued_at"], row["number"]), reverse=True)

    def document(self, account: str, number: str, now: int) -> dict[str, Any]:
        """One of them, whole. Raises NotFound."""
        found = next(
            (each for each in self._issued(self._ledger.current(account, now)) if each.number == number), None
        )
        if found is None:
            raise NotFound("document", number)
        return invoice_view(found)

    def _issued(self, state: AccountState) -> list[Invoice]:
        account = state.account
        orders, refunds = self._trade(state)
        invoices: dict[str, Invoice] = {}
        for order in orders:
            seller, tax = self._parties.seller(order.done_at or 0)
            made = invoice_of(order, seller, self._parties.buyer(account, order.done_at or 0), tax)
            if made is not None:
                invoices[order.id] = made
        issued = list(invoices.values())
        for refund in refunds:
            corrected = invoices.get(str(refund.facts["order"]))
            note = credit_note_of(refund, corrected) if corrected is not None else None
            if note is not None:
                issued.append(note)
        return issued

    def _trade(self, state: AccountState) -> tuple[list[Order], list[Refund]]:
        """Orders with an invoice and refunds with a note: from the state where it remembers all, else the journal."""
        book = book_of(state)
        orders = [order for order in book.orders.values() if order.invoice is not None]
        refunds = [refund for refund in book.refunds.values() if refund.note is not None]
        if len(orders) == book.invoices and len(refunds) == book.credit_notes:
            return orders, refunds
        return _from_journal(self._store.entries(state.account))

    # ---- statements

    def statements(
        self, account: str, plan: str, since: int, until: int, now: int, shown_in: str | None = None
    ) -> dict[str, Any]:
        """What went in and out of each pool of the wallet ``plan`` from ``since`` up to ``until``.

        ``shown_in``: amounts are shown in another currency too, at the rates of their days; nothing is converted.
        Raises UnknownSubject for a plan that is no wallet of the account, NoRate.
        """
        state = self._ledger.current(account, now)
        wallet = find_subscription(state, plan)
        if not wallet.terms.wallet:
            known = [each.terms.plan for each in state.subscriptions.values() if each.terms.wallet]
            raise UnknownSubject("wallet", plan, known)
        display = self._displays(shown_in) if shown_in is not None else None
        entries = list(self._store.entries(account))
        pools = [
            statement(entries, pool.key, window_name(pool.key), pool.terms.unit, since, until, display)
            for pool in wallet.pools.values()
        ]
        return {"account": account, "plan": wallet.terms.plan, "shown_in": shown_in, "pools": pools}


def _from_journal(entries: Any) -> tuple[list[Order], list[Refund]]:
    orders: dict[str, Order] = {}
    refunds: dict[str, Refund] = {}
    entry: Entry
    for entry in entries:
        data = entry.data
        placed = data if entry.kind == "order" else data.get("placed")
        if placed is not None:
            orders[placed["order"]] = Order(placed["order"], entry.at, placed)
        if entry.kind == "grant" and data.get("note"):
            refunds[data["refund"]] = refund_to_cash(entry)
        elif entry.kind == "refund":
            refunds[data["refund"]] = Refund(data["refund"], entry.at, data)
        elif entry.kind == "refund_said" and data.get("note"):
            refund = refunds[data["refund"]]
            refund.note, refund.done_at, refund.state = data["note"], entry.at, data["state"]
        if data.get("invoice"):
            order = orders[data["order"]]
            order.invoice, order.done_at, order.state = data["invoice"], entry.at, "done"
    return (
        [order for order in orders.values() if order.invoice is not None],
        [refund for refund in refunds.values() if refund.note is not None],
    )
