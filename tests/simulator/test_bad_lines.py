"""Every kind of bad line: its stable code, its place, and how to mend it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from faregate.simulator.problem import MOST_SHOWN, UsageFileError
from faregate.simulator.reading import LONGEST_LINE
from tests.simulator.replaying import replay_bytes, replay_lines

AT = "2026-03-02T10:00:00Z"
PLANS = "88code/free,88code/plus,credits/starter"


def line(**fields: Any) -> dict[str, Any]:
    return {"at": AT, "model": "x", **fields}


def event(kind: str, /, **fields: Any) -> dict[str, Any]:
    return {"at": AT, "event": kind, **fields}


def problem_of(plans: str, content: bytes) -> tuple[str, str]:
    with pytest.raises(UsageFileError) as caught:
        replay_bytes(plans, content)
    (problem,) = caught.value.problems
    return problem.code, str(problem)


RAW = {
    "half an object": (b'{"at":', "bad_json", "column 7"),
    "NaN": (b'{"at": NaN}', "bad_json", "NaN"),
    "a number without an end": (b'{"input": ' + b"9" * 5000 + b"}", "bad_json", "beyond reason"),
    "nesting without an end": (b'{"model": ' + b"[" * 100_000, "bad_json", "JSON object on each line"),
    "a list": (b"[1, 2]", "not_an_object", "not an object"),
    "a text": (b'"hello"', "not_an_object", "not an object"),
    "Latin-1": ('{"model": "caf\xe9"}'.encode("latin-1"), "bad_encoding", "UTF-8"),
    "a field twice": (b'{"at": 1, "at": 2}', "field_twice", "'at'"),
    "a very long line": (b'{"model": "' + b"x" * LONGEST_LINE + b'"}', "line_too_long", "1000000"),
    "half a surrogate": (b'{"at": "2026-03-02T10:00:00Z", "model": "\\ud800"}', "bad_value", "'model'"),
}


@pytest.mark.parametrize("kind", RAW)
def test_a_line_that_is_no_object_is_told_with_its_place(kind: str) -> None:
    content, code, words = RAW[kind]
    good = json.dumps(line(model="claude-sonnet-4")).encode()
    found, text = problem_of(PLANS, good + b"\n\n" + content + b"\n" + good)
    assert found == code
    assert text.startswith("usage.jsonl:3: ")
    assert words in text


FIELDS: list[tuple[dict[str, Any], str, str]] = [
    ({"model": "x"}, "missing_field", "'at' is missing"),
    ({"at": AT}, "missing_field", "'model' is missing"),
    (line(at="2026-03-02T10:00:00"), "bad_value", "with its zone"),
    (line(at="2026-03-02"), "bad_value", "with its zone"),
    (line(at="2026-13-02T10:00:00Z"), "bad_value", "with its zone"),
    (line(at="20260302T100000Z"), "bad_value", "with its zone"),
    (line(at="0001-01-01T00:00:00Z"), "bad_value", "with its zone"),
    (line(at=1772380800), "bad_value", "'at' is 1772380800"),
    (line(model=""), "bad_value", "a text"),
    (line(model=None), "bad_value", "null"),
    (line(model=["x"]), "bad_value", "a list"),
    (line(client="a\nb"), "bad_value", "one line"),
    (line(input=-1), "bad_value", "whole number"),
    (line(input=1.5), "bad_value", "'input' is 1.5"),
    (line(input=1e3), "bad_value", "whole number"),
    (line(input="7"), "bad_value", "whole number"),
    (line(input=True), "bad_value", "'input' is true"),
    (line(input=10**13), "bad_value", "whole number"),
    (line(prompt=1), "bad_value", "true or false"),
    (line(inputs=7), "unknown_field", "did you mean 'input'?"),
    (line(input_tokens=7), "unknown_field", "did you mean 'input'?"),
    (line(amount=7), "unknown_field", "it has: at, model"),
    (line(calls=2), "tool_without_calls", "'tool'"),
    ({"at": AT, "tool": "search", "calls": 0}, "bad_value", "from 1 on"),
    ({"at": AT, "tool": "search", "input": 5}, "misplaced_field", "'input'"),
    (event("grnt"), "unknown_event", "did you mean 'grant'?"),
    ({"at": AT, "event": 7}, "unknown_event", "7"),
    (event("grant"), "missing_field", "'amount' is missing in a grant"),
    (event("grant", amount=0), "bad_value", "above 0"),
    (event("grant", amount="-5"), "bad_value", "above 0"),
    (event("grant", amount="1e3"), "bad_value", "above 0"),
    (event("grant", amount=5, model="x"), "unknown_field", "it has: at, plan"),
    (event("grant", amount=5, plan="88code/free", expires_at=AT), "not_later", "expires_at"),
    (event("multiplier", plan="88code/free", value="-1"), "bad_value", "from 0 on"),
    (event("multiplier", plan="88code/free", value="1/0"), "bad_value", "from 0 on"),
    (event("restore_mode", mode="auto"), "bad_value", '"automatic" or "manual"'),
]


@pytest.mark.parametrize(("bad", "code", "words"), FIELDS)
def test_a_bad_field_is_told_with_how_to_mend_it(bad: dict[str, Any], code: str, words: str) -> None:
    found, text = problem_of(PLANS, json.dumps(bad).encode())
    assert (found, text.startswith("usage.jsonl:1: ")) == (code, True)
    assert words in text


NAMES: list[tuple[dict[str, Any], str, str]] = [
    (event("grant", amount=5, plan="88code/plas"), "plan_not_running", "did you mean '88code/plus'?"),
    (event("grant", amount=5, plan="88code/plus", pool="cup"), "unknown_pool", "did you mean 'cap'?"),
    (event("grant", amount=5), "name_a_plan", "credits/starter"),
    (event("grant", amount="5 credits", plan="88code/plus"), "bad_amount", "write it in USD"),
    (event("grant", amount="0.0000000001", plan="88code/plus"), "bad_amount", "finer"),
    (event("grant", amount="1" + "0" * 30, plan="88code/plus"), "bad_amount", "too large"),
    (event("reset", plan="88code/plus", window="dy"), "unknown_window", "did you mean 'day'?"),
    (event("renew", plan="88code/free"), "no_period", "no paid period"),
    (event("restore", plan="credits/starter"), "unknown_pool", "there is none"),
    (event("multiplier", plan="88code/free", name="sesaon", value=1), "unknown_multiplier", "'season'"),
    (event("segment", segment="insider", reason="x"), "unknown_segment", "there is none"),
    (event("cancel"), "name_a_plan", "name one of them"),
    (event("subscribe", plan="88code/none"), "unknown_plan", "there is no plan"),
    (event("subscribe", plan="88code/paygo", price="monthly"), "unknown_price", "there are: once"),
    (event("subscribe", plan="88code/max"), "cannot", "88code/plus is running"),
    (event("switch", plan="88code/plus", on=True), "cannot", "nothing to switch"),
    (event("terms", plan="88code/plus", to="credits/pro"), "cannot", "another family"),
]


@pytest.mark.parametrize(("bad", "code", "words"), NAMES)
def test_an_event_that_means_nothing_on_the_account_is_told(bad: dict[str, Any], code: str, words: str) -> None:
    found, text = problem_of(PLANS, json.dumps(bad).encode())
    assert found == code
    assert words in text


def test_figures_that_do_not_fit_the_books_are_told() -> None:
    found, _ = problem_of("credits/starter", json.dumps(line(model="gpt-5.2-pro", output=10**12)).encode())
    assert found == "amount_overflow"


def test_an_event_no_plan_can_take_is_told() -> None:
    found, text = problem_of("agipower/pro", json.dumps(event("restore")).encode())
    assert found == "nothing_to_do_it_to"
    assert "agipower/pro" in text


def test_each_step_back_in_time_is_told_and_sorting_mends_it() -> None:
    times = ["2026-03-02T10:00:02Z", "2026-03-02T10:00:01Z", "2026-03-02T10:00:03Z", "2026-03-02T10:00:00Z"]
    lines = [line(at=at, model="claude-sonnet-4") for at in times]
    with pytest.raises(UsageFileError) as caught:
        replay_lines(PLANS, *lines)
    assert [(problem.code, problem.line) for problem in caught.value.problems] == [("goes_back", 2), ("goes_back", 4)]
    seen = replay_lines(PLANS, *lines, sort=True)
    assert [row["line"] for row in seen.requests] == [4, 2, 1, 3]


def test_the_first_20_problems_are_told_at_once_and_the_rest_counted() -> None:
    bad = [line(at="soon")] * 25 + [event("grant", amount=1, plan="nobody/s")]
    with pytest.raises(UsageFileError) as caught:
        replay_lines(PLANS, *bad)
    assert [problem.line for problem in caught.value.problems] == list(range(1, MOST_SHOWN + 1))
    assert caught.value.more == 6
