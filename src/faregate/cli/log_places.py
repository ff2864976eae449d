"""Where logs are: at the paths that were named, else where the tools keep them; and where what they said is kept.

Owns looking there and saying which is no log. Each command has its own words for it, since each has other ways out.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from faregate.cli.failures import CommandFailure
from faregate.cli.shelf_options import kept_folder

if TYPE_CHECKING:
    from faregate.readers import KeptReadings, LogFile


class Words(NamedTuple):
    """Keys of messages: a path that is not there, one that is no log, no log where tools keep them."""

    no_such_path: str
    not_a_log: str
    none: str


class Found(NamedTuple):
    """The logs, and what could not be looked into."""

    logs: list[LogFile]
    unreadable: list[Path]


def find_logs(paths: Sequence[Path], words: Words, *, each: bool) -> Found:
    """The logs at ``paths``, one that is named twice once; where there are none, where the tools keep theirs.

    ``each``: every path must hold one, else one of them must. Raises CommandFailure.
    """
    return _named(paths, words, each) if paths else _usual(words)


def kept_readings(now: int) -> KeptReadings | None:
    """What logs said when they were read last; None where nothing is to be kept. ``now`` in microseconds UTC."""
    from faregate.readers import KeptReadings

    folder = kept_folder(os.environ)
    return KeptReadings(folder, now) if folder is not None else None


def _named(paths: Sequence[Path], words: Words, each: bool) -> Found:
    from faregate.readers import TOOLS, recognise

    unreadable: list[Path] = []
    logs: dict[Path, LogFile] = {}
    tools = ", ".join(TOOLS)
    for path in paths:
        if not path.exists():
            raise CommandFailure("cannot_read", words.no_such_path, path=path)
        here = recognise(path, unreadable.append)
        if each and not here and not unreadable:
            raise CommandFailure("no_logs", words.not_a_log, path=path, tools=tools)
        # One path meets no file twice; what two lead to is known by where it really is.
        logs.update((log.path.resolve() if len(paths) > 1 else log.path, log) for log in here)
    if not logs and not unreadable:
        raise CommandFailure("no_logs", words.not_a_log, places=_listed(paths), tools=tools)
    return Found(list(logs.values()), unreadable)


def _usual(words: Words) -> Found:
    from faregate.readers import discover, places

    unreadable: list[Path] = []
    logs = discover(Path.home(), os.environ, unreadable.append)
    if not logs and not unreadable:
        raise CommandFailure("no_logs", words.none, places=_listed(places(Path.home(), os.environ)))
    return Found(logs, unreadable)


def _listed(paths: Sequence[Path]) -> str:
    home = str(Path.home())
    return ", ".join(str(path).replace(home, "~", 1) for path in paths)
