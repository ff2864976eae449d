"""Runs the real Codex against a base URL: `python -m tests.clients.codex --help`.

Owns its pinned version, its configuration, and one headless run. Does not know what it is pointed at.
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
from tests.clients.npm_packages import find_node

PACKAGE = "@openai/codex"
VERSION = "0.169.0"
RUN_SECONDS = 90
MODEL = "gpt-5.5"

_CONFIGURATION = """\
{settings}model = "{model}"
model_provider = "house"
[model_providers.house]
name = "{name}"
base_url = "{url}/v1"
env_key = "HOUSE_KEY"
wire_api = "responses"
{patience}"""
OPTIONS = ("--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox")


class Run(NamedTuple):
    """How one run ended. ``events`` are what ``--json`` prints."""

    status: int
    events: list[dict[str, Any]]
    errors: str

    @property
    def answer(self) -> str:
        """The last message of the model."""
        return str(self._last("agent_message").get("text", ""))

    @property
    def usage(self) -> dict[str, int]:
        """The tokens of the whole turn, as Codex counts them."""
        return next((event["usage"] for event in reversed(self.events) if event["type"] == "turn.completed"), {})

    @property
    def complaint(self) -> str:
        """What a person is told when the turn fails."""
        failed = [event for event in self.events if event["type"] == "turn.failed"]
        return str(failed[-1]["error"]["message"]) if failed else ""

    def _last(self, kind: str) -> dict[str, Any]:
        items = [event["item"] for event in self.events if event["type"] == "item.completed"]
        return next((item for item in reversed(items) if item["type"] == kind), {})


def install() -> tuple[str, ...]:
    """How Codex is started; installed if it is not there. Raises CannotInstall."""
    node = find_node()
    launcher = npm_packages.installed(node, PACKAGE, VERSION) / "bin" / "codex.js"
    return (str(node.executable), str(launcher))


def run(codex: tuple[str, ...], url: str, home: Path, *words: str) -> str:
    """One `codex exec` with the home ``home``, kept over runs; what it printed. Raises CalledProcessError."""
    ended = _exec(codex, home, configuration(url, MODEL), "any", words)
    ended.check_returncode()
    return ended.stdout


def ask(codex: tuple[str, ...], base_url: str, key: str, prompt: str, *, model: str = MODEL, **more: str) -> Run:
    """One `codex exec --json` in an empty home; ``more`` is that of ``configuration``.

    Raises subprocess.TimeoutExpired.
    """
    with tempfile.TemporaryDirectory(prefix="faregate-codex-home-") as home:
        ended = _exec(codex, Path(home), configuration(base_url, model, **more), key, ("--json", prompt))
    lines = [line for line in ended.stdout.splitlines() if line.startswith("{")]
    return Run(ended.returncode, [json.loads(line) for line in lines], ended.stderr)


def configuration(url: str, model: str, *, settings: str = "", name: str = "house", patience: str = "") -> str:
    """``settings`` and ``patience`` are lines in front and about the upstream; ``name`` is what it is called: what
    Codex takes for OpenAI itself it asks for more."""
    return _CONFIGURATION.format(url=url, model=model, settings=settings, name=name, patience=patience)


def _exec(
    codex: tuple[str, ...], home: Path, configuration: str, key: str, words: tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(configuration)
    with tempfile.TemporaryDirectory(prefix="faregate-codex-") as work:
        return subprocess.run(
            [*codex, "exec", *OPTIONS, *words],
            env={"PATH": os.defpath, "HOME": work, "CODEX_HOME": str(home), "HOUSE_KEY": key},
            cwd=work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the real Codex once against a base URL.")
    parser.add_argument("--base-url", required=True, help="without /v1, e.g. http://127.0.0.1:8080")
    parser.add_argument("--key", required=True)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--prompt", default='[[tool exec_command {"cmd":"echo hi"}]]')
    options = parser.parse_args()
    try:
        codex = install()
    except CannotInstall as error:
        sys.stderr.write(f"{error}\n")
        return 2
    ended = ask(codex, options.base_url, options.key, options.prompt, model=options.model)
    sys.stdout.write("".join(f"{json.dumps(event)}\n" for event in ended.events))
    sys.stderr.write(ended.errors)
    return ended.status


if __name__ == "__main__":
    sys.exit(main())
