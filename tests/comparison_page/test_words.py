"""Words: both languages are complete, and the page can turn from one into the other."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from faregate.comparison.page import document, render
from faregate.comparison.page.speech import LANGUAGES, Speech
from tests.comparison_page import market
from tests.comparison_page.reading import Element, read

SOURCE = Path(document.__file__).parent
# Tables put the keys of their heads together from their topic.
TOPICS = ("blocks", "windows", "models", "rates")


@cache
def page(language: str) -> Element:
    return read(render(market.comparison(), language))


def test_both_languages_have_the_same_keys_and_none_is_empty() -> None:
    english, chinese = LANGUAGES["en"], LANGUAGES["zh"]
    assert list(english) == list(chinese)
    assert all(text.strip() for words in LANGUAGES.values() for text in words.values())


@pytest.mark.parametrize("key", sorted(LANGUAGES["en"]))
def test_both_languages_place_the_same_figures(key: str) -> None:
    figures = [sorted(re.findall(r"\{\d\}", LANGUAGES[language][key])) for language in ("en", "zh")]
    # "1 block" says its figure in words.
    assert figures[0] == figures[1]


def test_chinese_is_chinese_and_english_has_none_of_it() -> None:
    same = {
        "column.rank",
        "facts.prompts",
        "facts.tokens",
        "models.tokens",
        "month.tokens",
        "tokens.title",
        "unit.token",
    }
    for key, text in LANGUAGES["zh"].items():
        assert re.search(r"[\u4e00-\u9fff]", text) or key in same, key
    assert not [key for key, text in LANGUAGES["en"].items() if re.search(r"[\u3000-\u9fff\uff00-\uffef]", text)]


def test_every_word_is_used_somewhere() -> None:
    written = "".join(path.read_text("utf-8") for path in SOURCE.glob("*.py") if not path.name.startswith("words_"))
    named = set(re.findall(r"[\"']([a-z_]+(?:\.[a-z_]+)*)[\"']", written))
    computed = set(re.findall(r"f[\"']([a-z_]+)\.\{", written))
    for key in LANGUAGES["en"]:
        topic = key.split(".")[0]
        assert key.removesuffix(".one").removesuffix(".hint") in named or topic in computed or topic in TOPICS, key


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_word_on_the_page_can_be_said_in_the_other_language(language: str) -> None:
    other = Speech({"en": "zh", "zh": "en"}[language])
    for one in page(language).all():
        for attribute in ("data-t", "data-a", "data-h"):
            coded = one.attributes.get(attribute)
            if coded:
                key, *figures = coded.split("\t")
                assert "{" not in other.plain(key, *figures)


def test_a_page_turned_into_the_other_language_says_what_that_page_says() -> None:
    """What the script does to the page, done here: the result reads like the page made in that language."""

    def turned(one: Element) -> str:
        coded, other = one.attributes.get("data-t"), one.attributes.get("data-o")
        if one.tag in ("script", "style") or one.attributes.get("id") == "language":
            return ""
        if coded:
            key, *figures = coded.split("\t")
            text = LANGUAGES["zh"][key]
            for place, figure in enumerate(figures):
                text = text.replace(f"{{{place}}}", figure)
            return text
        if other is not None:
            return other
        return "".join(child if isinstance(child, str) else turned(child) for child in one.children)

    def plain(one: Element) -> str:
        if one.tag in ("script", "style") or one.attributes.get("id") == "language":
            return ""
        return "".join(child if isinstance(child, str) else plain(child) for child in one.children)

    assert turned(page("en")) == plain(page("zh"))


# Names, and what Chinese readers of this field write in Latin letters.
LATIN = "token Token prompt Prompt API Faregate Asia Shanghai claude code codex house coder CNY genai prices"


def test_english_words_do_not_stay_behind_on_the_chinese_page() -> None:
    text = " ".join(one.text for one in page("zh").all() if one.attributes.get("data-t"))
    without_paths = re.sub(r"[\w.~/-]*/[\w.~/-]+", "", text)
    assert set(re.findall(r"[A-Za-z]{3,}", without_paths)) <= set(LATIN.split())


def test_an_unknown_language_reads_english() -> None:
    assert next(read(render(market.comparison(), "fr")).all("html")).attributes["lang"] == "en"
