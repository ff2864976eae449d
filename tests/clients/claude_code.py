"""Runs the real Claude Code against a base URL: `python -m tests.clients.claude_code --help`.

Owns which version is run, and one headless run in an empty home. Does not know what it is pointed at.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from tests.clients import npm_packages
from tests.clients.cache import CannotInstall
from tests.clients.npm_packages import Node, find_node

PACKAGE = "@anthropic-ai/claude-code"
VERSIONS = ((22, "2.1.330"), (18, "2.1.197"))
"""Pinned: lowest Node major version, and the newest traced version of Claude Code that takes it."""
RUN_SECONDS = 90


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


def install() -> ClaudeCode:
    """Claude Code in the user's cache folder, installed if it is not there. Raises CannotInstall."""
    node = find_node()
    versions = [version for lowest, version in VERSIONS if node.major >= lowest]
    if not versions:
        raise CannotInstall(f"Claude Code needs Node {VERSIONS[-1][0]} or later, here is {node.major}")
    launcher = npm_packages.installed(node, PACKAGE, versions[0]) / "cli-wrapper.cjs"
    return ClaudeCode(versions[0], (str(node.executable), str(launcher)), node)


def run(
    claude: ClaudeCode,
    base_url: str,
    key: str,
    prompt: str,
    *,
    more: dict[str, str] | None = None,
    timeout_seconds: int = RUN_SECONDS,
) -> Run:
    """One `claude -p` with an empty home, in an empty folder. ``more`` are environment variables.

    Raises subprocess.TimeoutExpired.
    """
    options = ("--dangerously-skip-permissions", "--output-format", "json")
    with tempfile.TemporaryDirectory(prefix="faregate-claude-") as place:
        home, work = Path(place, "home"), Path(place, "work")
        home.mkdir()
        work.mkdir()
        ended = subprocess.run(
            [*claude.command, "-p", prompt, *options],
            env=environment(claude, base_url, key, home) | (more or {}),
            cwd=work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
    return Run(ended.returncode, _object(ended.stdout), ended.stdout, ended.stderr)


def settings(base_url: str, key: str) -> dict[str, str]:
    """What points Claude Code at a base URL, in its environment."""
    return {
        "ANTHROPIC_BASE_URL": base_url,
        "ANTHROPIC_AUTH_TOKEN": key,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "IS_SANDBOX": "1",  # as root, --dangerously-skip-permissions is refused without
    }


def environment(claude: ClaudeCode, base_url: str, key: str, home: Path) -> dict[str, str]:
    """All that a run is given of its environment."""
    path = os.pathsep.join((str(claude.node.executable.parent), os.defpath, "/usr/local/bin"))
    return {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8", **settings(base_url, key)}


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
