"""A service that is told to stop in the very moment in which it says that it serves ends in good order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.postgresql.server import shared_server
from tests.service.conftest import Upstream
from tests.service.served import Place

_STOPPED_WHEN_IT_TELLS = """
import os, signal
import click
from faregate.cli.main import main

tell = click.echo

def told(text, **how):
    tell(text, **how)
    if "listens on" in text:
        os.kill(os.getpid(), signal.SIGTERM)

click.echo = told
main()
"""


def stopped_when_it_tells(place: Place) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _STOPPED_WHEN_IT_TELLS, "serve", "--config", str(place.config)]
    return subprocess.run(command, env=place.environment, capture_output=True, text=True, timeout=120, check=False)


def test_one_process_told_to_stop_as_it_begins_ends_in_good_order(tmp_path: Path, upstream: Upstream) -> None:
    place = Place(tmp_path, upstream.url)
    ended = stopped_when_it_tells(place)
    assert (ended.returncode, "Stopping" in ended.stderr) == (0, True), ended.stderr
    assert place.verify()["open_holds"] == 0


def test_workers_told_to_stop_as_they_begin_end_in_good_order(tmp_path: Path, upstream: Upstream) -> None:
    url = shared_server().empty_database()
    try:
        ended = stopped_when_it_tells(Place(tmp_path, upstream.url, database=url, workers=2))
    finally:
        shared_server().give_back(url)
    assert ended.returncode == 0, ended.stderr
