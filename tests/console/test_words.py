"""Words of the console: both languages say the same, each page's are among the parts that it loads, and every refusal
has Chinese ones."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from string import Formatter

from faregate.core.errors import RULES

SOURCE = Path(__file__).parents[2] / "console" / "src"
WORDS = SOURCE / "words"
PARTS = ("all", "chat", "compare", "office")
_IMPORT = re.compile(r'(?:from|import\()\s*"(\.[^"]+)"|^import "(\.[^"]+)"', re.MULTILINE)
_ROW = re.compile(r'^  "([\w.]+)": "(.*)",$', re.MULTILINE)
_FIELD = re.compile(r"\{(\w+)\}")
_USED = re.compile(r'"(\w+\.[\w.]+)"')


def rows_of(language: str, part: str) -> list[tuple[str, str]]:
    """Every name of a part with its words, as its files have them."""
    file = WORDS / language / f"{part}.ts"
    text = file.read_text()
    rows = _ROW.findall(text)
    for piece in re.findall(r'^import \{.*\} from "\./(\w+)"', text, re.MULTILINE):
        rows += rows_of(language, piece)
    return rows


def words_of(part: str) -> set[str]:
    return {word for word, _ in rows_of("en", part)}


def reached(page: Path) -> set[Path]:
    """The page's file and every file of ours that it imports."""
    found, ahead = set[Path](), [page]
    while ahead:
        file = ahead.pop()
        if file in found or file.name in ("pages.ts", "office_pages.ts", "Routes.tsx") or WORDS in file.parents:
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


def test_both_languages_have_the_same_names_with_the_same_fields() -> None:
    for part in PARTS:
        english, chinese = (dict(rows_of(language, part)) for language in ("en", "zh"))
        # Rules are told in English by the server itself.
        assert {word for word in chinese if not word.startswith("rule.")} == set(english), part
        for word, words in english.items():
            assert set(_FIELD.findall(chinese[word])) == set(_FIELD.findall(words)), word


def test_no_name_stands_for_two_things() -> None:
    for language in ("en", "zh"):
        names = [word for part in PARTS for word, _ in rows_of(language, part)]
        assert [word for word, count in Counter(names).items() if count > 1] == []


def test_every_rule_that_refuses_a_command_has_chinese_words() -> None:
    rows = dict(re.findall(r'^  "rule\.(\w+)": "(.*)",$', (WORDS / "zh" / "rules.ts").read_text(), re.MULTILINE))
    assert set(rows) == set(RULES)
    for rule, words in rows.items():
        fields = {name for _, name, _, _ in Formatter().parse(RULES[rule]) if name}
        assert set(re.findall(r"\{(\w+)\}", words)) <= fields, rule
