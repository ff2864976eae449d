"""What every page may cost who opens it: script that comes through the network, and nothing that jumps.

Sizes and places only, which are the same on every machine; how long it takes is measured by
`python -m bench.console_vitals`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.console.loading import Opened, Watch
from tests.console.scene import made
from tests.console.test_books import PAGES as BOOKS
from tests.console.test_books import operator
from tests.console.test_office import PAGES as OFFICE
from tests.console.test_office import TABS
from tests.console.test_walk import CUSTOMER, PUBLIC, bought, put
from tests.console.visitor import Visitor
from tests.service.conftest import Upstream
from tests.service.served import Place, Served
from tests.service.test_live_scenarios import worth

SCRIPT_BYTES = 220_000
"""Of any page before its charts, its editor of plan files or its colours of code, which come when they are shown."""
LATER = ("BarChart", "DayChart", "MoneyChart", "YamlEditor", "colours", "CartesianChart")
ALL_BYTES = 320_000
JUMPS = 0.1
"""The bound of Web Vitals for "good": CLS."""
LOOKS = pytest.mark.parametrize(("language", "width"), [("en", 390), ("zh", 1440)])


WATCHED = Path(__file__).parents[1] / "service" / "watched.yaml"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Served]:
    """A server behind a proxy that it trusts, which is the test."""
    settings = {"trusted_proxies": ["127.0.0.0/8"], "drain_seconds": 1}
    place = Place(tmp_path_factory.mktemp("budgets"), upstream.url, plans=(WATCHED,), **settings)
    with place.serving() as served:
        yield served


def costly(opened: Opened) -> list[str]:
    """What of a page is beyond its budget."""
    found = []
    assert opened.scripts, f"{opened.path}: no script came through the network"
    assert opened.largest is not None, f"{opened.path}: nothing was painted"
    if opened.script_bytes(*LATER) > SCRIPT_BYTES:
        found.append(f"{opened.path}: {opened.script_bytes(*LATER)} bytes of script: {opened.scripts}")
    if opened.script_bytes() > ALL_BYTES:
        found.append(f"{opened.path}: {opened.script_bytes()} bytes of script with all that is shown later")
    if opened.jumps >= JUMPS:
        found += [f"{opened.path}: jumps by {each}" for each in opened.jumped]
    return found


@LOOKS
def test_every_page_of_customers_is_within_its_budget_of_script_and_stands_still(
    served: Served, visit: Callable[..., Visitor], language: str, width: int
) -> None:
    visitor = visit(language, "light", width)
    watch = Watch(visitor)
    found = [each for path in PUBLIC for each in costly(watch.opened(path))]
    account = visitor.sign_up(f"budget-{language}-{width}@example.com")
    for plan in ("88code/plus", "agipower/pro"):
        served.books.call("POST", f"/accounts/{account}/subscriptions", {"plan": plan})
    served.books.call("POST", f"/accounts/{account}/grants", {"plan": "agipower/payg", "amount": "5"})
    secret = served.books.call("POST", f"/accounts/{account}/keys", {"name": "any", "kind": "any"})["secret"]
    assert put(served, secret, worth("1")) == 200
    rows = served.books.settled(account, 1)
    order = bought(served, visitor, "kimi/andante")
    paths = (*CUSTOMER, f"/requests/{rows[0]['request']}", f"/orders/{order}")
    found += [each for path in paths for each in costly(watch.opened(path))]
    assert found == []


@LOOKS
def test_every_page_of_operators_is_within_its_budget_of_script_and_stands_still(
    served: Served, visit: Callable[..., Visitor], language: str, width: int
) -> None:
    scene = made(served, f" budget {width}")
    visitor = visit(language, "light", width)
    operator(served, visitor, f"budget-{width}")
    watch = Watch(visitor)
    paths = [*(f"/office{page}" for page in OFFICE), *BOOKS]
    paths += [f"/office/customers/{scene.busy}{tab}" for tab in TABS] + [f"/office/requests/{scene.request}"]
    found = [each for path in paths for each in costly(watch.opened(path))]
    assert found == []
