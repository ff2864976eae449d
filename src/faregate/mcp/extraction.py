"""From a page's bytes to the text worth reading.

Owns the extraction and the threads it runs in: pages of strangers are slow to take apart, and the event loop must not
wait for them. Fetches nothing.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

_MARKUP: Final = frozenset(("text/html", "application/xhtml+xml"))
_THREADS: Final = 2


class Extracted(NamedTuple):
    """``title`` is '' where the page has none."""

    title: str
    text: str


class Extraction:
    """Takes pages apart, a few at a time. ``close`` at the end."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="extraction")

    async def text_of(self, body: bytes, kind: str, charset: str, url: str) -> Extracted:
        """The text of a page in Markdown; other texts as they are."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _extracted, body, kind, charset, url)

    def close(self) -> None:
        """Take no more pages; one under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _extracted(body: bytes, kind: str, charset: str, url: str) -> Extracted:
    if kind not in _MARKUP:
        return Extracted("", _decoded(body, charset).strip())
    # Half a second of imports that only this needs.
    import trafilatura

    page = trafilatura.load_html(_decoded(body, charset) if charset else body)
    if page is None:
        return Extracted("", "")
    title = " ".join(page.findtext(".//title", default="").split())
    text = trafilatura.extract(page, url=url, output_format="markdown", include_links=True, include_tables=True)
    if not text:
        # Not an article: all of its text is better than none.
        text = trafilatura.html2txt(page)
    return Extracted(title, (text or "").strip())


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset or "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")
