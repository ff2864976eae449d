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


RULES = {
    "not_unicode": "a text that was given is not Unicode: write it in UTF-8",
    "no_schedule": "{plan} has no multiplier schedule {schedule!r}; it has: {have}",
    "multiplier_not_positive": "a multiplier is more than zero; {value} is not",
    "multiplier_in_the_past": "a multiplier never changes the past: give a time from now on",
    "no_name": "an account needs a name: give at least one character",
    "name_of_several": "{count} accounts are named {name!r}: give one of their ids: {ids}",
    "no_period": "{price} has no period: it cannot be bought for one",
    "key_revoked": "key {key} is revoked already: create a new one instead",
    "one_of_its_kind": (
        "{running} is running and only one of its kind may: cancel it or wait for its end before {plan}"
    ),
    "which_plan": "several plans run; name one of them in `plan`: {plans}",
    "grant_not_positive": "a grant is more than zero; {amount} is not",
    "grant_ends_first": "the grant would expire before it begins: give a later expires_at",
    "no_restore": "{pool} has no restore in its plan",
    "restored_enough": "{pool} was restored {times} times this {every} already",
    "at_its_cap": "{pool} is at its cap: nothing to restore",
    "always_on": "{plan} is always on: there is nothing to switch",
    "segment_ends_first": "the segment would end before it begins",
    "another_family": "{plan} is of another family than {running}",
}
"""What keeps a command from being carried out, and its words."""


class BadCommand(CoreError):
    """A command that cannot be carried out as it stands: ``rule`` of RULES says why, with ``fields``."""

    code = "bad_command"

    def __init__(self, rule: str, **fields: object) -> None:
        super().__init__(RULES[rule].format(**fields))
        self.rule, self.fields = rule, fields


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
