"""The console's files before an ASGI application: `/` and `/console`; all else goes on to the API.

Owns which file answers which path, how long browsers keep it, and the headers that fence the page in. The files are
read once; where they were not built everything goes on, and the API's own page stands at `/`.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parent / "static"
BASE = "/console"
_NONCE = b"__NONCE__"
_TYPES = {
    ".js": b"text/javascript; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".svg": b"image/svg+xml",
}
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class File:
    """A file in its encodings, the plain one under "". ``lasting``: its name changes whenever its bytes do."""

    media_type: bytes
    bodies: Mapping[str, bytes]
    tag: bytes
    lasting: bool


class Console:
    """The files under ``folder`` in front of ``behind``. ``is_built``: whether there are any."""

    def __init__(self, behind: Application, folder: Path = STATIC) -> None:
        self._behind = behind
        index = folder / "index.html"
        self.is_built = index.is_file()
        self._index = index.read_bytes() if self.is_built else b""
        self._files = dict(_files(folder)) if self.is_built else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.is_built or not _is_ours(scope["path"]):
            await self._behind(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, scope, 405, [(b"allow", b"GET, HEAD")], b"")
            return
        name = scope["path"].removeprefix(BASE + "/")
        file = self._files.get(name)
        if file is not None:
            await self._file(file, scope, send)
        elif name.startswith("assets/"):
            # An old page asks for a file of an older build: no page in its place, which would be no script.
            await _answer(send, scope, 404, [(b"cache-control", b"no-store")], b"")
        else:
            await self._page(scope, send)

    async def _page(self, scope: Scope, send: Send) -> None:
        """The one page; its script finds by the path what to show."""
        nonce = secrets.token_urlsafe(18)
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"content-security-policy", _policy(nonce).encode()),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"no-referrer"),
            (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
            (b"cross-origin-opener-policy", b"same-origin"),
        ]
        await _answer(send, scope, 200, headers, self._index.replace(_NONCE, nonce.encode()))

    async def _file(self, file: File, scope: Scope, send: Send) -> None:
        given = dict(scope["headers"])
        keep = b"public, max-age=31536000, immutable" if file.lasting else b"no-cache"
        headers = [(b"cache-control", keep), (b"etag", file.tag), (b"vary", b"accept-encoding")]
        if given.get(b"if-none-match") == file.tag:
            await _answer(send, scope, 304, headers, b"")
            return
        accepted = {each.partition(b";")[0].strip() for each in given.get(b"accept-encoding", b"").split(b",")}
        encoding = next((name for name, _ in _ENCODINGS if name in file.bodies and name.encode() in accepted), "")
        if encoding:
            headers.append((b"content-encoding", encoding.encode()))
        headers.append((b"content-type", file.media_type))
        await _answer(send, scope, 200, headers, file.bodies[encoding])


def _policy(nonce: str) -> str:
    """No script but ours and none inside the page; styles that scripts put in carry the page's own nonce."""
    return (
        "default-src 'none'; script-src 'self'; connect-src 'self'; font-src 'self'; img-src 'self' data: blob:; "
        f"style-src 'self' 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _is_ours(path: str) -> bool:
    return path in ("/", BASE) or path.startswith(BASE + "/")


def _files(folder: Path) -> list[tuple[str, File]]:
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in _TYPES:
            continue
        name, plain = path.relative_to(folder).as_posix(), path.read_bytes()
        bodies = {"": plain}
        for encoding, suffix in _ENCODINGS:
            beside = path.with_name(path.name + suffix)
            if beside.is_file():
                bodies[encoding] = beside.read_bytes()
        tag = b'"' + sha256(plain).hexdigest()[:20].encode() + b'"'
        found.append((name, File(_TYPES[path.suffix], bodies, tag, name.startswith("assets/"))))
    return found


async def _answer(send: Send, scope: Scope, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    fenced = [
        *headers,
        (b"x-content-type-options", b"nosniff"),
        (b"content-length", str(len(body)).encode()),
    ]
    if status == 304:
        fenced.pop()
    await send({"type": "http.response.start", "status": status, "headers": fenced})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
