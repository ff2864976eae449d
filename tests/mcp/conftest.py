"""A house with all of the gate's own tools, its clock standing still unless a test moves it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from faregate.planfile import Family, load_family, shipped_files
from faregate.ratecards import PriceBook, load_shipped
from tests.mcp.house import Tooled, Web, page, tooled

BRAVE = """{"web": {"results": [
  {"title": "Fare gates", "url": "https://metro.example/gates", "description": "How they work.",
   "page_age": "2026-01-02"},
  {"title": "No address", "url": "javascript:alert(1)", "description": "left out"},
  {"url": "https://other.example/"}
]}}"""


@cache
def prices() -> PriceBook:
    return load_shipped()


@cache
def family(source: Path | str, *, file: str | None = None) -> Family:
    return load_family(source, file=file)


def own_tools(web: Web) -> dict[str, Any]:
    """All tools of the gate's own, before loopback."""
    search = {"form": "brave", "url": web.url("/search", "127.0.0.1"), "key_env": "SEARCH_KEY"}
    return {
        "web_search": search,
        "web_read": {"seconds": 5, "most_characters": 1000},
        "vision": {"model": "gpt-5"},
        "egress": {"networks": ["127.0.0.1/32"], "ports": [80, 443, web.port]},
        "origins": ["https://app.example"],
    }


@pytest.fixture(autouse=True)
def _quick_shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [path for path in shipped_files() if path.stem in ("glm", "88code")]
    monkeypatch.setattr("faregate.bootstrap.house.shipped_files", lambda: wanted)
    monkeypatch.setattr("faregate.bootstrap.house.load_shipped", prices)
    monkeypatch.setattr("faregate.bootstrap.house.load_family", family)


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Tooled]:
    async with tooled(tmp_path, own_tools) as made:
        made.web.pages["/search"] = page(BRAVE, "application/json")
        yield made
