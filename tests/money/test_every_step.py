"""The process dies at every step of a purchase, a switch and a refund, and every answer is lost once: the money is
where it belongs, pools are right, nobody is charged twice, and nothing is stuck without a reason."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from faregate.core.instants import DAY
from tests.money.world import POLLS, Open, Steps, World, live

Scenario = Callable[[Open], Awaitable[str]]


async def buy(open: Open, plan: str = "agipower/pro", key: str = "buy") -> str:
    """Order and pay; the same again after a death changes nothing that was done."""
    account = await open.account()
    order = await open.shop.buy(account, plan, open.write(key), payer=open.payer.name)
    await open.quiet(account)
    order = open.shop.order(account, order["id"], open.world.now)
    payment = f"{order['id']}_1"
    if open.world.truth.payments.get(payment, (None, ""))[1] == "pending":
        await open.cashier.hear(open.payer.pay(payment))
    elif payment in open.world.truth.payments:
        await open.cashier.hear(open.payer.event(payment))
    await open.quiet(account)
    return account


async def switch(open: Open) -> str:
    account = await buy(open, "credits/starter")
    old = open.state(account).of_plan("credits/starter")
    if old is not None:
        open.world.began = old.period_start
    open.world.now = max(open.world.now, open.world.began + 14 * DAY)
    write = open.write("switch")
    order = await open.shop.change(account, "credits/starter", "credits/premium", write, payer=open.payer.name)
    await open.quiet(account)
    payment = f"{order['id']}_1"
    if open.world.truth.payments.get(payment, (None, ""))[1] == "pending":
        await open.cashier.hear(open.payer.pay(payment))
    elif payment in open.world.truth.payments:
        await open.cashier.hear(open.payer.event(payment))
    await open.quiet(account)
    return account


async def refund(open: Open) -> str:
    account = await buy(open)
    if "agipower/pro" in plans(open, account) and not open.book(account).refunds:
        await open.shop.refund(account, "agipower/pro", open.write("refund"))
    await open.quiet(account)
    return account


def plans(open: Open, account: str) -> list[str]:
    return sorted(each.terms.plan for each in open.state(account).subscriptions.values())


def bought(open: Open, account: str) -> None:
    assert plans(open, account) == ["agipower/payg", "agipower/pro"]
    assert open.world.truth.taken() == 20 * 10**9


def switched(open: Open, account: str) -> None:
    assert plans(open, account) == ["credits/pay2go", "credits/premium"]
    assert open.world.truth.taken() == 35 * 10**9
    wallet = open.state(account).of_plan("credits/pay2go")
    assert wallet is not None
    assert wallet.pools["wallet"].available == 5 * 10**9
    premium = open.state(account).of_plan("credits/premium")
    assert premium is not None
    assert premium.pools["main"].available == 3000 * 10**9
    assert sum(open.world.truth.mandates.values()) == 1, "the old mandate is cancelled, the new one lives"


def refunded(open: Open, account: str) -> None:
    assert plans(open, account) == ["agipower/free", "agipower/payg"]
    assert open.world.truth.taken() == 10**9
    assert not any(open.world.truth.mandates.values())


CASES = {"buy": (buy, bought, True), "switch": (switch, switched, False), "refund": (refund, refunded, True)}
PAYERS = {"buy": "stripe", "switch": "creem", "refund": "stripe"}


async def lived(world: World, name: str, steps: Steps | None) -> None:
    """One life of the process; a death in it is its end."""
    scenario, ends, _ = CASES[name]
    async with world.open(steps, PAYERS[name]) as open:
        account = await scenario(open)
        if steps is None:
            ends(open, account)
            assert not [each for each in open.book(account).effects.values() if each.kind not in POLLS]
        open.check(account)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", CASES)
def test_a_death_at_any_step_is_made_good_by_the_next_life(tmp_path: Path, name: str, after: bool) -> None:
    step = 1
    while True:
        path = tmp_path / f"{step}"
        path.mkdir()
        world = World(path, charges=CASES[name][2])
        steps = Steps(step, after)
        died = live(lived(world, name, steps))
        live(lived(world, name, None))
        if not died:
            break
        step += 1
    assert step > 5, "there were steps to die at"


@pytest.mark.parametrize("call", ["begin", "refund", "cancel_mandate", "status"])
@pytest.mark.parametrize("name", CASES)
def test_an_answer_that_is_lost_is_asked_for_again(tmp_path: Path, name: str, call: str) -> None:
    lost: list[str] = []

    def mishap(made: str) -> str:
        if made == call and len(lost) < 3:
            lost.append(made)
            return "lost"
        return ""

    live(lived(World(tmp_path, mishap, charges=CASES[name][2]), name, None))
