"""Sightings: what the watch for sharing asks of a store that several workers serve.

Owns the Protocol and its value. Hints, by keyed hashes; a flag stands in the journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Sighting(NamedTuple):
    """``mark`` was seen of ``subject`` by ``signal``, last ``at``; it counts ``until`` then, microseconds UTC.

    ``subject`` is an account, or ``#`` and the hash of one sender, whose marks are accounts.
    """

    subject: str
    signal: str
    mark: str
    at: int
    until: int


class Sightings(Protocol):
    """What all workers saw. None of these moves what workers follow."""

    def sharing_secret(self, fresh: bytes) -> bytes:
        """What keys the hashes of all workers: ``fresh`` where there is none yet."""

    def add_sightings(self, rows: Sequence[Sighting]) -> None:
        """Keep ``rows``; of the same sighting the later one."""

    def sightings(self, subjects: Sequence[str], now: int) -> list[Sighting]:
        """What counts at ``now`` of ``subjects``, the latest first."""

    def drop_sightings(self, now: int) -> None:
        """Forget what counts no more."""
