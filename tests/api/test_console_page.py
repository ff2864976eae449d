"""docs/console-api.md: every operation of the console with its fields and parameters, and examples that work."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from faregate.api.console_operation import ConsoleOperation
from faregate.api.console_operations import CONSOLE_OPERATIONS
from faregate.api.my_operations import BOUND
from faregate.bootstrap.identifying import web_authn
from tests.api.authenticator import Authenticator
from tests.api.browser import ORIGIN, Browser
from tests.api.console import House

PAGE = (Path(__file__).parents[2] / "docs" / "console-api.md").read_text(encoding="utf-8")
AS_OPERATORS = [each for each in CONSOLE_OPERATIONS if each.name.removeprefix("my_") in BOUND]
TOLD = [each for each in CONSOLE_OPERATIONS if each not in AS_OPERATORS]
STREAMED = ("my_say", "my_again")
"""An answer needs a gate: tests/service/test_studio.py has them."""
ELSEWHERE = ("preview_comparison",)
"""A process of its own: tests/api/test_comparisons.py has it."""


def told(operation: ConsoleOperation) -> str:
    line = f"\n`{operation.method} /api/v1{operation.path}` · {operation.status}\n"
    parts = [part for part in re.split(r"^### ", PAGE, flags=re.MULTILINE) if line in part]
    assert len(parts) == 1, f"{operation.name} stands on the page {len(parts)} times"
    return parts[0].split("\n## ")[0]


@pytest.mark.parametrize("operation", TOLD, ids=lambda operation: operation.name)
def test_every_operation_is_described_with_its_fields_and_parameters(operation: ConsoleOperation) -> None:
    text = told(operation)
    assert text.startswith(operation.summary + "\n")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", text, re.MULTILINE)
    fields = dict(operation.body.model_fields) if operation.body is not None else {}
    assert [name for name, _ in rows] == [*fields, *(name for name, _ in operation.query)]
    for name, about in rows:
        if name in fields:
            assert ("optional" in about) is not fields[name].is_required(), name
    assert ("```json" in text) == (operation.body is not None)


def test_what_is_as_the_operators_stands_in_one_table() -> None:
    rows = re.findall(r"^\| `([A-Z]+ /\S+)` \| \[(.*?)\]", PAGE, re.MULTILINE)
    assert rows == [(f"{each.method} /api/v1{each.path}", each.summary) for each in AS_OPERATORS]


def test_nothing_else_is_described() -> None:
    lines = re.findall(r"^`([A-Z]+ /\S+)` · \d+$", PAGE, re.MULTILINE)
    assert sorted(lines) == sorted(f"{each.method} /api/v1{each.path}" for each in TOLD)


async def filled(house: House, ada: Browser, operation: ConsoleOperation, body: dict[str, Any]) -> dict[str, Any]:
    """The example with what only a running server knows: a link's token, what an authenticator says."""
    if "token" in body:
        if operation.name == "reset_password":
            await house.browser().done("POST", "/session/reset-request", {"email": "ada@example.com"})
        body["token"] = house.mailbox.letters[-1][2]
    if "credential" in body:
        key = Authenticator(ORIGIN)
        made = key.create(await ada.done("POST", "/session/passkeys/options", {}))
        if operation.name == "sign_in_with_passkey":
            await ada.done("POST", "/session/passkeys", {"name": "x", "credential": made})
            made = key.get(await ada.done("POST", "/session/passkeys/sign-in/options", {}))
        body["credential"] = made
    return body


@pytest.mark.parametrize(
    "operation",
    [each for each in TOLD if each.body is not None and each.name not in (*STREAMED, *ELSEWHERE)],
    ids=lambda operation: operation.name,
)
async def test_the_example_works_as_it_stands(house: House, operation: ConsoleOperation) -> None:
    found = re.search(r"```json\n(.*?)```", told(operation), re.DOTALL)
    assert found is not None
    house.control.passkeys.verifier = web_authn
    ada = await house.customer("ada@example.com")
    path = operation.path
    if "{conversation}" in path:
        begun = await ada.done("POST", "/me/conversations", {"model": "anthropic/claude-sonnet-4"})
        path = path.replace("{conversation}", begun["id"])
    body = await filled(house, ada, operation, json.loads(found[1]))
    page = await ada.call(operation.method, path, body)
    assert page.status == operation.status, page
