"""Comparisons through the command line: what scenario tests of S3 ask and read.

Owns the short forms. Every scenario goes through `faregate compare --json`, the public door.
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from click.testing import CliRunner, Result

from faregate.cli.main import main

A_MONTH = ("--mix", "standard", "--begins", "2026-03-02", "--zone", "Asia/Shanghai", "--currency", "CNY")


def run_compare(*words: str, language: str = "en") -> Result:
    return CliRunner().invoke(main, ["--lang", language, "compare", *words])


def compared(*words: str) -> dict[str, Any]:
    """The JSON of a comparison with the standard mix of March 2026, in CNY."""
    result = run_compare(*A_MONTH, *words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def by_id(comparison: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {plan["id"]: plan for plan in comparison["plans"]}


def month_of(plan: str, *words: str) -> dict[str, Any]:
    """What a month of one plan holds."""
    found: dict[str, Any] = compared("--plans", plan, *words)["plans"][0]["holds"]
    return found


def millions(tokens: str) -> Fraction:
    return Fraction(tokens) / 10**6
