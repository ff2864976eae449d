"""The lighter ones of all real clients, by changing base URL and key alone; `make clients` runs every one of them.

Each does a round of tools on a model that is served in its own dialect and on one that is not, and meets a window
that is used up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from tests.clients import trials
from tests.clients.background import in_background
from tests.clients.client import Client, Installed
from tests.clients.conftest import installed_or_left_out
from tests.clients.fleet import ACROSS, UPSTREAM_OF
from tests.clients.roster import CLIENTS
from tests.clients.set_up import SET_UP
from tests.clients.targets import Gate, gate

pytestmark = pytest.mark.clients
LIGHT = [client for client in CLIENTS if client.is_light]


class Gates:
    """A gate before an upstream of each dialect, started when it is first asked for."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._started: dict[str, Gate] = {}

    def before(self, upstream: str) -> Gate:
        if upstream not in self._started:
            started = self._stack.enter_context(in_background(partial(gate, {"demo": upstream})))
            self._started[upstream] = started
        return self._started[upstream]


@pytest.fixture(scope="module")
def gates() -> Iterator[Gates]:
    with ExitStack() as stack:
        yield Gates(stack)


@pytest.fixture(scope="module", params=LIGHT, ids=lambda client: client.name)
def client(request: pytest.FixtureRequest) -> Client:
    chosen: Client = request.param
    return chosen


@pytest.fixture(scope="module")
def installed(client: Client) -> Installed:
    return installed_or_left_out(client.name, client.install)


def test_s2_7_a_round_of_tools_is_one_prompt_and_every_token_is_in_the_books(
    client: Client, installed: Installed, gates: Gates
) -> None:
    """Those that `faregate setup` knows are pointed at the gate by it alone."""
    dialect = client.dialects[0]
    trial = trials.set_up if client.name in SET_UP else trials.tool_round
    came = trial(client, installed, gates.before(UPSTREAM_OF[dialect]), dialect)
    assert came.wrong == "", came


def test_s2_7_so_it_is_where_the_upstream_speaks_another_dialect(
    client: Client, installed: Installed, gates: Gates
) -> None:
    dialect = client.dialects[0]
    came = trials.tool_round(client, installed, gates.before(ACROSS[dialect][-1]), dialect)
    assert came.wrong == "", came


def test_s2_7_a_used_up_window_ends_it_at_once_with_our_words_on_its_screen(
    client: Client, installed: Installed, gates: Gates
) -> None:
    dialect = client.dialects[-1]
    came = trials.used_up(client, installed, gates.before(UPSTREAM_OF[dialect]), dialect)
    assert came.wrong == "", came
