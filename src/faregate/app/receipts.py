"""Receipts of operators' writes: the same write again gives the first answer.

Owns the rule of idempotency for commands: one key, one content, one answer. Does not carry anything out.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from faregate.app.catalogue_port import Catalogue, Receipt
from faregate.app.office_errors import IdempotencyClash
from faregate.core.errors import BadCommand


@dataclass(frozen=True, slots=True)
class Write:
    """Of every write: its idempotency ``key`` (made up by the caller when the operator gave none) and its time."""

    key: str
    now: int


def first_answer(catalogue: Catalogue, scope: str, write: Write, body: dict[str, Any]) -> dict[str, Any] | None:
    """The first answer, when this very write was carried out before. Raises IdempotencyClash for another body."""
    body_hash = _body_hash(body)
    receipt = catalogue.receipt(scope, write.key)
    if receipt is None:
        return None
    if receipt.body_hash != body_hash:
        raise IdempotencyClash(write.key)
    return dict(msgspec.json.decode(receipt.response))


def receipt_of(scope: str, write: Write, body: dict[str, Any], answer: dict[str, Any]) -> Receipt:
    """The receipt to keep with a write that is carried out."""
    return Receipt(scope, write.key, _body_hash(body), msgspec.json.encode(answer), write.now)


def _body_hash(body: dict[str, Any]) -> bytes:
    try:
        return sha256(msgspec.json.encode(body, order="sorted")).digest()
    except UnicodeEncodeError as problem:
        raise BadCommand("not_unicode") from problem
