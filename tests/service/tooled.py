"""The web as tools of a whole service see it in tests: a search service and one page, over loopback.

Owns the pages and the section of the configuration that leads to them.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from faregate.wire.exchange import Exchange
from faregate.wire.server import Server


@asynccontextmanager
async def web_pages() -> AsyncIterator[int]:
    """The web: a search service and one page. Gives the port."""

    def serve(exchange: Exchange) -> None:
        if exchange.path == b"/search":
            told = {"results": [{"title": "Gates", "url": "https://metro.example/", "content": "How they open."}]}
            exchange.send(200, [(b"content-type", b"application/json")], json.dumps(told).encode())
        else:
            exchange.send(200, [(b"content-type", b"text/plain")], b"A page.")

    server = Server(serve)
    port = await server.listen("127.0.0.1", 0)
    try:
        yield port
    finally:
        await server.close(0)


def tools_before(port: int) -> dict[str, Any]:
    """The ``mcp`` section for the pages at ``port``."""
    return {
        "web_search": {"form": "json", "url": f"http://127.0.0.1:{port}/search"},
        "web_read": {},
        "vision": {"model": "gpt-5"},
        "egress": {"networks": ["127.0.0.0/8"], "ports": [80, 443, port]},
    }
