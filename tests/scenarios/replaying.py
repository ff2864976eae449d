"""Replays through the command line: what scenario tests write and read.

Owns the short forms: lines of usage priced in dollars, events, and a result row as a tuple. Every scenario goes
through `faregate simulate --json`, the public door.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from click.testing import CliRunner

from faregate.cli.main import main

OPUS = "anthropic/claude-opus-4.5"
OUTPUT_TOKENS_A_DOLLAR = 40_000
"""Claude Opus 4.5 lists 25 USD a million of output."""

FREE_MODEL = "deepseek/deepseek-chat"

Line = dict[str, Any]


def spend(at: str, dollars: str | int, model: str = OPUS) -> Line:
    """A request of so many dollars of list value, exactly."""
    whole, _, part = str(dollars).partition(".")
    millionths = int(whole) * 10**6 + int(part.ljust(6, "0") or 0)
    tokens, rest = divmod(millionths * OUTPUT_TOKENS_A_DOLLAR, 10**6)
    assert rest == 0, f"{dollars} USD is no whole number of tokens"
    return {"at": at, "model": model, "output": tokens}


def event(at: str, kind: str, /, **fields: Any) -> Line:
    return {"at": at, "event": kind, **fields}


class Paid(NamedTuple):
    """One line of ``drawn``: source, pool, amount with unit, multiplier, list value."""

    source: str
    pool: str | None
    amount: str
    multiplier: str
    list_value: str


class Refused(NamedTuple):
    """A refusal: reason, the window or pool that binds, when it would pass."""

    reason: str
    window: str | None
    retry_at: str | None


class Replayed:
    """The JSON of one replay."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.requests: list[dict[str, Any]] = data["requests"]
        self.totals: dict[str, Any] = data["totals"]
        self.events: list[dict[str, Any]] = data["events"]

    def paid(self, index: int) -> list[Paid]:
        row = self.requests[index]
        assert row["admitted"], row["refused"]
        return [
            Paid(
                piece["source"],
                piece["pool"],
                f"{piece['amount']} {piece['unit']}",
                piece["multiplier"],
                piece["list_value"],
            )
            for piece in row["drawn"]
        ]

    def debts(self, index: int) -> list[str]:
        return [piece["debt"] for piece in self.requests[index]["drawn"]]

    def outcome(self, index: int) -> list[Paid] | Refused:
        return self.refused(index) if self.requests[index]["refused"] else self.paid(index)

    def refused(self, index: int) -> Refused:
        row = self.requests[index]
        assert not row["admitted"]
        assert row["drawn"] == []
        refused = row["refused"]
        return Refused(refused["reason"], refused["window"], refused["retry_at"])

    def blocks(self, index: int) -> list[tuple[str | None, str, str | None]]:
        rows = self.requests[index]["refused"]["blocks"]
        return [(row["source"], row["reason"], row["window"]) for row in rows]

    def window(self, index: int, id: str) -> tuple[str, str, str, str | None]:
        """(drawn, used, limit, reopens at) of a window after a request."""
        rows = {row["id"]: row for row in self.requests[index]["windows"]}
        row = rows[id]
        return row["drawn"], row["used"], row["limit"], row["reopens_at"]

    def admitted(self) -> list[bool]:
        return [row["admitted"] for row in self.requests]


def run_simulate(plans: str, lines: list[Line], *options: str) -> Any:
    """The raw result of the command."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    arguments = ["simulate", "--plan", plans, "--usage", "-", "--json", *options]
    return CliRunner().invoke(main, arguments, input=text)


def replay(plans: str, *lines: Line) -> Replayed:
    """The replay of ``lines``, which must be good."""
    result = run_simulate(plans, list(lines))
    assert result.exit_code == 0, result.stderr
    return Replayed(json.loads(result.stdout))
