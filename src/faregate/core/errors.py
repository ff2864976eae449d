"""Failures of the core, typed, each with a stable code.

An expected outcome (a refusal) is a value, not one of these. These know no HTTP.
"""

from __future__ import annotations


class CoreError(Exception):
    """Base of the core's failures. ``code`` is stable and documented in docs/errors.md."""

    code = "core_error"


class BadAmount(CoreError):
    code = "bad_amount"

    def __init__(self, text: str, problem: str) -> None:
        super().__init__(f"{text!r} is {problem}")
        self.text = text
        self.problem = problem


class AmountOverflow(CoreError):
    code = "amount_overflow"

    def __init__(self, amount: int) -> None:
        super().__init__(f"{amount} does not fit a signed 64-bit amount")
        self.amount = amount


class UnknownSubject(CoreError):
    """A command names a plan, pool, window or wallet that the account does not have."""

    code = "unknown_subject"

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        have = ", ".join(known) if known else "none"
        super().__init__(f"this account has no {kind} {name!r}; it has: {have}")
        self.kind, self.name, self.known = kind, name, known


class BadCommand(CoreError):
    """A command that cannot be carried out as it stands."""

    code = "bad_command"


class UnknownHold(CoreError):
    code = "unknown_hold"

    def __init__(self, request: str) -> None:
        super().__init__(f"no open hold for request {request!r}: it was settled, released or never made")
        self.request = request


class JournalGap(CoreError):
    """An entry that is not the next one of its account."""

    code = "journal_gap"

    def __init__(self, account: str, expected: int, got: int) -> None:
        super().__init__(f"account {account!r}: entry {expected} expected, entry {got} given")
        self.account, self.expected, self.got = account, expected, got
