"""Writing changed files of tools: whole or not at all, with a copy of what was there, closed to others.

Owns the file system side of a set-up. A file that holds the key can be read by its owner alone afterwards, and so can
the copy of what it was.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from faregate.app.tool_setup.changes import Change

BACKUP = ".before-faregate"


class Written(NamedTuple):
    """``backup`` is the copy of what was there, None where there was nothing; ``changed`` False: all stood there."""

    path: Path
    changed: bool
    backup: Path | None


def write_all(changes: Sequence[Change]) -> list[Written]:
    """Carry out ``changes``; every new text is made before the first file is touched. Raises Unmendable, OSError."""
    planned = [(change, _read(change.path)) for change in changes]
    made = [(change.path, present, change.text(present)) for change, present in planned]
    return [_write(path, present, text) for path, present, text in made]


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _write(path: Path, present: str | None, text: str) -> Written:
    # Behind a link stands the file that is meant: the link stays one.
    real = path.resolve()
    if present == text:
        real.chmod(0o600)
        return Written(path, False, None)
    _make_folder(real.parent)
    backup = None
    if present is not None:
        backup = _free(real)
        _put(backup, present)
    _put(real, text)
    return Written(path, True, backup)


def _make_folder(folder: Path) -> None:
    """The folder and those above it, closed to others where they are made now."""
    for each in reversed([folder, *folder.parents]):
        if not each.exists():
            each.mkdir(mode=0o700)


def _free(path: Path) -> Path:
    """The name of a copy that does not stand there yet."""
    number, name = 1, path.with_name(path.name + BACKUP)
    while name.exists():
        number += 1
        name = path.with_name(f"{path.name}{BACKUP}.{number}")
    return name


def _put(path: Path, text: str) -> None:
    """The whole file or nothing of it, never open to others, not even for a moment."""
    draft = path.with_name(f".{path.name}.faregate-draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
