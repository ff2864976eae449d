"""`faregate plan show` for reading: every sum in steps, marks of what is not official, and narrow terminals."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from faregate.cli import output
from faregate.cli.main import main


def run(*words: str) -> str:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_computed_figure_is_printed_as_its_sum() -> None:
    said = run("plan", "show", "agipower/pro", "--explain")
    assert "Most Flows in a month: 2,160 Flow  [computed]\n  = 504 Flow  week\n  × 30/7\n" in said
    assert "by the meters and rates of the file" in said
    assert "Leverage: 2.73x  [computed]\n  = 54.55 USD  worth in USD\n  ÷ 20 USD     price\n" in said


def test_a_figure_that_is_printed_names_who_prints_it_and_when() -> None:
    said = run("plan", "show", "kimi/andante", "--explain")
    assert "Price: 49 CNY  [official; Kimi membership, price page, 2026-02-16]" in said
    assert re.search(r"5 hours: 10M tokens  \[measured; AI Coding Plan \(notes\).*, 2026-02-16\]", said)
    assert "  ÷ 300–1,200 requests  requests in 5 hours" in said


def test_a_family_is_explained_plan_by_plan() -> None:
    said = run("plan", "show", "ark", "--explain")
    assert said.index("Lite (ark/lite@2026-02-16)") < said.index("Pro (ark/pro@2026-02-16)")


@pytest.mark.parametrize(("language", "note"), [("en", "≈ measured or estimated"), ("zh", "≈ 表示实测或估计值")])
def test_what_is_not_the_sellers_own_bears_a_sign(language: str, note: str) -> None:
    said = run("--lang", language, "plan", "show", "kimi")
    assert "≈ 10M token" in said
    assert note in said
    assert note not in run("--lang", language, "plan", "show", "ark")


def test_the_tables_of_s0_and_s1_are_told_in_the_table() -> None:
    free = run("plan", "show", "88code")
    for cell in ("88 CNY a year", "50 USD, refilled 2× a day", "×2", "×1–×2", "Limited support (QQ group)"):
        assert cell in free
    credits = run("plan", "show", "credits")
    for cell in ("1,200 credits", "300 credits", "1,000 requests", "1 request", "120 requests", "60,000 credits"):
        assert cell in credits


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "family", ["88code", "credits", "agipower", "kimi", "minimax-cn", "glm", "glm@2025-10", "ark"]
)
def test_no_cell_is_broken_on_a_terminal_of_that_width(
    monkeypatch: pytest.MonkeyPatch, family: str, language: str, width: int
) -> None:
    wide = run("--lang", language, "plan", "show", family)
    cells = {cell for line in wide.splitlines() for cell in re.split(r" {2,}", line.strip()) if cell}
    from rich.console import Console

    monkeypatch.setattr(output, "console", lambda *, stderr=False: Console(width=width, highlight=False))
    narrow = run("--lang", language, "plan", "show", family)
    assert max(map(output.cell_width, narrow.splitlines())) <= width
    lost = {cell for cell in cells if cell not in narrow and "──" not in cell and cell != output.NOTHING}
    assert lost == set()


def test_the_list_has_every_version_and_the_plain_name_is_the_newest_sold() -> None:
    plans = json.loads(run("plan", "list", "--json"))["plans"]
    lite = [(row["version"], row["current"]) for row in plans if row["plan"] == "glm/lite"]
    assert lite == [("2025-10", False), ("2026-02-12", True)]
    said = run("plan", "list")
    assert re.search(r"glm/lite@2025-10 +Lite +40 CNY a month", said)
    assert re.search(r"glm/lite +Lite +49 CNY a month", said)
