"""What operators are shown of upstreams: how they are configured and how they are, and never a secret."""

from __future__ import annotations

import json
from typing import Any

from faregate.upstreams.attempt import Attempt
from faregate.upstreams.directory import Directory
from faregate.upstreams.health import SECOND
from faregate.upstreams.settings import read_upstreams
from faregate.upstreams.view import live_view, settings_view
from faregate.wire.client import Client

NOW = 1_800_000_000 * SECOND
SECTION: list[dict[str, Any]] = [
    {
        "name": "a",
        "dialect": "openai",
        "base_url": "https://models.example.com/v1",
        "models": {"gpt": "gpt-x"},
        "keys": ["K1", {"env": "K2", "name": "second", "concurrency": 4}],
        "headers": {"x-team": "hush"},
        "cost": 0.7,
    }
]
ENVIRON = {"K1": "secret-1", "K2": "secret-2"}


def test_the_settings_are_shown_without_secrets() -> None:
    (upstream,) = read_upstreams(SECTION, ENVIRON)
    view = settings_view(upstream)
    assert view["base_url"] == "https://models.example.com/v1"
    assert view["keys"] == [{"name": "K1", "concurrency": None}, {"name": "second", "concurrency": 4}]
    assert view["cost"] == {"share": "7/10", "own_prices": []}
    assert "secret" not in json.dumps(view)
    assert "hush" not in json.dumps(view)


async def test_what_rests_is_shown_until_it_is_well_again() -> None:
    client = Client(environ={})
    directory = Directory(read_upstreams(SECTION, ENVIRON), client)
    route = directory.route("gpt", "openai_chat")
    assert route is not None
    first = route.attempt("acc", "s", b"", NOW)
    assert isinstance(first, Attempt)
    first.refused(429, [(b"retry-after", b"30")], b"", NOW)
    second = route.attempt("acc", "s", b"", NOW, (first,))
    assert isinstance(second, Attempt)
    second.refused(401, [], b"", NOW)

    (view,) = live_view(directory.upstreams, NOW)
    assert (view["state"], view["open"], view["faults"]) == ("well", 2, {"status_401": 1, "status_429": 1})
    assert view["last_fault"]["code"] == "status_401"
    assert [key["state"] for key in view["keys"] if key["name"] == second.key] == ["resting"]
    (model,) = view["resting_models"]
    assert (model["model"], model["state"], [key["name"] for key in model["keys"]]) == ("gpt-x", "well", [first.key])
    assert model["keys"][0]["why"] == "status_429"
    assert "secret" not in json.dumps(view)

    first.end()
    second.end()
    (later,) = live_view(directory.upstreams, NOW + 60 * SECOND)
    assert (later["open"], later["resting_models"]) == (0, [])
    assert [key["state"] for key in later["keys"] if key["name"] == second.key] == ["on_trial"]
    await client.close()
