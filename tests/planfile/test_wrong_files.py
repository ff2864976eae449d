"""Every kind of wrong plan file gets all its messages, at the right place."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from faregate.planfile import Family, PlanFileError, Problem, load_family
from tests.planfile.base_file import BASE

TABLE: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("wrong_files.yaml").read_text(encoding="utf-8"))


def messages(source: str | bytes) -> list[str]:
    with pytest.raises(PlanFileError) as caught:
        load_family(source, file="f")
    return [str(problem).removeprefix("f:") for problem in caught.value.problems]


def test_the_base_file_is_right() -> None:
    assert load_family(BASE).id == "demo"


@pytest.mark.parametrize("row", TABLE, ids=[row["case"] for row in TABLE])
def test_a_wrong_file_says_where_what_and_how_to_mend_it(row: dict[str, Any]) -> None:
    text = row.get("file")
    if text is None:
        old, new = row["change"]
        assert old in BASE
        text = BASE.replace(old, new, 1)
    assert messages(text) == row["says"]


def test_all_problems_of_a_file_are_reported_at_once() -> None:
    text = BASE.replace("limit: 5 flows", "limit: 5").replace("to: CNY", "to: CNX")
    text = text.replace("    companions:", "    companion:").replace("wallet: true", "wallet: yes")
    assert [message.split(":")[0] for message in messages(text)] == ["18", "36", "38", "57"]


def test_a_second_document_is_refused() -> None:
    [message] = messages(BASE + "---\nfamily: other\n")
    assert "another document" in message
    assert "Keep one family a file" in message


def test_a_file_that_is_not_utf_8_is_refused_at_the_byte() -> None:
    assert messages(b"family: demo\nnames: {en: caf\xe9}\n") == [
        "2:16: Byte 0xe9 is not UTF-8. Save the file as UTF-8."
    ]


def test_a_byte_order_mark_is_accepted() -> None:
    assert load_family(b"\xef\xbb\xbf" + BASE.encode()).id == "demo"


def test_aliases_of_aliases_stop_early() -> None:
    names = "abcdefgh"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]" for before, name in pairwise(names)]
    [message] = messages("\n".join(lines))
    assert "Followed aliases make more than 50000 values" in message


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 5_000, "a: " + "[" * 50 + "]" * 50])
def test_deep_nesting_is_refused_before_it_is_composed(text: str) -> None:
    [message] = messages(text)
    assert "nested deeper than 40" in message


def test_a_file_over_a_megabyte_is_refused() -> None:
    [message] = messages(b"# padding\n" * 100_001)
    assert "Keep it under 1 MB" in message


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system [ls]", "!mine demo"])
def test_tags_are_refused(tag: str) -> None:
    assert any("Tags such as" in message for message in messages(f"family: {tag}"))


def test_a_misspelt_key_is_not_reported_as_missing_too() -> None:
    assert messages(BASE.replace("limit: 5 flows", "limt: 5 flows")) == [
        "38:41: There is no key 'limt' here. Did you mean 'limit'?"
    ]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(BASE) - 1), st.integers(0, 12), st.text("{}[]:,-*&!|>'\"%@#\t\n ax0", max_size=3))
def test_any_damage_gives_a_family_or_problems_and_nothing_else(start: int, length: int, instead: str) -> None:
    damaged = BASE[:start] + instead + BASE[start + length :]
    lines = damaged.count("\n") + 2
    assert all(1 <= found.line <= lines and found.column >= 1 for found in outcome(damaged))


def outcome(text: str) -> list[Problem]:
    try:
        assert isinstance(load_family(text), Family)
    except PlanFileError as failure:
        return failure.problems
    return []
