"""Tidy as a test: what is written for people stays true and stays equal in both languages.

Owns the rules for Markdown files: links, command lines, and the pair of READMEs. Does not judge the
prose, and does not run the commands (the tests of the command line do).
"""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import click
import pytest

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img [^>]*src=\"([^\"]+)\"")


class Fence(NamedTuple):
    """A fenced block: its language, and its text."""

    language: str
    text: str


def markdown_files() -> list[Path]:
    top = sorted(ROOT.glob("*.md"))
    return top + sorted((ROOT / "docs").rglob("*.md")) + sorted((ROOT / "src").rglob("*.md"))


def fences(path: Path) -> list[Fence]:
    return [Fence(*match) for match in FENCE.findall(path.read_text(encoding="utf-8"))]


def prose(path: Path) -> str:
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def heading_levels(path: Path) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", prose(path), re.MULTILINE)]


def heading_anchors(path: Path) -> set[str]:
    """The anchors that a Markdown viewer gives to the headings of a file."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {text.strip().replace(" ", "-") for text in kept}


def table_rows(path: Path) -> int:
    return len(re.findall(r"^\|", prose(path), re.MULTILINE))


def links(path: Path) -> list[str]:
    return [target or image for target, image in LINK.findall(prose(path))]


def command_lines() -> Iterator[tuple[str, str]]:
    """(file, line) of every `$ faregate …` in a console block; a trailing backslash joins lines."""
    for path in markdown_files():
        for fence in fences(path):
            if fence.language == "console":
                joined = fence.text.replace("\\\n", " ")
                for line in re.findall(r"^\$ (faregate\b.*)$", joined, re.MULTILINE):
                    yield str(path.relative_to(ROOT)), line


def find_command(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that words name, and the words left over as its arguments."""
    command = importlib.import_module("faregate.cli.main").main
    assert isinstance(command, click.Command)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        context = click.Context(command)
        found = command.get_command(context, words[0])
        assert found is not None, f"no such command: {words[0]}"
        command, words = found, words[1:]
    return command, words


@pytest.mark.parametrize("path", markdown_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_resolves(path: Path) -> None:
    broken = []
    for link in links(path):
        target, _, anchor = unquote(link).partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (path.parent / target).resolve() if target else path
        inside = file.is_relative_to(ROOT) and file.exists()
        if not inside or (anchor and anchor not in heading_anchors(file)):
            broken.append(link)
    assert broken == []


def test_the_two_readmes_have_one_structure() -> None:
    english, chinese = ROOT / "README.md", ROOT / "README.zh-CN.md"
    assert heading_levels(english) == heading_levels(chinese)
    assert table_rows(english) == table_rows(chinese)
    assert [fence.language for fence in fences(english)] == [
        fence.language for fence in fences(chinese)
    ]

    def commands(path: Path) -> list[str]:
        blocks = [fence.text for fence in fences(path) if fence.language == "console"]
        return [re.sub(r"\s+# .*$", "", block, flags=re.MULTILINE) for block in blocks]

    assert commands(english) == commands(chinese)

    def targets(path: Path) -> list[str]:
        readmes = {"README.md", "README.zh-CN.md"}
        return [link.partition("#")[0] for link in links(path) if link not in readmes]

    assert targets(english) == targets(chinese)


def test_every_command_written_down_exists() -> None:
    for file, line in command_lines():
        words = shlex.split(line, comments=True)[1:]
        command, rest = find_command(words)
        context = click.Context(command)
        options = {name for item in command.get_params(context) for name in item.opts}
        options |= {
            name
            for item in command.get_params(context)
            if isinstance(item, click.Option)
            for name in item.secondary_opts
        }
        used = {word.partition("=")[0] for word in rest if word.startswith("--")}
        assert used <= options, f"{file}: {line}"


@pytest.mark.parametrize("target", ["install", "demo", "test", "check", "bench", "lock", "clean"])
def test_make_explains_its_targets(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:.* ## \S", makefile, re.MULTILINE)
