"""Images as callers give them: by address or as base64.

Owns getting the bytes, within a bound and through the guarded fetcher, and telling by their beginning what they are.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final, NamedTuple

from faregate.mcp.tool import BackEndFailure, BadArgument
from faregate.wire.fetching import Fetcher, FetchError

_DATA_URL: Final = re.compile(r"data:image/[a-z0-9.+-]+;base64,", re.IGNORECASE)
_SIGNATURES: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


class Image(NamedTuple):
    """``kind`` is its media type, as its first bytes say."""

    kind: str
    data: bytes

    @property
    def data_url(self) -> str:
        """The image in one URL."""
        return f"data:{self.kind};base64,{base64.b64encode(self.data).decode()}"


async def image_of(text: str, fetcher: Fetcher, largest_bytes: int) -> Image:
    """The image that ``text`` is, or is the address of. Raises BadArgument, BackEndFailure."""
    if text[:8].lower().startswith(("http://", "https://")):
        try:
            found = await fetcher.fetch(text, ("image/", "application/octet-stream"))
        except FetchError as problem:
            raise BackEndFailure(problem.code, f"The image was not read: {problem}.") from None
        if not 200 <= found.status < 300:
            raise BackEndFailure("page_status", f"The image's address answered with status {found.status}.")
        data = found.body
    else:
        data = _decoded(text, largest_bytes)
    kind = _kind_of(data)
    if not kind:
        raise BadArgument("`image` is no PNG, JPEG, GIF or WebP.")
    return Image(kind, data)


def _decoded(text: str, largest_bytes: int) -> bytes:
    marked = _DATA_URL.match(text)
    encoded = text[marked.end() :] if marked is not None else text
    if len(encoded) > largest_bytes * 4 // 3 + 4:
        raise BadArgument(f"`image` is larger than {largest_bytes} bytes.")
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadArgument("`image` must be an http or https address, a data: URL, or base64.") from None


def _kind_of(data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), "")
