"""Passwords: argon2id hashes, made and checked in threads, a few at a time.

Owns the cost of a hash. Whoever has no password costs the same time as one who has.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 10
LONGEST = 200
_AT_ONCE = 2
"""A hash takes 64 MiB."""


class Passwords:
    """``time_cost`` and ``memory_kib`` are argon2id's; one lane, so that a hash keeps one core busy."""

    def __init__(self, time_cost: int = 2, memory_kib: int = 65_536) -> None:
        self._cost = time_cost, memory_kib
        self._hasher: PasswordHasher | None = None
        self._nobody = ""
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def hashed(self, password: str) -> str:
        """The hash of ``password``, with its salt and its cost in it."""
        async with self._turn:
            return await asyncio.to_thread(lambda: self._made().hash(password))

    async def fits(self, password: str, hash: str) -> bool:
        """Whether ``hash`` is one of ``password``; '' fits none, in the same time."""
        async with self._turn:
            return await asyncio.to_thread(self._checked, password, hash)

    def is_old(self, hash: str) -> bool:
        """Whether ``hash`` was made at another cost."""
        return self._made().check_needs_rehash(hash)

    def _made(self) -> PasswordHasher:
        # What is not needed by every command is not loaded by it.
        from argon2 import PasswordHasher

        if self._hasher is None:
            time_cost, memory = self._cost
            hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory, parallelism=1)
            self._nobody = hasher.hash("nobody's")
            self._hasher = hasher
        return self._hasher

    def _checked(self, password: str, hash: str) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        hasher = self._made()
        try:
            return hasher.verify(hash or self._nobody, password) and hash != ""
        except (VerificationError, InvalidHashError):
            return False
