"""docs/upstreams.md against the code: every fault has its row, every figure of a rest is the one in force."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import faregate.gate
from faregate.upstreams.health import CALM_MICROSECONDS, CIRCUIT, KEY, RATE, SECOND
from tests.documentation.pages import DOCS, codes, section, table_rows

PAGE = DOCS / "upstreams.md"
GATE = Path(faregate.gate.__path__[0])


def spoiled_codes() -> set[str]:
    """The codes by which the gate calls answers that are none."""
    relay = (GATE / "relay.py").read_text(encoding="utf-8")
    said = set(re.findall(r'_spoiled\("(\w+)"\)', relay))
    replies = ast.parse((GATE / "replies.py").read_text(encoding="utf-8"))
    flaw = next(node for node in replies.body if isinstance(node, ast.FunctionDef) and node.name == "flaw_of_reply")
    texts = {each.value for each in ast.walk(flaw) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return said | {text for text in texts if re.fullmatch(r"[a-z]+(_[a-z]+)+", text)}


def test_every_answer_that_is_none_has_its_row() -> None:
    rows = table_rows(section(PAGE, "Trying elsewhere"))
    (row,) = [row for row in rows if row[0].startswith("what came is no answer")]
    assert set(codes(row[0])) == spoiled_codes()


def length(text: str) -> int:
    number, unit = text.split(" ")
    return int(number) * {"s": 1, "min": 60, "h": 3600}[unit] * SECOND


def test_rests_are_as_long_as_the_page_says() -> None:
    rows = {row[0]: row for row in table_rows(section(PAGE, "Rests"))}
    told = [(row[2], row[3]) for row in rows.values() if row[0] != "what rests"]
    rules = (CIRCUIT, KEY, RATE)
    assert [(length(first), length(longest)) for first, longest in told] == [
        (rule.first_rest, rule.longest_rest) for rule in rules
    ]
    circuit = rows["an upstream, or a model there"][1]
    assert re.findall(r"\d+", circuit) == [
        str(CIRCUIT.failures_in_a_row),
        str(CIRCUIT.failures),
        str(CIRCUIT.window // SECOND),
    ]
    assert CALM_MICROSECONDS == 60 * SECOND
    assert {rule.longest_told for rule in rules} == {3600 * SECOND}
