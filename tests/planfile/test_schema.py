"""The published JSON Schema: right by itself, accepts what is shipped, refuses what the loader refuses."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from faregate.planfile import json_schema, shipped_files
from tests.planfile import market_files
from tests.planfile.base_file import BASE

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def test_it_is_a_schema_of_draft_2020_12() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", shipped_files(), ids=lambda path: path.name)
def test_it_accepts_shipped_files_as_a_yaml_loader_reads_them(path: Any) -> None:
    VALIDATOR.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", ["GLM_OLD", "GLM_NEW", "KIMI", "ARK"])
def test_it_accepts_the_market(name: str) -> None:
    VALIDATOR.validate(yaml.safe_load(getattr(market_files, name)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    companions:", "    companion:"),
        ("limit: 5 flows", "limit: 5"),
        ("kind: calendar", "kind: calender"),
        ("    models: [coding]\n", ""),
        ("to: CNY", "to: CNX"),
        ("at: renewal", "at: renewel"),
        ("wallet: true", "wallet: maybe"),
        ("  large:\n", "  Large One:\n"),
    ],
)
def test_it_refuses_a_wrong_shape(old: str, new: str) -> None:
    VALIDATOR.validate(yaml.safe_load(BASE))
    assert not VALIDATOR.is_valid(yaml.safe_load(BASE.replace(old, new, 1)))


def test_every_key_is_described() -> None:
    undescribed = [
        f"{name}.{key}"
        for name, definition in SCHEMA["$defs"].items()
        if not name.startswith("Partial")
        for key, value in definition.get("properties", {}).items()
        if "description" not in value
    ]
    assert undescribed == []
