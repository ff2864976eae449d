"""Snapshots of account states as bytes.

Owns their encoding. Snapshots affect cost, never meaning: one that cannot be read is as good as none.
"""

from __future__ import annotations

import msgspec

from faregate.core.account import AccountState
from faregate.core.evolve import Plans
from faregate.core.snapshot import FORMAT, from_data, to_data

_ENCODER = msgspec.json.Encoder()


def encode_snapshot(state: AccountState) -> bytes:
    """``state`` as bytes; equal states give equal bytes."""
    return _ENCODER.encode(to_data(state))


def decode_snapshot(blob: bytes, plans: Plans) -> AccountState | None:
    """The state a snapshot holds, or None when it is of another format or damaged."""
    try:
        data = msgspec.json.decode(blob)
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            return None
        return from_data(data, plans)
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return None
