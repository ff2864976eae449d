"""The process dies at every step of what is charged by a mandate that was signed first (WeChat Pay, Alipay), and of
changes of what renews by itself: each is charged once, and one mandate lives at the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from faregate.app.payments_port import PaymentStatus, WebhookEvent
from faregate.core.instants import DAY, HOUR
from tests.money.test_every_step_of_the_rest import paid, pass_to
from tests.money.world import POLLS, Open, Steps, World, live

FEN = 10**7
Acts = Callable[[Open], Awaitable[str]]


async def signed(open: Open, account: str, payment: str) -> None:
    """The customer signs, or did before the last death; what was told then is told again."""
    await open.quiet(account)
    truth = open.world.truth
    if payment in truth.signings:
        await open.cashier.hear(open.payer.sign(payment))
    elif truth.mandates.get(f"m_{payment}"):
        await open.cashier.hear(open.payer.signed(payment))
    await told(open, account)


async def told(open: Open, account: str) -> None:
    """Webhooks of what was charged come in."""
    await open.quiet(account)
    for event in list(open.payer.news):
        await open.cashier.hear(event)
    await open.quiet(account)


async def bought(open: Open) -> str:
    account = await open.account()
    order = await open.shop.buy(account, "glm/lite", open.write("buy"), payer=open.payer.name)
    await signed(open, account, f"{order['id']}_1")
    return account


async def renewed(open: Open) -> str:
    account = await bought(open)
    for periods in (1, 2):
        pass_to(open, account, "glm/lite", periods * 31 * DAY + HOUR)
        open.cashier.want(account)
        await told(open, account)
    return account


def is_renewed(open: Open, account: str) -> None:
    found = open.state(account).of_plan("glm/lite")
    assert found is not None
    assert found.period_start - found.bought_at == 61 * DAY, "4 March, 4 April, 4 May"
    assert open.world.truth.taken("CNY") == (2450 + 4900 + 4900) * FEN


async def upgraded_by_its_mandate(open: Open) -> str:
    account = await bought(open)
    pass_to(open, account, "glm/lite", 31 * DAY // 2)
    await open.shop.change(account, "glm/lite", "glm/pro", open.write("up"))
    await told(open, account)
    return account


async def upgraded_by_another(open: Open) -> str:
    account = await bought(open)
    pass_to(open, account, "glm/lite", 31 * DAY // 2)
    order = await open.shop.change(account, "glm/lite", "glm/pro", open.write("up"), payer=open.payer.name)
    await signed(open, account, f"{order['id']}_1")
    return account


def is_upgraded(open: Open, account: str) -> None:
    found = open.state(account).of_plan("glm/pro")
    assert found is not None
    assert open.state(account).of_plan("glm/lite") is None
    assert open.world.truth.taken("CNY") == (2450 + 5000) * FEN, "half of the difference of 100"


async def called_off(open: Open) -> str:
    account = await bought(open)
    if any(each.auto for each in open.book(account).agreements.values()):
        await open.shop.call_off(account, "glm/lite", open.write("off"))
    pass_to(open, account, "glm/lite", 31 * DAY + HOUR)
    open.cashier.want(account)
    await open.quiet(account)
    return account


def is_over(open: Open, account: str) -> None:
    assert open.state(account).of_plan("glm/lite") is None
    assert open.world.truth.taken("CNY") == 2450 * FEN
    assert not any(open.world.truth.mandates.values()), "nobody is charged any more"


async def switched_and_renewed_by_itself(open: Open) -> str:
    account = await open.account()
    order = await open.shop.buy(account, "credits/starter", open.write("buy"), payer="creem")
    await paid(open, account, order)
    pass_to(open, account, "credits/starter", 14 * DAY)
    order = await open.shop.change(account, "credits/starter", "credits/premium", open.write("up"), payer="creem")
    await paid(open, account, order)
    pass_to(open, account, "credits/premium", 31 * DAY - HOUR)
    truth, root = open.world.truth, f"{order['id']}_1"
    first, _ = truth.payments[root]
    truth.payments[f"{root}r"] = (first, "succeeded")
    said = PaymentStatus("creem", f"{root}r", root, first.amount, "succeeded", mandate=f"m_{root}")
    for number in (1, 2):
        await open.cashier.hear(WebhookEvent("creem", f"evt_{number}", "renewal", said, 0))
    pass_to(open, account, "credits/premium", 31 * DAY + HOUR)
    open.cashier.want(account)
    await open.quiet(account)
    return account


def is_switched_and_renewed(open: Open, account: str) -> None:
    found = open.state(account).of_plan("credits/premium")
    assert found is not None
    assert found.period_start > found.bought_at
    assert open.world.truth.taken() == (1000 + 2500 + 2500) * FEN


CASES: dict[str, tuple[Acts, Callable[[Open, str], None], str, int]] = {
    "renewals": (renewed, is_renewed, "signed_first", 1),
    "upgrade by its mandate": (upgraded_by_its_mandate, is_upgraded, "signed_first", 1),
    "upgrade by another": (upgraded_by_another, is_upgraded, "signed_first", 1),
    "called off": (called_off, is_over, "signed_first", 0),
    "switch of what renews itself": (switched_and_renewed_by_itself, is_switched_and_renewed, "renews_itself", 1),
}
"""What is done, what must have come of it, the kind of payment provider, and how many mandates live."""


async def lived(world: World, name: str, steps: Steps | None) -> None:
    acts, ends, shape, mandates = CASES[name]
    async with world.open(steps, "creem" if shape == "renews_itself" else "wechat") as open:
        account = await acts(open)
        if steps is None:
            ends(open, account)
            assert sum(world.truth.mandates.values()) == mandates
            assert not [each for each in open.book(account).effects.values() if each.kind not in POLLS]
            assert not open.book(account).refunds
        open.check(account)


@pytest.mark.parametrize("name", CASES)
def test_a_death_at_any_step_is_made_good_by_the_next_life(tmp_path: Path, name: str) -> None:
    """Deaths come before every odd step and after every even one: each place between two steps is died at."""
    step = 1
    while True:
        path = tmp_path / f"{step}"
        path.mkdir()
        world = World(path, shape=CASES[name][2])
        died = live(lived(world, name, Steps(step, after=step % 2 == 0)))
        live(lived(world, name, None))
        if not died:
            break
        step += 1
    assert step > 5, "there were steps to die at"


@pytest.mark.parametrize("how", ["lost", "doubled", "late", "contradicted"])
@pytest.mark.parametrize("call", ["begin", "charge", "status", "mandate_status", "cancel_mandate"])
@pytest.mark.parametrize("name", CASES)
def test_an_answer_that_goes_wrong_costs_nobody_anything(tmp_path: Path, name: str, call: str, how: str) -> None:
    if how == "contradicted" and call in ("charge", "status"):
        return  # What is told falsely is in test_looking_again.py.
    left = [2]

    def mishap(made: str) -> str:
        if made == call and left[0]:
            left[0] -= 1
            return how
        return ""

    assert not live(lived(World(tmp_path, mishap, shape=CASES[name][2]), name, None))
