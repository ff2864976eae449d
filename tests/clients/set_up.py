"""Clients whose files `faregate setup` writes: what each is called there, and how it is started when that is all.

Owns these two. What is written is the command's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.clients import codex
from tests.clients.client import Client, Installed, Task
from tests.clients.headless import Command, Place

FAREGATE = Path(sys.executable).with_name("faregate")
_KEY = "KEY_TO_SET_UP_WITH"
_SHELL = 'for file in "$HOME"/.config/faregate/*.sh; do if [ -e "$file" ]; then . "$file"; fi; done; exec "$@"'
"""A person's shell has read what is for the shell."""


class SetUp(NamedTuple):
    """``tool`` is its name in the command; ``flags`` what it is started with before the prompt, which is typed in
    where ``types``."""

    tool: str
    flags: tuple[str, ...]
    after: tuple[str, ...] = ()
    types: bool = False


SET_UP: dict[str, SetUp] = {
    "Claude Code": SetUp("claude-code", ("--dangerously-skip-permissions", "-p")),
    "Codex": SetUp("codex", ("exec", *codex.OPTIONS)),
    "OpenCode": SetUp("opencode", ("run",), types=True),
    "Kilo Code CLI": SetUp("kilo", ("run", "--auto"), types=True),
    "Cline CLI": SetUp("cline", ()),
    "Qwen Code": SetUp("qwen-code", ("--yolo", "-p")),
    "Gemini CLI": SetUp("gemini-cli", ("--skip-trust", "--yolo", "-p")),
    "Copilot CLI": SetUp("copilot", ("-p",), ("--allow-all-tools",)),
    "Continue CLI": SetUp("continue", ("--auto", "-p")),
    "aider": SetUp(
        "aider",
        ("--edit-format", "whole", "--yes-always", "--no-git", "--no-check-update", "--no-detect-urls", "--message"),
    ),
}


def command_of(client: Client) -> Callable[[Installed, Task, Place], Command]:
    """How ``client`` is started on a task after `faregate setup`, with no other word about the gate."""
    known = SET_UP[client.name]

    def command(installed: Installed, task: Task, place: Place) -> Command:
        named = ("--base-url", task.url, "--model", task.model, "--api", task.dialect)
        setting_up = (str(FAREGATE), "setup", known.tool, *named, "--write", "--key-env", _KEY)
        prompt = () if known.types else (task.prompt,)
        words = ("sh", "-c", _SHELL, "sh", *installed.program, *known.flags, *prompt, *known.after)
        return Command(
            words,
            {_KEY: task.key, "IS_SANDBOX": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"},
            before=(setting_up,),
            said=task.prompt if known.types else "",
        )

    return command
