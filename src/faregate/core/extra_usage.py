"""Extra Usage and kinds of keys: which subscriptions a key draws on, and when a wallet pays in a plan's stead.

Owns the rule of which way leads from a key to a subscription, the marks on entries that were paid that way, and the
commands of the owner. What a wallet has left is none of its business.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from faregate.core.account import AccountState, Subscription
from faregate.core.billing import API
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand
from faregate.core.request import Asker


class Way(NamedTuple):
    """Whether a key draws on a subscription. ``host``: only in the stead of that plan. ``reason``: why it does not,
    None where there is nothing to say of it.
    """

    is_open: bool
    reason: str | None = None
    host: Subscription | None = None


class ExtraDraw(NamedTuple):
    """A route's way into a wallet by Extra Usage: subscription keys of plan and wallet, and the key billed."""

    host: str
    wallet: str
    key: str


_DIRECT = Way(True)
_SILENT = Way(False)


def way_to(state: AccountState, subscription: Subscription, asker: Asker, paying: Collection[str]) -> Way:
    """The way from a key to ``subscription``; ``paying`` are the subscriptions before it that pay for the request."""
    terms = subscription.terms
    if asker.kind and asker.kind == terms.key_kind:
        return _DIRECT
    if not terms.wallet:
        return _SILENT if asker.kind else _DIRECT
    hosts = [each for each in state.subscriptions.values() if each.terms.extra_usage == terms.plan]
    if not asker.kind and (not hosts or asker.billing == API):
        return _DIRECT
    chosen: Way | None = None
    for host in hosts:
        # In a plan's stead means: for what the plan is for, and nothing else.
        if host.key in paying:
            way = _way_by(host)
            if way.is_open:
                return way
            chosen = chosen or way
    return chosen or _SILENT


def _way_by(host: Subscription) -> Way:
    extra = host.extra
    if extra is None or not extra.on:
        return Way(False, "switched_off", host)
    if not extra.key:
        return Way(False, "extra_key_revoked", host)
    return Way(True, None, host)


# ---- what is written down


def mark_hold(draw: ExtraDraw | None, state: AccountState, now: int, data: dict[str, Any]) -> None:
    """Note on a hold that the chosen key is billed, where the wallet pays any of it."""
    if draw is None or not _pays(draw.wallet, data["slices"]):
        return
    data["extra"] = _mark(draw, state, now, data["key"])
    data["key"] = draw.key


def mark_settlement(
    draw: ExtraDraw | None, state: AccountState, held_at: int, held: dict[str, Any], data: dict[str, Any]
) -> None:
    """The same on a settlement: what was held that way and is not paid that way is the asking key's again."""
    mark = held.get("extra")
    if mark is not None:
        if _pays(mark["wallet"], data["slices"]):
            data["extra"] = mark
        else:
            data["key"] = mark["asked_with"]
    elif draw is not None and _pays(draw.wallet, data["slices"]):
        data["extra"] = _mark(draw, state, held_at, data["key"])
        data["key"] = draw.key


def _mark(draw: ExtraDraw, state: AccountState, at: int, asked_with: str) -> dict[str, Any]:
    host = state.subscriptions[draw.host]
    funding = [window for window in host.windows.values() if not window.terms.guard]
    return {
        "subscription": draw.host,
        "wallet": draw.wallet,
        "key": draw.key,
        "asked_with": asked_with,
        "windows": [(window.terms.id, window.instance_at(at)[0]) for window in funding],
    }


def _pays(wallet: str, slices: Sequence[Any]) -> bool:
    prefix = wallet + "/"
    return any(piece[0].startswith(prefix) for piece in slices)


def paid_by_wallet(mark: dict[str, Any], slices: Sequence[Any]) -> int:
    """What the wallet of ``mark`` paid of ``slices``, debt included, in the smallest parts of its unit."""
    prefix = mark["wallet"] + "/"
    return sum(piece[4] + piece[5] for piece in slices if piece[0].startswith(prefix))


# ---- the owner's commands


def extra_wallet(state: AccountState, subscription: Subscription) -> Subscription:
    """The running wallet that pays in the stead of ``subscription``. Raises BadCommand where there is none."""
    name = subscription.terms.extra_usage
    wallet = state.of_plan(name) if name is not None else None
    if wallet is None:
        raise BadCommand("no_extra_usage", plan=subscription.terms.plan)
    return wallet


def set_extra_usage(
    state: AccountState, subscription: Subscription, on: bool, key_id: str | None, now: int, key: str
) -> Entry:
    """Switch Extra Usage of ``subscription`` on or off; ``key_id`` is the key billed from now on, None: as before."""
    extra_wallet(state, subscription)
    known = subscription.extra.key if subscription.extra is not None else ""
    chosen = known if key_id is None else key_id
    if on and not chosen:
        raise BadCommand("extra_usage_needs_key", plan=subscription.terms.plan)
    return _extra_entry(state, 1, subscription, on, chosen, "", now, key)


def replace_key(state: AccountState, old: str, new: str, now: int, key: str) -> list[Entry]:
    """What becomes of Extra Usage when key ``old`` is rotated into ``new``, or revoked (``new`` '')."""
    entries: list[Entry] = []
    for subscription in state.subscriptions.values():
        extra = subscription.extra
        if extra is not None and extra.key == old:
            lost = "" if new else old
            offset = len(entries) + 1
            mark = key if offset == 1 else f"{key}+{offset}"
            entries.append(_extra_entry(state, offset, subscription, extra.on, new, lost, now, mark))
    return entries


def _extra_entry(
    state: AccountState, offset: int, subscription: Subscription, on: bool, chosen: str, lost: str, now: int, key: str
) -> Entry:
    data = {"subscription": subscription.key, "on": on, "key": chosen, "lost": lost}
    return Entry(state.account, state.seq + offset, now, "extra_usage", key, [], [], data)


def set_key_limit(
    state: AccountState,
    subscription: Subscription,
    window: str | None,
    key_id: str,
    limit: int | None,
    now: int,
    key: str,
) -> Entry:
    """Give one API key a limit of its own under a guard by key; ``limit`` None: that of the plan again.

    ``window`` names the guard where there are several. Raises BadCommand where there is none.
    """
    terms = subscription.terms
    found = [each for each in terms.windows if each.by_key and window in (None, each.id)]
    if len(found) != 1:
        raise BadCommand("no_limit_by_key", plan=terms.plan)
    if limit is not None and limit <= 0:
        raise BadCommand("limit_not_positive")
    data = {"subscription": subscription.key, "window": found[0].id, "key": key_id, "limit": limit}
    return Entry(state.account, state.seq + 1, now, "key_limit", key, [], [], data)
