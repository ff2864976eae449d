"""How journal entries and projections are written down: the one place where their bytes are made and read.

Owns the body of an entry (a JSON array in the order of ``Entry``, complete, so that the chain of hashes covers all of
it), that chain, and the small JSON columns of rollups. Does not know tables.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import msgspec

from faregate.core.entry import Entry

CHAIN_BYTES: Final = 16
FIRST_CHAIN: Final = bytes(CHAIN_BYTES)
"""What stands before the first entry of every account."""


class _Kind(msgspec.Struct, array_like=True):
    """The beginning of an entry's body, as far as its kind."""

    account: msgspec.Raw
    seq: msgspec.Raw
    at: msgspec.Raw
    kind: str


_encode = msgspec.json.Encoder().encode
_decode_entry = msgspec.json.Decoder(Entry).decode
_decode_kind = msgspec.json.Decoder(_Kind).decode
_decode_list_values = msgspec.json.Decoder(dict[str, int]).decode
_decode_drawn_sums = msgspec.json.Decoder(list[tuple[str, str, int]]).decode

DecodeError = msgspec.DecodeError
"""Raised by every decoder here when the bytes are not what was written."""


def encode_entry(entry: Entry) -> bytes:
    """The body of ``entry``. Raises TypeError when its data holds something JSON has no word for."""
    return _encode(entry)


def decode_entry(body: bytes) -> Entry:
    """The entry of a body; tuples inside ``data`` come back as lists."""
    return _decode_entry(body)


def decode_kind(body: bytes) -> str:
    """The kind of the entry of a body, for a third of what all of it costs."""
    return _decode_kind(body).kind


def chain(before: bytes, body: bytes) -> bytes:
    """The chain value of an entry: a hash over the chain value before it and its own body."""
    return sha256(before + body).digest()[:CHAIN_BYTES]


def encode_list_values(values: dict[str, int]) -> str:
    return _encode(values).decode()


def decode_list_values(text: str) -> dict[str, int]:
    return _decode_list_values(text)


def encode_drawn_sums(drawn: dict[tuple[str, str], int]) -> str:
    return _encode([(*key, amount) for key, amount in drawn.items()]).decode()


def decode_drawn_sums(text: str) -> dict[tuple[str, str], int]:
    return {(source, unit): amount for source, unit, amount in _decode_drawn_sums(text)}
