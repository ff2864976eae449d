"""Real clients from PyPI: a virtual environment of its own for each, in the user's cache folder, made once.

Owns the installing. What such a client depends on never meets what Faregate depends on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.clients.cache import CannotInstall, alone, cache_folder

INSTALL_SECONDS = 600


def installed(name: str, *requirements: str, lowest: tuple[int, int] = (3, 11)) -> Path:
    """The environment ``name`` with what ``requirements`` (words of pip) ask for. Raises CannotInstall."""
    folder = cache_folder() / name
    with alone(name):
        if not (folder / ".whole").exists():
            _make(folder, _python(lowest), requirements)
    return folder


def _make(folder: Path, python: Path, requirements: tuple[str, ...]) -> None:
    """An environment cannot be moved: it is whole once its mark is there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _run("venv", [str(python), "-m", "venv", str(folder)])
    # Not compiled: most of what is installed is never imported.
    options = ("--quiet", "--no-compile", "--disable-pip-version-check")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", *options]
    _run("pip", [*pip, *requirements])
    (folder / ".whole").touch()


def _run(what: str, command: list[str]) -> None:
    try:
        ended = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise CannotInstall(f"{what} did not end in {INSTALL_SECONDS} s: {command[-1]}") from None
    if ended.returncode != 0:
        said = (ended.stderr or ended.stdout).strip().splitlines()
        raise CannotInstall(f"{what} failed for {command[-1]}: {' / '.join(said[-3:])}")


def _python(lowest: tuple[int, int]) -> Path:
    """This interpreter where it is new enough, else one that is: on the path, or of a version manager."""
    if sys.version_info >= lowest:
        return Path(sys.executable)
    found = [shutil.which(f"python3.{minor}") for minor in range(lowest[1], 15)]
    beside = sorted(Path.home().glob(".pyenv/versions/3.*/bin/python"))
    for python in [*filter(None, found), *map(str, beside)]:
        if _version(python) >= lowest:
            return Path(python)
    raise CannotInstall(f"it needs Python {lowest[0]}.{lowest[1]} or later")


def _version(python: str) -> tuple[int, int]:
    """(0, 0) for what cannot be started: a version manager's stand-in, for instance."""
    code = "import sys; print(*sys.version_info[:2])"
    said = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    major, _, minor = said.stdout.partition(" ")
    return (int(major), int(minor)) if said.returncode == 0 and minor else (0, 0)
