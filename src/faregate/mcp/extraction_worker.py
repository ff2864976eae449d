"""A process of its own that takes pages apart, one after another, as it is told over its standard streams.

Owns the extraction itself. Pages of strangers may take minutes and all memory there is, so none of it happens where
the gate serves: whoever started this process bounds its time and ends it.
"""

from __future__ import annotations

import logging
import resource
import struct
import sys
from typing import Final

import msgspec

SIZE: Final = struct.Struct(">I")
_MEMORY_BYTES: Final = 2 * 1024 * 1024 * 1024


class Ask(msgspec.Struct):
    """A page: its bytes, the declared charset or '', and where it was found."""

    body: bytes
    charset: str
    url: str


class Extracted(msgspec.Struct):
    """``title`` is '' where the page has none; ``text`` is Markdown."""

    title: str
    text: str


def decoded(body: bytes, charset: str) -> str:
    """``body`` as text, whatever is wrong with it."""
    try:
        return body.decode(charset or "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def extracted(asked: Ask) -> Extracted:
    """The text of a page."""
    # Half a second of imports that only this process needs.
    import trafilatura

    # It counts every odd page an error.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    body, charset = asked.body, asked.charset
    page = trafilatura.load_html(decoded(body, charset) if charset else body)
    if page is None:
        # A piece of HTML without its frame is taken for none.
        page = trafilatura.load_html(f"<html><body>{decoded(body, charset)}</body></html>")
    if page is None:
        return Extracted("", "")
    title = " ".join(page.findtext(".//title", default="").split())
    text = trafilatura.extract(page, url=asked.url, output_format="markdown", include_links=True, include_tables=True)
    if not text:
        # Not an article: all of its text is better than none.
        text = trafilatura.html2txt(page)
    return Extracted(title, (text or "").strip())


def main() -> None:
    """Serve until standard input ends. A frame is its length in four bytes, then MessagePack."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    asks, tells = sys.stdin.buffer, sys.stdout.buffer
    while len(head := asks.read(SIZE.size)) == SIZE.size:
        asked = msgspec.msgpack.decode(asks.read(SIZE.unpack(head)[0]), type=Ask)
        told = msgspec.msgpack.encode(extracted(asked))
        tells.write(SIZE.pack(len(told)) + told)
        tells.flush()


if __name__ == "__main__":
    main()
