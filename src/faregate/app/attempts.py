"""Attempts in vain: who tries too often waits longer each time.

Owns the delays. A subject (an e-mail address that was named, an address that calls) is kept as a keyed hash only. An
attempt counts before it is looked at, so that many at once are many.
"""

from __future__ import annotations

import hmac
from typing import Protocol

from faregate.app.catalogue_port import Catalogue
from faregate.app.ids import Randomness
from faregate.app.people_errors import TooManyAttempts
from faregate.app.people_port import People
from faregate.core.instants import DAY, SECOND

FREE_OF_USER = 5
FREE_OF_ADDRESS = 30
LONGEST_DELAY = 300 * SECOND
FORGOTTEN_AFTER = DAY
_SECRET = "people.attempts"


class _Places(People, Catalogue, Protocol):
    """What is asked of the store."""


class Attempts:
    """Over one store. ``randomness(n)`` gives n bytes."""

    def __init__(self, store: _Places, randomness: Randomness) -> None:
        self._store = store
        self._randomness = randomness
        self._key = b""

    def begin(self, kind: str, subject: str, free: int, now: int) -> None:
        """Count an attempt of ``subject``. Raises TooManyAttempts, and counts nothing, while it has to wait."""
        hashed = self._hashed(kind, subject)
        failed, last = self._store.attempts(hashed)
        if now - last >= FORGOTTEN_AFTER:
            failed = 0
        delay = min(SECOND << min(failed - free, 30), LONGEST_DELAY) if failed >= free else 0
        if now < last + delay:
            raise TooManyAttempts(-(-(last + delay - now) // SECOND))
        self._store.put_attempts(hashed, failed + 1, now)

    def went_well(self, kind: str, subject: str, now: int) -> None:
        """Forget what ``subject`` tried before."""
        self._store.put_attempts(self._hashed(kind, subject), 0, now)

    def _hashed(self, kind: str, subject: str) -> bytes:
        if not self._key:
            kept = self._store.setting(_SECRET)
            if kept is None:
                kept = self._randomness(32).hex()
                self._store.put_setting(_SECRET, kept)
            self._key = bytes.fromhex(kept)
        return hmac.digest(self._key, f"{kind}|{subject}".encode(), "sha256")
