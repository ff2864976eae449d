"""Coding tools from npm: OpenCode, Kilo Code, Cline, Qwen Code, Gemini CLI, Copilot CLI, Continue, pi.

Owns their pinned versions and their configuration. Each is started by a pure function of the task.
"""

from __future__ import annotations

import json
import platform
from functools import partial
from pathlib import Path

from tests.clients import npm_packages
from tests.clients.cache import CannotInstall
from tests.clients.client import LINGERING, SHELL, Client, Installed, Task
from tests.clients.headless import Command, Place
from tests.clients.wishes import wish


def script(package: str, version: str, launcher: str) -> Installed:
    """A program that Node runs. Raises CannotInstall."""
    node = npm_packages.find_node()
    inside = npm_packages.installed(node, package, version)
    return Installed((str(node.executable), str(inside / launcher)), (node.executable.parent,))


def native(package: str, version: str, platforms: str, binary: str) -> Installed:
    """A program of its own, in the package that is for this system. Raises CannotInstall."""
    node = npm_packages.find_node()
    inside = npm_packages.installed(node, package, version)
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    folders = next(parent for parent in inside.parents if parent.name == "node_modules")
    found = folders / f"{platforms}-{platform.system().lower()}-{machine}" / "bin" / binary
    if not found.exists():
        raise CannotInstall(f"{package} has no program for {platform.system()} on {machine}")
    return Installed((str(found),), (node.executable.parent,))


# ---- OpenCode and what was made out of it

_AI_SDK = {
    "chat": "@ai-sdk/openai-compatible",
    "responses": "@ai-sdk/openai",
    "messages": "@ai-sdk/anthropic",
    "google": "@ai-sdk/google",
}


def _opencode(
    installed: Installed, task: Task, place: Place, *, folder: str, file: str, flags: tuple[str, ...]
) -> Command:
    base = f"{task.url}/v1beta" if task.dialect == "google" else task.base
    house = {
        "npm": _AI_SDK[task.dialect],
        "name": "House",
        "options": {"baseURL": base, "apiKey": task.key},
        "models": {task.model: {"name": task.model}},
    }
    said = {"autoupdate": False, "share": "disabled", "permission": "allow", "provider": {"house": house}}
    return Command(
        (*installed.program, "run", "--model", f"house/{task.model}", *flags),
        files=((place.home / ".config" / folder / file, json.dumps(said)),),
        said=task.prompt,  # as an argument it would be quoted again
    )


OPENCODE = Client(
    "OpenCode",
    "1.18.33",
    ("chat", "responses", "messages", "google"),
    partial(native, "opencode-ai", "1.18.33", "opencode", "opencode"),
    partial(_opencode, folder="opencode", file="opencode.json", flags=()),
    wish("bash", command=SHELL, description="Says something"),
    known_as=("opencode",),
    is_light=True,
)
KILO = Client(
    "Kilo Code CLI",
    "7.7.7",
    ("chat", "responses", "messages"),
    partial(native, "@kilocode/cli", "7.7.7", "@kilocode/cli", "kilo"),
    partial(_opencode, folder="kilo", file="kilo.json", flags=("--auto",)),
    wish("bash", command=SHELL, description="Says something"),
    known_as=("kilo",),
)


# ---- Cline

_CLINE_UPSTREAMS = {"chat": "openai", "responses": "openai-native"}


def _cline(installed: Installed, task: Task, place: Place) -> Command:
    login = ("auth", "-p", _CLINE_UPSTREAMS[task.dialect], "-k", task.key, "-m", task.model, "-b", task.base)
    return Command((*installed.program, task.prompt), before=((*installed.program, *login),))


CLINE = Client(
    "Cline CLI",
    "3.0.65",
    ("chat", "responses"),
    partial(native, "cline", "3.0.65", "@cline/cli", "cline"),
    _cline,
    wish("run_commands", commands=[SHELL]),
    known_as=("cline",),
    is_light=True,
)


# ---- Qwen Code and Gemini CLI


def _qwen(installed: Installed, task: Task, place: Place) -> Command:
    words = (*installed.program, "--yolo", "-p", task.prompt, "--auth-type")
    if task.dialect == "messages":
        names = {"ANTHROPIC_BASE_URL": task.url, "ANTHROPIC_API_KEY": task.key, "ANTHROPIC_MODEL": task.model}
        return Command((*words, "anthropic"), names)
    names = {"OPENAI_BASE_URL": task.base, "OPENAI_API_KEY": task.key, "OPENAI_MODEL": task.model}
    return Command((*words, "openai"), names)


