"""A file of what was worked out once, kept in the user's cache between commands.

Owns what makes such a file trustworthy: it names what it stands for, it is whole, and nobody but this user can have
written it. Does not know what is in it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG

HOME = Path(__file__).resolve().parent.parent
"""The package's folder."""
_DIGEST = 32


def read_kept(file: Path, stands_for: bytes) -> bytes | None:
    """What is kept; None where it is not what is wanted, or nothing is. ``stands_for``: a digest. Raises OSError."""
    try:
        with file.open("rb") as opened:
            if not _is_ours(os.fstat(opened.fileno())):
                return None
            kept = opened.read()
    except FileNotFoundError:
        return None
    head, digest, content = kept[:_DIGEST], kept[_DIGEST : 2 * _DIGEST], kept[2 * _DIGEST :]
    if head != stands_for or digest != hashlib.sha256(content).digest():
        return None
    return content


def write_kept(file: Path, stands_for: bytes, content: bytes) -> None:
    """Put it there at once, so that nobody ever reads half of it. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(stands_for + hashlib.sha256(content).digest() + content)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def code_of(home: Path, folders: tuple[str, ...]) -> str:
    """The modules in ``folders`` by their times and sizes, as Python itself knows whether what it keeps of a module
    still stands."""
    found = []
    for path in files_in(home, folders, ".py"):
        status = path.stat()
        found.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return "\n".join(found)


def files_in(home: Path, folders: tuple[str, ...], suffix: str) -> Iterator[Path]:
    """Files of that name in ``folders`` of ``home`` and below, in the order of their names."""
    for folder in folders:
        for here, inside, names in os.walk(home / folder):
            inside.sort()
            yield from (Path(here, name) for name in sorted(names) if name.endswith(suffix))


def _is_ours(status: os.stat_result) -> bool:
    """Whether nobody but this user can have written it."""
    mine = not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)
    return S_ISREG(status.st_mode) and mine
