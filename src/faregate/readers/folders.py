"""Walking folders that hold logs.

Owns the walk: links are followed, each file and folder is met once whatever leads to it, and a folder that may not be
opened is noted and passed by.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_ISDIR, S_ISREG

Unreadable = Callable[[Path], None]
"""Called with each folder that cannot be opened."""

DEEPEST = 64


def no_matter(_: Path) -> None:
    """Takes no note of what cannot be opened."""


def files_below(
    root: Path, unreadable: Unreadable = no_matter, seen: set[tuple[int, int]] | None = None
) -> Iterator[tuple[Path, int]]:
    """(path, size) of every file in ``root`` and below, in the order of their names; ``root`` may be a file."""
    met = set() if seen is None else seen
    yield from _below(root, unreadable, met, 0)


def _below(path: Path, unreadable: Unreadable, met: set[tuple[int, int]], depth: int) -> Iterator[tuple[Path, int]]:
    try:
        status = path.stat()
    except OSError:
        if not path.is_symlink():
            unreadable(path)
        return
    identity = (status.st_dev, status.st_ino)
    if identity in met:
        return
    met.add(identity)
    if S_ISREG(status.st_mode):
        yield path, status.st_size
    elif S_ISDIR(status.st_mode) and depth < DEEPEST:
        try:
            names = sorted(os.listdir(path))  # noqa: PTH208 - names alone are wanted, and sorted
        except OSError:
            unreadable(path)
            return
        for name in names:
            yield from _below(path / name, unreadable, met, depth + 1)
