"""Grace: entries made while the books were away, made again where somebody else wrote in the meantime.

Owns reading out of an entry what was asked for, and the entry it comes to on another state: what was served is booked
as it was used, whoever can pay for it by then. Knows no store and no clock.
"""

from __future__ import annotations

from typing import Any, Final

from faregate.core.account import AccountState
from faregate.core.decide import admit_anyway
from faregate.core.entry import Entry
from faregate.core.market import Market
from faregate.core.request import Request
from faregate.core.settle import release, settle
from faregate.core.usage import Usage

MARK: Final = "grace"
"""In a hold's data: it was admitted while the books were away."""
AS_DECIDED: Final = "as_decided"
ANEW: Final = "anew"
"""Others had written by the time the books were back, and it was drawn again."""

_OF_A_CLOSING: Final = frozenset(
    {
        *("request", "hold", "admitted_at", "model", "client", "key", "reason"),
        *("usage", "slices", "restores", "undone", "after", "extra"),
    }
)


def mark_as_decided(hold: Entry) -> None:
    """Note on a hold that was just made that it was admitted while the books were away."""
    hold.data[MARK] = {"booked": AS_DECIDED}


def asked_by(hold: Entry) -> Request:
    """The request that a hold was made for."""
    data = hold.data
    # Every plan that counts prompts by calls counted the same ones.
    _, session, (prompt, _), _ = next(iter(data.get("calls", ())), ("", "", ("", 0), None))
    evidence = data.get("evidence")
    return Request(
        data["request"],
        data["model"],
        Usage(*data["estimate"]),
        data["client"],
        data["extra"]["asked_with"] if "extra" in data else data["key"],
        session,
        data.get("asked", prompt),
        None if evidence is None else tuple(evidence),
        data.get("billing", ""),
        data.get("kind", ""),
    )


def facts_of(closing: Entry) -> dict[str, Any]:
    """What a settlement or a release says beside its own: outcome, upstream …"""
    return {name: value for name, value in closing.data.items() if name not in _OF_A_CLOSING}


def made_again(state: AccountState, entry: Entry, now: int, market: Market) -> Entry:
    """What ``entry``, a hold, settlement or release of another state, comes to as the next of this one.

    Raises UnknownHold when what it closes is not open here.
    """
    data = entry.data
    if entry.kind == "hold":
        made = admit_anyway(state, asked_by(entry), data["slices"], now, market)
        if MARK in data:
            made.data[MARK] = {"booked": ANEW, "at": entry.at}
        return made
    if entry.kind == "settle":
        return settle(state, data["request"], Usage(*data["usage"]), now, market, facts_of(entry))
    return release(state, data["request"], now, data["reason"], facts_of(entry))
