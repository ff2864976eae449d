"""Flags as people see and review them: lists, one flag, and the verdict on it.

Owns the views of flags and the command that reviews one. What a flag does is core's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from faregate.app.ledger import Ledger
from faregate.app.office import Office
from faregate.app.office_errors import NotFound
from faregate.app.receipts import Write
from faregate.core import commands
from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.flags import Flag, reviewed
from faregate.core.instants import render_instant

PAGE = 200


class Verdict(NamedTuple):
    """``verdict``: confirm, dismiss or lift. ``action``: what a confirmed flag does from now on, None: as before.

    ``segment``: the one that the account is put into with it, until ``until`` (None: without an end).
    """

    verdict: str
    by: str
    reason: str
    action: str | None = None
    segment: str | None = None
    until: int | None = None


class FlagReview:
    """Over one ledger and its office."""

    def __init__(self, ledger: Ledger, office: Office) -> None:
        self._ledger = ledger
        self._office = office

    def flags_of(self, account: str, now: int) -> list[dict[str, Any]]:
        """Every flag that the account remembers, the newest first."""
        return flags_view(self._ledger.current(account, now))

    def flags(self, now: int, state: str | None = None, after: str = "", limit: int = PAGE) -> dict[str, Any]:
        """Flags of all accounts, in pages of ``limit`` accounts after the id ``after``; ``state``: only those."""
        accounts = self._ledger.store.flagged_accounts(after, limit)
        found = [{"account": account, **flag} for account in accounts for flag in self.flags_of(account, now)]
        shown = [flag for flag in found if state is None or flag["state"] == state]
        return {"flags": shown, "next": accounts[-1] if len(accounts) == limit else None}

    def flag(self, account: str, flag: str, now: int) -> dict[str, Any]:
        """One flag. Raises NotFound."""
        for found in self.flags_of(account, now):
            if found["flag"] == flag:
                return {"account": account, **found}
        raise NotFound("flag", flag)

    async def review(self, account: str, flag: str, verdict: Verdict, write: Write) -> dict[str, Any]:
        """Confirm, dismiss or lift a flag; with a confirmed one the account may be put into a segment at once."""
        if verdict.segment is not None and verdict.verdict != "confirm":
            verdict = verdict._replace(segment=None)

        def decide(state: AccountState) -> list[Entry]:
            entry = reviewed(
                state, flag, verdict.verdict, verdict.by, verdict.reason, verdict.action, write.now, write.key
            )
            return [entry, *_segment(state, verdict, write)]

        body: Mapping[str, Any] = {"flag": flag, **verdict._asdict()}
        return await self._office.carry_out("flag", account, write, dict(body), decide)


def _segment(state: AccountState, verdict: Verdict, write: Write) -> list[Entry]:
    if verdict.segment is None:
        return []
    made = commands.set_segment(
        state, verdict.segment, write.now, verdict.until, verdict.reason, write.now, write.key + "+segment"
    )
    return [made._replace(seq=state.seq + 2)]


def flags_view(state: AccountState) -> list[dict[str, Any]]:
    """The flags of an account, the newest first, as plain data."""
    return [_flag(flag) for flag in reversed(state.flags.values())]


def _flag(flag: Flag) -> dict[str, Any]:
    return {
        "flag": flag.id,
        "plan": flag.plan,
        "signal": flag.signal,
        "state": flag.state,
        "action": flag.action,
        "in_force": flag.in_force,
        "raised_at": render_instant(flag.raised_at),
        "counted": flag.counted,
        "most": flag.most,
        "within_seconds": flag.within // 1_000_000,
        "reviewed_at": render_instant(flag.reviewed_at) if flag.reviewed_at is not None else None,
        "by": flag.by,
        "reason": flag.note,
    }
