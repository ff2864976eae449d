"""The key desk: API keys of accounts, their kinds, their own limits, and Extra Usage that is billed to them.

Owns making, replacing and revoking keys, and which key a plan's Extra Usage is billed to. A secret is shown when its
key is made and never stored. What a kind of key draws on is plan data.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from faregate.app.catalogue_port import ApiKey
from faregate.app.ids import Randomness, new_key_id, new_secret, shown_part
from faregate.app.ledger import Ledger
from faregate.app.office import Office
from faregate.app.office_errors import NotFound, SecretShownBefore
from faregate.app.receipts import Write, first_answer, receipt_of
from faregate.core import commands
from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import MILLI
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand
from faregate.core.extra_usage import extra_wallet, replace_key, set_extra_usage, set_key_limit

ANY_KIND = "any"
"""The word for a key of no kind, which draws on every plan of its account."""


class KeyDesk:
    """Keys of the accounts of one ledger."""

    def __init__(self, ledger: Ledger, office: Office, randomness: Randomness) -> None:
        self._ledger = ledger
        self._store = ledger.store
        self._office = office
        self._randomness = randomness

    def create(self, account: str, name: str, write: Write, kind: str | None = None) -> tuple[ApiKey, str]:
        """A new key and its secret, which is shown this once and never stored.

        ``kind`` is one that the account's plans know (``payg``, ``agipower/payg``) or ``any``; that of the first of
        its plans where left out. Raises SecretShownBefore when the write was carried out already, BadCommand for a
        kind that no plan knows.
        """
        body: dict[str, Any] = {"account": account, "name": name}
        if kind is not None:
            body["kind"] = kind
        if (answer := first_answer(self._store, "key.create", write, body)) is not None:
            raise SecretShownBefore(str(answer["id"]))
        key, secret = self._new(account, name, self._kind(account, kind, write.now), write.now, None)
        self._store.add_key(key)
        if not self._store.add_receipt(receipt_of("key.create", write, body, {"id": key.id})):
            # Another process carried out this very write meanwhile.
            self._store.revoke_key(key.id, write.now)
            answer = first_answer(self._store, "key.create", write, body) or {"id": key.id}
            raise SecretShownBefore(str(answer["id"]))
        return key, secret

    async def rotate(self, key: str, write: Write) -> tuple[ApiKey, str]:
        """A new key of the same kind in place of ``key``, which is revoked in the same step; Extra Usage goes on."""
        old = self.find(key)
        body = {"key": key}
        if (answer := first_answer(self._store, "key.rotate", write, body)) is not None:
            await self._replaced(old, str(answer["id"]), write)
            raise SecretShownBefore(str(answer["id"]))
        new, secret = self._new(old.account, old.name, old.kind, write.now, old.id)
        if not self._store.rotate_key(old.id, new, write.now):
            raise BadCommand("key_revoked", key=old.id)
        self._store.add_receipt(receipt_of("key.rotate", write, body, {"id": new.id}))
        await self._replaced(old, new.id, write)
        return new, secret

    async def revoke(self, key: str, write: Write) -> ApiKey:
        """Revoke ``key``; revoking it again changes nothing. Extra Usage billed to it stops until another is chosen.

        Raises NotFound.
        """
        found = self.find(key)
        self._store.revoke_key(found.id, write.now)
        await self._replaced(found, "", write)
        return self._store.key(found.id) or found

    def find(self, key: str) -> ApiKey:
        """The key of that id. Raises NotFound."""
        found = self._store.key(key)
        if found is None:
            raise NotFound("key", key)
        return found

    def kinds(self, account: str, now: int) -> dict[str, str]:
        """The kinds of keys that the account's plans know, in the order they pay: ``family/kind`` -> prefix or ''."""
        kinds: dict[str, str] = {}
        for subscription in self._ledger.current(account, now).burn_order():
            terms = subscription.terms
            if terms.key_kind is not None:
                family, _ = self._ledger.shelf.catalogue.entry(f"{terms.plan}@{terms.version}")
                kind = family.document.key_kinds[terms.key_kind.partition("/")[2]]
                kinds[terms.key_kind] = kind.prefix or ""
        return kinds

    # ---- Extra Usage and limits

    async def extra_usage(
        self, account: str, on: bool, write: Write, plan: str | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """Switch Extra Usage of a plan on or off; ``key`` is the key it is billed to from now on.

        Raises NotFound for the key, BadCommand where the plan has none or the key is none that can be billed.
        """

        def decide(state: AccountState) -> list[Entry]:
            subscription = find_host(state, plan)
            self._check_billed(state, subscription, account, key)
            return [set_extra_usage(state, subscription, on, key, write.now, write.key)]

        body = {"on": on, "plan": plan, "key": key}
        done = await self._office.carry_out("extra_usage", account, write, body, decide)
        chosen = self._store.key(key) if key is not None else None
        if chosen is not None and chosen.revoked_at is not None:
            # It was revoked while it was being chosen.
            await self._replaced(chosen, "", write)
        return done

    async def choose(
        self,
        account: str,
        on: bool,
        write: Write,
        plan: str | None = None,
        key: str | None = None,
        new_key: str | None = None,
    ) -> tuple[dict[str, Any], str | None]:
        """``extra_usage``, for a key that is there or for one of the name ``new_key`` that is made for it.

        Gives what was done and, where a key was made by this very call, its secret.
        """
        if new_key is None:
            return await self.extra_usage(account, on, write, plan, key), None
        if key is not None:
            raise BadCommand("key_or_new_key")
        state = self._ledger.current(account, write.now)
        kind = extra_wallet(state, find_host(state, plan)).terms.key_kind
        secret = None
        try:
            made, secret = self.create(account, new_key, Write(write.key + "+key", write.now), kind or ANY_KIND)
            id = made.id
        except SecretShownBefore as before:
            id = before.key
        return {**await self.extra_usage(account, on, write, plan, id), "key": id}, secret

    def _check_billed(self, state: AccountState, subscription: Subscription, account: str, key: str | None) -> None:
        kind = extra_wallet(state, subscription).terms.key_kind or ""
        if key is None:
            return
        found = self.find(key)
        if found.account != account:
            raise NotFound("key", key)
        if found.revoked_at is not None or found.kind != kind:
            raise BadCommand("extra_usage_wrong_key", key=key, kind=kind or ANY_KIND)

    async def limit(self, key: str, requests: int | None, write: Write, window: str | None = None) -> dict[str, Any]:
        """Give one key its own limit under its plans' guard by key; None: that of the plan again."""
        found = self.find(key)

        def decide(state: AccountState) -> list[Entry]:
            plans = [
                each for each in state.subscriptions.values() if found.kind and each.terms.key_kind == found.kind
            ]
            guarded = [each for each in plans if any(window.by_key for window in each.terms.windows)]
            if not guarded:
                raise BadCommand("no_limit_by_key", plan=found.kind or ANY_KIND)
            limit = None if requests is None else requests * MILLI
            return [set_key_limit(state, guarded[0], window, found.id, limit, write.now, write.key)]

        body = {"key": key, "requests": requests, "window": window}
        return await self._office.carry_out("key_limit", found.account, write, body, decide)

    async def _replaced(self, old: ApiKey, new: str, write: Write) -> None:
        """Let Extra Usage that was billed to ``old`` know; writes nothing where there is none."""
        state = self._ledger.current(old.account, write.now)
        if not any(each.extra is not None and each.extra.key == old.id for each in state.subscriptions.values()):
            return

        def decide(state: AccountState) -> list[Entry]:
            return replace_key(state, old.id, new, write.now, write.key)

        await self._office.carry_out("key.replaced", old.account, write, {"key": old.id, "new": new}, decide)

    # ---- making

    def _new(self, account: str, name: str, kind: str, now: int, rotated_from: str | None) -> tuple[ApiKey, str]:
        prefix = self.kinds(account, now).get(kind, "") if kind else self._plan_prefix(account, now)
        secret = new_secret(self._randomness, prefix) if prefix else new_secret(self._randomness)
        shown = shown_part(secret) if not prefix else secret[: len(prefix) + 8]
        digest = sha256(secret.encode()).digest()
        id = new_key_id(self._randomness)
        return ApiKey(id, account, name, shown, digest, now, rotated_from=rotated_from, kind=kind), secret

    def _kind(self, account: str, wanted: str | None, now: int) -> str:
        """``family/kind`` of a new key, '' for one of no kind."""
        if wanted == ANY_KIND:
            return ""
        if wanted is None:
            paying = self._ledger.current(account, now).burn_order()
            first = next(iter(sorted(paying, key=lambda each: each.terms.wallet)), None)
            return (first.terms.key_kind or "") if first is not None else ""
        kinds = list(self.kinds(account, now))
        found = [kind for kind in kinds if wanted in (kind, kind.partition("/")[2])]
        if len(found) != 1:
            raise BadCommand("unknown_kind", kind=wanted, have=", ".join([*kinds, ANY_KIND]))
        return found[0]

    def _plan_prefix(self, account: str, now: int) -> str:
        """The prefix that the account's plan gives keys of no kind, or nothing."""
        for subscription in self._ledger.current(account, now).burn_order():
            terms = subscription.terms
            prefix = self._ledger.shelf.plan(f"{terms.plan}@{terms.version}").document.key_prefix
            if prefix:
                return str(prefix)
        return ""


def find_host(state: AccountState, plan: str | None) -> Subscription:
    """The running plan with Extra Usage: the named one, or the only one. Raises UnknownSubject, BadCommand."""
    if plan is not None:
        return commands.find_subscription(state, plan)
    hosts = [each for each in state.subscriptions.values() if each.terms.extra_usage is not None]
    if len(hosts) > 1:
        raise BadCommand("which_plan", plans=", ".join(each.terms.plan for each in hosts))
    return hosts[0] if hosts else commands.find_subscription(state, None)
