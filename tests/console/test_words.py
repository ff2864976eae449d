"""Words of the console: each page's are among the parts that it loads, and every refusal has Chinese ones."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

from faregate.core.errors import RULES

SOURCE = Path(__file__).parents[2] / "console" / "src"
PARTS = {
    "all": ("en", "setup_en", "titles_en", "told_en"),
    "chat": ("chat_en",),
    "compare": ("compare_en",),
    "office": ("office_en", "office_told_en", "books_en"),
}
_IMPORT = re.compile(r'(?:from|import\()\s*"(\.[^"]+)"|^import "(\.[^"]+)"', re.MULTILINE)
_ROW = re.compile(r'^  "([\w.]+)":', re.MULTILINE)
_USED = re.compile(r'"(\w+\.[\w.]+)"')


def words_of(part: str) -> set[str]:
    return {word for name in PARTS[part] for word in _ROW.findall((SOURCE / "words" / f"{name}.ts").read_text())}


def reached(page: Path) -> set[Path]:
    """The page's file and every file of ours that it imports."""
    found, ahead = set[Path](), [page]
    while ahead:
        file = ahead.pop()
        if file in found or file.name in ("pages.ts", "office_pages.ts", "Routes.tsx") or file.parent.name == "words":
            continue
        found.add(file)
        for one, other in _IMPORT.findall(file.read_text()):
            base = (file.parent / (one or other)).resolve()
            ahead += [each for each in (base.with_name(base.name + end) for end in (".tsx", ".ts")) if each.is_file()]
    return found


def part_of(page: Path) -> str:
    return {"chat": "chat", "office": "office", "Compare.tsx": "compare"}.get(
        page.relative_to(SOURCE / "pages").parts[0], "all"
    )


def test_a_page_uses_no_word_of_a_part_that_it_does_not_load() -> None:
    known = {part: words_of(part) for part in PARTS}
    everywhere = set().union(*known.values())
    pages = sorted((SOURCE / "pages").rglob("*.tsx"))
    assert len(pages) > 40
    for page in pages:
        here = known["all"] | known[part_of(page)]
        used = {word for file in reached(page) for word in _USED.findall(file.read_text())} & everywhere
        # The set-up page shares a table with the chat, and shows none of its words.
        used -= known["chat"] if page.name == "Setup.tsx" else set()
        assert used - here == set(), page.name


def test_every_rule_that_refuses_a_command_has_chinese_words() -> None:
    rows = dict(
        re.findall(r'^  "rule\.(\w+)": "(.*)",$', (SOURCE / "words" / "rules_zh.ts").read_text(), re.MULTILINE)
    )
    assert set(rows) == set(RULES)
    for rule, words in rows.items():
        fields = {name for _, name, _, _ in Formatter().parse(RULES[rule]) if name}
        assert set(re.findall(r"\{(\w+)\}", words)) <= fields, rule
