"""The Markdown pages of the repository, as tests read them.

Owns their reading: fenced blocks, tables, links, headings. Judges nothing.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
_FENCE = re.compile(r"^```(\w*) ?([\w.-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img [^>]*src=\"([^\"]+)\"")
_CELL = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"`([^`]+)`")


class Fence(NamedTuple):
    """A fenced block: its language, the file its first line names (or nothing), and its text."""

    language: str
    file: str
    text: str


def markdown_files() -> list[Path]:
    """Every page for people."""
    top = sorted(ROOT.glob("*.md"))
    below = (path for folder in ("docs", "src", "bench") for path in sorted((ROOT / folder).rglob("*.md")))
    return [*top, *below]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def fences(path: Path) -> list[Fence]:
    return [Fence(*match) for match in _FENCE.findall(text_of(path))]


def prose(path: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", text_of(path))


def links(path: Path) -> list[str]:
    return [target or image for target, image in _LINK.findall(prose(path))]


def heading_levels(path: Path) -> list[int]:
    return [len(marks) for marks in re.findall(r"^(#+) ", prose(path), re.MULTILINE)]


def heading_anchors(path: Path) -> set[str]:
    """The anchors that a Markdown viewer gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {text.strip().replace(" ", "-") for text in kept}


def section(path: Path, heading: str) -> str:
    """The text under a heading, up to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,6}} |\Z)", prose(path), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{name_of(path)} has no heading {heading!r}"
    return found[2]


def table_rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, heads and rules left out."""
    rows: list[list[str]] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in _CELL.split(line)[1:-1]]
        if all(set(cell) <= set("-:") for cell in cells):
            rows.pop()
            continue
        rows.append(cells)
    return rows


def codes(text: str) -> list[str]:
    """What stands in backticks."""
    return _CODE.findall(text)


def first_column(text: str) -> set[str]:
    """What stands in backticks in the first cells of the tables."""
    return {code for row in table_rows(text) for code in codes(row[0])}


def commands(fence: Fence) -> list[str]:
    """The commands of a console block; a trailing backslash joins lines, output is left out."""
    joined = re.sub(r"\\\n\s*", "", fence.text)
    return re.findall(r"^\$ (.+)$", joined, re.MULTILINE)
