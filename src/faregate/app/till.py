"""The till: every act of trade on an account's books, with the agenda kept in step.

Owns carrying out acts on a draft of the account's state, and telling the agenda when the account is due again. The
agenda is moved forward before the books change, and back by what is in the journal alone, never by a look that is
older than what stands there: a crash between the two loses nothing, whoever looked meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec

from faregate.app.catalogue_port import Matter
from faregate.app.ledger import Ledger, Outcome
from faregate.app.office_errors import NotFound
from faregate.app.payments_port import WebhookEvent
from faregate.app.receipts import Write, first_answer, receipt_of
from faregate.app.shelf import Shelf
from faregate.core.account import AccountState
from faregate.core.amounts import render
from faregate.core.instants import SECOND
from faregate.core.sale import sold_at
from faregate.core.trade.agenda import OpenMatter, next_due, open_matters
from faregate.core.trade.draft import Draft
from faregate.core.trade.terms import ReferralTerms

Act = Callable[[Draft], Any]
"""Adds entries to the draft and gives what to tell the caller."""
SHOWN_ACCOUNTS = 100_000
UNDER_WAY = 60 * SECOND
"""An act is in the journal or has failed after so long, whatever the database does."""
Kept = tuple[str, Write, dict[str, Any]]
"""Scope, write and body of a receipt."""


async def _nobody_asks(account: str) -> None:
    """No cashier runs in this process."""


async def _nobody_hears(event: WebhookEvent) -> str:
    raise RuntimeError("no cashier runs in this process")


class Till:
    """Acts of trade over one ledger.

    ``followers`` hear of accounts whose books may ask for something outside; ``asked`` waits until that is done,
    where somebody in this process does it; ``hear`` takes what is told without being asked.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._store = ledger.store
        # What of each account stands on the operator's list, as far as this process wrote it.
        self._shown: dict[str, list[OpenMatter]] = {}
        self._under_way: dict[tuple[str, str], asyncio.Future[Any]] = {}
        self.followers: list[Callable[[str], None]] = []
        self.asked: Callable[[str], Awaitable[None]] = _nobody_asks
        self.hear: Callable[[WebhookEvent], Awaitable[str]] = _nobody_hears

    @property
    def shelf(self) -> Shelf:
        return self._ledger.shelf

    def draft(self, account: str, now: int) -> Draft:
        """A draft for previews: it goes nowhere. Raises NotFound."""
        self._known(account)
        return Draft(self._ledger.current(account, now), self._ledger.market, self._ledger.shelf.terms)

    def _known(self, account: str) -> None:
        if self._store.account(account) is None:
            raise NotFound("account", account)

    def begun(self, scope: str, write: Write, body: dict[str, Any]) -> bool:
        """Whether this very write was carried out before. Raises IdempotencyClash."""
        return self.first_answer(scope, write, body) is not None

    def first_answer(self, scope: str, write: Write, body: dict[str, Any]) -> dict[str, Any] | None:
        """What this very write came to, when it was carried out before. Raises IdempotencyClash."""
        return first_answer(self._store, scope, write, body)

    def keep(self, scope: str, write: Write, body: dict[str, Any], answer: dict[str, Any]) -> None:
        """Keep the receipt of a write that leaves no entry of its own in an account."""
        self._store.add_receipt(receipt_of(scope, write, body, answer))

    def knows(self, account: str) -> bool:
        """Whether there is such an account."""
        return self._store.account(account) is not None

    def referral_terms(self, family: str, now: int) -> ReferralTerms | None:
        """What the plans of ``family`` that are sold now promise for invitations."""
        market = self._ledger.market
        for (plan, version), trade in market.trade.items():
            if plan.partition("/")[0] != family or trade.referral is None:
                continue
            row = sold_at(market.sold.get(plan, ()), now)
            if row is not None and row.terms.version == version:
                return trade.referral
        return None

    async def once(
        self, scope: str, account: str, write: Write, body: dict[str, Any], act: Act, *, known: bool = True
    ) -> dict[str, Any]:
        """``act`` as one write: the same write again gives the first answer.

        Raises IdempotencyClash, and NotFound where the account must be ``known`` and is not.
        """
        scope = f"{scope}:{account}"
        if (answer := first_answer(self._store, scope, write, body)) is not None:
            return answer
        if known:
            self._known(account)

        def carry_out(draft: Draft) -> dict[str, Any]:
            # Asked again with the state: the same write may have come twice at once.
            if (answer := first_answer(self._store, scope, write, body)) is not None:
                return answer
            return dict(act(draft) or {})

        return dict(await self.act(account, write.now, carry_out, (scope, write, body)))

    async def act(self, account: str, now: int, act: Act, kept: Kept | None = None) -> Any:
        """Carry ``act`` out; its entries go into the journal together, with its answer as the receipt of ``kept``."""
        ledger = self._ledger

        def decide(state: AccountState) -> Outcome:
            draft = Draft(state, ledger.market, ledger.shelf.terms)
            result = act(draft)
            receipt = receipt_of(*kept, result) if kept is not None else None
            if draft.entries:
                self._put(account, now, now, state.seq + 1)
            return Outcome(draft.entries, result, receipt)

        place = (kept[0], kept[1].key) if kept is not None else None
        while place is not None and (begun := self._under_way.get(place)) is not None:
            # The same write at the same moment: its receipt is in the store when this one is decided.
            await asyncio.wait([begun])
        made = ledger.command(account, decide, now)
        if place is not None:
            self._under_way[place] = made
        try:
            return await made
        finally:
            if place is not None and self._under_way.get(place) is made:
                del self._under_way[place]
            self.look_again(account, now)
            for follow in self.followers:
                follow(account)

    def look_again(self, account: str, now: int) -> int | None:
        """Write down when the account is due next; gives it."""
        state = self._ledger.current(account, now)
        due = next_due(state)
        last = self._ledger.last_entry(account)
        if last is None:
            return due  # what is on its way looks again when it is there
        self._put(account, now, due, last)
        matters = open_matters(state)
        if matters != self._shown.get(account):
            self._store.put_matters(account, [_matter(account, each) for each in matters])
            if len(self._shown) >= SHOWN_ACCOUNTS:
                self._shown.clear()
            self._shown[account] = matters
        return due

    def _put(self, account: str, now: int, due: int | None, seq: int) -> None:
        shift = self.shift(account)
        self._store.put_agenda(account, due - shift if due is not None else None, seq, now - shift - UNDER_WAY)

    def matters(self, kind: str | None, after: Matter | None, limit: int) -> list[Matter]:
        """What is open for people to look at, of all accounts."""
        return self._store.matters(kind, after, limit)

    def shift(self, account: str) -> int:
        """How far the account's time is ahead of everybody's."""
        return self._ledger.shifts.get(account, 0)

    async def due(self, now: int, limit: int = 100) -> Iterable[str]:
        """Accounts that are due; whoever asks once a second keeps nobody waiting for a store that is slow."""
        quick = self._store.quick_append
        rows = self._store.agenda(now, limit) if quick else await asyncio.to_thread(self._store.agenda, now, limit)
        return [account for account, _ in rows]

    def state(self, account: str, now: int) -> AccountState:
        """The account as of ``now``, for reading."""
        return self._ledger.current(account, now)


def _matter(account: str, matter: OpenMatter) -> Matter:
    detail = {
        "reason": matter.reason,
        "amount": render(matter.amount, matter.currency),
        "currency": matter.currency,
    }
    return Matter(account, matter.id, matter.kind, matter.since, msgspec.json.encode(detail).decode())
