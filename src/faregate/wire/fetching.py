"""Fetching what a URL of somebody else's leads to, within bounds.

Owns redirects (each judged by the guard like the first URL), the bounds on time, size and kind, and decompression
within the same bounds. Keeps no cookies, no connections and no cache, so that one fetch tells nothing to another.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urljoin

from faregate.wire.call import CallLimits
from faregate.wire.client import Client, Response
from faregate.wire.egress import EgressGuard, EgressRefusedError
from faregate.wire.failures import BodyTooLargeError, WireError
from faregate.wire.pool import PoolLimits

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_GZIP = 31
_POOL = PoolLimits(connections=1, waiting=1, keep_seconds=1.0)
_TOO_LARGE = "it is larger than {} bytes"


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """``seconds`` for all of it, redirects among it; ``body_bytes`` of what was decoded, and of what was sent."""

    seconds: float = 20.0
    body_bytes: int = 5 * 1024 * 1024
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """``url`` is where it was found in the end, ``kind`` the media type in lower case, ``charset`` as declared."""

    url: str
    status: int
    kind: str
    charset: str
    body: bytes


class FetchError(Exception):
    """It could not be had. ``code`` is one of CODES; the message is fit for whoever gave the URL."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


CODES = ("egress_refused", "fetch_failed", "fetch_slow", "fetch_large", "fetch_redirects", "fetch_kind")


class Fetcher:
    """Fetches by GET through ``guard``. ``tls`` is for tests with an authority of their own."""

    def __init__(
        self, guard: EgressGuard, user_agent: str, limits: FetchLimits, tls: ssl.SSLContext | None = None
    ) -> None:
        self._guard = guard
        self._agent = user_agent.encode()
        self._limits = limits
        self._tls = tls

    async def fetch(self, url: str, kinds: tuple[str, ...]) -> Fetched:
        """What ``url`` leads to; whatever its status says.

        ``kinds`` are media types, or beginnings of such that end with ``/``; () takes all. Raises FetchError.
        """
        client = Client(limits=_POOL, tls=self._tls, guard=self._guard)
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await self._follow(client, url, kinds)
        except TimeoutError:
            raise FetchError("fetch_slow", f"it did not come within {self._limits.seconds:g} seconds") from None
        except EgressRefusedError as refused:
            raise FetchError("egress_refused", str(refused)) from None
        except BodyTooLargeError:
            raise FetchError("fetch_large", _TOO_LARGE.format(self._limits.body_bytes)) from None
        except WireError as failure:
            # What it says may name addresses; the code is enough.
            raise FetchError("fetch_failed", f"it could not be fetched ({failure.code})") from None
        finally:
            await client.close()

    async def _follow(self, client: Client, url: str, kinds: tuple[str, ...]) -> Fetched:
        for _ in range(self._limits.redirects + 1):
            response, url = await self._asked(client, url, kinds)
            try:
                location = response.header(b"location") if response.status in _REDIRECTS else None
                if location is None:
                    return await self._read(response, url, kinds)
                url = urljoin(url, location.decode("utf-8", "replace"))
            finally:
                response.close()
        raise FetchError("fetch_redirects", f"it redirects more than {self._limits.redirects} times")

    async def _asked(self, client: Client, url: str, kinds: tuple[str, ...]) -> tuple[Response, str]:
        """The head of the answer, and the URL as it was asked for."""
        origin, target = self._guard.checked(url)
        plain = f"{origin.scheme}://{origin.authority}{target}"
        seconds, size = self._limits.seconds, self._limits.body_bytes
        accepted = ", ".join(f"{kind}*" if kind.endswith("/") else kind for kind in kinds) or "*/*"
        headers = [
            (b"user-agent", self._agent),
            (b"accept", accepted.encode()),
            (b"accept-encoding", b"gzip"),
            (b"connection", b"close"),
        ]
        limits = CallLimits(seconds, seconds, seconds, size)
        return await client.request("GET", plain, headers=headers, limits=limits), plain

    async def _read(self, response: Response, url: str, kinds: tuple[str, ...]) -> Fetched:
        kind, charset = _kind_of(response.header(b"content-type") or b"")
        if 200 <= response.status < 300 and not _is_taken(kind, kinds):
            raise FetchError("fetch_kind", f"it is {kind or 'of no declared kind'}, not {' or '.join(kinds)}")
        encoding = (response.header(b"content-encoding") or b"identity").strip().lower()
        if encoding not in (b"identity", b"gzip", b"x-gzip"):
            raise FetchError("fetch_kind", "it is compressed in a way that was not asked for")
        body = _Decoded(self._limits.body_bytes, encoding != b"identity")
        async for piece in response:
            body.feed(piece)
        return Fetched(url, response.status, kind, charset, body.whole())


class _Decoded:
    """A body as it comes, never larger than its limit once decoded."""

    def __init__(self, limit: int, zipped: bool) -> None:
        self._limit = limit
        self._left = limit
        self._unzip = zlib.decompressobj(_GZIP) if zipped else None
        self._pieces: list[bytes] = []

    def feed(self, piece: bytes) -> None:
        """A piece more. Raises FetchError."""
        unzip = self._unzip
        if unzip is not None:
            try:
                piece = unzip.decompress(piece, self._left + 1)
            except zlib.error:
                raise FetchError("fetch_failed", "what it is compressed by is broken") from None
        self._left -= len(piece)
        if self._left < 0:
            raise FetchError("fetch_large", _TOO_LARGE.format(self._limit))
        self._pieces.append(piece)

    def whole(self) -> bytes:
        return b"".join(self._pieces)


def _kind_of(header: bytes) -> tuple[str, str]:
    message = Message()
    message["content-type"] = header.decode("latin-1")
    return (message.get_content_type() if header else ""), str(message.get_param("charset") or "")


def _is_taken(kind: str, kinds: tuple[str, ...]) -> bool:
    return not kinds or any(kind.startswith(each) if each.endswith("/") else kind == each for each in kinds)
