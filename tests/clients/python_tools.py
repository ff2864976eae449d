"""Coding tools from PyPI: aider, Mistral Vibe, Kimi CLI, llm.

Owns their pinned versions and their configuration. Each has an environment of its own.
"""

from __future__ import annotations

import json
from functools import partial

from tests.clients import python_packages
from tests.clients.client import SAID, SHELL, Client, Installed, Task
from tests.clients.headless import Command, Place
from tests.clients.wishes import wish


def _program(name: str, version: str, binary: str, lowest: tuple[int, int] = (3, 11)) -> Installed:
    """Raises CannotInstall."""
    folder = python_packages.installed(f"{name}-{version}", f"{name}=={version}", lowest=lowest)
    return Installed((str(folder / "bin" / binary),), (folder / "bin",))


# ---- aider: no tools; it takes whole files out of the answer, and the demo upstream answers with the prompt

_FILE = f"""put this into the file
note.txt
```
{SAID}
```
"""
_MORE = "and no other file, please " * 10


def _aider(installed: Installed, task: Task, place: Place) -> Command:
    flags = ("--edit-format", "whole", "--yes-always", "--no-git", "--no-check-update", "--no-show-model-warnings")
    quiet = ("--no-show-release-notes", "--analytics-disable", "--no-pretty", "--no-detect-urls")
    if task.dialect == "messages":
        names = {"ANTHROPIC_API_BASE": task.url, "ANTHROPIC_API_KEY": task.key}
        model = f"anthropic/{task.model}"
    else:
        names = {"OPENAI_API_BASE": task.base, "OPENAI_API_KEY": task.key}
        model = f"openai/{task.model}"
    names["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or it waits for a list from outside
    chosen = ("--model", model, "--weak-model", model)
    return Command((*installed.program, *flags, *quiet, *chosen, "--message", task.prompt), names)


AIDER = Client(
    "aider",
    "0.86.2",
    ("chat", "messages"),
    partial(_program, "aider-chat", "0.86.2", "aider"),
    _aider,
    _FILE + _MORE,
    known_as=("aider",),
    shows="Applied edit to note.txt",
    requests=1,
)


# ---- Mistral Vibe


def _vibe(installed: Installed, task: Task, place: Place) -> Command:
    styles = {"chat": "openai", "responses": "openai-responses", "messages": "anthropic"}
    said = f"""\
active_model = "house"
enable_telemetry = false
enable_update_checks = false
enable_auto_update = false

[[providers]]
name = "house"
api_base = "{task.url if task.dialect == "messages" else task.base}"
api_key_env_var = "HOUSE_KEY"
api_style = "{styles[task.dialect]}"
backend = "generic"

[[models]]
name = "{task.model}"
provider = "house"
alias = "house"
"""
    return Command(
        (*installed.program, "--yolo", "--trust", "-p", task.prompt),
        {"HOUSE_KEY": task.key},
        files=((place.home / ".vibe" / "config.toml", said),),
    )


VIBE = Client(
    "Mistral Vibe",
    "3.0.2",
    ("chat",),
    partial(_program, "mistral-vibe", "3.0.2", "vibe", (3, 12)),
    _vibe,
    wish("bash", command=SHELL),
    known_as=("vibe",),
)


# ---- Kimi CLI


def _kimi(installed: Installed, task: Task, place: Place) -> Command:
    kinds = {"chat": "openai_legacy", "responses": "openai_responses"}
    said = f"""\
default_model = "house"

[models.house]
provider = "house"
model = "{task.model}"
max_context_size = 200000

[providers.house]
type = "{kinds[task.dialect]}"
base_url = "{task.base}"
api_key = "{task.key}"
"""
    return Command(
        (*installed.program, "--print", "--yolo", "-c", task.prompt),
        {"KIMI_CLI_NO_AUTO_UPDATE": "1", "KIMI_DISABLE_TELEMETRY": "1"},
        files=((place.home / ".kimi" / "config.toml", said),),
    )


KIMI = Client(
    "Kimi CLI",
    "1.40.0",
    ("chat", "responses"),
    partial(_program, "kimi-cli", "1.40.0", "kimi", (3, 13)),
    _kimi,
    wish("Shell", command=SHELL),
    known_as=("kimi-cli",),
)


# ---- llm

_FUNCTION = f'''
def shell(command: str) -> str:
    "Runs a command."
    return "{SAID}"
'''


def _llm(installed: Installed, task: Task, place: Place) -> Command:
    models = [
        {
            "model_id": "house",
            "model_name": task.model,
            "api_base": task.base,
            "api_key_name": "house",
            "supports_tools": True,
        }
    ]
    folder = place.home / "llm"
    return Command(
        (*installed.program, "prompt", "-m", "house", "--functions", _FUNCTION, "--td", task.prompt),
        {"LLM_USER_PATH": str(folder)},
        files=(
            (folder / "extra-openai-models.yaml", json.dumps(models)),
            (folder / "keys.json", json.dumps({"house": task.key})),
        ),
    )


LLM = Client(
    "llm",
    "0.36",
    ("chat",),
    partial(_program, "llm", "0.36", "llm"),
    _llm,
    wish("shell", command=SHELL),
    known_as=("openai-sdk",),
)

PYTHON_TOOLS = (AIDER, VIBE, KIMI, LLM)
