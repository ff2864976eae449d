"""Entries for the tests of the store: short to write, whole in shape."""

from __future__ import annotations

from faregate.app.store_port import Append
from faregate.app.usage_rollup import HOUR_MICROSECONDS
from faregate.core.entry import Entry
from faregate.core.request import Slice
from faregate.core.usage import Usage

START = 497_000 * HOUR_MICROSECONDS
MODEL = "anthropic/claude-sonnet-4"


def grant(account: str, seq: int, amount: int = 5) -> Append:
    postings = [("wallet", "USD", amount), ("house", "USD", -amount)]
    return Append(Entry(account, seq, START + seq, "grant", f"grant-{seq}", postings, [], {"why": "gift"}))


def grants(account: str, first: int, last: int) -> list[Append]:
    return [grant(account, seq) for seq in range(first, last + 1)]


def hold(account: str, seq: int, request: str) -> Append:
    data = {"request": request, "expires_at": START + 600}
    postings = [("wallet", "USD", -7), ("holds", "USD", 7)]
    entry = Entry(account, seq, START + seq, "hold", request, postings, [("5h", START, 7)], data)
    return Append(entry)


def settlement(
    account: str, seq: int, request: str, at: int = START, model: str = MODEL, currency: str = "USD"
) -> Append:
    postings = [("holds", "USD", -7), ("wallet", "USD", 3), ("house", "USD", 4)]
    slices = [
        Slice("pro#1/main", "pro", "month", "credit", 3, 0, 123, currency, "1", [], None, [], []),
        Slice("wallet#1/main", "wallet", None, "USD", 1, 0, 0, None, "1", [], None, [], []),
    ]
    data = {
        "request": request,
        "hold": seq - 1,
        "model": model,
        "client": "claude-code",
        "key": "key_1",
        "usage": Usage(input=10, output=2, prompts=1),
        "slices": slices,
        "upstream": "anthropic",
        "outcome": "served",
    }
    return Append(Entry(account, seq, at, "settle", request, postings, [("5h", START, -3)], data))


def served(account: str, seq: int, request: str, at: int = START) -> list[Append]:
    """A hold at ``seq`` and its settlement after it."""
    return [hold(account, seq, request), settlement(account, seq + 1, request, at)]
