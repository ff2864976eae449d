"""Runs the real Codex against a base URL.

Owns installing the pinned Codex through npm into the user's cache folder (hundreds of megabytes, once), its
configuration, and one headless run. Does not know what it is pointed at.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.clients.claude_code import CannotInstall, Node, find_node

PACKAGE = "@openai/codex"
VERSION = "0.169.0"
INSTALL_SECONDS = 300
RUN_SECONDS = 90

_CONFIGURATION = """\
model = "gpt-5.5"
model_provider = "house"
[model_providers.house]
name = "house"
base_url = "{url}/v1"
env_key = "HOUSE_KEY"
wire_api = "responses"
"""


def install() -> tuple[str, ...]:
    """How Codex is started; installed if it is not there. Raises CannotInstall."""
    node = find_node()
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "faregate" / "clients"
    folder = base / f"codex-{VERSION}"
    launcher = folder / "node_modules" / PACKAGE / "bin" / "codex.js"
    if not launcher.exists():
        _npm_install(node, folder)
    return (str(node.executable), str(launcher))


def _npm_install(node: Node, folder: Path) -> None:
    """Install into a folder beside, then move it into place: a broken install is never found later."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="install-", dir=folder.parent) as place:
        options = ("--no-save", "--no-fund", "--no-audit", "--ignore-scripts", "--loglevel=error")
        path = os.pathsep.join((str(node.executable.parent), os.environ.get("PATH", os.defpath)))
        try:
            ended = subprocess.run(
                [*node.npm, "install", "--prefix", place, *options, f"{PACKAGE}@{VERSION}"],
                env={**os.environ, "PATH": path},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=INSTALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CannotInstall(f"npm did not install {PACKAGE} in {INSTALL_SECONDS} s") from None
        if ended.returncode != 0:
            raise CannotInstall(f"npm install {PACKAGE} failed: {ended.stderr.strip()[:200]}")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (Path(place) / "node_modules").rename(folder / "node_modules")


def run(codex: tuple[str, ...], url: str, home: Path, *words: str) -> str:
    """One `codex exec` with the home ``home``, kept over runs; what it printed. Raises CalledProcessError."""
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(_CONFIGURATION.format(url=url))
    with tempfile.TemporaryDirectory(prefix="faregate-codex-") as work:
        environ = {"PATH": os.defpath, "HOME": work, "CODEX_HOME": str(home), "HOUSE_KEY": "any"}
        command = [*codex, "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", *words]
        ended = subprocess.run(
            command,
            env=environ,
            cwd=work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=True,
        )
    return ended.stdout