QWEN = Client(
    "Qwen Code",
    "0.24.4",
    ("chat", "messages"),
    partial(script, "@qwen-code/qwen-code", "0.24.4", "cli-entry.js"),
    _qwen,
    wish("run_shell_command", command=LINGERING, is_background=False),
    known_as=("qwen-code",),
    is_light=True,
)


def _gemini(installed: Installed, task: Task, place: Place) -> Command:
    chosen = {"security": {"auth": {"selectedType": "gemini-api-key"}}, "privacy": {"usageStatisticsEnabled": False}}
    return Command(
        (*installed.program, "--skip-trust", "--yolo", "-m", task.model, "-p", task.prompt),
        {"GOOGLE_GEMINI_BASE_URL": task.url, "GEMINI_API_KEY": task.key},
        files=((place.home / ".gemini" / "settings.json", json.dumps(chosen)),),
    )


GEMINI = Client(
    "Gemini CLI",
    "0.61.0",
    ("google",),
    partial(script, "@google/gemini-cli", "0.61.0", "bundle/gemini.js"),
    _gemini,
    wish("run_shell_command", command=LINGERING),
    known_as=("gemini-cli",),
    is_light=True,
)


# ---- Copilot CLI

_COPILOT = {"chat": ("openai", "completions"), "responses": ("openai", "responses"), "messages": ("anthropic", "")}


def _copilot(installed: Installed, task: Task, place: Place) -> Command:
    kind, api = _COPILOT[task.dialect]
    names = {
        "COPILOT_PROVIDER_BASE_URL": task.url if kind == "anthropic" else task.base,
        "COPILOT_PROVIDER_TYPE": kind,
        "COPILOT_PROVIDER_API_KEY": task.key,
        "COPILOT_MODEL": task.model,
        "COPILOT_AUTO_UPDATE": "false",
    }
    if api:
        names["COPILOT_PROVIDER_WIRE_API"] = api
    return Command((*installed.program, "-p", task.prompt, "--allow-all-tools"), names)


COPILOT = Client(
    "Copilot CLI",
    "1.0.102",
    ("chat", "responses", "messages"),
    partial(script, "@github/copilot", "1.0.102", "npm-loader.js"),
    _copilot,
    wish("bash", command=SHELL, description="Says something"),
    known_as=("copilot-cli",),
)


# ---- Continue


def _continue(installed: Installed, task: Task, place: Place) -> Command:
    model = {
        "name": "House",
        "provider": "anthropic" if task.dialect == "messages" else "openai",
        "model": task.model,
        "apiBase": task.base,
        "apiKey": task.key,
        "useResponsesApi": task.dialect == "responses",
        "roles": ["chat"],
        "capabilities": ["tool_use"],
    }
    said = {"name": "house", "version": "1.0.0", "schema": "v1", "models": [model]}
    file = place.home / "config.yaml"
    return Command(
        (*installed.program, "--config", str(file), "--auto", "-p", task.prompt),
        {"CONTINUE_TELEMETRY_ENABLED": "0"},
        files=((file, json.dumps(said)),),
    )


CONTINUE = Client(
    "Continue CLI",
    "1.5.47",
    ("chat", "responses", "messages"),
    partial(script, "@continuedev/cli", "1.5.47", "dist/cn.js"),
    _continue,
    wish("Bash", command=SHELL),
    known_as=("continue",),
)


# ---- pi

_PI = {"chat": "openai-completions", "responses": "openai-responses", "messages": "anthropic-messages"}


def _pi(installed: Installed, task: Task, place: Place) -> Command:
    house = {
        "baseUrl": task.url if task.dialect == "messages" else task.base,
        "apiKey": task.key,
        "api": _PI[task.dialect],
        "models": [{"id": task.model, "contextWindow": 200_000, "maxTokens": 8_000}],
    }
    return Command(
        (*installed.program, "--provider", "house", "--model", task.model, "-p", task.prompt),
        {"PI_OFFLINE": "1"},
        files=((Path(place.home, ".pi", "agent", "models.json"), json.dumps({"providers": {"house": house}})),),
    )


PI = Client(
    "pi",
    "0.73.1",
    ("chat", "responses", "messages"),
    partial(script, "@mariozechner/pi-coding-agent", "0.73.1", "dist/cli.js"),
    _pi,
    wish("bash", command=SHELL),
    known_as=("pi",),
)

NODE_TOOLS = (OPENCODE, QWEN, GEMINI, CLINE, KILO, COPILOT, CONTINUE, PI)
