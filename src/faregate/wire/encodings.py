"""Bodies as clients may pack them: ``content-encoding`` of requests.

Owns unpacking within a bound. Knows no response: what upstreams send is passed on as it is.
"""

from __future__ import annotations

import zlib

PACKINGS = (b"gzip", b"x-gzip", b"deflate")
"""What is unpacked, one at most; ``identity`` is no packing."""
_EITHER_HEADER = zlib.MAX_WBITS + 32


class PackingUnknown(ValueError):
    """A packing that is not unpacked here, or several."""


class PackingBroken(ValueError):
    """The body is not what its packing says."""


class UnpackedTooLarge(ValueError):
    """The body would be larger than it may."""


def unpacked(body: bytes, packing: bytes, limit: int) -> bytes:
    """``body`` without ``packing`` (a header's value), at most ``limit`` bytes.

    Raises PackingUnknown, PackingBroken, UnpackedTooLarge.
    """
    named = packing.strip().lower()
    if named in (b"", b"identity"):
        return body
    if named not in PACKINGS:
        raise PackingUnknown(named.decode("latin-1"))
    unpacker = zlib.decompressobj(_EITHER_HEADER)
    try:
        plain = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise PackingBroken(str(error)) from None
    if len(plain) > limit:
        raise UnpackedTooLarge
    if not unpacker.eof or unpacker.unused_data:
        raise PackingBroken("it ends too early or goes on after its end")
    return plain
