"""The secret a client brings.

Owns where it may stand. Does not judge it: the keyring does.
"""

from __future__ import annotations

from collections.abc import Mapping

_BEARER = b"bearer "
_KEY_HEADERS = (b"x-api-key", b"x-goog-api-key")


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
