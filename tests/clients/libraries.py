"""SDKs and frameworks, each run as a program of a few lines (`programs/`) in an environment of its own.

Owns their pinned versions. The programs read URL, KEY, DIALECT, MODEL and PROMPT, offer one tool ``shell`` that says
what SHELL would, and print the answer.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.clients import npm_packages, python_packages
from tests.clients.client import SHELL, Client, Installed, Task
from tests.clients.headless import Command, Place
from tests.clients.wishes import wish

PROGRAMS = Path(__file__).with_name("programs")
_WISH = wish("shell", command=SHELL)


def _in_node(program: str, package: str, version: str, *beside: str) -> Installed:
    """Raises CannotInstall."""
    node = npm_packages.find_node()
    inside = npm_packages.installed(node, package, version, *beside)
    modules = next(parent for parent in inside.parents if parent.name == "node_modules")
    return Installed((str(node.executable), str(PROGRAMS / program)), (modules,))


def _in_python(program: str, name: str, *requirements: str) -> Installed:
    """Raises CannotInstall."""
    folder = python_packages.installed(name, *requirements)
    return Installed((str(folder / "bin" / "python"), str(PROGRAMS / program)))


def _run(installed: Installed, task: Task, place: Place) -> Command:
    """A module is looked for beside its program, so that of Node is copied to beside its packages."""
    names = {"URL": task.url, "KEY": task.key, "DIALECT": task.dialect, "MODEL": task.model, "PROMPT": task.prompt}
    if not installed.folders:
        return Command(installed.program, names)
    node, program = installed.program
    beside = place.work / Path(program).name
    (place.work / "node_modules").symlink_to(installed.folders[0])
    return Command((node, str(beside)), names, files=((beside, Path(program).read_text()),))


def _library(
    name: str, version: str, dialects: tuple[str, ...], installed: partial[Installed], *known_as: str
) -> Client:
    return Client(name, version, dialects, installed, _run, _WISH, known_as, is_light=name != "LangChain")


_AI_SDKS = ("@ai-sdk/openai@4.0.118", "@ai-sdk/anthropic@4.0.105", "@ai-sdk/openai-compatible@3.0.92")

LIBRARIES = (
    _library(
        "OpenAI SDK (JavaScript)",
        "6.49.0",
        ("chat", "responses"),
        partial(_in_node, "openai_sdk.mjs", "openai", "6.49.0"),
        "openai-sdk",
    ),
    _library(
        "Anthropic SDK (JavaScript)",
        "1.12.0",
        ("messages",),
        partial(_in_node, "anthropic_sdk.mjs", "@anthropic-ai/sdk", "1.12.0"),
        "anthropic-sdk",
    ),
    _library(
        "AI SDK",
        "7.0.173",
        ("chat", "responses", "messages"),
        partial(_in_node, "ai_sdk.mjs", "ai", "7.0.173", *_AI_SDKS),
        "ai-sdk",
    ),
    _library(
        "OpenAI Agents SDK",
        "0.24.0",
        ("chat", "responses"),
        partial(_in_python, "openai_agents.py", "openai-agents-0.24.0", "openai-agents==0.24.0"),
        "openai-agents",
    ),
    _library(
        "Pydantic AI",
        "2.68.0",
        ("chat", "responses", "messages"),
        partial(
            _in_python, "pydantic_agent.py", "pydantic-ai-slim-2.68.0", "pydantic-ai-slim[openai,anthropic]==2.68.0"
        ),
        "pydantic-ai",
    ),
    _library(
        "LangChain",
        "1.7.3",
        ("chat", "responses", "messages"),
        partial(
            _in_python,
            "langchain_model.py",
            "langchain-1.7.3",
            "langchain-openai==1.7.3",
            "langchain-anthropic==1.7.7",
        ),
        "langchain",
        "openai-sdk",  # it says no more than the SDK it stands on
    ),
)
