"""The tool that reads a web page.

Owns the order: address, robots, page, text. Which addresses are reached is the egress guard's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from faregate.core.usage import Usage
from faregate.mcp.extraction import Extraction
from faregate.mcp.ports import Clock
from faregate.mcp.robots import Robots
from faregate.mcp.settings import ReadSettings
from faregate.mcp.tool import ONE_CALL, Answer, BackEndFailure, ToolCaller, only_known, text_block, text_of, whole_of
from faregate.wire.egress import LONGEST_URL
from faregate.wire.fetching import Fetcher, FetchError

_KINDS: Final = ("text/", "application/json", "application/xml", "application/xhtml+xml", "application/rss+xml")
_FARTHEST: Final = 100_000_000


class WebRead:
    """`web_read`, paid for as ``tool/web-read``. ``close`` at the end."""

    name = "web_read"
    model = "tool/web-read"
    title = "Web reader"
    description = "Read a web page: its text as Markdown, without menus and advertisements."

    def __init__(self, settings: ReadSettings, fetcher: Fetcher, clock: Clock) -> None:
        self._settings = settings
        self._fetcher = fetcher
        self._clock = clock
        self._extraction = Extraction(settings.limits.seconds)
        self._robots = Robots(fetcher, settings.user_agent) if settings.robots else None
        start = "Character to begin at, for the rest of a page that was cut."
        self.input_schema: dict[str, Any] = {
            "type": "object",
            "properties": {
                "url": {"type": "string", "description": "http or https address.", "maxLength": LONGEST_URL},
                "start": {"type": "integer", "minimum": 0, "default": 0, "description": start},
            },
            "required": ["url"],
            "additionalProperties": False,
        }
        self.output_schema: dict[str, Any] | None = {
            "type": "object",
            "properties": {
                "url": {"type": "string"},
                "title": {"type": "string"},
                "text": {"type": "string"},
                "characters": {"type": "integer", "description": "Of the whole page."},
                "next_start": {"type": "integer", "description": "Where the rest begins, if there is any."},
            },
            "required": ["url", "title", "text", "characters"],
        }

    def estimate(self, arguments: Mapping[str, Any]) -> Usage:
        """One call, however long the page. Raises BadArgument."""
        self._read(arguments)
        return ONE_CALL

    async def use(self, arguments: Mapping[str, Any], caller: ToolCaller) -> Answer:
        """Fetch and extract. Raises BackEndFailure, BadArgument."""
        url, start = self._read(arguments)
        if self._robots is not None and not await self._robots.allow(url, self._clock()):
            raise BackEndFailure("robots", "The site asks robots not to read this page.")
        try:
            page = await self._fetcher.fetch(url, _KINDS)
        except FetchError as problem:
            raise BackEndFailure(problem.code, f"The page was not read: {problem}.") from None
        if not 200 <= page.status < 300:
            raise BackEndFailure("page_status", f"The page answered with status {page.status}.")
        found = await self._extraction.text_of(page.body, page.kind, page.charset, page.url)
        return self._told(page.url, found.title, found.text, start)

    async def close(self) -> None:
        """Read no more."""
        await self._extraction.close()

    def _read(self, arguments: Mapping[str, Any]) -> tuple[str, int]:
        only_known(arguments, self.input_schema)
        return text_of(arguments, "url", LONGEST_URL), whole_of(arguments, "start", 0, _FARTHEST, 0)

    def _told(self, url: str, title: str, text: str, start: int) -> Answer:
        end = start + self._settings.most_characters
        piece = text[start:end]
        told: dict[str, Any] = {"url": url, "title": title, "text": piece, "characters": len(text)}
        rest = ""
        if end < len(text):
            told["next_start"] = end
            rest = f"\n\n[Cut here; {len(text) - end} characters are left. Go on with start={end}.]"
        head = f"# {title}\n{url}\n\n" if title else f"{url}\n\n"
        return Answer([text_block(f"{head}{piece or '[The page has no text.]'}{rest}")], told, upstream="web")
