"""The secret a client brings.

Owns where it may stand, and that it goes no further. Does not judge it: the keyring does.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

_BEARER = b"bearer "
_KEY_HEADERS = (b"x-api-key", b"x-goog-api-key")
_KEY = b"key"
_KEY_QUERIES = frozenset((_KEY, b"access_token", b"oauth_token"))


def secret_of(headers: Mapping[bytes, bytes]) -> bytes | None:
    """The secret in ``Authorization: Bearer``, ``x-api-key`` or ``x-goog-api-key``; None when there is none.

    Clients that send several send the same one; an Authorization that is no Bearer does not hide another header.
    """
    authorization = headers.get(b"authorization")
    if authorization is not None and authorization[:7].lower() == _BEARER:
        return authorization[7:].strip() or None
    for name in _KEY_HEADERS:
        secret = headers.get(name)
        if secret:
            return secret
    return None


def secret_in_query(query: bytes) -> bytes | None:
    """The secret in ``key=`` of a query, as Google's clients may send it; None when there is none."""
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        if value and unquote_to_bytes(name) == _KEY:
            return unquote_to_bytes(value)
    return None


def without_credentials(query: bytes) -> bytes:
    """``query`` without anything that may be a secret of the client: all else byte for byte."""
    parts = query.split(b"&")
    kept = [part for part in parts if unquote_to_bytes(part.partition(b"=")[0]).lower() not in _KEY_QUERIES]
    return query if len(kept) == len(parts) else b"&".join(kept)
