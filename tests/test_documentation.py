"""Tidy as a test: what is written for people stays true and stays equal in both languages.

Owns the rules for Markdown pages: links, command lines, and the pair of READMEs. Does not judge the prose. That pages
are complete and that their commands work stands in tests/documentation.
"""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from tests.documentation.pages import (
    ROOT,
    commands,
    fences,
    heading_anchors,
    heading_levels,
    links,
    markdown_files,
    name_of,
    prose,
)


def command_lines() -> Iterator[tuple[str, str]]:
    """(file, line) of every `$ faregate …` in a console block."""
    for path in markdown_files():
        for fence in fences(path):
            if fence.language == "console":
                yield from ((name_of(path), line) for line in commands(fence) if line.startswith("faregate "))


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


@pytest.mark.parametrize("path", markdown_files(), ids=name_of)
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
    for mark in (r"^\|", r"^- ", r"^\*\*"):
        marked = [len(re.findall(mark, prose(path), re.MULTILINE)) for path in (english, chinese)]
        assert marked[0] == marked[1], mark

    def shown(path: Path) -> list[tuple[str, str, str]]:
        """The fenced blocks, without the comments of commands."""
        uncommented = re.compile(r"\s+# .*$", re.MULTILINE)
        return [(each.language, each.file, uncommented.sub("", each.text)) for each in fences(path)]

    assert shown(english) == shown(chinese)

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


TARGETS = ("install", "demo", "test", "check", "format", "pages", "bench", "lock", "clients", "clean")


@pytest.mark.parametrize("target", TARGETS)
def test_make_explains_its_targets(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:.* ## \S", makefile, re.MULTILINE)
