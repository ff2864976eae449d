"""Runs a real client without a terminal, in an empty home and an empty folder, and ends it when it takes too long.

Owns the running and what is kept of it. Knows no client.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

RUN_SECONDS = 120
_PATIENCE_SECONDS = 5
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|[\x00-\x08\x0b-\x1f]")


class Place(NamedTuple):
    """Where a client runs: both are empty, and thrown away after."""

    home: Path
    work: Path


class Command(NamedTuple):
    """``words`` start it; ``environment`` is all it has beside PATH, HOME and LANG; ``files`` (path, text) are
    written before; ``before`` are the words of commands that must be carried out first; ``said`` is typed in."""

    words: tuple[str, ...]
    environment: Mapping[str, str] = {}
    files: tuple[tuple[Path, str], ...] = ()
    before: tuple[tuple[str, ...], ...] = ()
    said: str = ""


class Ended(NamedTuple):
    """``status`` is None for a client that had to be ended; ``said`` is what a person sees, without colours."""

    status: int | None
    said: str
    seconds: float


def carry_out(command: Command, place: Place, folders: tuple[Path, ...], seconds: float = RUN_SECONDS) -> Ended:
    """Run ``command``; ``folders`` come first on its path."""
    for path, text in command.files:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    environment = {
        "PATH": os.pathsep.join((*map(str, folders), "/usr/local/bin", os.defpath)),
        "HOME": str(place.home),
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        **command.environment,
    }
    for words in command.before:
        prepared = _run(words, environment, place.work, seconds, "")
        if prepared.status != 0:
            return prepared
    return _run(command.words, environment, place.work, seconds, command.said)


def _run(words: tuple[str, ...], environment: dict[str, str], work: Path, seconds: float, typed: str) -> Ended:
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as keyboard:
        keyboard.write(typed.encode())
        keyboard.seek(0)
        began = time.monotonic()
        process = subprocess.Popen(
            words,
            env=environment,
            cwd=work,
            stdin=keyboard,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that what it started ends with it
        )
        status: int | None
        try:
            status = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            status = None
        took = time.monotonic() - began
        _end(process)
        said.seek(0)
        return Ended(status, _COLOURS.sub("", said.read().decode("utf-8", "replace")), took)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the client and what it left behind."""
    for word in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, word)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_PATIENCE_SECONDS)
            if word is signal.SIGTERM:
                time.sleep(0.05)
