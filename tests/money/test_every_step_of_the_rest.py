"""The process dies at every step of renewals, an upgrade, a top-up, a late payment, a reward between two accounts and
the use of a coupon: everything is done once, and all money is where it belongs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from faregate.app.payments_port import PaymentStatus, WebhookEvent
from faregate.core.errors import BadCommand
from faregate.core.instants import DAY, HOUR
from faregate.core.trade.referring import invitation
from tests.money.world import POLLS, Open, Steps, World, live

USD = 10**9


async def paid(open: Open, account: str, order: dict[str, Any]) -> None:
    """The customer pays, or did before the last death; what was told then is told again."""
    await open.quiet(account)
    payment = f"{order['id']}_1"
    state = open.world.truth.payments.get(payment, (None, ""))[1]
    if state:
        await open.cashier.hear(open.payer.pay(payment) if state == "pending" else open.payer.event(payment))
    await open.quiet(account)


async def bought(open: Open, plan: str, **more: Any) -> str:
    account = await open.account()
    write = open.write("buy")
    await paid(open, account, await open.shop.buy(account, plan, write, payer=open.payer.name, **more))
    return account


def pass_to(open: Open, account: str, plan: str, length: int) -> None:
    """It is so long after the purchase, or later."""
    found = open.state(account).of_plan(plan)
    if found is not None:
        open.world.now = max(open.world.now, found.bought_at + length)


async def renewal(open: Open) -> list[str]:
    account = await bought(open, "agipower/pro")
    pass_to(open, account, "agipower/pro", 31 * DAY + HOUR)
    open.cashier.want(account)
    await open.quiet(account)
    return [account]


def is_renewed(open: Open, accounts: list[str]) -> None:
    found = open.state(accounts[0]).of_plan("agipower/pro")
    assert found is not None
    assert found.period_start - found.bought_at == 31 * DAY
    assert open.world.truth.taken() == 40 * USD


async def self_renewal(open: Open) -> list[str]:
    account = await bought(open, "credits/starter")
    pass_to(open, account, "credits/starter", 31 * DAY - HOUR)
    (order,) = [each for each in open.book(account).orders.values() if each.facts["what"] == "buy"]
    payment, (first, _) = f"{order.id}_1r", open.world.truth.payments[f"{order.id}_1"]
    open.world.truth.payments[payment] = (first, "succeeded")
    said = PaymentStatus("creem", payment, f"{order.id}_1", first.amount, "succeeded", mandate=f"m_{order.id}_1")
    for number in (1, 2):
        await open.cashier.hear(WebhookEvent("creem", f"evt_{number}", "renewal", said, 0))
    pass_to(open, account, "credits/starter", 31 * DAY + HOUR)
    await open.cashier.hear(WebhookEvent("creem", "evt_3", "renewal", said, 0))
    open.cashier.want(account)
    await open.quiet(account)
    return [account]


def is_renewed_once(open: Open, accounts: list[str]) -> None:
    found = open.state(accounts[0]).of_plan("credits/starter")
    assert found is not None
    assert found.period_start - found.bought_at == 31 * DAY
    assert open.book(accounts[0]).agreements[found.key].order is None, "one payment is one period"
    assert open.world.truth.taken() == 20 * USD
    assert not open.book(accounts[0]).refunds


async def upgrade(open: Open) -> list[str]:
    account = await bought(open, "agipower/pro")
    pass_to(open, account, "agipower/pro", 31 * DAY // 2)
    order = await open.shop.change(account, "agipower/pro", "agipower/max", open.write("up"), payer="stripe")
    await paid(open, account, order)
    return [account]


def is_upgraded(open: Open, accounts: list[str]) -> None:
    found = open.state(accounts[0]).of_plan("agipower/max")
    assert found is not None
    assert open.world.truth.taken() == 60 * USD
    assert sum(open.world.truth.mandates.values()) == 1


async def top_up(open: Open) -> list[str]:
    account = await bought(open, "agipower/pro")
    order = await open.shop.top_up(account, "agipower/payg", "12.34", "stripe", open.write("top"))
    await paid(open, account, order)
    return [account]


def is_topped_up(open: Open, accounts: list[str]) -> None:
    wallet = open.state(accounts[0]).of_plan("agipower/payg")
    assert wallet is not None
    assert wallet.pools["wallet"].available == 12_340_000_000


async def late_payment(open: Open) -> list[str]:
    account = await open.account()
    order = await open.shop.buy(account, "agipower/pro", open.write("buy"), payer="stripe")
    await open.quiet(account)
    payment = f"{order['id']}_1"
    if open.world.truth.payments[payment][1] == "pending":
        open.payer.pay(payment)
    open.world.now = max(open.world.now, open.book(account).orders[order["id"]].at + 2 * DAY)
    open.cashier.want(account)
    await open.quiet(account)
    await open.cashier.hear(open.payer.event(payment))
    await open.quiet(account)
    return [account]


def is_settled(open: Open, accounts: list[str]) -> None:
    """Asked when the order gave up, it was found paid: delivered or given back, and nothing in between."""
    delivered = open.state(accounts[0]).of_plan("agipower/pro") is not None
    assert open.world.truth.taken() == (20 * USD if delivered else 0)
    assert {each.state for each in open.book(accounts[0]).refunds.values()} == (set() if delivered else {"succeeded"})


async def reward(open: Open) -> list[str]:
    inviter = await open.account()
    made = await open.house.control.office.create_account("bob", open.write("friend"))
    friend, promotions = str(made["id"]), open.house.control.promotions
    await promotions.join(friend, invitation(inviter), "glm", open.write("join"))
    await paid(open, friend, await open.shop.buy(friend, "glm/lite", open.write("buy"), payer="wechat"))
    pass_to(open, friend, "glm/lite", 2 * DAY + HOUR)
    open.cashier.want(friend)
    for account in (friend, inviter):
        await open.quiet(account)
    return [inviter, friend]


def is_rewarded(open: Open, accounts: list[str]) -> None:
    wallet = open.state(accounts[0]).of_plan("glm/api")
    assert wallet is not None
    assert wallet.pools["gift"].available == 2_200_000_000, "a tenth of 22.05, once"


async def coupon(open: Open) -> list[str]:
    promotions = open.house.control.promotions
    await promotions.make_coupon("HALF", open.write("coupon"), share="0.5", uses=1)
    account = await bought(open, "agipower/pro", coupon="HALF")
    return [account]


def is_used_up(open: Open, accounts: list[str]) -> None:
    assert open.world.truth.taken() == 10 * USD
    promotions, now = open.house.control.promotions, open.world.now
    assert promotions.coupon("HALF", now)["used"] == 1
    with pytest.raises(BadCommand):
        promotions.coupon_discount("HALF", "acc_another0", "agipower/pro", now + 3 * DAY)


@dataclass
class Case:
    """``ends`` looks at what has come of it."""

    acts: Callable[[Open], Awaitable[list[str]]]
    ends: Callable[[Open, list[str]], None]
    payer: str = "stripe"


CASES = {
    "renewal": Case(renewal, is_renewed),
    "self_renewal": Case(self_renewal, is_renewed_once, "creem"),
    "upgrade": Case(upgrade, is_upgraded),
    "top_up": Case(top_up, is_topped_up),
    "late_payment": Case(late_payment, is_settled),
    "reward": Case(reward, is_rewarded, "wechat"),
    "coupon": Case(coupon, is_used_up),
}


async def lived(world: World, case: Case, steps: Steps | None) -> None:
    async with world.open(steps, case.payer) as open:
        accounts = await case.acts(open)
        if steps is None:
            case.ends(open, accounts)
            for account in accounts:
                assert not [each for each in open.book(account).effects.values() if each.kind not in POLLS]
            check(open, accounts)


def check(open: Open, accounts: list[str]) -> None:
    """The laws of the world, for all accounts together: money is taken from the friend alone."""
    open.check(accounts[-1])


@pytest.mark.parametrize("name", CASES)
def test_a_death_at_any_step_is_made_good_by_the_next_life(tmp_path: Path, name: str) -> None:
    """Deaths come before every odd step and after every even one: each place between two steps is died at."""
    case, step = CASES[name], 1
    while True:
        path = tmp_path / f"{step}"
        path.mkdir()
        world = World(path, charges=case.payer != "creem")
        died = live(lived(world, case, Steps(step, after=step % 2 == 0)))
        live(lived(world, case, None))
        if not died:
            break
        step += 1
    assert step > 5, "there were steps to die at"
