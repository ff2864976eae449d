"""Snapshots of account states as bytes.

Owns their encoding. Snapshots affect cost, never meaning: one that cannot be read is as good as none.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from faregate.core.account import AccountState
from faregate.core.evolve import Plans
from faregate.core.snapshot import FORMAT, from_data, to_data

_ENCODER = msgspec.json.Encoder()
CHECKSUM_BYTES = 16


def encode_snapshot(state: AccountState) -> bytes:
    """``state`` as bytes; equal states give equal bytes."""
    body = _ENCODER.encode(to_data(state))
    return _checksum(body) + body


def decode_snapshot(blob: bytes, plans: Plans) -> AccountState | None:
    """The state a snapshot holds, or None when it is of another format or damaged."""
    try:
        body = blob[CHECKSUM_BYTES:]
        if blob[:CHECKSUM_BYTES] != _checksum(body):
            return None
        data = msgspec.json.decode(body)
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            return None
        return from_data(data, plans)
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return None


def _checksum(body: bytes) -> bytes:
    return blake2b(body, digest_size=CHECKSUM_BYTES).digest()
