"""A serving process reads its configuration again, at SIGHUP and when the file changes; a mistake changes nothing."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import yaml

from tests.service.conftest import Upstream
from tests.service.served import Place, Served

PATIENCE_SECONDS = 20.0


def names(served: Served) -> set[str]:
    view = served.books.call("GET", "/upstreams")
    return {each["name"] for each in view["upstreams"]}


def wait_for(served: Served, said: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while said not in served.said:
        assert time.monotonic() < end, f"{said!r} is not in {served.said!r}"
        time.sleep(0.02)


def changed(place: Place, **settings: Any) -> str:
    """The configuration with other settings, as text."""
    told = yaml.safe_load(place.config.read_text()) | settings
    return yaml.safe_dump(told)


def test_the_configuration_is_read_again_and_mistakes_change_nothing(tmp_path: Path, upstream: Upstream) -> None:
    place = Place(tmp_path, upstream.url, drain_seconds=1)
    with place.serving() as served:
        assert names(served) == {"openai", "anthropic"}
        told = yaml.safe_load(place.config.read_text())["upstreams"]
        place.config.write_text(changed(place, upstreams=[*told, {**told[0], "name": "third", "priority": -1}]))
        served.process.send_signal(signal.SIGHUP)
        wait_for(served, "came, went or changed: third.")
        assert names(served) == {"openai", "anthropic", "third"}

        good = place.config.read_text()
        place.config.write_text(changed(place, upstreams=[{**told[0], "weight": 0}]))
        wait_for(served, "weight: must be from 1 to 1000")
        assert names(served) == {"openai", "anthropic", "third"}

        place.config.write_text(good)
        place.config.write_text(changed(place, upstreams=told, port=1))
        wait_for(served, "next start: port.")
        assert names(served) == {"openai", "anthropic"}
