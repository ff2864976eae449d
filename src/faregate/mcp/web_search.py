"""The tool that searches the web, by whatever search service the operator has.

Owns the question to the service and the wording of what it found. How services differ is in ``search_forms``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from faregate.core.usage import Usage
from faregate.mcp.search_forms import found_in
from faregate.mcp.settings import SearchSettings
from faregate.mcp.tool import ONE_CALL, Answer, BackEndFailure, ToolCaller, only_known, text_block, text_of, whole_of
from faregate.wire.call import CallLimits
from faregate.wire.client import Client
from faregate.wire.failures import WireError
from faregate.wire.headers import Header

logger = logging.getLogger(__name__)

_LONGEST_QUERY: Final = 500
_USUAL_RESULTS: Final = 5
_ANSWER_BYTES: Final = 4 * 1024 * 1024
_OF_THE_OPERATOR: Final = (401, 402, 403, 407)


class WebSearch:
    """`web_search`, paid for as ``tool/web-search``."""

    name = "web_search"
    model = "tool/web-search"
    title = "Web search"
    description = "Search the web. Returns titles, addresses and short texts of the pages found."

    def __init__(self, settings: SearchSettings, client: Client) -> None:
        self._settings = settings
        self._client = client
        most = settings.most_results
        self._usual = min(_USUAL_RESULTS, most)
        self.input_schema: dict[str, Any] = {
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "What to look for.", "maxLength": _LONGEST_QUERY},
                "count": {"type": "integer", "minimum": 1, "maximum": most, "default": self._usual},
            },
            "required": ["query"],
            "additionalProperties": False,
        }
        result = {name: {"type": "string"} for name in ("title", "url", "text", "date")}
        self.output_schema: dict[str, Any] | None = {
            "type": "object",
            "properties": {
                "query": {"type": "string"},
                "results": {"type": "array", "items": {"type": "object", "properties": result, "required": ["url"]}},
            },
            "required": ["query", "results"],
        }

    def estimate(self, arguments: Mapping[str, Any]) -> Usage:
        """One call, whatever it finds. Raises BadArgument."""
        self._read(arguments)
        return ONE_CALL

    async def use(self, arguments: Mapping[str, Any], caller: ToolCaller) -> Answer:
        """Ask the service. Raises BackEndFailure, BadArgument."""
        query, count = self._read(arguments)
        found = found_in(await self._asked(query, count), self._settings.form, count)
        if found is None:
            raise BackEndFailure("search_unreadable", "The search service answered in a form that is not known here.")
        told = {"query": query, "results": found}
        return Answer([text_block(_worded(query, found))], told, upstream=self._settings.name)

    def _read(self, arguments: Mapping[str, Any]) -> tuple[str, int]:
        only_known(arguments, self.input_schema)
        query = text_of(arguments, "query", _LONGEST_QUERY)
        return query, whole_of(arguments, "count", 1, self._settings.most_results, self._usual)

    async def _asked(self, query: str, count: int) -> object:
        method, url, headers, body = self._question(query, count)
        seconds = self._settings.seconds
        limits = CallLimits(seconds, seconds, seconds, _ANSWER_BYTES)
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.request(method, url, headers=headers, body=body, limits=limits)
                answered = await response.read()
        except TimeoutError:
            raise BackEndFailure("search_slow", "The search service did not answer in time.") from None
        except WireError as failure:
            logger.warning("web search: %s: %s", self._settings.name, failure)
            raise BackEndFailure("search_failed", "The search service cannot be reached.") from None
        if response.status in _OF_THE_OPERATOR:
            logger.error("web search: %s does not accept the key (%s)", self._settings.name, response.status)
            raise BackEndFailure("search_failed", "The search service does not accept this server's key.")
        if not 200 <= response.status < 300:
            problem = f"The search service answered with status {response.status}."
            raise BackEndFailure("search_failed", problem)
        try:
            return msgspec.json.decode(answered)
        except (msgspec.DecodeError, RecursionError):
            raise BackEndFailure("search_unreadable", "The search service did not answer with JSON.") from None

    def _question(self, query: str, count: int) -> tuple[str, str, list[Header], bytes]:
        settings, form = self._settings, self._settings.form
        asked: dict[str, str | int | bool] = {**dict(settings.parameters), form.query: query}
        if form.number:
            asked[form.number] = count
        headers: list[Header] = [(b"accept", b"application/json")]
        secret = settings.secret.value
        if secret:
            value = f"Bearer {secret}" if form.key_header == "authorization" else secret
            headers.append((form.key_header.encode(), value.encode()))
        if form.method == "POST":
            headers.append((b"content-type", b"application/json"))
            return "POST", form.url, headers, msgspec.json.encode(asked)
        words = {name: str(value).lower() if isinstance(value, bool) else value for name, value in asked.items()}
        joint = "&" if "?" in form.url else "?"
        return "GET", f"{form.url}{joint}{urlencode(words)}", headers, b""


def _worded(query: str, found: list[dict[str, str]]) -> str:
    if not found:
        return f"Nothing was found for: {query}"
    lines = []
    for number, result in enumerate(found, 1):
        date = f" ({result['date']})" if "date" in result else ""
        lines.append(f"{number}. {result.get('title', result['url'])}{date}\n   {result['url']}")
        if "text" in result:
            lines.append(f"   {result['text']}")
    return "\n".join(lines)
