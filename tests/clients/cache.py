"""Where installed clients are kept, who may install there at a time, and the word for one that cannot be had."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class CannotInstall(Exception):
    """A client cannot be had here; the message says why."""


def cache_folder() -> Path:
    """In the user's cache: installed clients are shared by every checkout."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "faregate" / "clients"


@contextmanager
def alone(name: str) -> Iterator[None]:
    """One process at a time installs what is called ``name``; the others wait, and find it."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
