"""Every real client that is tried, Claude Code and Codex first.

Owns the list, and these two as one of it: what else is tried with them stands in their own modules.
"""

from __future__ import annotations

from pathlib import Path

from tests.clients import claude_code, codex
from tests.clients.client import SHELL, Client, Installed, Task
from tests.clients.headless import Command, Place
from tests.clients.libraries import LIBRARIES
from tests.clients.node_tools import NODE_TOOLS
from tests.clients.python_tools import PYTHON_TOOLS
from tests.clients.wishes import wish


def _install_claude_code() -> Installed:
    """Raises CannotInstall."""
    found = claude_code.install()
    return Installed(found.command, (found.node.executable.parent,))


def _claude_code(installed: Installed, task: Task, place: Place) -> Command:
    names = claude_code.settings(task.url, task.key) | {"ANTHROPIC_MODEL": task.model}
    return Command((*installed.program, "-p", task.prompt, "--dangerously-skip-permissions"), names)


def _install_codex() -> Installed:
    """Raises CannotInstall."""
    program = codex.install()
    return Installed(program, (Path(program[0]).parent,))


def _codex(installed: Installed, task: Task, place: Place) -> Command:
    return Command(
        (*installed.program, "exec", *codex.OPTIONS, task.prompt),
        {"CODEX_HOME": str(place.home / ".codex"), "HOUSE_KEY": task.key},
        files=((place.home / ".codex" / "config.toml", codex.configuration(task.url, task.model)),),
    )


CLAUDE_CODE = Client(
    "Claude Code",
    claude_code.VERSIONS[0][1],
    ("messages",),
    _install_claude_code,
    _claude_code,
    wish("Bash", command=SHELL),
    known_as=("claude-code",),
)
CODEX = Client(
    "Codex",
    codex.VERSION,
    ("responses",),
    _install_codex,
    _codex,
    wish("exec_command", cmd=SHELL),
    known_as=("codex",),
)
CLIENTS = (CLAUDE_CODE, CODEX, *NODE_TOOLS, *PYTHON_TOOLS, *LIBRARIES)
