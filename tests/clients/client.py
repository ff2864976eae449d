"""What a real client is to these tests: how it is installed, what it speaks, and how it is started on a task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.clients.headless import Command, Place

SAID = "gate-42"
"""What the shell says to a client that carries out its call."""
SHELL = "printf gate-%d 42"
LINGERING = f"{SHELL}; sleep 0.5"
"""The same for clients whose terminal loses what a command says that is over at once (Qwen Code: `(empty)`)."""
MODELS = {"chat": "gpt-5", "responses": "gpt-5", "messages": "claude-sonnet-4", "google": "gemini-2.5-flash"}
"""The model that is asked for in each dialect."""


class Task(NamedTuple):
    """``url`` is without ``/v1``; ``dialect`` is one of the client's."""

    url: str
    key: str
    dialect: str
    prompt: str

    @property
    def base(self) -> str:
        """The address with ``/v1``."""
        return f"{self.url}/v1"

    @property
    def model(self) -> str:
        """The model's name."""
        return MODELS[self.dialect]


class Installed(NamedTuple):
    """``program``: the words that start it; ``folders``: what it finds first on its path."""

    program: tuple[str, ...]
    folders: tuple[Path, ...] = ()


class Client(NamedTuple):
    """``install`` raises CannotInstall. ``wish`` is the prompt that makes the demo upstream call a tool of this
    client, ``shows`` what is on its screen when the round is done, in so many ``requests`` of the prompt itself.

    ``known_as`` is what the gate's books may call it. ``is_light`` ones are run by `make test`.
    """

    name: str
    version: str
    dialects: tuple[str, ...]
    install: Callable[[], Installed]
    command: Callable[[Installed, Task, Place], Command]
    wish: str
    known_as: tuple[str, ...]
    shows: str = SAID
    requests: int = 2
    is_light: bool = False
