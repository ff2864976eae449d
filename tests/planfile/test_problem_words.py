"""Every mistake of a plan file is told in Chinese too: all rows of the golden table of wrong files."""

from __future__ import annotations

import re

import pytest

from faregate.planfile import PlanFileError, Problem, load_family
from faregate.planfile.problem_words import in_chinese, said
from tests.planfile.base_file import BASE
from tests.planfile.test_wrong_files import TABLE

# What stands for itself: quoted, in backticks, an id, an amount, a word of YAML's own message.
OWN = re.compile(
    r"'[^']*'|`[^`]*`|\"[^\"]*\"|（[^）]*）|[A-Za-z0-9_.:/+*-]+\d[A-Za-z0-9_.:/+-]*|\d[\d.,]* \w+|[\w.-]+/[\w.*/-]+"
)
ENGLISH = re.compile(r"\b(?:the|is|not|of|a|an|or|and|it|has|no|there|write|add|remove)\b", re.IGNORECASE)


def mistakes(text: str) -> list[Problem]:
    with pytest.raises(PlanFileError) as caught:
        load_family(text, file="f")
    return list(caught.value.problems)


@pytest.mark.parametrize("row", TABLE, ids=[row["case"] for row in TABLE])
def test_a_mistake_is_told_in_chinese_at_the_same_place(row: dict[str, object]) -> None:
    text = row.get("file")
    if not isinstance(text, str):
        change = row["change"]
        assert isinstance(change, list)
        text = BASE.replace(change[0], change[1], 1)
    for problem in mistakes(text):
        told = in_chinese(problem)
        assert told is not None, problem
        assert (told.line, told.column, told.code) == (problem.line, problem.column, problem.code)
        for sentence in (told.what, told.mend):
            assert re.search("[一-鿿]", sentence), sentence
            assert "{" not in OWN.sub("", sentence)
            if "YAML" not in sentence:
                assert ENGLISH.findall(OWN.sub("", sentence)) == [], sentence


def test_a_sentence_without_words_is_told_to_have_none() -> None:
    assert said("The moon is full") is None
    assert said("Write a poem") is None
    assert in_chinese(Problem("f", 1, 1, "bad_value", "The moon is full", "Remove it")) is None
