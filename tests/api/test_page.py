"""docs/api.md: every operation with its fields and parameters, and examples that work as they stand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from faregate.api.operation import Operation
from faregate.api.operations import OPERATIONS
from faregate.app.ledger import Outcome
from faregate.core.account import AccountState
from faregate.core.flags import Crossing, raised
from faregate.core.trade.cases import OutsideFact, hear_dispute
from tests.api.door import Door

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def told(operation: Operation) -> str:
    """What the page says of an operation."""
    parts = [part for part in re.split(r"^### ", PAGE, flags=re.MULTILINE) if _line(operation) in part]
    assert len(parts) == 1, f"{operation.name} stands on the page {len(parts)} times"
    return parts[0].split("\n## ")[0]


def _line(operation: Operation) -> str:
    return f"\n`{operation.method} /api/v1{operation.path}` · {operation.status}\n"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_is_described_with_its_fields_and_parameters(operation: Operation) -> None:
    text = told(operation)
    assert text.startswith(operation.summary + "\n")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", text, re.MULTILINE)
    fields = dict(operation.body.model_fields) if operation.body is not None else {}
    in_order = sorted(fields, key=lambda name: name == "note")  # which every act has, and stands last
    assert [name for name, _ in rows] == [*in_order, *(name for name, _ in operation.query)]
    for name, about in rows:
        if name in fields:
            assert ("optional" in about) is not fields[name].is_required(), name
    assert ("```json" in text) == (operation.body is not None)


def test_nothing_else_is_described() -> None:
    lines = re.findall(r"^`([A-Z]+ /\S+)` · \d+$", PAGE, re.MULTILINE)
    assert sorted(lines) == sorted(f"{each.method} /api/v1{each.path}" for each in OPERATIONS)


PLANS = ("88code/free", "88code/plus", "agipower/pro")


class AnyClock:
    """A movable clock that is moved in one place only."""

    def __init__(self) -> None:
        self.shifts: dict[str, int] = {}
        self.now = 0

    def forward(self, microseconds: int, account: str | None = None) -> None:
        self.now += microseconds

    def of(self, account: str | None) -> int:
        return self.now


async def an_order(door: Door, account: str, operation: Operation) -> str:
    """An order for an operation on one: waiting, or in review where one is to be resolved."""
    if "{order}" not in operation.path:
        return ""
    order = await door.done("POST", f"/accounts/{account}/orders", {"plan": "kimi/andante", "payer": "manual"})
    if operation.name == "resolve_order":
        seen = {"amount": "48.5", "currency": "CNY", "seen": "statement"}
        await door.done("POST", f"/accounts/{account}/orders/{order['id']}/confirm", seen)
    return str(order["id"])


async def a_code(door: Door, operation: Operation) -> str:
    """A code for an operation that takes one."""
    if operation.name == "join":
        return (await door.account()).removeprefix("acc_")
    if operation.name == "redeem_gift_code":
        gift = {"family": "glm", "amount": "50", "currency": "CNY"}
        return str((await door.done("POST", "/gift-codes", gift))["code"])
    return ""


async def prepared(door: Door, account: str, operation: Operation) -> None:
    """Something bought, for operations that change or return it."""
    bought = {"changes": "credits/starter", "agreements": "kimi/andante", "refunds": "agipower/pro"}
    if operation.name == "decide_reward":
        inviter = (await door.account()).removeprefix("acc_")
        await door.done("POST", f"/accounts/{account}/joinings", {"code": inviter, "family": "glm"})
        bought["rewards"] = "glm/lite"
    plan = next((plan for part, plan in bought.items() if f"/{part}" in operation.path), None)
    if plan is None:
        return
    if plan == "agipower/pro":
        await door.done("POST", f"/accounts/{account}/cancellations", {"plan": plan, "at_once": True})
    order = await door.done("POST", f"/accounts/{account}/orders", {"plan": plan, "payer": "manual"})
    seen = {"amount": order["to_pay"], "currency": order["currency"], "seen": "statement"}
    await door.done("POST", f"/accounts/{account}/orders/{order['id']}/confirm", seen)


async def a_flag(door: Door, account: str, operation: Operation) -> str:
    """A flag for an operation on one."""
    if "{flag}" not in operation.path:
        return ""

    now = door.control.now()

    def raise_one(state: AccountState) -> Outcome:
        plan = next(each.terms for each in state.subscriptions.values() if each.terms.sharing is not None)
        assert plan.sharing is not None
        entry = raised(state, plan.plan, plan.sharing, Crossing("addresses", 9, 8, 86_400_000_000), now)
        assert entry is not None
        return Outcome((entry,), entry.data["flag"])

    return str(await door.control.ledger.command(account, raise_one, now))


async def disputed(door: Door, account: str, example: str) -> None:
    """The dispute that an example settles is open."""
    kind, payer, reference = json.loads(example)["matter"].split(":")
    assert kind == "dispute"
    fact = OutsideFact(payer, reference, None, "ord_1_1", 20 * 10**9, "USD", "opened")
    till, now = door.control.till, door.control.now()
    await till.act(account, now, lambda draft: hear_dispute(draft, fact, now, "told"))


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.body is not None], ids=lambda operation: operation.name
)
async def test_the_example_works_as_it_stands(door: Door, operation: Operation) -> None:
    found = re.search(r"```json\n(.*?)```", told(operation), re.DOTALL)
    assert found is not None
    account = await door.account(*PLANS, *(("credits/pro",) if operation.name in ("renew", "switch_wallet") else ()))
    if operation.name == "move_test_clock":
        door.control.test_clock = AnyClock()
    if operation.name == "restore":
        await door.done("POST", f"/accounts/{account}/cancellations", {"plan": "88code/free", "at_once": True})
        await door.metered(account)
    path = operation.path.replace("{account}", account)
    if "{key}" in path:
        made = await door.done("POST", f"/accounts/{account}/keys", {"name": "laptop", "kind": "payg"})
        path = path.replace("{key}", made["id"])
    if "{user}" in path:
        made = await door.done("POST", "/users", {"email": "bob@example.com", "role": "support"})
        path = path.replace("{user}", made["id"])
    await prepared(door, account, operation)
    if operation.name == "settle_matter":
        await disputed(door, account, found[1])
    path = path.replace("{order}", await an_order(door, account, operation))
    path = path.replace("{flag}", await a_flag(door, account, operation))
    body = json.loads(found[1].replace('"CODE"', json.dumps(await a_code(door, operation))))
    answer = await door.call(operation.method, path, body)
    assert answer.status == operation.status, answer
