"""The OpenAPI document: whole, well-formed, and true of every operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from faregate.api.failures import STATUS
from faregate.api.openapi import document
from faregate.api.operation import Operation
from faregate.api.operations import OPERATIONS
from tests.api.door import Door


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "$ref":
                yield part
            else:
                yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def described(operation: Operation) -> dict[str, Any]:
    made = document()["paths"]["/api/v1" + operation.path][operation.method.lower()]
    assert isinstance(made, dict)
    return made


def test_every_schema_is_a_schema_and_every_reference_leads_somewhere() -> None:
    made = document()
    for schema in made["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for reference in references(made):
        place: Any = made
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


def test_operations_have_names_of_their_own_and_say_what_they_do() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert [operation.name for operation in OPERATIONS if not operation.summary] == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_is_described_as_it_is(operation: Operation) -> None:
    made = described(operation)
    assert made["operationId"] == operation.name
    assert set(made["responses"]) == {str(operation.status), "default"}
    places = {each["name"] for each in made["parameters"] if each["in"] == "path"}
    assert places == set(re.findall(r"{(\w+)}", operation.path))
    assert {each["name"] for each in made["parameters"] if each["in"] == "query"} == {
        name for name, _ in operation.query
    }
    headers = [each["name"] for each in made["parameters"] if each["in"] == "header"]
    assert headers == (["Idempotency-Key"] if operation.method == "POST" else [])
    assert ("requestBody" in made) == (operation.body is not None)


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.body is not None], ids=lambda operation: operation.name
)
def test_a_body_says_which_fields_it_takes(operation: Operation) -> None:
    assert operation.body is not None
    schema = document()["components"]["schemas"][operation.body.__name__]
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(operation.body.model_fields)


async def test_answers_of_failure_are_all_of_one_form(door: Door) -> None:
    schema = document()["components"]["schemas"]["Error"]
    calls = [
        ("GET", "/nothing", None, ""),
        ("GET", "/accounts", None, "x"),
        ("POST", "/accounts", {"name": 7}, None),
        ("POST", "/accounts", b"{", None),
        ("GET", "/accounts/nobody", None, None),
        ("PUT", "/accounts", None, None),
    ]
    for method, path, body, authorization in calls:
        bearer = f"Bearer {door.token}" if authorization is None else authorization
        answer = await door.call(method, path, body, authorization=bearer)
        assert answer.status >= 400
        jsonschema.validate(answer.body, schema)


async def test_a_failure_nobody_foresaw_tells_nothing_of_its_inside(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*words: object) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(door.control.store, "accounts", broken)
    answer = await door.call("GET", "/accounts")
    assert (answer.status, answer.code) == (500, "internal")
    assert "42" not in str(answer.body)
    assert "the secret is 42" in caplog.text


def test_every_typed_failure_has_a_code_and_a_status() -> None:
    for kind, status in STATUS:
        assert 400 <= status < 600
        assert isinstance(getattr(kind, "code", None), str), kind
