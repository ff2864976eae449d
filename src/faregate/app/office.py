"""The operator's office: accounts, subscriptions and every act on them. Keys have a desk of their own.

Owns the carrying out of operators' commands: finding subjects, reading amounts, idempotency. Each write takes an
idempotency key: the same key with the same content gives the first answer again, with other content it is refused.
Knows no HTTP; the API and the command line are its callers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec

from faregate.app.catalogue_port import Account
from faregate.app.ids import new_account_id
from faregate.app.ledger import Ledger, Outcome
from faregate.app.office_errors import NotFound, UnknownPrice
from faregate.app.receipts import Write, first_answer, receipt_of
from faregate.app.store_port import Store
from faregate.core import commands
from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import parse
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand
from faregate.core.instants import render_instant

Randomness = Callable[[int], bytes]
Decide = Callable[[AccountState], list[Entry]]


def find_account(store: Store, name: str) -> Account:
    """The account of that id, or the only one of that name. Raises NotFound or BadCommand."""
    found = store.account(name)
    if found is not None:
        return found
    named = store.accounts_named(name)
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(account.id for account in named)
        raise BadCommand("name_of_several", count=len(named), name=name, ids=ids)
    raise NotFound("account", name)


class Office:
    """Commands on the accounts of one ledger."""

    def __init__(self, ledger: Ledger, randomness: Randomness) -> None:
        self._ledger = ledger
        self._store = ledger.store
        self._randomness = randomness
        # Writes on their way into the journal, by scope and idempotency key.
        self._under_way: dict[tuple[str, str], asyncio.Future[Any]] = {}

    # ---- accounts

    async def create_account(self, name: str, write: Write) -> dict[str, Any]:
        """A new account. Returns {"id", "name", "created_at"}."""
        body = {"name": name}
        if (answer := self._answered("account.create", write, body)) is not None:
            return answer
        if not name.strip():
            raise BadCommand("no_name")
        account = self._new_account(name, write)
        made = {"id": account.id, "name": account.name, "created_at": render_instant(account.created_at)}

        def act(state: AccountState) -> Outcome:
            if state.seq:
                return Outcome((), made)
            entry = Entry(account.id, 1, write.now, "open", write.key, [], [], {"name": name})
            return Outcome((entry,), made)

        await self._ledger.command(account.id, act, write.now, receipt_of("account.create", write, body, made))
        return made

    def _new_account(self, name: str, write: Write) -> Account:
        """The account of this write. Its id follows from the idempotency key, so that the same write, tried twice
        at once or again after a crash, makes one account.
        """
        attempt = 0
        while True:
            digest = sha256(f"{attempt}:{write.key}".encode()).digest()
            account = Account(new_account_id(_from_digest(digest)), name, write.now)
            if self._store.add_account(account):
                return account
            first = self._store.entry(account.id, 1)
            if first is None or first.key == write.key:
                return self._store.account(account.id) or account
            attempt += 1

    def find_account(self, name: str) -> Account:
        """The account of that id, or the only one of that name. Raises NotFound or BadCommand."""
        return find_account(self._store, name)

    # ---- subscriptions and what stands on them

    async def subscribe(
        self, account: str, plan: str, write: Write, price: str | None = None, once: bool = False
    ) -> dict[str, Any]:
        """Put ``plan`` on the account, with the wallets that come with it.

        ``family/plan`` is had in the version sold now, ``family/plan@version`` in that one.

        ``price`` names one of the plan's prices: its period and renewal hold. ``once``: one period, not renewed.
        """
        shelf = self._ledger.shelf
        found = shelf.sold(plan, write.now)
        terms = found.terms
        if price is not None:
            known = [each.id for each in found.prices]
            if price not in known:
                raise UnknownPrice(found.id, price, known)
            terms = found.terms_for(price)
        if once and terms.period is None:
            raise BadCommand("no_period", price=found.id)
        companions = shelf.companions(terms, write.now)
        bought = price if price is not None else found.prices[0].id if found.prices else None
        body = {"plan": plan, "price": price, "once": once}

        def decide(state: AccountState) -> list[Entry]:
            return commands.subscribe(state, terms, write.now, write.key, companions, once, terms.period, bought)

        return await self.carry_out("subscribe", account, write, body, decide)

    async def grant(
        self,
        account: str,
        amount: str,
        write: Write,
        plan: str | None = None,
        pool: str | None = None,
        expires_at: int | None = None,
        priority: int = 0,
        reason: str = "",
    ) -> dict[str, Any]:
        """Put ``amount`` (an exact decimal in the pool's unit) into a pool of the account."""
        body = {
            "amount": amount,
            "plan": plan,
            "pool": pool,
            "expires_at": expires_at,
            "priority": priority,
            "reason": reason,
        }

        def decide(state: AccountState) -> list[Entry]:
            subscription = commands.find_subscription(state, plan)
            found = commands.find_pool(subscription, pool)
            units = parse(amount, found.terms.unit)
            return [
                commands.grant(state, subscription, found, units, write.now, write.key, expires_at, priority, reason)
            ]

        return await self.carry_out("grant", account, write, body, decide)

    async def reset(
        self, account: str, write: Write, plan: str | None = None, window: str | None = None
    ) -> dict[str, Any]:
        """Set windows to unused; their anchors stay."""
        return await self._on_subscription(
            "reset",
            account,
            plan,
            write,
            {"window": window},
            lambda state, found: commands.reset_windows(state, found, window, write.now, write.key),
        )

    async def renew(self, account: str, write: Write, plan: str | None = None) -> dict[str, Any]:
        """Begin the next paid period now, in the version of the plan that its cohort gives the account."""
        return await self._on_subscription(
            "renew",
            account,
            plan,
            write,
            {},
            lambda state, found: commands.renew(state, found, write.now, write.key, self._ledger.market),
        )

    async def restore(
        self, account: str, write: Write, plan: str | None = None, pool: str | None = None
    ) -> dict[str, Any]:
        """Restore a pool to its cap, if its plan allows one more today."""
        return await self._on_subscription(
            "restore",
            account,
            plan,
            write,
            {"pool": pool},
            lambda state, found: commands.restore(
                state, found, commands.find_pool(found, pool), write.now, write.key
            ),
        )

    async def restore_mode(
        self,
        account: str,
        automatic: bool,
        write: Write,
        plan: str | None = None,
        pool: str | None = None,
    ) -> dict[str, Any]:
        """Whether a pool restores itself when it is empty."""
        return await self._on_subscription(
            "restore_mode",
            account,
            plan,
            write,
            {"automatic": automatic, "pool": pool},
            lambda state, found: commands.set_restore_mode(
                state, commands.find_pool(found, pool), automatic, write.now, write.key
            ),
        )

    async def cancel(
        self, account: str, write: Write, plan: str | None = None, at_once: bool = False
    ) -> dict[str, Any]:
        """End a subscription at its period's end, or at once."""
        return await self._on_subscription(
            "cancel",
            account,
            plan,
            write,
            {"at_once": at_once},
            lambda state, found: commands.cancel(state, found, write.now, write.key, at_once),
        )

    async def switch(self, account: str, plan: str, on: bool, write: Write) -> dict[str, Any]:
        """Switch an opt-in wallet on or off."""
        return await self._on_subscription(
            "switch",
            account,
            plan,
            write,
            {"on": on},
            lambda state, found: commands.switch(state, found, on, write.now, write.key),
        )

    async def change_terms(self, account: str, plan: str, to: str, write: Write) -> dict[str, Any]:
        """Put other terms under a running subscription; what was used stays used."""
        terms = self._ledger.shelf.sold(to, write.now).terms
        return await self._on_subscription(
            "terms",
            account,
            plan,
            write,
            {"to": to},
            lambda state, found: commands.change_terms(state, found, terms, write.now, write.key),
        )

    async def segment(
        self,
        account: str,
        segment: str,
        write: Write,
        begins: int | None = None,
        until: int | None = None,
        reason: str = "",
    ) -> dict[str, Any]:
        """Put the account into a customer segment, with dates and the reason."""
        body = {"segment": segment, "begins": begins, "until": until, "reason": reason}
        start = begins if begins is not None else write.now

        def decide(state: AccountState) -> list[Entry]:
            return [commands.set_segment(state, segment, start, until, reason, write.now, write.key)]

        return await self.carry_out("segment", account, write, body, decide)

    # ---- carrying out

    async def _on_subscription(
        self,
        verb: str,
        account: str,
        plan: str | None,
        write: Write,
        body: dict[str, Any],
        make: Callable[[AccountState, Subscription], Entry],
    ) -> dict[str, Any]:
        def decide(state: AccountState) -> list[Entry]:
            return [make(state, commands.find_subscription(state, plan))]

        return await self.carry_out(verb, account, write, {"plan": plan, **body}, decide)

    async def carry_out(
        self, verb: str, account: str, write: Write, body: dict[str, Any], decide: Decide
    ) -> dict[str, Any]:
        """Carry out once: the entries of ``decide`` and the receipt go into the store together."""
        scope = f"{verb}:{account}"
        if (answer := self._answered(scope, write, body)) is not None:
            return answer
        if self._store.account(account) is None:
            raise NotFound("account", account)

        receipt = receipt_of(scope, write, body, {"account": account, "done": verb, "at": render_instant(write.now)})

        def act(state: AccountState) -> Outcome:
            # Asked again with the state: the same write may have come twice at once, here or in another process.
            if (answer := self._answered(scope, write, body)) is not None:
                return Outcome((), answer)
            return Outcome(decide(state), msgspec.json.decode(receipt.response))

        return dict(await self._once(scope, write, lambda: self._ledger.command(account, act, write.now, receipt)))

    async def _once(self, scope: str, write: Write, begin: Callable[[], asyncio.Future[Any]]) -> Any:
        """What ``begin`` comes to, begun after an equal write that is still on its way."""
        place = (scope, write.key)
        while (under_way := self._under_way.get(place)) is not None:
            await asyncio.wait([under_way])
        made = self._under_way[place] = begin()
        try:
            return await made
        finally:
            if self._under_way.get(place) is made:
                del self._under_way[place]

    def _answered(self, scope: str, write: Write, body: dict[str, Any]) -> dict[str, Any] | None:
        return first_answer(self._store, scope, write, body)


def _from_digest(digest: bytes) -> Randomness:
    return lambda size: digest[:size]
