"""Fixtures of the console's tests.

Owns the switch FAREGATE_BROWSER: unset, the tests run where Chromium and the built console are; ``require`` makes
their absence a failure. What did not run is told in the summary, never passed over.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from playwright.sync_api import Browser

from faregate.console.pages import STATIC
from tests.console.browser import NoBrowser, chromium
from tests.console.visitor import Visitor
from tests.service.conftest import (
    Upstream,
    upstream,  # noqa: F401 - a fixture
)
from tests.service.served import Place, Served


def _leave_out(reason: str) -> NoReturn:
    if os.environ.get("FAREGATE_BROWSER") == "require":
        pytest.fail(reason)
    pytest.skip(f"the console in a browser: {reason}")


# Not for the session: while Playwright runs, its event loop is this thread's, and coroutines elsewhere have none.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not (STATIC / "index.html").is_file():
        _leave_out("it is not built (make console)")
    try:
        with chromium() as started:
            yield started
    except NoBrowser as absent:
        _leave_out(str(absent))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Served]:  # noqa: F811
    place = Place(tmp_path_factory.mktemp("console"), upstream.url, plans=(), drain_seconds=1)
    with place.serving() as served:
        yield served


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors, each in a browser profile of its own; none may leave a word in the console."""
    visitors: list[Visitor] = []

    def make(language: str = "en", theme: str = "light", width: int = 1440, zone: str | None = None) -> Visitor:
        visitors.append(Visitor(browser, served.url, language, theme, width, zone))
        return visitors[-1]

    yield make
    for each in visitors:
        each.close()
