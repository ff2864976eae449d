"""Logs may name models that no price file knows: genai-prices prices them, and what it does not know is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from faregate.cli.main import main


def compared(path: Path, *models: str) -> Any:
    lines = [
        {"at": f"2026-11-02T10:00:0{index}Z", "model": model, "prompt": True, "input": 1_000_000, "output": 1_000_000}
        for index, model in enumerate(models)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    words = ["compare", "--logs", str(path), "--plans", "cursor/pro", "--currency", "USD", "--zone", "UTC", "--json"]
    result = CliRunner().invoke(main, words, env={"LANG": "C", "FAREGATE_LANG": "en"})
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)["usage"]


def test_a_model_that_only_the_package_knows_is_priced_and_one_that_nobody_knows_is_named(tmp_path: Path) -> None:
    usage = compared(tmp_path / "usage.jsonl", "claude-opus-4-5", "gpt-3.5-turbo-0125", "acme-unheard-of")
    values = {each["model"]: each["list_value"] for each in usage["models"]}
    assert values["anthropic/claude-opus-4.5"] == "30"
    assert values["openai/gpt-3.5-turbo"] == "2"
    assert values["acme-unheard-of"] is None
    assert usage["unpriced_models"] == ["acme-unheard-of"]
