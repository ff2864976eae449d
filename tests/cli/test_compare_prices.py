"""Logs may name models that no price file knows: genai-prices prices them, and what it does not know is named."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from faregate.cli.main import main


def said(path: Path, models: Sequence[str], *options: str, language: str = "en") -> str:
    """What the command says of one request for each of ``models``."""
    lines = [
        {"at": f"2026-11-02T10:00:0{index}Z", "model": model, "prompt": True, "input": 1_000_000, "output": 1_000_000}
        for index, model in enumerate(models)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    words = ["compare", "--logs", str(path), "--plans", "cursor/pro", "--currency", "USD", "--zone", "UTC", *options]
    result = CliRunner().invoke(main, words, env={"LANG": "C", "FAREGATE_LANG": language})
    assert result.exit_code == 0, result.stderr
    return result.stdout


def compared(path: Path, *models: str) -> Any:
    return json.loads(said(path, models, "--json"))["usage"]


def test_a_model_that_only_the_package_knows_is_priced_and_one_that_nobody_knows_is_named(tmp_path: Path) -> None:
    usage = compared(tmp_path / "usage.jsonl", "claude-opus-4-5", "gpt-3.5-turbo-0125", "acme-unheard-of")
    values = {each["model"]: each["list_value"] for each in usage["models"]}
    assert values["anthropic/claude-opus-4.5"] == "30"
    assert values["openai/gpt-3.5-turbo"] == "2"
    assert values["acme-unheard-of"] is None
    assert usage["unpriced_models"] == ["acme-unheard-of"]


MISTRAL = "mistralai/mistral-large"


def test_whose_prices_are_not_our_own_is_named_with_where_they_are_from(tmp_path: Path) -> None:
    usage = compared(tmp_path / "usage.jsonl", "mistral-large", "claude-opus-4-5", "acme-unheard-of")
    (named,) = usage["prices_behind"].items()
    assert named[0] == MISTRAL
    assert named[1].startswith("genai-prices ")
    assert compared(tmp_path / "usage.jsonl", "claude-opus-4-5")["prices_behind"] == {}


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "prices from behind our own: {model}, by {source}"),
        ("zh", "以下模型没有自有价格，取自 {source}：{model}"),
    ],
)
def test_the_table_names_prices_that_are_not_our_own(tmp_path: Path, language: str, line: str) -> None:
    path = tmp_path / "usage.jsonl"
    source = compared(path, "mistral-large")["prices_behind"][MISTRAL]
    assert line.format(model=MISTRAL, source=source) in said(path, ["mistral-large"], language=language)
    assert "genai-prices" not in said(path, ["claude-opus-4-5"], language=language)


def test_csv_and_page_name_prices_that_are_not_our_own(tmp_path: Path) -> None:
    path = tmp_path / "usage.jsonl"
    source = compared(path, "mistral-large")["prices_behind"][MISTRAL]
    (row,) = csv.DictReader(said(path, ["mistral-large"], "--csv", "-").splitlines())
    assert row["prices_behind"] == f"{MISTRAL}: {source}"
    for language, line in (
        ("en", f"We have no price of our own for {MISTRAL}; it is priced by {source}."),
        ("zh", f"{MISTRAL} 没有自有价格，其价格取自 {source}。"),
    ):
        assert line in said(path, ["mistral-large"], "--html", "-", language=language)
    assert "genai-prices" not in said(path, ["claude-opus-4-5"], "--html", "-")
