"""What an audit looks for in the journal: its chain of hashes, its order, and heads that match it. Reads nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from faregate.app.store_port import JournalFault
from faregate.core.entry import Entry
from faregate.store.encoding import DecodeError, chain, decode_entry

ChainedHead = tuple[str, int, bytes]
"""Account, seq and chain value of a head."""


def audited(row: tuple[Any, ...], before_seq: int, before_link: bytes) -> Iterator[Entry | JournalFault]:
    """The faults of a row (account, seq, body, chain), and its entry; the row before it is at ``before_seq``."""
    account, seq, body, link = row
    if seq != before_seq + 1:
        yield JournalFault(account, seq, "gap", f"entry {before_seq + 1} was to come")
    if chain(before_link, body) != link:
        yield JournalFault(account, seq, "changed", f"entry {seq} does not match its chain of hashes")
    try:
        entry = decode_entry(body)
    except DecodeError as error:
        yield JournalFault(account, seq, "undecodable", f"entry {seq}: {error}")
        return
    if (entry.account, entry.seq) != (account, seq):
        detail = f"the row holds entry {entry.seq} of account {entry.account}"
        yield JournalFault(account, seq, "misplaced", detail)
    yield entry


class Heads:
    """``heads`` by account, compared with the ends of the journal as they come by, by account."""

    def __init__(self, heads: Iterator[ChainedHead]) -> None:
        self._heads = heads
        self._next = next(heads, None)

    def compared(self, account: str, seq: int, link: bytes) -> Iterator[JournalFault]:
        """The account's journal ends at ``seq``."""
        while self._next is not None and self._next[0] < account:
            yield from self._without_entries()
        if self._next is None or self._next[0] != account:
            yield JournalFault(account, seq, "head", "the account has entries but no head")
            return
        if self._next[1:] != (seq, link):
            detail = f"the head is at entry {self._next[1]}, the journal ends with {seq}"
            yield JournalFault(account, seq, "head", detail)
        self._next = next(self._heads, None)

    def left(self) -> Iterator[JournalFault]:
        """No account comes any more."""
        while self._next is not None:
            yield from self._without_entries()

    def _without_entries(self) -> Iterator[JournalFault]:
        assert self._next is not None
        yield JournalFault(self._next[0], self._next[1], "head", "the account has a head but no entries")
        self._next = next(self._heads, None)
