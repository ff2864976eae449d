"""Walking through a page as a new user: its files written, its commands run one after the other in one shell.

Owns what stands in for the outer world, each named here: nothing on a page is left out silently. Does not know pages.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.documentation.pages import ROOT, Fence, commands
from tests.readers.logs import answer, prompt, write

BIN = Path(sys.executable).parent

UPSTREAMS = ("https://api.openai.com/v1", "https://api.anthropic.com/v1", "https://models.example.com/v1")
"""Upstreams of the pages, for which the demo upstream stands in."""

GATE = "127.0.0.1:8080"
"""Where the gate of the pages listens; in a test it takes a free port."""

PLACEHOLDERS = {
    "REQUEST_ID": '"$(latest_request)"',
    "KEY_ID": '"$(latest_key)"',
    "ORDER_ID": '"$(latest_order)"',
    "fga-...": "$(faregate admin token)",
}
"""Words that a reader puts something in for, and what a test puts in."""

FOLDERS = {"/var/lib/faregate": "lib", "/var/backups": "backups"}
"""Folders of a machine, and the ones below the test's that stand in for them."""

KEY = "sk-of-a-test"
_SERVE = "faregate serve"

NEEDS_CURL = re.compile(r"\bcurl\b")

_PRELUDE = r"""
set -euo pipefail
serving=
trap '[ -z "$serving" ] || { kill -INT "$serving"; wait "$serving" || true; }' EXIT
field() { "$PYTHON" -c "import json, sys; print(json.load(sys.stdin)$1)"; }
latest_request() { faregate usage acme --json | field '["requests"][0]["request"]'; }
latest_key() { faregate key list acme --json | field '["keys"][0]["id"]'; }
latest_order() { faregate order list acme --json | field '["orders"][0]["id"]'; }
in_background() {
    "$@" > serve.log 2>&1 &
    serving=$!
    until grep -q 'http://' serve.log; do
        kill -0 "$serving" 2>/dev/null || { cat serve.log >&2; serving=; exit 1; }
        sleep 0.05
    done
}
curl() { command curl --silent --show-error --fail-with-body "$@"; }
sqlite3() { # stands in for the shell of SQLite, which need not be installed: a file, and .backup
    "$PYTHON" - "$1" "$(printf '%s' "$2" | cut -d"'" -f2)" <<'PYTHON'
import sqlite3, sys
sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))
PYTHON
}
claude() { # stands in for Claude Code, which tests/clients runs: the same two variables, one message
    "$PYTHON" - "$2" <<'PYTHON'
import sys
from anthropic import Anthropic
body = {"model": "claude-sonnet-5", "max_tokens": 100, "messages": [{"role": "user", "content": sys.argv[1]}]}
print(Anthropic().messages.create(**body).content[0].text)
PYTHON
}
"""


def script_of(lines: Sequence[str], folder: Path, port: int) -> str:
    """The shell script that carries out the commands of a page."""
    steps = [_PRELUDE, f"export OPENAI_API_KEY={KEY} ANTHROPIC_API_KEY={KEY}"]
    if any(GATE in line for line in lines) and not any(line.startswith(_SERVE) for line in lines):
        # A page that calls a gate takes it for granted that one runs.
        lines = [f"{_SERVE} --config faregate.yaml", *lines]
    for line in lines:
        steps.append(f"echo {_quoted('$ ' + line)} >&2")
        steps.append(_step(line, folder, port))
    return "\n".join(steps) + "\n"


def _step(line: str, folder: Path, port: int) -> str:
    line = line.replace(GATE, f"127.0.0.1:{port}")
    for word, stands_in in PLACEHOLDERS.items():
        line = line.replace(word, stands_in)
    for there, here in FOLDERS.items():
        line = line.replace(there, str(folder / here))
    if line.startswith(_SERVE):
        # The page goes on in a second terminal, where the keys of the upstreams were never set.
        return f"in_background {line} --port {port}; unset OPENAI_API_KEY ANTHROPIC_API_KEY"
    if line.startswith("make "):
        # Tests of the Makefile and a fresh clone run these; here: that make knows the target.
        return f"make --silent --dry-run -C {_quoted(str(ROOT))} {line.removeprefix('make ')} > make.log"
    return line


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def write_files(fences: Sequence[Fence], folder: Path, upstream: str, port: int) -> None:
    """Write the files that a page shows, with the stand-ins in their place."""
    for fence in fences:
        if fence.file:
            text = fence.text.replace(GATE, f"127.0.0.1:{port}")
            for url in UPSTREAMS:
                text = text.replace(url, upstream)
            (folder / fence.file).write_text(text, encoding="utf-8")


def _keep_logs(home: Path) -> None:
    """The logs that coding tools would have kept for whoever reads the page, and a copy of some."""
    session = [prompt("hello"), answer("one", 100, seconds=10), answer("two", 300, seconds=70)]
    write(home / ".claude" / "projects" / "work" / "session.jsonl", session)
    write(home / "backup" / "codex" / "session.jsonl", session)


async def walk(fences: Sequence[Fence], folder: Path, language: str, upstream: str, port: int) -> tuple[int, str]:
    """Carry out a page in ``folder``; (exit code, everything that was printed)."""
    for name in FOLDERS.values():
        (folder / name).mkdir()
    _keep_logs(folder)
    write_files(fences, folder, upstream, port)
    lines = [line for fence in fences if fence.language == "console" for line in commands(fence)]
    shell = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        script_of(lines, folder, port),
        cwd=folder,
        env={
            "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "FAREGATE_LANG": language,
            "PYTHON": sys.executable,
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await shell.communicate()
    return shell.returncode or 0, printed.decode()
