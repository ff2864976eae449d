"""Fixtures of the client tests.

Owns the marker ``clients`` (real coding tools, installed from npm or PyPI) and the switch FAREGATE_CLIENTS:
unset, they run where they can be had; ``require`` makes their absence a failure; ``off`` leaves them
out. The summary of a run says what did not run and why.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import NoReturn, TypeVar

import pytest

from tests.clients import claude_code, codex
from tests.clients.background import in_background
from tests.clients.cache import CannotInstall
from tests.clients.targets import TARGETS, Gate, Target, gate

Made = TypeVar("Made")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "clients: runs a real coding tool, installed from npm or PyPI")


def _leave_out(client: str, reason: str) -> NoReturn:
    if os.environ.get("FAREGATE_CLIENTS") == "require":
        pytest.fail(f"{client} cannot be run: {reason}")
    pytest.skip(f"{client}: {reason}")


@pytest.fixture(scope="session", params=sorted(TARGETS))
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    with in_background(TARGETS[request.param]) as started:
        yield started


@pytest.fixture(scope="session")
def metered() -> Iterator[Gate]:
    """A gate for tests that count: each makes an account of its own there."""
    with in_background(gate) as started:
        yield started


def installed_or_left_out(client: str, install: Callable[[], Made]) -> Made:
    """What ``install`` gives; without it the test fails or is left out, with a word at the end of the run."""
    if os.environ.get("FAREGATE_CLIENTS") == "off":
        _leave_out(client, "FAREGATE_CLIENTS=off")
    try:
        return install()
    except CannotInstall as error:
        _leave_out(client, str(error))


@pytest.fixture(scope="session")
def claude() -> claude_code.ClaudeCode:
    """The real Claude Code, installed once into the user's cache folder."""
    return installed_or_left_out("Claude Code", claude_code.install)


@pytest.fixture(scope="session", name="codex")
def codex_installed() -> tuple[str, ...]:
    """The real Codex, installed once into the user's cache folder: how it is started."""
    return installed_or_left_out("Codex", codex.install)
