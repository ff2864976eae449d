"""The Idempotency-Key of a request: one key, one charge.

Owns the rule. Same key and body: the first request's receipt, never a second charge. Same key, other body: refused.
A first request that was released charged nothing, so its key may be used again.
"""

from __future__ import annotations

from enum import Enum, auto
from hashlib import sha256
from typing import NamedTuple, Protocol

import msgspec

from faregate.app.catalogue_port import Receipt
from faregate.core.account import AccountState

MAX_KEY_BYTES = 255
_MOST_ATTEMPTS = 100


class Standings(Protocol):
    """The ledger, as far as it is asked what is open."""

    def current(self, account: str, now: int) -> AccountState:
        """A state of the account as of ``now``, up to date with the store: another process may hold for it."""


class Receipts(Protocol):
    """Who used which idempotency key for what."""

    def receipt(self, scope: str, key: str) -> Receipt | None:
        """The receipt kept under that scope and key."""

    def usage_row(self, request: str) -> object | None:
        """The usage row of a settled request, None while it is open or when it was released."""


class AlreadyClaimed(Exception):
    """Another request used this idempotency key first, in another process."""

    code = "conflict"

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(f"the idempotency key {receipt.key!r} is in use")
        self.receipt = receipt


class Claim(Enum):
    """What a key turns out to be."""

    FREE = auto()
    REPEATED = auto()
    ANOTHER_BODY = auto()


class Claimed(NamedTuple):
    """``receipt``: to keep with the hold (FREE). ``first``: the id of the request that used the key (else)."""

    claim: Claim
    receipt: Receipt | None = None
    first: str = ""
    settled: bool = False


class _Kept(msgspec.Struct):
    request: str


class Idempotency:
    """Claims keys for requests. Keys of one account are not those of another."""

    def __init__(self, receipts: Receipts, ledger: Standings) -> None:
        self._receipts = receipts
        self._ledger = ledger
        self._claiming: dict[tuple[str, str], Receipt] = {}

    def claim(self, account: str, key: str, body: bytes, request: str, now: int) -> Claimed:
        """Claim ``key`` for ``request``.

        A FREE claim is to be ended by ``end``: when the request was refused, or its hold's closing is written.
        """
        scope = f"request:{account}"
        digest = sha256(body).digest()
        for attempt in range(1, _MOST_ATTEMPTS):
            name = key if attempt == 1 else f"{key}\n{attempt}"
            kept = self._claiming.get((scope, name)) or self._receipts.receipt(scope, name)
            if kept is None:
                receipt = Receipt(scope, name, digest, msgspec.json.encode(_Kept(request)), now)
                self._claiming[scope, name] = receipt
                return Claimed(Claim.FREE, receipt)
            first = msgspec.json.decode(kept.response, type=_Kept).request
            settled = self._receipts.usage_row(first) is not None
            if not settled and self._was_released(account, scope, name, first):
                continue
            if kept.body_hash != digest:
                return Claimed(Claim.ANOTHER_BODY, first=first, settled=settled)
            return Claimed(Claim.REPEATED, first=first, settled=settled)
        return Claimed(Claim.REPEATED, first=request)

    def end(self, receipt: Receipt) -> None:
        """From here on the store tells what became of the request."""
        self._claiming.pop((receipt.scope, receipt.key), None)

    def _was_released(self, account: str, scope: str, name: str, request: str) -> bool:
        if (scope, name) in self._claiming:
            return False
        return request not in self._ledger.current(account, 0).holds
